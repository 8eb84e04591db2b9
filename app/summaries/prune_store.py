"""The statements that delete the rows of old days, in slices."""

from __future__ import annotations

from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row

SLICE_ROWS = 2000
SLICE_VISITORS = 512

LIST_PROJECTS = """
-- summaries.prune_store.LIST_PROJECTS
SELECT id, name, timezone, identity, cookie_until, retention_days
FROM ph_projects
WHERE is_active = 1 AND deleted_at IS NULL
ORDER BY id
"""

DECLARE_PRUNED = """
-- summaries.prune_store.DECLARE_PRUNED
UPDATE ph_days
SET is_pruned = 1
WHERE project_id = %(project_id)s AND day = %(day)s
"""

LOCK_DAY = """
-- summaries.prune_store.LOCK_DAY
SELECT d.parts,
  (SELECT 1 FROM ph_late AS l
    WHERE l.project_id = d.project_id AND l.day IN (d.day, %(null_day)s)
    LIMIT 1) AS is_late
FROM ph_days AS d
WHERE d.project_id = %(project_id)s AND d.day = %(day)s
FOR UPDATE
"""

FORGET_VISITORS = """
-- summaries.prune_store.FORGET_VISITORS
UPDATE ph_days
SET has_visitors = 0
WHERE project_id = %(project_id)s AND day = %(day)s
"""

LIST_VISITORS = """
-- summaries.prune_store.LIST_VISITORS
SELECT DISTINCT visitor_id
FROM ph_visits
WHERE project_id = %(project_id)s AND day = %(day)s
"""

LIST_IDS = """
-- summaries.prune_store.LIST_IDS
SELECT id, last_day
FROM ph_visitors
WHERE project_id = %(project_id)s AND id > %(after_id)s
ORDER BY id
LIMIT %(limit)s
"""

COUNT_VISITORS = """
-- summaries.prune_store.COUNT_VISITORS
SELECT COUNT(*) AS count
FROM ph_visitors AS v
WHERE v.project_id = %(project_id)s AND v.last_day <= %(last)s
  AND v.id IN (
    SELECT s.visitor_id
    FROM ph_visits AS s
    LEFT JOIN ph_days AS d ON d.project_id = s.project_id AND d.day = s.day
    WHERE s.project_id = %(project_id)s
      AND s.day > %(after)s
      AND s.day <= %(last)s
      AND COALESCE(d.has_visitors, 1) = 1
  )
"""

TABLES_BY_DAY = {
    "ph_pageviews": "id",
    "ph_visits": "id",
    "ph_events": "id",
    "ph_event_props": "event_id",
    "ph_clicks": "id",
}
"""Tables with a row for each thing that happened, and what follows on the day there."""
TABLES = (*TABLES_BY_DAY, "ph_error_visitors")


def _count(table: str) -> str:
    return f"""
-- summaries.prune_store.COUNT ({table})
SELECT COUNT(*) AS count
FROM {table}
WHERE project_id = %(project_id)s AND day <= %(last)s
"""


def _find_slice(table: str, column: str) -> str:
    return f"""
-- summaries.prune_store.FIND_SLICE ({table})
SELECT MIN(day) AS day, MAX({column}) AS slice
FROM (
  SELECT day, {column}
  FROM {table}
  WHERE project_id = %(project_id)s AND day = (
    SELECT MIN(day)
    FROM {table}
    WHERE project_id = %(project_id)s AND day <= %(last)s
  )
    AND day IN (
      SELECT day FROM ph_days WHERE project_id = %(project_id)s AND is_pruned = 1
    )
  ORDER BY {column}
  LIMIT {SLICE_ROWS}
) AS first_rows
"""


def _delete_slice(table: str, column: str) -> str:
    return f"""
-- summaries.prune_store.DELETE_SLICE ({table})
DELETE FROM {table}
WHERE project_id = %(project_id)s AND day = %(day)s AND {column} <= %(slice)s
"""


FIND_ERROR_VISITORS = f"""
-- summaries.prune_store.FIND_ERROR_VISITORS
SELECT MAX(kind_id) AS slice
FROM (
  SELECT kind_id
  FROM ph_error_visitors
  WHERE project_id = %(project_id)s AND day <= %(last)s
  ORDER BY kind_id
  LIMIT {SLICE_ROWS}
) AS first_rows
"""

DELETE_ERROR_VISITORS = """
-- summaries.prune_store.DELETE_ERROR_VISITORS
DELETE FROM ph_error_visitors
WHERE project_id = %(project_id)s AND day <= %(last)s AND kind_id <= %(slice)s
"""

_STATEMENTS = {
    table: (_count(table), _find_slice(table, column), _delete_slice(table, column))
    for table, column in TABLES_BY_DAY.items()
}
_STATEMENTS["ph_error_visitors"] = (
    _count("ph_error_visitors"),
    FIND_ERROR_VISITORS,
    DELETE_ERROR_VISITORS,
)


def list_projects(db: Database) -> list[Row]:
    """Return id, name, zone, identity, cookie_until and retention_days of projects.

    Only of those that are turned on: the others may be under way from another host.
    """
    return db.read(lambda: db.all(LIST_PROJECTS))


def lock_day(db: Database, project_id: int, day: date, null_day: date) -> Row | None:
    """Return parts and is_late of a day, which nobody else then changes, or None."""
    values = {"project_id": project_id, "day": day, "null_day": null_day}
    return db.one(LOCK_DAY, values)


def declare_pruned(db: Database, project_id: int, day: date) -> None:
    """Note that a day's rows will be deleted: nothing is written to it any more."""
    db.run(DECLARE_PRUNED, {"project_id": project_id, "day": day})


def count_rows(db: Database, table: str, project_id: int, last: date) -> int:
    """Return how many rows of days up to ``last`` there are."""
    count, _, _ = _STATEMENTS[table]
    row = db.read(lambda: db.one(count, {"project_id": project_id, "last": last}))
    return row["count"] if row else 0


def count_visitors(db: Database, project_id: int, after: date, last: date) -> int:
    """Return how many visitors are still there whose days came later than ``after``."""
    values = {"project_id": project_id, "after": after, "last": last}
    row = db.read(lambda: db.one(COUNT_VISITORS, values))
    return row["count"] if row else 0


def delete_slice(db: Database, table: str, project_id: int, last: date) -> int:
    """Delete some rows of days up to ``last``; return how many, 0 if none is left.

    A day that is not declared has what came late: it, and what follows, can wait.
    """
    _, find, delete = _STATEMENTS[table]
    values = {"project_id": project_id, "last": last}

    def work() -> int:
        found = db.one(find, values)
        if found is None or found["slice"] is None:
            return 0
        return db.run(delete, {**values, **found})

    return db.transaction(work)


def forget_visitors(db: Database, project_id: int, day: date, last: date) -> int:
    """Delete the visitors of a day who were last there up to ``last``; return how many.

    Whoever had a view on it, with or without a cookie.
    """
    key = {"project_id": project_id, "day": day}
    rows = db.read(lambda: db.all(LIST_VISITORS, key))
    ids = [row["visitor_id"] for row in rows]
    found = _delete_visitors(db, project_id, ids, last)
    db.transaction(lambda: db.run(FORGET_VISITORS, key))
    return found


def forget_absent(
    db: Database, project_id: int, after_id: int, last: date
) -> tuple[int | None, int]:
    """Delete those of some visitors who were last there up to ``last``.

    Return the id to go on after, None at the end, and how many they were.
    """
    values = {"project_id": project_id, "after_id": after_id, "limit": SLICE_ROWS}
    rows = db.read(lambda: db.all(LIST_IDS, values))
    if not rows:
        return None, 0
    ids = [row["id"] for row in rows if row["last_day"] <= last]
    return rows[-1]["id"], _delete_visitors(db, project_id, ids, last)


def _delete_visitors(db: Database, project_id: int, ids: list[int], last: date) -> int:
    found = 0
    for start in range(0, len(ids), SLICE_VISITORS):
        marks, values = named("visitor", ids[start : start + SLICE_VISITORS])
        values.update(project_id=project_id, last=last)
        statements = [
            f"""-- summaries.prune_store.{name}
DELETE FROM {table}
WHERE project_id = %(project_id)s AND {column} IN ({marks}){more}"""
            for name, table, column, more in (
                ("DELETE_IDENTITIES", "ph_identities", "visitor_id", _IS_ABSENT),
                ("DELETE_NUMBERS", "ph_visitor_numbers", "visitor_id", _IS_ABSENT),
                ("DELETE_VISITORS", "ph_visitors", "id", " AND last_day <= %(last)s"),
            )
        ]

        def work(statements: list[str] = statements, values: Row = values) -> int:
            return [db.run(statement, values) for statement in statements][-1]

        found += db.transaction(work)
    return found


_IS_ABSENT = """
  AND visitor_id IN (
    SELECT id FROM ph_visitors
    WHERE project_id = %(project_id)s AND last_day <= %(last)s
  )"""
