"""The statements that only an import of links needs."""

from __future__ import annotations

from app.links import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

INSERT_STATE = """
-- links.import_store.INSERT_STATE
INSERT IGNORE INTO ph_link_imports (project_id, id, public_key, last_link_id,
  last_click_id, clicks, left_out)
VALUES (%(project_id)s, %(id)s, %(public_key)s, 0, 0, 0, 0)
"""

GET_STATE = """
-- links.import_store.GET_STATE
SELECT last_link_id, last_click_id, clicks, left_out
FROM ph_link_imports
WHERE project_id = %(project_id)s AND id = %(id)s AND public_key = %(public_key)s
"""

LOCK_STATE = GET_STATE.replace("GET_", "LOCK_") + "FOR UPDATE\n"

SET_STATE = """
-- links.import_store.SET_STATE
UPDATE ph_link_imports
SET last_link_id = %(last_link_id)s, last_click_id = %(last_click_id)s,
  clicks = %(clicks)s, left_out = %(left_out)s
WHERE project_id = %(project_id)s AND id = %(id)s AND public_key = %(public_key)s
"""

# Nothing happens where the code is taken: who asks for the link afterwards sees it.
IMPORT_LINK = """
-- links.import_store.IMPORT_LINK
INSERT IGNORE INTO ph_links (code, project_id, id, destination_url, label, is_active,
  clicks, created_at)
VALUES (%(code)s, %(project_id)s, %(id)s, %(destination_url)s, %(label)s,
  %(is_active)s, 0, %(created_at)s)
"""

LIST_IDS = """
-- links.import_store.LIST_IDS
SELECT id
FROM ph_links
WHERE project_id = %(project_id)s AND deleted_at IS NULL
"""

ADD_CLICKS = """
-- links.import_store.ADD_CLICKS
UPDATE ph_links
SET clicks = clicks + %(more)s
WHERE project_id = %(project_id)s AND id = %(link_id)s AND deleted_at IS NULL
"""

COUNT_LINKS = """
-- links.import_store.COUNT_LINKS
SELECT COUNT(*) AS links, COALESCE(SUM(clicks), 0) AS clicks
FROM ph_links
WHERE project_id = %(project_id)s AND deleted_at IS NULL
"""


def get_state(db: Database, key: Row) -> Row:
    """Return how far the import got; ``key`` has project_id, id and public_key."""
    db.transaction(lambda: db.run(INSERT_STATE, key))
    row = db.read(lambda: db.one(GET_STATE, key))
    assert row is not None, "it was stored just now"
    return row


def lock_state(db: Database, key: Row) -> Row | None:
    """Return how far the import got, and let no other one go on meanwhile."""
    return db.one(LOCK_STATE, key)


def set_state(db: Database, key: Row, state: Row) -> None:
    """Note how far the import got."""
    db.run(SET_STATE, {**key, **state})


def insert_links(db: Database, rows: list[Row]) -> None:
    """Store links, but for those whose code some link has."""
    if rows:
        db.many(IMPORT_LINK, rows)


def list_ids(db: Database, project_id: int) -> set[int]:
    """Return the ids of the project's links."""
    return {row["id"] for row in db.all(LIST_IDS, {"project_id": project_id})}


def insert_clicks(db: Database, rows: list[Row]) -> None:
    """Store clicks."""
    if rows:
        db.many(store.INSERT_CLICK, rows)


def insert_dimensions(db: Database, statement: str, rows: list[Row]) -> None:
    """Store what the clicks refer to."""
    db.many(statement, rows)


def add_clicks(db: Database, project_id: int, link_id: int, more: int) -> bool:
    """Add to a link's clicks; False if it was deleted meanwhile."""
    values = {"project_id": project_id, "link_id": link_id, "more": more}
    return db.run(ADD_CLICKS, values) > 0


def count(db: Database, project_id: int) -> Row:
    """Return how many ``links`` and ``clicks`` the project has."""
    row = db.read(lambda: db.one(COUNT_LINKS, {"project_id": project_id}))
    assert row is not None
    return row
