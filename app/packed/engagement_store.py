"""The statements about how pages were looked at: on days, and in whole months."""

from __future__ import annotations

from app.packed.dimension_store import SLICE
from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.db import Database, Row

ALL_PAGES = 0
"""In place of a page's id."""

DELETE_DAY = """
-- packed.engagement_store.DELETE_DAY
DELETE FROM ph_day_engagement
WHERE project_id = %(project_id)s AND day = %(day)s
"""

INSERT_DAY = """
-- packed.engagement_store.INSERT_DAY
INSERT INTO ph_day_engagement (project_id, day, pages, views, seconds, scroll)
VALUES (%(project_id)s, %(day)s, %(pages)s, %(views)s, %(seconds)s, %(scroll)s)
"""

DELETE_MONTH = """
-- packed.engagement_store.DELETE_MONTH
DELETE FROM ph_month_engagement
WHERE project_id = %(project_id)s AND month = %(month)s
"""

INSERT_MONTH = """
-- packed.engagement_store.INSERT_MONTH
INSERT INTO ph_month_engagement (project_id, month, page_id, views, seconds, scroll)
VALUES (%(project_id)s, %(month)s, %(page_id)s, %(views)s, %(seconds)s, %(scroll)s)
"""


def list_rows(db: Database, project_id: int, days: Sequence[date]) -> list[Row]:
    """Return page_id, views, seconds and scroll of the days' measured views, from rows.

    One for each page, with the numbers of all its views in two texts.
    """
    marks, values = named("day", days)
    values["project_id"] = project_id
    sql = f"""-- packed.engagement_store.list_rows
SELECT v.page_id, COUNT(*) AS views, GROUP_CONCAT(v.engaged_seconds) AS seconds,
  GROUP_CONCAT(v.scroll) AS scroll
FROM ph_pageviews AS v
WHERE v.project_id = %(project_id)s AND v.day IN ({marks})
  AND v.engaged_seconds IS NOT NULL
GROUP BY v.page_id"""
    return db.read(lambda: db.all(sql, values))


def replace_day(db: Database, project_id: int, day: date, packed: Row | None) -> None:
    """Store what Looks packed of a day, or nothing, in this transaction."""
    key = {"project_id": project_id, "day": day}
    db.run(DELETE_DAY, key)
    if packed is not None:
        db.run(INSERT_DAY, {**key, **packed})


def list_days(db: Database, project_id: int, days: Sequence[date]) -> list[Row]:
    """Return what Looks packed of the days on which any view was measured."""
    marks, values = named("day", days)
    values["project_id"] = project_id
    sql = f"""-- packed.engagement_store.list_days
SELECT pages, views, seconds, scroll
FROM ph_day_engagement
WHERE project_id = %(project_id)s AND day IN ({marks})"""
    return db.read(lambda: db.all(sql, values))


def replace_month(db: Database, project_id: int, month: date, pages: list[Row]) -> None:
    """Store a month's pages in place of those before, in this transaction.

    Of each page_id views, seconds and scroll, of which the last two are packed.
    """
    key = {"project_id": project_id, "month": month}
    db.run(DELETE_MONTH, key)
    if pages:
        db.many(INSERT_MONTH, [{**key, **page} for page in pages])


def list_views(db: Database, project_id: int, months: Sequence[date]) -> list[Row]:
    """Return page_id and views of each page, all the months together."""
    marks, values = named("month", months)
    values.update(project_id=project_id, all_pages=ALL_PAGES)
    sql = f"""-- packed.engagement_store.list_views
SELECT page_id, SUM(views) AS views
FROM ph_month_engagement
WHERE project_id = %(project_id)s AND month IN ({marks}) AND page_id <> %(all_pages)s
GROUP BY page_id"""
    return db.read(lambda: db.all(sql, values))


def list_months(
    db: Database,
    project_id: int,
    months: Sequence[date],
    page_ids: Sequence[int],
) -> list[Row]:
    """Return page_id, and packed seconds and scroll, of these pages in each month."""
    of_months, bound = named("month", months)
    found: list[Row] = []
    for start in range(0, len(page_ids), SLICE):
        of_pages, values = named("page", page_ids[start : start + SLICE])
        values.update(bound, project_id=project_id)
        sql = f"""-- packed.engagement_store.list_months
SELECT page_id, seconds, scroll
FROM ph_month_engagement
WHERE project_id = %(project_id)s AND month IN ({of_months})
  AND page_id IN ({of_pages})"""
        found += db.read(lambda sql=sql, values=values: db.all(sql, values))  # type: ignore[misc]
    return found
