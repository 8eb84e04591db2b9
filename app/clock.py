"""The only reader of the time."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, tzinfo
from datetime import timezone as fixed_zone
from functools import lru_cache

NULL_DAY = date(1000, 1, 1)
"""Stands for "no day" in a DATE column, which may not be null in a key."""


def now() -> datetime:
    """Return the present moment in UTC, naive, to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Return the time zone called ``name``, such as ``Europe/Berlin``.

    :raise ValueError: there is no such zone.
    """
    # A name is a path below the zone folder: zoneinfo checks that, and raises
    # ValueError for one that leaves it. It is imported here because UTC needs none.
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as problem:
        raise ValueError(f"unknown time zone {name!r}") from problem


def to_local(at: datetime, timezone: str) -> datetime:
    """Return the naive wall-clock time in ``timezone`` at the UTC moment ``at``."""
    if timezone == "UTC":
        return at
    local = at.replace(tzinfo=fixed_zone.utc).astimezone(zone(timezone))
    return local.replace(tzinfo=None)


def to_utc(local: datetime, timezone: str, before: datetime | None = None) -> datetime:
    """Return the UTC moment of a naive wall-clock time in ``timezone``.

    Of an hour that the clock went through twice it is the first, or the second if
    that is what makes it come after ``before``.
    """
    if timezone == "UTC":
        return local
    at = local.replace(tzinfo=zone(timezone)).astimezone(fixed_zone.utc)
    first = at.replace(tzinfo=None)
    if before is None or first >= before or local.fold:
        return first
    # In the hour that never was, in spring, fold=1 would be the earlier one.
    return max(first, to_utc(local.replace(fold=1), timezone))


def local_day(at: datetime, timezone: str) -> date:
    """Return the calendar day in ``timezone`` at the UTC moment ``at``."""
    return to_local(at, timezone).date()
