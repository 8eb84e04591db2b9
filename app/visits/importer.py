"""Takes over the visits of a Micrologs project: visitors, sessions, pageviews.

In rounds: each brings the pageviews that have come since the one before. And in slices
of visitors, each in one transaction together with the mark of how far it got: an
import that was cut off goes on where it was, and nothing comes twice.
"""

from __future__ import annotations

import os
from datetime import timedelta

from app import clock, ids
from app.db import micrologs
from app.problems import Problem
from app.summaries import late_store
from app.visits import import_store, store
from app.visits.attempt import SLOTS
from app.visits.days import Days
from app.visits.imported import Converter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from app.db import Database, Row
    from app.visits.days import Change
    from app.visits.imported import ImportedVisit, Slice

NOBODY = -1
"""Before the first visitor: a view of none, which a fault may leave, has the id 0."""


def import_visits(
    source: Database,
    db: Database,
    secret: bytes,
    theirs: Row,
    ours: Row,
    on_progress: Callable[[int], None],
) -> Row:
    """Copy what ``theirs`` has into ``ours``; ``on_progress`` gets pageviews so far.

    Return how far it got: all their pageviews up to ``until_id`` are here,
    ``pageviews`` of them.

    :raise Problem: another import of this project is running, or brings visits of
        days that are counted for good.
    """
    key = {
        "project_id": ours["id"],
        "id": theirs["id"],
        "public_key": theirs["public_key"],
    }
    state = import_store.get_state(db, key)
    converter = Converter(secret, ours, state.pop("timezone"))
    while True:
        part = micrologs.Part(
            source, theirs["id"], state["after_id"], state["until_id"]
        )
        while numbers := part.visitor_ids(state["last_visitor_id"]):
            for start in range(0, len(numbers), import_store.SLICE_VISITORS):
                some = numbers[start : start + import_store.SLICE_VISITORS]
                views = part.pageviews(some)
                made = converter.convert(
                    part.visitors(some),
                    part.sessions(some),
                    views,
                    part.earlier_pageviews(some),
                )
                source.rest()
                done = state["pageviews"] + len(views)
                after = {**state, "last_visitor_id": some[-1], "pageviews": done}
                _Saving(db, ours["id"], made).run(key, state, after)
                state = after
                on_progress(done)
        newest = micrologs.last_pageview(source, theirs["id"])
        if newest <= state["until_id"]:
            return state
        after = {
            **state,
            "last_visitor_id": NOBODY,
            "after_id": state["until_id"],
            "until_id": newest,
        }
        _Saving(db, ours["id"], None).run(key, state, after)
        state = after


class _Saving:
    """Stores a slice, with the mark that it is stored; None is only the mark."""

    def __init__(self, db: Database, project_id: int, made: Slice | None) -> None:
        self._db = db
        self._project_id = project_id
        self._made = made

    def run(self, key: Row, before: Row, after: Row) -> None:
        """Do it, if ``before`` is still how far the import got."""

        def work() -> None:
            found = import_store.lock_state(self._db, key) or {}
            found.pop("timezone", None)
            if self._db.commit_lost and found == after:
                return
            if found != before:
                raise Problem("Another import of this project is running.")
            if self._made is not None:
                self._save(self._made)
            import_store.set_mark(self._db, key, after)

        self._db.transaction(work)

    def _save(self, made: Slice) -> None:
        rows = import_store.lock_visitors(
            self._db, self._project_id, list(made.days_of)
        )
        changes: dict[tuple[date, date, int], int] = {}
        visitors = []
        for row in rows:
            visitor_id = row["visitor_id"]
            days, made_changes = self._new_days(row, sorted(made.days_of[visitor_id]))
            if made_changes:
                visitors.append(self._row(visitor_id=visitor_id, **vars(days)))
            for day, prev_day, change in made_changes:
                at = (day, prev_day, visitor_id % SLOTS)
                changes[at] = changes.get(at, 0) + change
        for statement, values in made.dimensions.items():
            import_store.insert_many(self._db, statement, values)
        self._save_visits(made.visits)
        import_store.insert_many(self._db, import_store.REPLACE_VISITOR, visitors)
        touched: set[date] = set().union(*made.days_of.values())
        touched |= {visit.row["day"] for visit in made.visits}
        late_store.mark_all(self._db, self._project_id, touched, clock.now())
        # Last and in one order, as beacons do, so that nobody waits in a circle.
        counted = [
            self._row(day=day, prev_day=prev_day, slot=slot, change=change)
            for (day, prev_day, slot), change in sorted(changes.items())
            if change
        ]
        import_store.insert_many(self._db, store.COUNT_VISITOR_DAY, counted)

    def _new_days(self, row: Row, active: list[date]) -> tuple[Days, list[Change]]:
        """Return a visitor's days with the active ones, and what that changes."""
        changes = []
        if not row["recent"]:
            days = Days.starting(active[0])
            changes = Days.first_change(active[0])
        elif active[0] < row["older_day"]:
            return self._rebuilt_days(row, active)
        else:
            days = Days.of(row)
        for day in active:
            changes += days.add(day)
        return days, changes

    def _rebuilt_days(self, row: Row, active: list[date]) -> tuple[Days, list[Change]]:
        """Do so for a visitor with days that his row does not show one by one."""
        known = import_store.list_days(
            self._db,
            self._project_id,
            row["visitor_id"],
            row["first_day"],
            row["last_day"],
        )
        _, old = _chain(known)
        days, new = _chain(sorted({*known, *active}))
        taken_back = [(day, prev_day, -change) for day, prev_day, change in old]
        return days, new + taken_back

    def _save_visits(self, visits: list[ImportedVisit]) -> None:
        used: set[int] = set()
        new, views = [], []
        for visit in visits:
            stored = visit.earlier and import_store.lock_visit(self._db, visit.earlier)
            if stored and stored["started_at"] <= visit.row["started_at"]:
                row = _extended(stored, visit.row)
                store.update_visit(self._db, self._row(stored_day=stored["day"], **row))
            else:
                row = {**visit.row, "id": _new_id(visit.row["started_at"], used)}
                new.append(row)
            place = {"visit_id": row["id"], "visit_day": row["day"]}
            for view in visit.views:
                view_id = _new_id(view["at"], used)
                views.append(self._row(id=view_id, **place, **view))
        import_store.insert_many(
            self._db, import_store.IMPORT_VISIT, [self._row(**row) for row in new]
        )
        import_store.insert_many(self._db, import_store.IMPORT_PAGEVIEW, views)

    def _row(self, **columns: object) -> Row:
        return {**columns, "project_id": self._project_id}


def _chain(days: list[date]) -> tuple[Days, list[Change]]:
    """Return the days of a visitor who was active on these, and what they count."""
    made, changes = Days.starting(days[0]), Days.first_change(days[0])
    for day in days[1:]:
        changes += made.add(day)
    return made, changes


def _extended(stored: Row, more: Row) -> Row:
    """Return a stored visit with the views of ``more``, which begins no earlier."""
    row = {**stored, "pageviews": stored["pageviews"] + more["pageviews"]}
    row["last_at"] = max(stored["last_at"], more["last_at"])
    if more["viewed_at"] >= stored["viewed_at"]:
        row.update(viewed_at=more["viewed_at"], exit_page_id=more["exit_page_id"])
    return row


def _new_id(at: datetime, used: set[int]) -> int:
    """Return an id of the second ``at`` that is not in ``used``; it is then.

    Micrologs kept no milliseconds; drawn ones leave room for busy seconds. One that
    the table has already fails, and all are drawn anew.
    """
    while True:
        milliseconds = int.from_bytes(os.urandom(3), "big") % 1000
        number = ids.time_ordered(at + timedelta(milliseconds=milliseconds))
        if number not in used:
            used.add(number)
            return number
