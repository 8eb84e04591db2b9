"""Records a pageview: everything that one beacon changes, in one transaction."""

from __future__ import annotations

from datetime import timedelta

from app.db import Again
from app.senders import dimensions as senders
from app.summaries import late_store
from app.visits import dimensions, late, store
from app.visits.attempt import Attempt
from app.visits.days import Days
from app.visits.pageview import DUPLICATE_GAP
from app.visits.store import EARLY, VISIT_GAP
from app.visits.visit import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.client.location import Locator
    from app.db import Database, Row
    from app.projects.store import Project
    from app.senders.identity import VisitorIds
    from app.visits.pageview import Pageview


class _CountedBefore(Exception):
    """The pageview is stored already; roll back what was done for it.

    ``by_us`` is True if this very request stored it and lost the COMMIT's answer.
    """

    def __init__(self, by_us: bool) -> None:
        super().__init__("counted before")
        self.by_us = by_us


def record_pageview(
    db: Database,
    locator: Locator,
    project: Project,
    view: Pageview,
    visitor_ids: VisitorIds,
    now: datetime,
) -> bool:
    """Return True if the pageview is counted, False if it was counted before.

    Before means: a beacon with the same id, or the same visitor and URL within five
    minutes. ``now`` is the present moment.

    :raise InvalidInput: the rows of its day are deleted, or about to be.
    :raise ProjectChanged: ``project`` is not what the table says any more.
    :raise SentByRobot: the device is a robot's.
    """

    def work() -> bool:
        recording = Recording(db, project, view, visitor_ids, now)
        return recording.run(locator)

    try:
        return db.transaction(work)
    except _CountedBefore as before:
        return before.by_us
    except senders.SentByRobot as robot:
        if robot.is_new:
            name = robot.name
            sender = view.sender
            db.transaction(lambda: senders.store_robot(db, project, sender, name))
        raise


class Recording(Attempt):
    """One attempt, from the lock on the visitor to the last row."""

    def __init__(
        self,
        db: Database,
        project: Project,
        view: Pageview,
        visitor_ids: VisitorIds,
        now: datetime,
    ) -> None:
        self.view = view
        self.common = _common_values(project, view, visitor_ids)
        rows = store.lock_visitor(db, self.common)
        if late_store.is_closed(view.day, now):
            known = {row["visitor_id"] for row in rows if row["last_day"]}
            if _restore_visitors(db, project, visitor_ids, known, view.day):
                rows = store.lock_visitor(db, self.common)
        super().__init__(db, project, visitor_ids, rows, now)
        robot = senders.robot_of(view.sender, self.known)
        if robot:
            raise senders.SentByRobot(robot, self.known["robot"] is None)

    def run(self, locator: Locator) -> bool:
        """Write the rows; return True, or raise if there is nothing to count."""
        view = self.view
        visit = self._open_visit()
        is_entry = visit is None or view.at < visit.started_at
        if visit is None:
            visit = Visit.starting(view, self.ids.day)
        else:
            visit.extend(view)
        self.enter_day(visit.visitor_id, view.day)
        self._insert_pageview(visit)
        if is_entry:
            # First, while nobody waits for us: it may have to parse a User-Agent.
            dimensions.store_origin(self.db, self.project, view, self.known)
            senders.store_device(self.db, self.project, view.sender, self.known)
            visit.place_id = senders.store_place(
                self.db, view.secret, locator, self.project, view.sender, self.known
            )
        dimensions.store_page(self.db, self.project, view, self.known)
        if visit.stored_day not in (None, visit.day):
            late.move_views(self, visit, visit)
        if self.known["has_events"]:
            self.adopt_events(visit, self.common)
        self.finish(visit)
        return True

    def enter_day(self, visitor_id: int, day: date) -> None:
        """Mark the visitor as active on ``day``; he is stored if he is new."""
        if visitor_id in self.days:
            super().enter_day(visitor_id, day)
            return
        self.days[visitor_id] = Days.starting(day)
        if not store.insert_visitor(self.db, self.visitor_values(visitor_id)):
            raise Again("another process stored this visitor first")
        self._look_again()
        self.note(visitor_id, Days.first_change(day))

    def _look_again(self) -> None:
        """Begin once more if the visitor has meanwhile turned up under another id.

        Around midnight a person has two, and two beacons of his may be written at
        once, each under its own. Neither finds a row to wait for; but after its
        own is there each waits for the other's.
        """
        at, day = self.view.at, self.view.day
        if self.day_of(at - VISIT_GAP) == day == self.day_of(at + VISIT_GAP):
            return
        rows = store.lock_visitor(self.db, self.common)
        found = {row["id"] for row in rows if row["id"] is not None}
        if found != {visit.id for visit in self.visits}:
            raise Again("another process stored this visitor under another id")

    def _open_visit(self) -> Visit | None:
        """Return the visit that the view belongs to, or None if it starts one."""
        at = self.view.at
        for visit in self.visits:
            before = visit.started_at <= at
            own = visit.visitor_id == self.ids.day
            if (before or own) and visit.may_last_to(at):
                return visit
        return None

    def _insert_pageview(self, visit: Visit) -> None:
        view = self.view
        values = {
            **self.common,
            "id": view.id,
            "at": view.at,
            "url_hash": view.url_hash,
            "hour": view.hour,
            "visit_day": visit.day,
            "visit_id": visit.id,
            "visitor_id": visit.visitor_id,
            "same_from": view.at - DUPLICATE_GAP,
            "same_to": view.at + DUPLICATE_GAP,
            "first_day": self.day_of(view.at - DUPLICATE_GAP),
            "last_day": self.day_of(view.at + DUPLICATE_GAP),
        }
        if not store.insert_pageview(self.db, values):
            by_us = self.db.commit_lost and store.has_pageview(self.db, values)
            raise _CountedBefore(by_us)


def _restore_visitors(
    db: Database, project: Project, ids: VisitorIds, known: set[int], day: date
) -> bool:
    """Store again who was forgotten and has views near ``day``; return if any was.

    What they count is counted already.
    """
    found = False
    for visitor_id in sorted({ids.day_before, ids.day, ids.day_after} - known):
        first, last = day - 2 * late.ONE_DAY, day + 2 * late.ONE_DAY
        active = store.list_days(db, project.id, visitor_id, first, last)
        if not active:
            continue
        days = Days.starting(active[0])
        for one in active[1:]:
            days.add(one)
        values = {"project_id": project.id, "visitor_id": visitor_id, **vars(days)}
        if not store.insert_visitor(db, values):
            raise Again("another process stored this visitor first")
        found = True
    return found


def _common_values(project: Project, view: Pageview, ids: VisitorIds) -> Row:
    return {
        "project_id": project.id,
        "id_of_day": ids.day,
        "id_of_day_before": ids.day_before,
        "id_of_day_after": ids.day_after,
        "day": view.day,
        "day_two_before": view.day - timedelta(days=2),
        "day_before": view.day - timedelta(days=1),
        "day_after": view.day + timedelta(days=1),
        "events_from": view.at - EARLY,
        "gap_starts": view.at - VISIT_GAP,
        "gap_ends": view.at + VISIT_GAP,
        "page_id": view.page_id,
        "referrer_id": view.referrer_id,
        "campaign_id": view.campaign_id,
        "device_id": view.sender.device_id,
        "screen_id": view.screen_id,
        "network_id": view.sender.network_id,
    }
