"""A visit: what its pageviews, in order of time, make of it."""

from __future__ import annotations

from datetime import timedelta

from app import ids
from app.visits.pageview import LONGEST_VISIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.db import Row
    from app.visits.pageview import Pageview

ONE_SECOND = timedelta(seconds=1)

COLUMNS = (
    "id visitor_id day started_at viewed_at last_at hour channel pageviews"
    " entry_page_id exit_page_id referrer_id campaign_id device_id place_id"
    " screen_id token_id"
).split()


class Visit:
    """A row of ph_visits. ``stored_day`` is its day in the table, None if it is new.

    Its first view by time gives the day, the entry and where it came from, its last
    view (``viewed_at``) the exit, in whatever order the beacons arrive. ``last_at`` is
    when the visitor was last known to be there; his last page he may read for a while.
    """

    id: int
    visitor_id: int
    day: date
    hour: int
    started_at: datetime
    viewed_at: datetime
    last_at: datetime
    pageviews: int
    entry_page_id: int
    exit_page_id: int
    place_id: int

    def __init__(self, row: Row) -> None:
        self.__dict__.update({column: row[column] for column in COLUMNS})
        self.stored_day: date | None = row["day"]

    @classmethod
    def starting(cls, view: Pageview, visitor_id: int) -> Visit:
        """Return a new visit that begins, and so far ends, with ``view``."""
        visit = cls(dict.fromkeys(COLUMNS, 0) | {"day": None})
        visit.id = ids.time_ordered(view.exact_at)
        visit.visitor_id = visitor_id
        visit.started_at = visit.viewed_at = visit.last_at = view.at
        visit._begin_with(view)
        visit.exit_page_id = view.page_id
        visit.pageviews = 1
        return visit

    def may_last_to(self, at: datetime) -> bool:
        """Return whether the visit is shorter than 24 hours if it reaches ``at``."""
        start, end = min(at, self.started_at), max(at, self.last_at)
        return end - start < LONGEST_VISIT

    def extend(self, view: Pageview) -> None:
        """Count ``view`` in."""
        self.pageviews += 1
        if view.at < self.started_at:
            self.started_at = view.at
            self._begin_with(view)
        if view.at >= self.viewed_at:
            self.viewed_at = view.at
            self.exit_page_id = view.page_id
        self.last_at = max(self.last_at, view.at)

    def stay_until(self, at: datetime) -> bool:
        """Let the visit last to ``at``, 24 hours at most; False if it did already."""
        at = min(at, self.started_at + LONGEST_VISIT - ONE_SECOND)
        if at <= self.last_at:
            return False
        self.last_at = at
        return True

    def absorb(self, later: Visit) -> None:
        """Take over the views of a visit that turned out to be this one's rest."""
        self.pageviews += later.pageviews
        if later.viewed_at >= self.viewed_at:
            self.viewed_at = later.viewed_at
            self.exit_page_id = later.exit_page_id
        self.last_at = max(self.last_at, later.last_at)

    def values(self) -> Row:
        """Return its columns."""
        return {column: self.__dict__[column] for column in COLUMNS}

    def _begin_with(self, view: Pageview) -> None:
        self.day = view.day
        self.hour = view.hour
        self.entry_page_id = view.page_id
        self.__dict__.update(
            channel=view.channel,
            referrer_id=view.referrer_id,
            campaign_id=view.campaign_id,
            device_id=view.sender.device_id,
            screen_id=view.screen_id,
            token_id=view.token_id,
        )
