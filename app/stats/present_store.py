"""The statements about who is there now, and what was not counted."""

from __future__ import annotations

from datetime import timedelta

from app.stats.filter_store import span_values
from app.stats.store import with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.db import Database, Row
    from app.report.question import Question

# The newest view of each visit tells the page that its visitor is on.
LIST_PRESENT = """
-- stats.present_store.LIST_PRESENT
SELECT s.visitor_id, s.last_at, COALESCE(page.title, '') AS page_title,
  COALESCE(page.scheme, '') AS scheme, COALESCE(page.host, '') AS host,
  COALESCE(page.path, '') AS path
FROM ph_visits AS s
LEFT JOIN ph_pages AS page
  ON page.project_id = s.project_id AND page.id = s.exit_page_id
WHERE s.project_id = %(project_id)s
  AND s.day IN (%(today)s, %(yesterday)s)
  AND s.last_at > %(since)s
  AND s.last_at <= %(now)s
"""

COUNT_DROPS = """
-- stats.present_store.COUNT_DROPS
SELECT d.reason, d.robot, SUM(d.beacons) AS beacons,
  COALESCE(page.scheme, '') AS scheme, COALESCE(page.host, '') AS host,
  COALESCE(page.path, '') AS path
FROM ph_drops AS d
LEFT JOIN ph_pages AS page
  ON page.project_id = d.project_id AND page.id = d.page_id
WHERE d.project_id = %(project_id)s AND d.day BETWEEN %(first)s AND %(last)s
GROUP BY d.reason, d.robot, page.scheme, page.host, page.path
"""


def list_present(
    db: Database, project_id: int, now: datetime, since: datetime, today: date
) -> list[Row]:
    """Return visitor_id, last_at, url and page_title of each visit active since."""
    values = {
        "project_id": project_id,
        "now": now,
        "since": since,
        "today": today,
        "yesterday": today - timedelta(days=1),
    }
    return with_url(db.read(lambda: db.all(LIST_PRESENT, values)))


def count_drops(db: Database, project_id: int, question: Question) -> list[Row]:
    """Return beacons by reason, robot and url: what was not counted."""
    values = span_values(project_id, question)
    return with_url(db.read(lambda: db.all(COUNT_DROPS, values)))
