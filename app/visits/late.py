"""What a late beacon can still change: two visits that were one all along.

Beacons may arrive up to 48 hours late and in any order. Afterwards the tables are as
if they had come in order: a view between two visits makes them one, and across
midnight it gives the second one back to the visitor of the first.
"""

from __future__ import annotations

from datetime import timedelta

from app.visits import store
from app.visits.store import VISIT_GAP

ONE_DAY = timedelta(days=1)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.senders.identity import VisitorIds
    from app.visits.attempt import Attempt
    from app.visits.visit import Visit


def is_rest(visit: Visit, other: Visit, ids: VisitorIds) -> bool:
    """Return whether ``other``, stored as a visit of its own, continues ``visit``.

    The id of a day finds visits that began under the id of the day before, and no
    older ones; that holds here too.
    """
    if other.id == visit.id or other.started_at < visit.started_at:
        return False
    if other.started_at - visit.last_at >= VISIT_GAP:
        return False
    if not visit.may_last_to(other.last_at):
        return False
    order = [ids.day_before, ids.day, ids.day_after]
    step = order.index(other.visitor_id) - order.index(visit.visitor_id)
    return step in (0, 1)


def move_views(attempt: Attempt, visit: Visit, other: Visit) -> None:
    """Give the stored views and events of ``other`` to ``visit``.

    With itself as ``other``, a visit that begins on an earlier day now tells them.
    """
    first_day = other.stored_day or other.day
    values = {
        "project_id": attempt.project.id,
        "first_day": min(first_day, visit.day) - ONE_DAY,
        # Its views are on a later day if the project was in a zone further east.
        "last_day": attempt.day_of(other.last_at + VISIT_GAP) + ONE_DAY,
        "visitor_id": other.visitor_id,
        "visit_id": other.id,
        "to_visitor_id": visit.visitor_id,
        "to_visit_id": visit.id,
        "to_visit_day": visit.day,
    }
    store.move_pageviews(attempt.db, values)
    store.move_events(attempt.db, values)


def join(attempt: Attempt, visit: Visit, other: Visit) -> None:
    """Make the stored visit ``other`` a part of ``visit``."""
    move_views(attempt, visit, other)
    key = {"project_id": attempt.project.id, "day": other.stored_day, "id": other.id}
    store.delete_visit(attempt.db, key)
    visit.absorb(other)
    if other.visitor_id != visit.visitor_id:
        day, last_day = other.day, attempt.day_of(other.viewed_at)
        while day <= last_day:
            # Its last page may have been read from one midnight to the next.
            if attempt.has_views_on(visit.visitor_id, day):
                attempt.enter_day(visit.visitor_id, day)
                attempt.leave_day(other.visitor_id, day)
            day += ONE_DAY
