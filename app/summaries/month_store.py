"""The statements about months: the sums of the stats of their days.

Who locks days and a month locks the days first.
"""

from __future__ import annotations

from app.clock import NULL_DAY
from app.summaries.parts import ALL_MADE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database
    from app.report.span import Span
    from app.summaries.parts import Part

LOCK_DAYS = """
-- summaries.month_store.LOCK_DAYS
SELECT parts, is_pruned
FROM ph_days
WHERE project_id = %(project_id)s AND day BETWEEN %(month)s AND %(last)s
ORDER BY day
LOCK IN SHARE MODE
"""

LOCK_MONTH = """
-- summaries.month_store.LOCK_MONTH
INSERT INTO ph_months /* key: project_id, month */ (project_id, month, parts, has_sets)
VALUES (%(project_id)s, %(month)s, 0, 1)
ON DUPLICATE KEY UPDATE parts = parts
"""

GET_PARTS = """
-- summaries.month_store.GET_PARTS
SELECT parts
FROM ph_months
WHERE project_id = %(project_id)s AND month = %(month)s
FOR UPDATE
"""

SET_PARTS = """
-- summaries.month_store.SET_PARTS
UPDATE ph_months
SET parts = %(parts)s, has_sets = LEAST(has_sets, %(has_sets)s)
WHERE project_id = %(project_id)s AND month = %(month)s
"""

DROP_MONTH = """
-- summaries.month_store.DROP_MONTH
DELETE FROM ph_months
WHERE project_id = %(project_id)s AND month = %(month)s
"""

DROP_MONTHS = """
-- summaries.month_store.DROP_MONTHS
DELETE FROM ph_months
WHERE project_id = %(project_id)s
"""

DELETE_STATS = """
-- summaries.month_store.DELETE_STATS
DELETE FROM ph_month_stats
WHERE project_id = %(project_id)s AND month = %(month)s AND dimension = %(dimension)s
"""

SUM_STATS = """
-- summaries.month_store.SUM_STATS
INSERT INTO ph_month_stats (project_id, month, dimension, value_id, pageviews, visits,
  visitors, bounces)
SELECT %(project_id)s, %(month)s, %(dimension)s, s.value_id, SUM(s.pageviews),
  SUM(s.visits), SUM(s.visitors), SUM(s.bounces)
FROM ph_days AS d
JOIN ph_day_stats AS s
  ON s.project_id = d.project_id AND s.day = d.day AND s.dimension = %(dimension)s
WHERE d.project_id = %(project_id)s AND d.day BETWEEN %(month)s AND %(last)s
GROUP BY s.value_id
"""


def lock_days(db: Database, project_id: int, month: Span) -> bool:
    """Return whether all stats of a month's days are made; nobody then changes them."""
    rows = db.all(LOCK_DAYS, _key(project_id, month))
    made = [row for row in rows if row["is_pruned"] or row["parts"] == ALL_MADE]
    return len(made) == len(month)


def lock(db: Database, project_id: int, month: Span) -> int:
    """Return how many parts of a month are made, which nobody else then changes."""
    key = _key(project_id, month)
    db.run(LOCK_MONTH, key)
    row = db.one(GET_PARTS, key)
    assert row is not None, "it was inserted, if it was not there"
    parts: int = row["parts"]
    return parts


def set_parts(
    db: Database, project_id: int, month: Span, parts: int, has_sets: bool
) -> None:
    """Note how many parts of a month's stats are made, and if the last has sets."""
    values = {"parts": parts, "has_sets": int(has_sets)}
    db.run(SET_PARTS, {**_key(project_id, month), **values})


def make_part(db: Database, project_id: int, month: Span, part: Part) -> None:
    """Add the stats of one part up anew."""
    values = {**_key(project_id, month), "dimension": part.number}
    db.run(DELETE_STATS, values)
    db.run(SUM_STATS, values)


def drop(db: Database, project_id: int, day: date) -> None:
    """Have the month of a day, which is locked, made anew; of NULL_DAY: all months."""
    if day == NULL_DAY:
        db.run(DROP_MONTHS, {"project_id": project_id})
    else:
        db.run(DROP_MONTH, {"project_id": project_id, "month": day.replace(day=1)})


def _key(project_id: int, month: Span) -> dict[str, object]:
    return {"project_id": project_id, "month": month.first, "last": month.last}
