"""The marks on closed days to which something was written; a beacon needs no more."""

from __future__ import annotations

import os
from datetime import timedelta

from app.clock import NULL_DAY
from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from app.db import Database

MARKED_AFTER = timedelta(hours=57)
"""So long after a day's first moment in UTC what is written to it is marked: where it
ends first, at 14 hours ahead of UTC, it is closed one hour later. Nothing is under way
for an hour, and no two clocks differ by that."""
BEFORE, AFTER = timedelta(days=1), timedelta(days=2)
"""A write concerns an event a minute before the visit, and who is counted later."""

TOO_OLD = "That is too long ago: what was on its day is counted for good"

LOCK_DAYS = """
-- summaries.late_store.LOCK_DAYS
SELECT day, is_pruned
FROM ph_days
WHERE project_id = %(project_id)s AND day BETWEEN %(first)s AND %(last)s
ORDER BY day
LOCK IN SHARE MODE
"""

INSERT_DAY = """
-- summaries.late_store.INSERT_DAY
INSERT IGNORE INTO ph_days (project_id, day, parts, has_visitors, is_pruned, pageviews,
  visits, bounces, views, seconds, seconds_engaged)
VALUES (%(project_id)s, %(day)s, 0, 1, 0, 0, 0, 0, 0, 0, 0)
"""

INSERT_MARK = """
-- summaries.late_store.INSERT_MARK
INSERT INTO ph_late (project_id, day, id)
VALUES (%(project_id)s, %(day)s, %(id)s)
"""

NOTE_COOKIES = """
-- summaries.late_store.NOTE_COOKIES
UPDATE ph_projects
SET cookie_until = GREATEST(cookie_until, %(day)s)
WHERE id = %(project_id)s
"""


def is_closed(day: date, now: datetime) -> bool:
    """Return whether what is written to a day is marked, at the moment ``now``."""
    return day <= _newest_closed(now)


def mark(db: Database, project_id: int, first: date, last: date, now: datetime) -> None:
    """Note, in this transaction, that visits of these days change, if they are closed.

    Days are local ones, ``now`` the present moment, whatever the beacon's is.

    :raise InvalidInput: the rows of one of them are deleted, or about to be.
    """
    first, last = first - BEFORE, last + AFTER
    newest = _newest_closed(now)
    if first > newest:
        return
    count = (min(last, newest) - first).days + 1
    days = [first + timedelta(days=number) for number in range(count)]
    _lock(db, project_id, first, days)
    rows = [{"project_id": project_id, "day": day, "id": _new_id()} for day in days]
    db.many(INSERT_MARK, rows)


def mark_all(
    db: Database, project_id: int, days: Collection[date], now: datetime
) -> None:
    """Note, in this transaction, that visits with a cookie are added to many days.

    :raise InvalidInput: the rows of one of them are deleted, or about to be.
    """
    if not days:
        return
    # A day that is pruned has none before it that is not.
    closed = sorted(day for day in days if is_closed(day, now))
    _lock(db, project_id, min(days) - BEFORE, closed)
    values = {"project_id": project_id, "day": NULL_DAY, "id": _new_id()}
    db.run(INSERT_MARK, values)
    # Whatever its zone is, its today is not later than that.
    db.run(NOTE_COOKIES, {**values, "day": (now + timedelta(days=1)).date()})


def _lock(db: Database, project_id: int, first: date, days: list[date]) -> None:
    """Let none of the days, in order, be declared pruned before this is committed.

    :raise InvalidInput: a day from ``first`` to the last of them is.
    """
    if not days:
        return
    span = {"project_id": project_id, "first": first, "last": days[-1]}
    rows = db.all(LOCK_DAYS, span)
    if missing := sorted(set(days) - {row["day"] for row in rows}):
        # Nobody can lock what is not there: who does not see yet what is written to
        # such a day could make its stats and declare it meanwhile.
        db.many(INSERT_DAY, [{"project_id": project_id, "day": day} for day in missing])
        rows = db.all(LOCK_DAYS, span)
    if any(row["is_pruned"] for row in rows):
        raise InvalidInput(TOO_OLD, field="age")


def _newest_closed(now: datetime) -> date:
    return (now - MARKED_AFTER).date()


def _new_id() -> int:
    return int.from_bytes(os.urandom(8), "big") >> 1
