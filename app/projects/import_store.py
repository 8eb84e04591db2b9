"""The statements that tell which project of another system is which one here."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

FIND_IMPORTED = """
-- projects.import_store.FIND_IMPORTED
SELECT p.id, p.name, p.public_key, p.allowed_domains, p.timezone,
  i.timezone AS source_timezone
FROM ph_imports AS i
JOIN ph_projects AS p ON p.id = i.project_id
WHERE i.id = %(id)s AND i.public_key = %(public_key)s AND p.deleted_at IS NULL
"""

INSERT_IMPORTED = """
-- projects.import_store.INSERT_IMPORTED
INSERT IGNORE INTO ph_imports (project_id, id, public_key, timezone, last_visitor_id,
  after_id, until_id, pageviews)
VALUES (%(project_id)s, %(id)s, %(public_key)s, %(timezone)s, -1, 0, 0, 0)
"""

FIND_DELETED = """
-- projects.import_store.FIND_DELETED
SELECT id, deleted_at
FROM ph_projects
WHERE public_key = %(public_key)s AND deleted_at IS NOT NULL
"""


def find_imported(db: Database, theirs: Row) -> Row | None:
    """Return our row of what was ``theirs``, whatever its keys are now, or None.

    ``source_timezone`` is the zone in which their times were read.
    """
    values = {"id": theirs["id"], "public_key": theirs["public_key"]}
    return db.read(lambda: db.one(FIND_IMPORTED, values))


def remember(db: Database, project_id: int, theirs: Row, timezone: str) -> None:
    """Note which project was ``theirs``, and the zone of its times."""
    values = {
        "project_id": project_id,
        "id": theirs["id"],
        "public_key": theirs["public_key"],
        "timezone": timezone,
    }
    db.transaction(lambda: db.run(INSERT_IMPORTED, values))


def find_deleted(db: Database, public_key: str) -> Row | None:
    """Return id and deleted_at of a project that is being deleted, or None."""
    values = {"public_key": public_key}
    return db.read(lambda: db.one(FIND_DELETED, values))
