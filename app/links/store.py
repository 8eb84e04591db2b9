"""The statements of a redirect: the link is found, the click is counted."""

from __future__ import annotations

from app.projects.store import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Params, Row

_IS_OPEN = """\
  AND ph_links.deleted_at IS NULL
  AND ph_links.is_active = 1
  AND (ph_links.expires_at IS NULL OR ph_links.expires_at > %(at)s)
  AND (ph_links.max_clicks IS NULL OR ph_links.clicks < ph_links.max_clicks)
"""

# A project that is turned off keeps its links, one that is deleted does not.
FIND_LINK = f"""
-- links.store.FIND_LINK
SELECT ph_links.code, ph_links.id AS link_id, ph_links.destination_url, p.id,
  p.name, p.public_key, p.allowed_domains, p.timezone, p.identity,
  p.respect_dnt, p.is_active, d.day, d.salt, s.value AS cache_version,
  v.value AS schema_version
FROM ph_links
JOIN ph_projects AS p ON p.id = ph_links.project_id
LEFT JOIN ph_settings AS s ON s.name = 'cache_version'
LEFT JOIN ph_settings AS v ON v.name = 'schema_version'
LEFT JOIN ph_salts AS d ON d.project_id = p.id
WHERE ph_links.code = %(code)s
  AND p.deleted_at IS NULL
{_IS_OPEN}"""

FIND_KNOWN = """
-- links.store.FIND_KNOWN
SELECT (SELECT CASE WHEN type = 'bot' THEN browser ELSE '' END FROM ph_devices
    WHERE project_id = %(project_id)s AND id = %(device_id)s) AS robot,
  (SELECT place_id FROM ph_networks
    WHERE project_id = %(project_id)s AND id = %(network_id)s) AS network_place_id,
  (SELECT 1 FROM ph_referrers
    WHERE project_id = %(project_id)s AND id = %(referrer_id)s) AS has_referrer
"""

INSERT_CLICK = """
-- links.store.INSERT_CLICK
INSERT INTO ph_clicks (project_id, day, id, link_id, at, hour, visitor_id, referrer_id,
  device_id, place_id)
VALUES (%(project_id)s, %(day)s, %(id)s, %(link_id)s, %(at)s, %(hour)s,
  %(visitor_id)s, %(referrer_id)s, %(device_id)s, %(place_id)s)
"""

HAS_CLICK = """
-- links.store.HAS_CLICK
SELECT 1 AS found
FROM ph_clicks
WHERE project_id = %(project_id)s AND day = %(day)s AND id = %(id)s
"""

COUNT_CLICK = f"""
-- links.store.COUNT_CLICK
UPDATE ph_links
SET clicks = clicks + 1
WHERE code = %(code)s
  AND project_id = %(project_id)s
  AND id = %(link_id)s
{_IS_OPEN}"""


class Link:
    """A link that may be followed, with its project."""

    def __init__(self, rows: list[Row]) -> None:
        row = rows[0]
        self.id: int = row["link_id"]
        self.code: str = row["code"]
        self.destination_url: str = row["destination_url"]
        self.project = Project(rows)


def find_link(db: Database, code: str, at: datetime) -> Link | None:
    """Return the link with this code if it may be followed now, or None."""
    values = {"code": code, "at": at}
    rows = db.read(lambda: db.all(FIND_LINK, values))
    return Link(rows) if rows else None


def find_known(db: Database, values: Params) -> Row:
    """Return robot, network_place_id and has_referrer; null where new."""
    row = db.read(lambda: db.one(FIND_KNOWN, values))
    assert row is not None
    return row


def insert_click(db: Database, values: Params) -> None:
    """Store a click."""
    db.run(INSERT_CLICK, values)


def has_click(db: Database, values: Params) -> bool:
    """Return whether a click with this id is stored on its day."""
    return db.one(HAS_CLICK, values) is not None


def count_click(db: Database, values: Params) -> bool:
    """Add one to the link's clicks; False if it may not be followed any more."""
    return db.run(COUNT_CLICK, values) > 0
