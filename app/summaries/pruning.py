"""Deletes the rows of days that are older than a project keeps them.

A day is declared pruned first, if its stats are whole: from then on nothing is written
to it, and reports do not look for its rows. Those of the last two such days stay: the
day after may have views of visits that began there, and counts who comes again.
"""

from __future__ import annotations

from datetime import timedelta

from app.clock import NULL_DAY, local_day
from app.packed import store as packed_store
from app.projects.store import COOKIE
from app.summaries import prune_store, store
from app.summaries.closing import ONE_DAY, Closing
from app.summaries.parts import ALL_MADE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from app.db import Database, Row

NEIGHBOURS = timedelta(days=2)
"""So many days beside a pruned one still have their rows."""
COOKIE_DAYS = timedelta(days=400)
"""A cookie lasts 365 days: after these nobody comes back with it."""
VISITOR_DAYS = timedelta(days=7)
"""Who has no cookie is another one the next day, but for beacons that come late."""
VISITORS = "ph_visitors"


class Pruning:
    """What of a project's old rows is to be deleted, and deletes it.

    ``project`` has its columns, ``default_days`` is for those that keep to config.ini;
    0 is for ever. ``now`` is naive UTC.
    """

    def __init__(
        self, db: Database, project: Row, default_days: int, now: datetime
    ) -> None:
        self._db = db
        self._id: int = project["id"]
        own = project["retention_days"]
        days: int = default_days if own is None else own
        self._today = local_day(now, project["timezone"])
        self._limit = self._today - timedelta(days=days) if days else None
        self._closing = Closing(db, project, now)
        self._has_cookies = project["identity"] == COOKIE
        self._cookie_until: date = project["cookie_until"]
        self.deleted: dict[str, int] = {}

    def preview(self) -> dict[str, int]:
        """Return by table how many rows would go, the stats being made first."""
        counts = {}
        if self._limit is not None:
            last = self._limit - NEIGHBOURS
            for table in prune_store.TABLES:
                counts[table] = prune_store.count_rows(self._db, table, self._id, last)
        if not self._has_cookies:
            counts[VISITORS] = prune_store.count_visitors(
                self._db, self._id, self._cookie_until, self._today - VISITOR_DAYS
            )
        return {table: count for table, count in counts.items() if count}

    def run(self, is_over: Callable[[], bool]) -> bool:
        """Delete until ``is_over``; return whether nothing is left to do."""
        # The rows of a day's visits tell who its visitors were.
        return (
            self._declare(is_over)
            and self._forget_visitors(is_over)
            and self._delete_rows(is_over)
        )

    def _declare(self, is_over: Callable[[], bool]) -> bool:
        """Declare the days pruned that are old enough, up to one without stats."""
        first = store.first_day(self._db, self._id)
        if first is None or self._limit is None:
            return True
        oldest_unmade = min(self._closing.days(), default=self._limit + ONE_DAY)
        last = min(self._limit, oldest_unmade - ONE_DAY)
        for row in store.list_days(self._db, self._id, first, last):
            if row["day"] is None or row["is_pruned"]:
                continue
            if not self._declare_day(row["day"]):
                break
            if is_over():
                return False
        return True

    def _declare_day(self, day: date) -> bool:
        """Return whether it is declared pruned; else its stats are not whole."""

        def work() -> bool:
            row = prune_store.lock_day(self._db, self._id, day, NULL_DAY)
            if row is None or row["is_late"] or row["parts"] != ALL_MADE:
                return False
            prune_store.declare_pruned(self._db, self._id, day)
            packed_store.forget(self._db, self._id, day)
            return True

        return self._db.transaction(work)

    def _delete_rows(self, is_over: Callable[[], bool]) -> bool:
        pruned = store.last_pruned(self._db, self._id)
        if pruned is None:
            return True
        last = pruned - NEIGHBOURS
        for table in prune_store.TABLES:
            while count := prune_store.delete_slice(self._db, table, self._id, last):
                self._note(table, count)
                if is_over():
                    return False
        return True

    def _forget_visitors(self, is_over: Callable[[], bool]) -> bool:
        """Delete the visitors, of days that are made, who cannot come back."""
        last = self._today - VISITOR_DAYS
        for row in store.list_days(self._db, self._id, NULL_DAY, last):
            if row["day"] is None or not self._may_forget(row):
                continue
            # In a visit past midnight he was there on the next day too.
            until = row["day"] + NEIGHBOURS
            count = prune_store.forget_visitors(self._db, self._id, row["day"], until)
            self._note(VISITORS, count)
            if is_over():
                return False
        return True

    def _may_forget(self, row: Row) -> bool:
        is_whole = row["parts"] == ALL_MADE and not row["is_late"]
        without_cookies = not self._has_cookies and row["day"] > self._cookie_until
        return bool(row["has_visitors"] and is_whole and without_cookies)

    def forget_cookies(self) -> None:
        """Delete the visitors whose cookie has ended and whose rows are deleted."""
        pruned = store.last_pruned(self._db, self._id)
        if pruned is None:
            return
        last = min(pruned - NEIGHBOURS, self._today - COOKIE_DAYS)
        after_id: int | None = 0
        while after_id is not None:
            after_id, count = prune_store.forget_absent(
                self._db, self._id, after_id, last
            )
            self._note(VISITORS, count)

    def _note(self, table: str, count: int) -> None:
        if count:
            self.deleted[table] = self.deleted.get(table, 0) + count
