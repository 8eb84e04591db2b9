"""Makes the stats of closed days, one part at a time."""

from __future__ import annotations

from datetime import timedelta

from app.clock import NULL_DAY, local_day
from app.packed import engagement_sums
from app.packed import store as packed_store
from app.projects.store import COOKIE
from app.summaries import store
from app.summaries.parts import ALL_MADE, ENGAGEMENT, PARTS
from app.summaries.repeats import Wanderers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from app.db import Database, Row

ONE_DAY = timedelta(days=1)


def last_closed(now: datetime, timezone: str) -> date:
    """Return the newest local day that ended 48 hours ago, or before."""
    return local_day(now - store.CLOSES_AFTER, timezone) - ONE_DAY


class Closing:
    """The closed days of a project, and what of their stats is still to be made.

    ``made`` counts the days that were.

    ``project`` has the columns of its row; ``now`` is naive UTC.
    """

    def __init__(self, db: Database, project: Row, now: datetime) -> None:
        self._db = db
        self._id: int = project["id"]
        self._has_cookies = project["identity"] == COOKIE
        self.made = 0
        self._last = last_closed(now, project["timezone"])

    def days(self) -> list[date]:
        """Return the days whose stats are to be made, the newest first."""
        found = {store.first_day(self._db, self._id) or self._last + ONE_DAY}
        # A mark may be on the day before the first one.
        found |= store.list_marked(self._db, self._id) - {NULL_DAY}
        first = min(found)
        # A month is summed up from all of its days, those before the first one too.
        if first.replace(day=1) < (self._last + ONE_DAY).replace(day=1):
            first = first.replace(day=1)
        rows = store.list_days(self._db, self._id, first, self._last)
        done = {
            row["day"]
            for row in rows
            if row["is_pruned"] or (row["parts"] == ALL_MADE and not row["is_late"])
        }
        count = (self._last - first).days + 1
        days = [self._last - timedelta(days=back) for back in range(count)]
        return [day for day in days if day not in done]

    def make(self, is_over: Callable[[], bool]) -> list[date]:
        """Make stats until ``is_over``; return the days that are left.

        It asks after each part, of which one is always made.
        """
        if NULL_DAY in store.list_marked(self._db, self._id):
            store.begin(self._db, self._id, NULL_DAY)
        days = self.days()
        while days and self._make_day(days[0], is_over):
            days.pop(0)
            self.made += 1
            if is_over():
                break
        return days

    def _make_day(self, day: date, is_over: Callable[[], bool]) -> bool:
        """Return whether it is made; if not, the time is over."""
        [row] = store.list_days(self._db, self._id, day, day)
        if row["day"] is None or row["is_late"]:
            store.begin(self._db, self._id, day)
        while self._make_part(day) < ALL_MADE:
            if is_over():
                return False
        return True

    def _make_part(self, day: date) -> int:
        """Make the next part of a day; return how many of them there are then."""

        def work() -> int:
            row = store.lock_day(self._db, self._id, day)
            if row is None or row["is_pruned"]:
                return ALL_MADE
            parts: int = row["parts"]
            if parts == 0:
                parts = 1
                if not store.make_totals(self._db, self._id, day):
                    engagement_sums.forget_day(self._db, self._id, day)
                    packed_store.forget(self._db, self._id, day)
                    parts = ALL_MADE
            elif parts <= len(PARTS):
                part = PARTS[parts - 1]
                # For each part anew: another process may have begun the day again.
                days = [] if self._has_cookies else [day]
                repeats = Wanderers(self._db, self._id, days).repeats(part)
                store.make_part(self._db, self._id, day, part, repeats)
                parts += 1
            elif parts == ENGAGEMENT:
                engagement_sums.make_day(self._db, self._id, day)
                parts += 1
            elif parts < ALL_MADE:
                packed_store.pack(self._db, self._id, day, self._has_cookies)
                parts += 1
            store.set_parts(self._db, self._id, day, parts)
            return parts

        return self._db.transaction(work)
