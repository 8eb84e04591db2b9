"""One attempt to change a visitor's rows: what he has, locked, and what is written."""

from __future__ import annotations

from app.clock import local_day
from app.projects.store import ProjectChanged
from app.summaries import late_store
from app.visits import late, store
from app.visits.days import Days
from app.visits.visit import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.db import Database, Row
    from app.projects.store import Project
    from app.senders.identity import VisitorIds
    from app.visits.days import Change

SLOTS = 16
"""Over so many rows the visitors of one day are counted, against contention."""


class Attempt:
    """The visitor under each id he may have, and his visits, in order of time.

    ``rows`` are those of the statement that locked him; there is always one. ``now``
    is the present moment, which a beacon's may lie behind.

    :raise ProjectChanged: ``project`` is not what the table says any more.
    """

    def __init__(
        self,
        db: Database,
        project: Project,
        ids: VisitorIds,
        rows: list[Row],
        now: datetime,
    ) -> None:
        self.db = db
        self.project = project
        self.ids = ids
        self._now = now
        self.known = rows[0]
        if self.known["cache_version"] != project.cache_version:
            raise ProjectChanged()
        self.days = {row["visitor_id"]: Days.of(row) for row in rows if row["last_day"]}
        found = [Visit(row) for row in rows if row["id"] is not None]
        self.visits = sorted(found, key=lambda visit: visit.started_at)
        self._changes: list[tuple[Change, int]] = []

    def enter_day(self, visitor_id: int, day: date) -> None:
        """Mark a visitor who is stored as active on ``day``."""
        changes = self.days[visitor_id].add(day)
        if changes:
            store.update_visitor(self.db, self.visitor_values(visitor_id))
        self.note(visitor_id, changes)

    def leave_day(self, visitor_id: int, day: date) -> None:
        """Take back that the visitor was active on ``day`` if he has no view there."""
        if self.has_views_on(visitor_id, day):
            return
        days = self.days[visitor_id]
        self.note(visitor_id, days.remove(day))
        if days.recent:
            store.update_visitor(self.db, self.visitor_values(visitor_id))
        else:
            key = {"project_id": self.project.id, "visitor_id": visitor_id}
            store.delete_visitor(self.db, key)

    def has_views_on(self, visitor_id: int, day: date) -> bool:
        """Return whether the visitor has a pageview on ``day``."""
        values = {"project_id": self.project.id, "visitor_id": visitor_id, "day": day}
        return store.has_views_on_day(self.db, values)

    def day_of(self, at: datetime) -> date:
        """Return the project's local day at ``at``."""
        return local_day(at, self.project.timezone)

    def note(self, visitor_id: int, changes: list[Change]) -> None:
        """Keep changes to the visitor days until all else is written."""
        self._changes += [(change, visitor_id % SLOTS) for change in changes]

    def visitor_values(self, visitor_id: int) -> Row:
        """Return the columns of a visitor's row."""
        days = self.days[visitor_id]
        return {
            "project_id": self.project.id,
            "visitor_id": visitor_id,
            "first_day": days.first_day,
            "last_day": days.last_day,
            "recent": days.recent,
            "older_day": days.older_day,
        }

    def adopt_events(self, visit: Visit, values: Row) -> None:
        """Take in events that came before what tells that they are of this visit.

        ``values`` are those with which the visitor was locked.
        """
        days = {
            "first_day": self.day_of(values["events_from"]),
            "last_day": self.day_of(values["gap_ends"]),
        }
        key = {"visit_id": visit.id, "visit_day": visit.day}
        store.adopt_events(
            self.db, {**values, **days, **key, "visitor_id": visit.visitor_id}
        )

    def finish(self, visit: Visit) -> None:
        """Join what turned out to be the rest of ``visit``, and write what is left.

        :raise InvalidInput: the rows of its day are deleted, or about to be.
        """
        first_day = min(visit.day, visit.stored_day or visit.day)
        for other in self.visits:
            if late.is_rest(visit, other, self.ids):
                first_day = min(first_day, other.day)
                late.join(self, visit, other)
        last_day = max(visit.day, self.day_of(visit.last_at))
        late_store.mark(self.db, self.project.id, first_day, last_day, self._now)
        self._save_visit(visit)
        self._save_changes()

    def _save_visit(self, visit: Visit) -> None:
        values = {"project_id": self.project.id, **visit.values()}
        if visit.stored_day is None:
            store.insert_visit(self.db, values)
        else:
            store.update_visit(self.db, {**values, "stored_day": visit.stored_day})

    def _save_changes(self) -> None:
        # In one order for everybody, so that nobody waits in a circle.
        ordered = sorted(
            (day, prev_day, slot, change)
            for (day, prev_day, change), slot in self._changes
        )
        for day, prev_day, slot, change in ordered:
            values = {"day": day, "prev_day": prev_day, "change": change, "slot": slot}
            store.count_visitor_day(self.db, {"project_id": self.project.id, **values})
