"""Sees after closed days: makes their stats, then deletes what is too old."""

from __future__ import annotations

import contextlib
import os
import time
from datetime import timedelta

from app.db import DatabaseAway
from app.spool.store import give_lease_back, take_lease
from app.summaries import prune_store
from app.summaries.closing import Closing
from app.summaries.months import Months
from app.summaries.pruning import Pruning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database

LEASE_NAME = "summaries"
PAUSE = timedelta(minutes=10)
SHORT_PAUSE = timedelta(seconds=10)
"""While another process is at it."""


class Done:
    """What was done: ``days`` made and rows ``deleted``, by project name.

    ``was_free`` is False if another process is at it; ``is_complete`` if there is
    nothing left to do.
    """

    def __init__(self) -> None:
        self.was_free = True
        self.is_complete = False
        self.days: dict[str, int] = {}
        self.deleted: dict[str, dict[str, int]] = {}

    def add(self, other: Done) -> None:
        """Count another run's days and rows too."""
        for name, count in other.days.items():
            self.days[name] = self.days.get(name, 0) + count
        for name, tables in other.deleted.items():
            sums = self.deleted.setdefault(name, {})
            for table, count in tables.items():
                sums[table] = sums.get(table, 0) + count


def run(
    db: Database,
    retention_days: int,
    now: datetime,
    seconds: float,
    with_cookies: bool = False,
) -> Done:
    """Return what was done in about so many seconds; ``now`` is naive UTC.

    Only one process at a time does it, which saves work: each step is right also if
    two do. ``with_cookies`` looks through all visitors, which takes its time.

    :raise DatabaseAway: the database is not there.
    """
    done = Done()
    deadline = time.monotonic() + seconds
    holder = os.urandom(8).hex()
    done.was_free = take_lease(db, LEASE_NAME, holder, now)
    if not done.was_free:
        return done
    try:
        done.is_complete = _run(db, retention_days, now, deadline, with_cookies, done)
    finally:
        with contextlib.suppress(DatabaseAway):
            give_lease_back(db, LEASE_NAME, holder)
    return done


def pause_after(done: Done) -> timedelta:
    """Return when to look again: at once if there is something left to do."""
    if not done.was_free:
        return SHORT_PAUSE
    return PAUSE if done.is_complete else timedelta(0)


def _run(
    db: Database,
    retention_days: int,
    now: datetime,
    deadline: float,
    with_cookies: bool,
    done: Done,
) -> bool:
    def is_over() -> bool:
        return time.monotonic() > deadline

    for project in prune_store.list_projects(db):
        closing = Closing(db, project, now)
        left = closing.make(is_over)
        name = f"{project['id']} ({project['name']})"
        done.days[name] = closing.made
        if left or not Months(db, project, now).make(is_over):
            return False
        pruning = Pruning(db, project, retention_days, now)
        is_done = pruning.run(is_over)
        if is_done and with_cookies:
            pruning.forget_cookies()
        done.deleted[name] = pruning.deleted
        if not is_done:
            return False
    return True
