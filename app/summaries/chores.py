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
from app.summaries.rounds import Round

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database, Row
    from app.summaries.due import Due

LEASE_NAME = "summaries"
PAUSE = timedelta(minutes=10)
SHORT_PAUSE = timedelta(seconds=10)
"""While another process is at it."""


class Done:
    """What was done: ``days`` made and rows ``deleted``, by project name.

    ``was_free`` is False if another process is at it; ``is_complete`` if there is
    nothing left to do, but for whose chores failed.
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


def take_turn(
    db: Database,
    retention_days: int,
    due: Due,
    now: datetime,
    seconds: float,
    explain: Callable[[int], str],
) -> Done:
    """Do as ``run`` in the round that other processes have begun, and set what is due.

    ``explain`` is for ``Round``.

    :raise DatabaseAway: the database is not there.
    """
    due.set(now + SHORT_PAUSE)
    turn, pause, was_free = Round.load(due.path, explain), SHORT_PAUSE, True
    try:
        done = run(db, retention_days, now, seconds, turn=turn)
        pause, was_free = _pause_after(done), done.was_free
    finally:
        if was_free:
            turn.save(due.path)
        due.set(now + pause)
    return done


def run(
    db: Database,
    retention_days: int,
    now: datetime,
    seconds: float,
    with_cookies: bool = False,
    turn: Round | None = None,
) -> Done:
    """Return what was done in about so many seconds; ``now`` is naive UTC.

    Only one process at a time does it, which saves work: each step is right also if
    two do. ``with_cookies`` looks through all visitors, which takes its time. ``turn``
    is where it goes on, and how far it has come then.

    :raise DatabaseAway: the database is not there.
    """
    done = Done()
    deadline = time.monotonic() + seconds
    holder = os.urandom(8).hex()
    done.was_free = take_lease(db, LEASE_NAME, holder, now)
    if not done.was_free:
        return done
    chores = _Chores(db, retention_days, now, deadline, with_cookies, done)
    try:
        done.is_complete = chores.go_on(turn or Round())
    finally:
        with contextlib.suppress(DatabaseAway):
            give_lease_back(db, LEASE_NAME, holder)
    return done


def _pause_after(done: Done) -> timedelta:
    """Return when to look again: at once if there is something left to do."""
    if not done.was_free:
        return SHORT_PAUSE
    return PAUSE if done.is_complete else timedelta(0)


class _Chores:
    """What there is to do for each project, until the time is over."""

    def __init__(
        self,
        db: Database,
        retention_days: int,
        now: datetime,
        deadline: float,
        with_cookies: bool,
        done: Done,
    ) -> None:
        self._db = db
        self._retention_days = retention_days
        self._now = now
        self._deadline = deadline
        self._with_cookies = with_cookies
        self._done = done

    def _is_over(self) -> bool:
        return time.monotonic() > self._deadline

    def go_on(self, turn: Round) -> bool:
        """Return whether the round has come to its end."""
        projects = prune_store.list_projects(self._db)
        for project in projects:
            if project["id"] <= turn.after:
                continue
            try:
                if not self._do(project):
                    return False
                turn.passes(project["id"])
            except DatabaseAway:
                # It may be this project alone that asks too much of it.
                turn.after = project["id"]
                raise
            except Exception:
                self._db.close()
                turn.fails(project["id"])
            if self._is_over():
                return False
        turn.ends([project["id"] for project in projects])
        return True

    def _do(self, project: Row) -> bool:
        """Return whether nothing is left to do for a project; else the time is over."""
        db, now, is_over = self._db, self._now, self._is_over
        closing = Closing(db, project, now)
        name = name_of(project)
        try:
            left = closing.make(is_over)
        finally:
            self._done.days[name] = closing.made
        if left or not Months(db, project, now).make(is_over):
            return False
        pruning = Pruning(db, project, self._retention_days, now)
        self._done.deleted[name] = pruning.deleted
        is_done = pruning.run(is_over)
        if is_done and self._with_cookies:
            pruning.forget_cookies()
        return is_done


def name_of(project: Row) -> str:
    """Return how a project is called in what was done."""
    return f"{project['id']} ({project['name']})"
