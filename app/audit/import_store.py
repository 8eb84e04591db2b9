"""The statements that only an import of audit entries needs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

GET_MARK = """
-- audit.import_store.GET_MARK
SELECT audit_id, timezone
FROM ph_imports
WHERE project_id = %(project_id)s AND id = %(id)s AND public_key = %(public_key)s
"""

# False if another import of the project went on meanwhile.
SET_MARK = """
-- audit.import_store.SET_MARK
UPDATE ph_imports
SET audit_id = %(audit_id)s
WHERE project_id = %(project_id)s AND id = %(id)s AND public_key = %(public_key)s
  AND audit_id = %(before)s
"""

COUNT_ENTRIES = """
-- audit.import_store.COUNT_ENTRIES
SELECT COUNT(*) AS count
FROM ph_audit
WHERE project_id = %(project_id)s
"""


def get_mark(db: Database, key: Row) -> Row:
    """Return audit_id, which is how far the import got, and the zone of its times.

    ``key`` has project_id, id and public_key.
    """
    row = db.read(lambda: db.one(GET_MARK, key))
    assert row is not None, "it is made with the project"
    return row


def set_mark(db: Database, key: Row, before: int, after: int) -> bool:
    """Note how far the import got; False if it was not at ``before`` any more."""
    return db.run(SET_MARK, {**key, "before": before, "audit_id": after}) > 0


def count_entries(db: Database, project_id: int) -> int:
    """Return how many audit entries the project has."""
    row = db.read(lambda: db.one(COUNT_ENTRIES, {"project_id": project_id}))
    return int(row["count"]) if row else 0
