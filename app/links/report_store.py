"""The statements of the reports about links. Clicks without a place, a referrer or a
device are not lost, and links without a click neither.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row
    from app.report.question import Question

FIRST_DAY = """
-- links.report_store.FIRST_DAY
SELECT day
FROM ph_clicks
WHERE project_id = %(project_id)s
ORDER BY day
LIMIT 1
"""

# Each day has salts of its own, so the visitors of several days are different ones.
LIST_BY_CLICKS = """
-- links.report_store.LIST_BY_CLICKS
SELECT l.code, l.label, l.destination_url, l.created_at,
  COALESCE(c.clicks, 0) AS total_clicks, COALESCE(c.visitors, 0) AS unique_clicks
FROM ph_links AS l
LEFT JOIN (
  SELECT link_id, COUNT(*) AS clicks,
    COUNT(DISTINCT CASE WHEN visitor_id <> 0 THEN visitor_id END) AS visitors
  FROM ph_clicks
  WHERE project_id = %(project_id)s AND day BETWEEN %(first)s AND %(last)s
  GROUP BY link_id
) AS c ON c.link_id = l.id
WHERE l.project_id = %(project_id)s AND l.deleted_at IS NULL
ORDER BY total_clicks DESC, l.created_at DESC, l.id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

_OF_LINK = """\
WHERE c.project_id = %(project_id)s
  AND c.link_id = %(link_id)s
  AND c.day BETWEEN %(first)s AND %(last)s
"""

COUNT_VISITORS = f"""
-- links.report_store.COUNT_VISITORS
SELECT COUNT(DISTINCT CASE WHEN c.visitor_id <> 0 THEN c.visitor_id END) AS visitors
FROM ph_clicks AS c FORCE INDEX (link)
{_OF_LINK}"""

COUNT_BY_HOUR = f"""
-- links.report_store.COUNT_BY_HOUR
SELECT c.day, c.hour, COUNT(*) AS clicks
FROM ph_clicks AS c FORCE INDEX (link)
{_OF_LINK}
GROUP BY c.day, c.hour
"""

COUNT_BY_COUNTRY = f"""
-- links.report_store.COUNT_BY_COUNTRY
SELECT COALESCE(p.country, '') AS country, COALESCE(p.country_code, '') AS country_code,
  COUNT(*) AS clicks
FROM ph_clicks AS c FORCE INDEX (link)
LEFT JOIN ph_places AS p ON p.project_id = c.project_id AND p.id = c.place_id
{_OF_LINK}
GROUP BY COALESCE(p.country, ''), COALESCE(p.country_code, '')
ORDER BY clicks DESC, country, country_code
"""

COUNT_BY_REFERRER = f"""
-- links.report_store.COUNT_BY_REFERRER
SELECT COALESCE(r.category, 'direct') AS category, COUNT(*) AS clicks
FROM ph_clicks AS c FORCE INDEX (link)
LEFT JOIN ph_referrers AS r ON r.project_id = c.project_id AND r.id = c.referrer_id
{_OF_LINK}
GROUP BY COALESCE(r.category, 'direct')
ORDER BY clicks DESC, category
"""

COUNT_BY_DEVICE = f"""
-- links.report_store.COUNT_BY_DEVICE
SELECT COALESCE(d.type, 'unknown') AS device_type, COUNT(*) AS clicks
FROM ph_clicks AS c FORCE INDEX (link)
LEFT JOIN ph_devices AS d ON d.project_id = c.project_id AND d.id = c.device_id
{_OF_LINK}
GROUP BY COALESCE(d.type, 'unknown')
ORDER BY clicks DESC, device_type
"""


def first_day(db: Database, project_id: int) -> date | None:
    """Return the first day with a click, or None."""
    row = db.read(lambda: db.one(FIRST_DAY, {"project_id": project_id}))
    return row["day"] if row else None


def list_by_clicks(
    db: Database, project_id: int, asked: Question, rows: tuple[int, int]
) -> list[Row]:
    """Return each link with total_clicks and unique_clicks in the span, most first.

    ``rows`` are limit and offset.
    """
    limit, offset = rows
    span = {"first": asked.span.first, "last": asked.span.last}
    values = {"project_id": project_id, **span, "limit": limit, "offset": offset}
    return db.read(lambda: db.all(LIST_BY_CLICKS, values))


def of_link(
    db: Database, statement: str, project_id: int, link_id: int, asked: Question
) -> list[Row]:
    """Return what a COUNT_… statement finds of a link's clicks in the span."""
    span = {"first": asked.span.first, "last": asked.span.last}
    values = {"project_id": project_id, "link_id": link_id, **span}
    return db.read(lambda: db.all(statement, values))
