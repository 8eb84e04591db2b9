"""Records how long a page was looked at, and how far down.

The visit then lasts to that moment, so that a visit of one page has a duration too.
"""

from __future__ import annotations

from datetime import timedelta

from app.problems import Unavailable
from app.projects.store import ProjectChanged
from app.senders import identity
from app.summaries import late_store
from app.visits import store
from app.visits.attempt import Attempt
from app.visits.store import EARLY, VISIT_GAP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.db import Database, Row
    from app.projects.store import Project
    from app.senders.sender import Sender

MAX_MOVES = 5
ONE_DAY = timedelta(days=1)


class Engagement:
    """What a page reports of the pageview with the id ``view_id``.

    ``at`` is the moment (UTC, to the second) up to which it was looked at for
    ``seconds`` in all; ``scroll`` is the deepest percent.
    """

    def __init__(
        self, view_id: int, at: datetime, seconds: int, scroll: int, sender: Sender
    ) -> None:
        self.view_id = view_id
        self.at = at.replace(microsecond=0)
        self.seconds = seconds
        self.scroll = scroll
        self.sender = sender


class _Moved(Exception):
    """The view has meanwhile become part of another visit: look for it again."""


def record_engagement(
    db: Database,
    secret: bytes,
    project: Project,
    told: Engagement,
    day: date,
    today: date,
    now: datetime,
) -> bool:
    """Return whether the pageview is known; then it is as long as told, or longer.

    ``day`` is the local one of ``told.at``, ``today`` that on which it was sent, and
    ``now`` the present moment.

    :raise ProjectChanged: ``project`` is not what the table says any more.
    :raise InvalidInput: the rows of its day are deleted, or about to be.
    """
    key = {
        "project_id": project.id,
        "id": told.view_id,
        "day_two_before": day - 2 * ONE_DAY,
        "day_before": day - ONE_DAY,
        "day": day,
        "day_after": day + ONE_DAY,
    }
    place = None
    for _ in range(MAX_MOVES):
        view = store.find_view(db, key)
        if view["cache_version"] != project.cache_version:
            raise ProjectChanged()
        # One that nobody moved is of a visitor who is forgotten, so long ago it was.
        if view["id"] is None or view == place:
            return False
        ids = identity.known_ids(
            db, secret, project, told.sender, view["day"], today
        ).including(view["visitor_id"])
        work = Engaging(db, project, told, view, ids, now)
        try:
            db.transaction(work.run)
        except _Moved:
            place = view
            continue
        return True
    raise Unavailable("The visit is being changed. Try again.")


class Engaging:
    """What one engagement changes, once its view is found."""

    def __init__(
        self,
        db: Database,
        project: Project,
        told: Engagement,
        view: Row,
        ids: identity.VisitorIds,
        now: datetime,
    ) -> None:
        self._db = db
        self._project = project
        self._told = told
        self._view = view
        self._ids = ids
        self._now = now
        # More time than has passed cannot have been spent.
        passed = max(told.at - view["at"], timedelta(0))
        looked = min(timedelta(seconds=told.seconds), passed)
        self._seconds = int(looked.total_seconds())
        # Who comes back to a page after half an hour has ended his visit: what is
        # sure is only that he was there for so many seconds.
        self._until = view["at"] + (passed if passed - looked < VISIT_GAP else looked)

    def run(self) -> None:
        """Write the rows.

        :raise _Moved: another process has moved the view.
        """
        values = self._values()
        rows = store.lock_visits(self._db, values)
        attempt = Attempt(self._db, self._project, self._ids, rows, self._now)
        view = self._view
        found = [visit for visit in attempt.visits if visit.id == view["visit_id"]]
        if not found:
            raise _Moved()
        grows = self._grows()
        if grows:
            store.update_engagement(self._db, values)
        [visit] = found
        if visit.stay_until(self._until):
            if attempt.known["has_events"]:
                attempt.adopt_events(visit, values)
            attempt.finish(visit)
        elif grows:
            # The visit is as it was, but not what is summed up of its views.
            day = view["visit_day"]
            late_store.mark(self._db, self._project.id, day, day, self._now)

    def _grows(self) -> bool:
        seconds: int | None = self._view["engaged_seconds"]
        scroll: int | None = self._view["scroll"]
        if seconds is None or scroll is None:
            return True
        return self._seconds > seconds or self._told.scroll > scroll

    def _values(self) -> Row:
        view, visit_day = self._view, self._view["visit_day"]
        return {
            "project_id": self._project.id,
            "id": view["id"],
            "day": view["day"],
            "seconds": self._seconds,
            "scroll": self._told.scroll,
            "id_of_day": self._ids.day,
            "id_of_day_before": self._ids.day_before,
            "id_of_day_after": self._ids.day_after,
            "visit_day": visit_day,
            "day_after": visit_day + ONE_DAY,
            "day_two_after": visit_day + 2 * ONE_DAY,
            "events_from": view["at"] - EARLY,
            "gap_starts": view["at"] - VISIT_GAP,
            "gap_ends": self._until + VISIT_GAP,
        }
