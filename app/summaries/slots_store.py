"""The visitors of a closed day, whose slots are gathered into one row.

Slots keep beacons out of each other's way; nobody writes to a closed day but who is
very late, and a report has to add up whatever is there.
"""

from __future__ import annotations

from app.summaries.daily_store import named
from app.visits.store import COUNT_VISITOR_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row

# In the order in which beacons write, so that nobody waits in a circle.
LOCK_SLOTS = """
-- summaries.slots_store.LOCK_SLOTS
SELECT prev_day, slot, visitors
FROM ph_visitor_days
WHERE project_id = %(project_id)s AND day = %(day)s
ORDER BY prev_day, slot
FOR UPDATE
"""


def gather(db: Database, project_id: int, day: date) -> None:
    """Leave one row for each previous day, in this transaction; none if its sum is 0.

    It is the first of those that are there, and only those are touched: to look for
    a row that came meanwhile would be to wait for who writes it, and he may for us.
    """
    key = {"project_id": project_id, "day": day}
    slots: dict[date, list[Row]] = {}
    for row in db.all(LOCK_SLOTS, key):
        slots.setdefault(row["prev_day"], []).append(row)
    changes = []
    for prev_day, rows in slots.items():
        first, *others = rows
        change = sum(row["visitors"] for row in others)
        if not first["visitors"] + change:
            others = rows
        elif change:
            changes.append({**key, **first, "change": change})
        if others:
            _delete(db, {**key, "prev_day": prev_day}, [row["slot"] for row in others])
    if changes:
        db.many(COUNT_VISITOR_DAY, changes)


def _delete(db: Database, key: Row, slots: list[int]) -> None:
    marks, values = named("slot", slots)
    sql = f"""-- summaries.slots_store.delete
DELETE FROM ph_visitor_days
WHERE project_id = %(project_id)s AND day = %(day)s AND prev_day = %(prev_day)s
  AND slot IN ({marks})"""
    db.run(sql, {**key, **values})
