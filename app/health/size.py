"""How large the database is, and when it is full if it goes on growing as it did."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from app.db import DatabaseAway
from app.health import size_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Row

MEASURED_FOR = timedelta(hours=1)
"""So long a measurement holds: it is the server's work, and anybody may ask."""

LOOKED_BACK = timedelta(days=30)
MIN_DAYS = 3
MIN_SAMPLES = 3

FULL_PERCENT = 90
SOON_DAYS = 30


class Size:
    """How many bytes there are, and how they grew; ``max_bytes`` is 0 if unknown.

    ``days`` lie between the samples compared, 0 if there are too few of them.
    ``days_left`` is None if it does not grow, or nobody can tell.
    """

    def __init__(self, samples: list[Row], max_bytes: int) -> None:
        newest = samples[0]
        first = [row for row in samples if newest["at"] - row["at"] <= LOOKED_BACK][-1]
        self.bytes: int = newest["bytes"]
        self.max_bytes = max_bytes
        self.samples = len(samples)
        days = (newest["at"] - first["at"]).total_seconds() / 86400
        is_known = len(samples) >= MIN_SAMPLES and days >= MIN_DAYS
        self.days = days if is_known else 0.0
        self.growth: int = newest["bytes"] - first["bytes"]
        self.days_left: float | None = None
        if self.days and self.growth > 0 and max_bytes:
            room = max(max_bytes - self.bytes, 0)
            self.days_left = room * self.days / self.growth

    @property
    def problem(self) -> str:
        """What is to be said loudly; '' if there is room for long."""
        if self.max_bytes and 100 * self.bytes > FULL_PERCENT * self.max_bytes:
            return "THE DATABASE IS NEARLY FULL."
        if self.days_left is not None and self.days_left < SOON_DAYS:
            return "THE DATABASE WILL SOON BE FULL."
        return ""

    def figures(self) -> str:
        """Return what is known, in sentences."""
        return f"It has {self._share()}. {self._forecast()}."

    def _share(self) -> str:
        if not self.max_bytes:
            return f"{_mb(self.bytes)}; what it may have is not in [database] max_mb"
        percent = 100 * self.bytes / self.max_bytes
        return f"{_mb(self.bytes)} of {_mb(self.max_bytes)} ({percent:.1f} %)"

    def _forecast(self) -> str:
        if not self.days:
            return (
                f"How fast it grows is told by {MIN_SAMPLES} days' samples,"
                f" {MIN_DAYS} days apart; so far there are {self.samples}"
            )
        if self.growth <= 0:
            return f"In the last {self.days:.0f} days it did not grow"
        grown = f"In the last {self.days:.0f} days it grew by {_mb(self.growth)}"
        if self.days_left is None:
            return grown
        return f"{grown}: full in {self.days_left:.0f} days at this rate"


def of(db: Database, max_bytes: int, at: datetime) -> Size:
    """Return the size at ``at``, naive UTC, measured anew if that is an hour ago.

    :raise DatabaseAway: the database cannot be read.
    """
    samples = size_store.list_sizes(db, at)
    if not samples or at - samples[0]["at"] > MEASURED_FOR:
        size = size_store.measure(db)
        samples = [row for row in samples if row["at"].date() != at.date()]
        samples.insert(0, {"at": at, "bytes": size})
        # A database that is full takes no sample either.
        with contextlib.suppress(DatabaseAway):
            size_store.save_size(db, at, size)
    return Size(samples, max_bytes)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
