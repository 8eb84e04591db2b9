"""Reads the audit log of a Micrologs installation."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

TABLE = "audit_logs"
NEWEST = 2**63 - 1

# The hash of the address stays behind: nobody here has use for it.
LIST_LOGS = """
-- db.micrologs_audit.LIST_LOGS
SELECT id, action, actor, context, created_at
FROM audit_logs
WHERE project_id = %(project_id)s AND id > %(after)s
ORDER BY id
LIMIT 500
"""

COUNT_LOGS = """
-- db.micrologs_audit.COUNT_LOGS
SELECT COUNT(*) AS count
FROM audit_logs
WHERE project_id = %(project_id)s AND id <= %(until)s
"""


def has_logs(source: Database) -> bool:
    """Return whether this Micrologs is one that has audit logs at all."""
    return source.has_table(TABLE)


def list_logs(source: Database, project_id: int, after: int) -> list[Row]:
    """Return the next few hundred entries after one, as they came."""
    values = {"project_id": project_id, "after": after}
    return source.read(lambda: source.all(LIST_LOGS, values))


def count_logs(source: Database, project_id: int, until: int = NEWEST) -> int:
    """Return how many entries there are up to one."""
    values = {"project_id": project_id, "until": until}
    row = source.read(lambda: source.one(COUNT_LOGS, values))
    return int(row["count"]) if row else 0
