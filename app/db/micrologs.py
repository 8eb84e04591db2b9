"""Reads the database of a Micrologs installation, of version 1.3.1 or 2.x."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

SLICE_VISITORS = 200
"""How many visitors a statement here names; a shorter slice repeats its last one."""

_NAMES = ", ".join(f"%(id_{number})s" for number in range(SLICE_VISITORS))

LIST_PROJECTS = """
-- db.micrologs.LIST_PROJECTS
SELECT id, name, secret_key, public_key, allowed_domains, is_active, created_at,
  updated_at
FROM projects
ORDER BY id
"""

GET_LAST_PAGEVIEW = """
-- db.micrologs.GET_LAST_PAGEVIEW
SELECT MAX(id) AS id
FROM pageviews
WHERE project_id = %(project_id)s
"""

COUNT_PAGEVIEWS = """
-- db.micrologs.COUNT_PAGEVIEWS
SELECT COUNT(*) AS count
FROM pageviews
WHERE project_id = %(project_id)s AND id <= %(until)s
"""

COUNT_SESSIONS = """
-- db.micrologs.COUNT_SESSIONS
SELECT COUNT(*) AS count
FROM sessions
WHERE project_id = %(project_id)s
"""

COUNT_VISITORS = """
-- db.micrologs.COUNT_VISITORS
SELECT COUNT(DISTINCT visitor_id) AS count
FROM pageviews
WHERE project_id = %(project_id)s AND id <= %(until)s
"""

COUNT_EMPTY_SESSIONS = """
-- db.micrologs.COUNT_EMPTY_SESSIONS
SELECT COUNT(*) AS count
FROM sessions AS s
WHERE s.project_id = %(project_id)s
  AND NOT EXISTS (
    SELECT 1
    FROM pageviews AS v
    WHERE v.session_id = s.id
      AND v.visitor_id = s.visitor_id
      AND v.project_id = s.project_id
      AND v.id <= %(until)s
  )
"""

COUNT_EMPTY_VISITORS = """
-- db.micrologs.COUNT_EMPTY_VISITORS
SELECT COUNT(*) AS count
FROM visitors AS p
WHERE p.project_id = %(project_id)s
  AND NOT EXISTS (
    SELECT 1
    FROM pageviews AS v
    WHERE v.visitor_id = p.id
      AND v.project_id = p.project_id
      AND v.id <= %(until)s
  )
"""

COUNT_LOST_VISITS = """
-- db.micrologs.COUNT_LOST_VISITS
SELECT COUNT(DISTINCT v.visitor_id, v.session_id) AS count
FROM pageviews AS v
LEFT JOIN sessions AS s
  ON s.id = v.session_id
  AND s.visitor_id = v.visitor_id
  AND s.project_id = v.project_id
WHERE v.project_id = %(project_id)s AND v.id <= %(until)s AND s.id IS NULL
"""

COUNT_LOST_VISITORS = """
-- db.micrologs.COUNT_LOST_VISITORS
SELECT COUNT(DISTINCT v.visitor_id) AS count
FROM pageviews AS v
LEFT JOIN visitors AS p ON p.id = v.visitor_id AND p.project_id = v.project_id
WHERE v.project_id = %(project_id)s AND v.id <= %(until)s AND p.id IS NULL
"""

# Of the views, because a visitor's own row may be gone.
LIST_VISITOR_IDS = """
-- db.micrologs.LIST_VISITOR_IDS
SELECT DISTINCT visitor_id
FROM pageviews
WHERE project_id = %(project_id)s
  AND visitor_id > %(after_visitor)s
  AND id > %(after)s
  AND id <= %(until)s
ORDER BY visitor_id
LIMIT 10000
"""

LIST_VISITORS = f"""
-- db.micrologs.LIST_VISITORS
SELECT id, visitor_hash
FROM visitors
WHERE project_id = %(project_id)s AND id IN ({_NAMES})
"""

LIST_SESSIONS = f"""
-- db.micrologs.LIST_SESSIONS
SELECT id, visitor_id, session_token, started_at, last_activity
FROM sessions
WHERE project_id = %(project_id)s AND visitor_id IN ({_NAMES})
"""

# In order of id, which is the order in which they came: the hour that comes twice
# in autumn has no other.
LIST_PAGEVIEWS = f"""
-- db.micrologs.LIST_PAGEVIEWS
SELECT v.id, v.session_id, v.visitor_id, v.url, v.page_title, v.referrer_url,
  v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content,
  v.screen_resolution, v.timezone, v.created_at, d.device_type, d.os, d.browser,
  d.browser_version, l.country_code, l.country, l.region, l.city
FROM pageviews AS v
LEFT JOIN devices AS d ON d.id = v.device_id
LEFT JOIN locations AS l ON l.id = v.location_id
WHERE v.project_id = %(project_id)s
  AND v.visitor_id IN ({_NAMES})
  AND v.id > %(after)s
  AND v.id <= %(until)s
ORDER BY v.id
"""

LIST_EARLIER_PAGEVIEWS = f"""
-- db.micrologs.LIST_EARLIER_PAGEVIEWS
SELECT v.visitor_id, v.session_id, v.url, v.created_at
FROM pageviews AS v
JOIN (
  SELECT MAX(id) AS id
  FROM pageviews
  WHERE project_id = %(project_id)s
    AND visitor_id IN ({_NAMES})
    AND id <= %(after)s
  GROUP BY visitor_id, session_id
) AS newest ON newest.id = v.id
"""

COUNTS = {
    "pageviews": COUNT_PAGEVIEWS,
    "visits": COUNT_SESSIONS,
    "visitors": COUNT_VISITORS,
    "empty sessions": COUNT_EMPTY_SESSIONS,
    "empty visitors": COUNT_EMPTY_VISITORS,
    "lost visits": COUNT_LOST_VISITS,
    "lost visitors": COUNT_LOST_VISITORS,
}


def list_projects(source: Database) -> list[Row]:
    """Return each project, keys in clear as Micrologs keeps them."""
    return source.read(lambda: source.all(LIST_PROJECTS))


def last_pageview(source: Database, project_id: int) -> int:
    """Return the id of the project's newest pageview, 0 if there is none."""
    [row] = _all(source, GET_LAST_PAGEVIEW, {"project_id": project_id})
    return row["id"] or 0


def count(source: Database, project_id: int, name: str, until: int) -> int:
    """Return a number of COUNTS, of the pageviews up to the id ``until``."""
    [row] = _all(source, COUNTS[name], {"project_id": project_id, "until": until})
    return int(row["count"])


class Part:
    """The pageviews of a project with ids above ``after`` and up to ``until``."""

    def __init__(
        self, source: Database, project_id: int, after: int, until: int
    ) -> None:
        self._source = source
        self._values = {"project_id": project_id, "after": after, "until": until}

    def visitor_ids(self, after_visitor: int) -> list[int]:
        """Return the next few thousand of their visitors, by id."""
        values = {**self._values, "after_visitor": after_visitor}
        rows = _all(self._source, LIST_VISITOR_IDS, values)
        return [row["visitor_id"] for row in rows]

    def visitors(self, visitor_ids: list[int]) -> list[Row]:
        """Return id and SHA-256 of the cookie's id of those that have a row."""
        return self._of(LIST_VISITORS, visitor_ids)

    def sessions(self, visitor_ids: list[int]) -> list[Row]:
        """Return all sessions of these visitors."""
        return self._of(LIST_SESSIONS, visitor_ids)

    def pageviews(self, visitor_ids: list[int]) -> list[Row]:
        """Return these visitors' pageviews, with device and location, by id."""
        return self._of(LIST_PAGEVIEWS, visitor_ids)

    def earlier_pageviews(self, visitor_ids: list[int]) -> list[Row]:
        """Return, of each session, the last pageview before this part."""
        if not self._values["after"]:
            return []
        return self._of(LIST_EARLIER_PAGEVIEWS, visitor_ids)

    def _of(self, statement: str, visitor_ids: list[int]) -> list[Row]:
        missing = SLICE_VISITORS - len(visitor_ids)
        named = enumerate(visitor_ids + visitor_ids[-1:] * missing)
        values = {f"id_{number}": visitor_id for number, visitor_id in named}
        return _all(self._source, statement, {**self._values, **values})


def _all(source: Database, statement: str, values: Row) -> list[Row]:
    return source.read(lambda: source.all(statement, values))
