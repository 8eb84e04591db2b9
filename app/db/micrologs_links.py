"""Reads the short links of a Micrologs installation, of version 1.3.1 or 2.x."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

LIST_LINKS = """
-- db.micrologs_links.LIST_LINKS
SELECT id, code, destination_url, label, is_active, created_at
FROM tracked_links
WHERE project_id = %(project_id)s AND id > %(after)s
ORDER BY id
LIMIT 500
"""

# In order of id, which is the order in which they came. Otherwise it would sort all of
# a project's clicks for each slice.
LIST_CLICKS = """
-- db.micrologs_links.LIST_CLICKS
SELECT c.id, c.link_id, c.referrer_url, c.ip_hash, c.created_at,
  d.device_type, d.os, d.browser, d.browser_version,
  l.country_code, l.country, l.region, l.city
FROM link_clicks AS c FORCE INDEX (PRIMARY)
STRAIGHT_JOIN tracked_links AS t ON t.id = c.link_id
LEFT JOIN devices AS d ON d.id = c.device_id
LEFT JOIN locations AS l ON l.id = c.location_id
WHERE t.project_id = %(project_id)s AND c.id > %(after)s
ORDER BY c.id
LIMIT 1000
"""

COUNT_LINKS = """
-- db.micrologs_links.COUNT_LINKS
SELECT COUNT(*) AS count
FROM tracked_links
WHERE project_id = %(project_id)s AND id <= %(until)s
"""

COUNT_CLICKS = """
-- db.micrologs_links.COUNT_CLICKS
SELECT COUNT(*) AS count
FROM link_clicks AS c
JOIN tracked_links AS t ON t.id = c.link_id
WHERE t.project_id = %(project_id)s AND c.id <= %(until)s
"""

NEWEST = 2**63 - 1


def list_links(source: Database, project_id: int, after: int) -> list[Row]:
    """Return the next few hundred links with ids above ``after``, by id."""
    values = {"project_id": project_id, "after": after}
    return source.read(lambda: source.all(LIST_LINKS, values))


def list_clicks(source: Database, project_id: int, after: int) -> list[Row]:
    """Return the next thousand clicks, with device and location, by id."""
    values = {"project_id": project_id, "after": after}
    return source.read(lambda: source.all(LIST_CLICKS, values))


def count_links(source: Database, project_id: int, until: int = NEWEST) -> int:
    """Return how many links there are with ids up to ``until``."""
    values = {"project_id": project_id, "until": until}
    [row] = source.read(lambda: source.all(COUNT_LINKS, values))
    return int(row["count"])


def count_clicks(source: Database, project_id: int, until: int = NEWEST) -> int:
    """Return how many clicks of a project's links there are up to the id ``until``."""
    values = {"project_id": project_id, "until": until}
    [row] = source.read(lambda: source.all(COUNT_CLICKS, values))
    return int(row["count"])
