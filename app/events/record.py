"""Records an event: in one transaction, and in the visit that was open then."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.events import names, store
from app.projects.store import ProjectChanged
from app.senders import dimensions as senders
from app.summaries import late_store
from app.visits import store as visits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row
    from app.events.event import Event
    from app.projects.store import Project
    from app.senders.identity import VisitorIds

ONE_DAY = timedelta(days=1)
NO_TITLE_YET = datetime(1000, 1, 1)
"""A page's title is as old as that if only events have told of it."""


def record_event(
    db: Database,
    project: Project,
    event: Event,
    visitor_ids: VisitorIds,
    by_person: bool,
    now: datetime,
) -> bool:
    """Return True if the event is counted, False if one with its id was before.

    ``by_person`` says that robots are to be refused; ``now`` is the present moment.

    :raise ProjectChanged: ``project`` is not what the table says any more.
    :raise SentByRobot: the device is a robot's.
    :raise InvalidInput: the rows of its day are deleted, or about to be.
    """
    values = _values(project, event, visitor_ids)

    def work() -> bool:
        counted = _write(db, project, event, values, by_person)
        late_store.mark(db, project.id, event.day, event.day, now)
        return counted

    try:
        return db.transaction(work)
    except senders.SentByRobot as robot:
        if robot.is_new:
            name = robot.name
            sender = event.sender
            db.transaction(lambda: senders.store_robot(db, project, sender, name))
        raise


def _write(
    db: Database, project: Project, event: Event, values: Row, by_person: bool
) -> bool:
    rows = store.lock_visitor(db, values)
    known = rows[0]
    if known["cache_version"] != project.cache_version:
        raise ProjectChanged()
    robot = senders.robot_of(event.sender, known) if by_person else ""
    if robot:
        raise senders.SentByRobot(robot, known["robot"] is None)
    name = names.bounded(db, event, values, known["properties"])
    values = {**values, **name}
    if not store.insert_event(db, {**values, **_open_visit(rows)}):
        return db.commit_lost and store.has_event(db, values)
    _store_page(db, project, event, known)
    names.store_names(db, event, values, name["known"])
    return True


def _open_visit(rows: list[Row]) -> Row:
    """Return the visit that was open; without one, nothing that overrides."""
    found = [row for row in rows if row["visit_id"] is not None]
    if not found:
        return {}
    visit = min(found, key=lambda row: row["started_at"])
    return {name: visit[name] for name in ("visit_id", "visit_day", "visitor_id")}


def _store_page(db: Database, project: Project, event: Event, known: Row) -> None:
    """Store the page if no view has told of it."""
    if event.page is None or known["has_page"]:
        return
    page = event.page
    values = {"scheme": page.scheme, "host": page.host, "path": page.path}
    key = {"project_id": project.id, "page_id": event.page_id}
    visits.insert_page(db, {**key, **values, "title": "", "at": NO_TITLE_YET})


def _values(project: Project, event: Event, ids: VisitorIds) -> Row:
    return {
        "project_id": project.id,
        "id": event.id,
        "at": event.at,
        "hour": event.hour,
        "day_two_before": event.day - 2 * ONE_DAY,
        "day_before": event.day - ONE_DAY,
        "day": event.day,
        "day_after": event.day + ONE_DAY,
        "visit_day": event.day,
        "visit_id": 0,
        "visitor_id": ids.day,
        "id_of_day": ids.day,
        "id_of_day_before": ids.day_before,
        "id_of_day_after": ids.day_after,
        "gap_starts": event.at - visits.VISIT_GAP,
        "begun_by": event.at + visits.EARLY,
        "name_id": event.name_id,
        "name": event.name,
        "page_id": event.page_id,
        "device_id": event.sender.device_id,
    }
