"""The statements that delete a project, and everything it has, in slices."""

from __future__ import annotations

from app.projects.admin_store import RAISE_CACHE_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Row

MARK_DELETED = """
-- projects.deletion_store.MARK_DELETED
UPDATE ph_projects
SET is_active = 0, deleted_at = %(at)s
WHERE id = %(id)s
"""

LIST_DELETED = """
-- projects.deletion_store.LIST_DELETED
SELECT id, deleted_at
FROM ph_projects
WHERE deleted_at IS NOT NULL
ORDER BY id
"""

DELETE_PROJECT = """
-- projects.deletion_store.DELETE_PROJECT
DELETE FROM ph_projects
WHERE id = %(id)s AND deleted_at IS NOT NULL
"""

SLICE_ROWS = 2000
TABLES_BY_DAY = (
    "ph_pageviews",
    "ph_visits",
    "ph_events",
    "ph_event_props",
    "ph_visitor_days",
    "ph_days",
    "ph_day_hours",
    "ph_day_stats",
    "ph_day_repeats",
    "ph_packed_days",
    "ph_day_engagement",
    "ph_late",
    "ph_salts",
    "ph_drops",
    "ph_error_days",
    "ph_error_beacons",
    "ph_clicks",
)
TABLES_BY_MONTH = (
    "ph_months",
    "ph_month_stats",
    "ph_month_sets",
    "ph_month_engagement",
)
TABLES_BY_ID = (
    "ph_visitors",
    "ph_event_names",
    "ph_pages",
    "ph_referrers",
    "ph_campaigns",
    "ph_devices",
    "ph_places",
    "ph_networks",
    "ph_screens",
    "ph_imports",
    "ph_error_groups",
    "ph_error_keys",
    "ph_error_kinds",
    "ph_releases",
    "ph_error_changes",
    "ph_error_imports",
    "ph_links",
    "ph_link_imports",
)
TABLES_BY_OTHERS = {
    "ph_identities": "visitor_id",
    "ph_visitor_numbers": "visitor_id",
    "ph_occurrences": "group_id",
    "ph_error_visitors": "kind_id",
    "ph_error_moves": "change_id",
    "ph_audit": "seq",
    "ph_audit_heads": "seq",
}


def _find_slice(table: str, column: str) -> str:
    return f"""
-- projects.deletion_store.FIND_SLICE ({table})
SELECT MAX({column}) AS slice
FROM (
  SELECT {column}
  FROM {table}
  WHERE project_id = %(project_id)s
  ORDER BY {column}
  LIMIT {SLICE_ROWS}
) AS first_rows
"""


def _delete_slice(table: str, column: str) -> str:
    return f"""
-- projects.deletion_store.DELETE_SLICE ({table})
DELETE FROM {table}
WHERE project_id = %(project_id)s AND {column} <= %(slice)s
"""


OWNED_TABLES = {
    table: (_find_slice(table, column), _delete_slice(table, column))
    for table, column in (
        *((table, "day") for table in TABLES_BY_DAY),
        *((table, "month") for table in TABLES_BY_MONTH),
        *((table, "id") for table in TABLES_BY_ID),
        *TABLES_BY_OTHERS.items(),
    )
}
"""Every table with rows of a project: how to find some of them, and delete those."""


def mark_deleted(db: Database, project_id: int, at: datetime) -> None:
    """Make the project one that is not there any more, but for what it has."""
    values = {"id": project_id, "at": at.replace(microsecond=0)}

    def work() -> None:
        db.run(MARK_DELETED, values)
        db.run(RAISE_CACHE_VERSION)

    db.transaction(work)


def list_deleted(db: Database) -> list[Row]:
    """Return id and deleted_at of the projects that are being deleted."""
    return db.read(lambda: db.all(LIST_DELETED))


def delete_slice(db: Database, table: str, project_id: int) -> bool:
    """Delete some of a project's rows in ``table``; False if there was none left."""
    find, delete = OWNED_TABLES[table]

    def work() -> bool:
        found = db.one(find, {"project_id": project_id})
        if found is None or found["slice"] is None:
            return False
        db.run(delete, {"project_id": project_id, **found})
        return True

    return db.transaction(work)


def delete_project(db: Database, project_id: int) -> None:
    """Delete the row of a project that has nothing left."""
    db.transaction(lambda: db.run(DELETE_PROJECT, {"id": project_id}))
