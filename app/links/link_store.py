"""The statements behind the owner's calls: links made, shown, changed and deleted."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Row

FIND_LINK = """
-- links.link_store.FIND_LINK
SELECT code, id, destination_url, label, is_active, expires_at, max_clicks, clicks,
  created_at
FROM ph_links
WHERE code = %(code)s AND project_id = %(project_id)s AND deleted_at IS NULL
"""

LOCK_LINK = FIND_LINK.replace("FIND_", "LOCK_") + "FOR UPDATE\n"

LIST_LINKS = """
-- links.link_store.LIST_LINKS
SELECT code, id, destination_url, label, is_active, expires_at, max_clicks, clicks,
  created_at
FROM ph_links
WHERE project_id = %(project_id)s AND deleted_at IS NULL
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

# Of any project, and one that is deleted too: codes are the installation's. Of a
# deleted one the row stays, so that nobody else leads elsewhere who opens it.
FIND_CODE = """
-- links.link_store.FIND_CODE
SELECT project_id, id,
  CASE WHEN deleted_at IS NOT NULL AND destination_url = '' THEN 1 ELSE 0 END AS is_gone
FROM ph_links
WHERE code = %(code)s
"""

INSERT_LINK = """
-- links.link_store.INSERT_LINK
INSERT INTO ph_links (code, project_id, id, destination_url, label, is_active,
  expires_at, max_clicks, clicks, created_at)
VALUES (%(code)s, %(project_id)s, %(id)s, %(destination_url)s, %(label)s,
  %(is_active)s, %(expires_at)s, %(max_clicks)s, 0, %(created_at)s)
"""

UPDATE_LINK = """
-- links.link_store.UPDATE_LINK
UPDATE ph_links
SET destination_url = %(destination_url)s, label = %(label)s,
  is_active = %(is_active)s, expires_at = %(expires_at)s, max_clicks = %(max_clicks)s
WHERE code = %(code)s AND project_id = %(project_id)s
"""

MARK_DELETED = """
-- links.link_store.MARK_DELETED
UPDATE ph_links
SET deleted_at = %(at)s
WHERE code = %(code)s AND project_id = %(project_id)s AND deleted_at IS NULL
"""

LIST_DELETED = """
-- links.link_store.LIST_DELETED
SELECT code, id
FROM ph_links
WHERE project_id = %(project_id)s AND deleted_at IS NOT NULL AND destination_url <> ''
"""

# The last row of a slice: few enough rows to hold no redirect up.
FIND_SLICE_END = """
-- links.link_store.FIND_SLICE_END
SELECT day, id
FROM ph_clicks FORCE INDEX (link)
WHERE project_id = %(project_id)s AND link_id = %(link_id)s
ORDER BY day, id
LIMIT 1 OFFSET %(offset)s
"""

DELETE_SLICE = """
-- links.link_store.DELETE_SLICE
DELETE FROM ph_clicks
WHERE project_id = %(project_id)s
  AND link_id = %(link_id)s
  AND (day < %(day)s OR (day = %(day)s AND id <= %(id)s))
"""

DELETE_CLICKS = """
-- links.link_store.DELETE_CLICKS
DELETE FROM ph_clicks
WHERE project_id = %(project_id)s AND link_id = %(link_id)s
"""

EMPTY_LINK = """
-- links.link_store.EMPTY_LINK
UPDATE ph_links
SET destination_url = '', label = '', clicks = 0
WHERE code = %(code)s AND project_id = %(project_id)s AND deleted_at IS NOT NULL
"""

DELETE_LINK = """
-- links.link_store.DELETE_LINK
DELETE FROM ph_links
WHERE code = %(code)s AND project_id = %(project_id)s AND deleted_at IS NOT NULL
"""

SLICE_ROWS = 2000


def find_link(db: Database, project_id: int, code: str) -> Row | None:
    """Return the row of the project's link, or None."""
    values = {"project_id": project_id, "code": code}
    return db.read(lambda: db.one(FIND_LINK, values))


def lock_link(db: Database, project_id: int, code: str) -> Row | None:
    """Return the row, and let nobody change it meanwhile."""
    return db.one(LOCK_LINK, {"project_id": project_id, "code": code})


def list_links(db: Database, project_id: int, rows: tuple[int, int]) -> list[Row]:
    """Return the project's links, newest first; ``rows`` are limit and offset."""
    limit, offset = rows
    values = {"project_id": project_id, "limit": limit, "offset": offset}
    return db.read(lambda: db.all(LIST_LINKS, values))


def find_code(db: Database, code: str) -> Row | None:
    """Return project_id and id of whatever link has or had the code, or None.

    ``is_gone`` is 1 if it was deleted, with all its clicks.
    """
    return db.one(FIND_CODE, {"code": code})


def delete_link(db: Database, project_id: int, code: str) -> None:
    """Give up the code of a link that is gone."""
    db.run(DELETE_LINK, {"project_id": project_id, "code": code})


def insert_link(db: Database, row: Row) -> None:
    """Store a link."""
    db.run(INSERT_LINK, row)


def update_link(db: Database, row: Row) -> None:
    """Store a link's new values."""
    db.run(UPDATE_LINK, row)


def mark_deleted(db: Database, project_id: int, code: str, at: datetime) -> bool:
    """Take a link away at once; False if there was none."""
    values = {"project_id": project_id, "code": code, "at": at.replace(microsecond=0)}

    def work() -> bool:
        return db.run(MARK_DELETED, values) > 0 or db.commit_lost

    return db.transaction(work)


def list_deleted(db: Database, project_id: int) -> list[Row]:
    """Return code and id of the links that still have something to be deleted."""
    values = {"project_id": project_id}
    return db.read(lambda: db.all(LIST_DELETED, values))


def delete_slice(db: Database, project_id: int, link: Row) -> bool:
    """Delete some clicks of a link, then all but its code; return if there is more."""
    key = {"project_id": project_id, "link_id": link["id"], "code": link["code"]}

    def work() -> bool:
        end = db.one(FIND_SLICE_END, {**key, "offset": SLICE_ROWS - 1})
        if end is not None:
            db.run(DELETE_SLICE, {**key, **end})
            return True
        db.run(DELETE_CLICKS, key)
        db.run(EMPTY_LINK, key)
        return False

    return db.transaction(work)
