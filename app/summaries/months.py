"""Adds the stats of closed days up to those of months, one part at a time."""

from __future__ import annotations

from app.clock import NULL_DAY
from app.packed import engagement_sums, month_sets
from app.report.question import Question
from app.report.span import Span
from app.summaries import month_store, store
from app.summaries.closing import last_closed
from app.summaries.parts import MONTH_MADE, PARTS
from app.summaries.split import has_stats, read_days, whole_months

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database, Row
    from app.summaries.parts import Part


class Months:
    """The months of a project whose days all have stats.

    ``project`` has the columns of its row; ``now`` is naive UTC.
    """

    def __init__(self, db: Database, project: Row, now: datetime) -> None:
        self._db = db
        self._id: int = project["id"]
        self._last = last_closed(now, project["timezone"])

    def left(self) -> list[Span]:
        """Return the months whose stats are to be made, the newest first."""
        rows = store.list_days(self._db, self._id, NULL_DAY, self._last)
        days = {row["day"]: row for row in rows if has_stats(row)}
        span = Span(min(days, default=self._last), self._last)
        months = [
            month
            for month in whole_months(span, days)
            if days[month.first]["month_parts"] != MONTH_MADE
        ]
        return months[::-1]

    def make(self, is_over: Callable[[], bool]) -> bool:
        """Make stats until ``is_over``; return whether nothing is left to do.

        It asks after each part, of which one is always made.
        """
        months = self.left()
        while months and self._make_month(months[0], is_over):
            months.pop(0)
            if is_over():
                break
        return not months

    def _make_month(self, month: Span, is_over: Callable[[], bool]) -> bool:
        """Return whether it is made; if not, the time is over."""
        while self._make_part(month) < MONTH_MADE:
            if is_over():
                return False
        return True

    def _make_part(self, month: Span) -> int:
        """Make the next part of a month; return how many of them there are then."""

        def work() -> int:
            if not month_store.lock_days(self._db, self._id, month):
                # Another process has begun one anew: it is a month for later.
                return MONTH_MADE
            parts = month_store.lock(self._db, self._id, month)
            if parts < MONTH_MADE:
                has_sets = True
                if parts < len(PARTS):
                    part = PARTS[parts]
                    month_store.make_part(self._db, self._id, month, part)
                    has_sets = self._make_sets(month, part)
                else:
                    engagement_sums.make_month(self._db, self._id, month)
                parts += 1
                month_store.set_parts(self._db, self._id, month, parts, has_sets)
            return parts

        return self._db.transaction(work)

    def _make_sets(self, month: Span, part: Part) -> bool:
        """Make the visitors' sets of a part, or return that they cannot be made."""
        if not part.has_sets:
            return True
        days = read_days(self._db, self._id, Question(month), with_numbers=True)
        pruned = store.last_pruned(self._db, self._id)
        if not days.has_numbers or (pruned is not None and month.first <= pruned):
            return False
        return month_sets.make(days, part)
