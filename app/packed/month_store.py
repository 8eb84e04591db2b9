"""The statements about the visitors' sets of months."""

from __future__ import annotations

from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from app.db import Database, Row

DELETE = """
-- packed.month_store.DELETE
DELETE FROM ph_month_sets
WHERE project_id = %(project_id)s AND month = %(month)s AND dimension = %(dimension)s
"""

INSERT = """
-- packed.month_store.INSERT
INSERT INTO ph_month_sets (project_id, month, dimension, value_id, visitors)
VALUES (%(project_id)s, %(month)s, %(dimension)s, %(value_id)s, %(visitors)s)
"""


def replace(
    db: Database, project_id: int, month: date, dimension: int, sets: dict[int, bytes]
) -> None:
    """Store the set of each value in place of those before, in this transaction."""
    key = {"project_id": project_id, "month": month, "dimension": dimension}
    db.run(DELETE, key)
    rows = [{**key, "value_id": one, "visitors": data} for one, data in sets.items()]
    if rows:
        db.many(INSERT, rows)


def list_values(
    db: Database, project_id: int, months: Sequence[date], dimension: int
) -> list[int]:
    """Return the values of which some of the months have sets."""
    marks, values = named("month", months)
    values.update(project_id=project_id, dimension=dimension)
    sql = f"""-- packed.month_store.list_values
SELECT DISTINCT value_id
FROM ph_month_sets
WHERE project_id = %(project_id)s AND month IN ({marks})
  AND dimension = %(dimension)s"""
    return [row["value_id"] for row in db.read(lambda: db.all(sql, values))]


def list_sets(
    db: Database,
    project_id: int,
    months: Sequence[date],
    dimension: int,
    value_ids: Collection[int],
) -> list[Row]:
    """Return value_id and visitors, the packed set, of these values in each month."""
    of_months, values = named("month", months)
    of_values, more = named("value", list(value_ids))
    values.update(more, project_id=project_id, dimension=dimension)
    sql = f"""-- packed.month_store.list_sets
SELECT value_id, visitors
FROM ph_month_sets
WHERE project_id = %(project_id)s AND month IN ({of_months})
  AND dimension = %(dimension)s AND value_id IN ({of_values})"""
    return db.read(lambda: db.all(sql, values))
