"""Reads the errors of a Micrologs installation, of version 1.3.1 or 2.x.

Of 1.3.1 only the groups: its fault was to count an error, and then to fail at storing
the event.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Params, Row

TABLE = "error_groups"
SLICE_EVENTS = 250

# The newest event's id says whether there is more to bring. Any index but the one on
# group_id would read far more, so the project is not asked for: the group's is known.
LIST_GROUPS = """
-- db.micrologs_errors.LIST_GROUPS
SELECT g.id, g.error_type, g.message, g.file, g.line, g.severity, g.environment,
  g.status, g.occurrence_count, g.first_seen, g.last_seen,
  (SELECT MAX(e.id) FROM error_events AS e WHERE e.group_id = g.id) AS event_id
FROM error_groups AS g
WHERE g.project_id = %(project_id)s AND g.id > %(after)s AND g.occurrence_count > 0
ORDER BY g.id
LIMIT 200
"""

GET_STACK = """
-- db.micrologs_errors.GET_STACK
SELECT stack_trace
FROM error_events
WHERE id = %(id)s AND project_id = %(project_id)s
"""

LIST_EVENTS = f"""
-- db.micrologs_errors.LIST_EVENTS
SELECT e.id, e.stack_trace, e.url, e.environment, e.severity, e.context,
  e.created_at, d.id AS device_id, d.device_type, d.os, d.browser, d.browser_version,
  l.country_code, l.country, l.region, l.city
FROM error_events AS e
LEFT JOIN devices AS d ON d.id = e.device_id AND d.project_id = e.project_id
LEFT JOIN locations AS l ON l.id = e.location_id AND l.project_id = e.project_id
WHERE e.project_id = %(project_id)s
  AND e.group_id = %(group_id)s
  AND e.id > %(after)s
  AND e.id <= %(until)s
ORDER BY e.id
LIMIT {SLICE_EVENTS}
"""

COUNT_ERRORS = """
-- db.micrologs_errors.COUNT_ERRORS
SELECT COUNT(*) AS error_groups, SUM(occurrence_count) AS errors
FROM error_groups
WHERE project_id = %(project_id)s AND occurrence_count > 0
"""


def has_errors(source: Database) -> bool:
    """Return whether this Micrologs is one that tracks errors at all."""
    return source.has_table(TABLE)


def list_groups(source: Database, project_id: int, after: int) -> list[Row]:
    """Return the next few hundred groups that occurred, by id.

    ``event_id`` is the id of the newest event, 0 if there is none.
    """
    rows = _all(source, LIST_GROUPS, {"project_id": project_id, "after": after})
    return [{**row, "event_id": row["event_id"] or 0} for row in rows]


def newest_stack(source: Database, project_id: int, group: Row) -> str | None:
    """Return the stack of the group's newest event, if it has one."""
    values = {"project_id": project_id, "id": group["event_id"]}
    rows = _all(source, GET_STACK, values)
    return rows[0]["stack_trace"] if rows else None


def list_events(source: Database, project_id: int, group: Row, after: int) -> list[Row]:
    """Return the group's next events, SLICE_EVENTS at most, by id.

    Each with the labels of its device and its location; nulls where they are unknown.
    """
    values = {
        "project_id": project_id,
        "group_id": group["id"],
        "after": after,
        "until": group["event_id"],
    }
    return _all(source, LIST_EVENTS, values)


def count_errors(source: Database, project_id: int) -> dict[str, int]:
    """Return how many error_groups there are, and errors in them."""
    [row] = _all(source, COUNT_ERRORS, {"project_id": project_id})
    return {name: int(row[name] or 0) for name in ("error_groups", "errors")}


def _all(source: Database, statement: str, values: Params) -> list[Row]:
    return source.read(lambda: source.all(statement, values))
