"""The statements of the reports, put together from the literals of columns.py.

Two shapes carry all of them: pageviews with their visits, and visits. Views count on
their own day, visits on the day they began.
"""

from __future__ import annotations

from app.stats.columns import DIMENSIONS
from app.stats.filter_store import of_views, of_visits, span_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from app.db import Database, Row
    from app.report.question import Question

FIRST_DAY = """
-- stats.store.FIRST_DAY
SELECT day
FROM ph_visitor_days
WHERE project_id = %(project_id)s
ORDER BY day
LIMIT 1
"""

# entering: visitors whose day is their first active one in the range. Summed over the
# range they are its unique visitors, because each has exactly one such day.
COUNT_VISITORS = """
-- stats.store.COUNT_VISITORS
SELECT day, SUM(visitors) AS visitors,
  SUM(CASE WHEN prev_day < %(first)s THEN visitors ELSE 0 END) AS entering,
  SUM(CASE WHEN prev_day = %(null_day)s THEN visitors ELSE 0 END) AS new_visitors
FROM ph_visitor_days
WHERE project_id = %(project_id)s AND day BETWEEN %(first)s AND %(last)s
GROUP BY day
"""

COUNT_PAGEVIEWS = """
-- stats.store.COUNT_PAGEVIEWS
SELECT day, COUNT(*) AS pageviews
FROM ph_pageviews
WHERE project_id = %(project_id)s AND day BETWEEN %(first)s AND %(last)s
GROUP BY day
"""

VIEWS = """
FROM ph_pageviews AS v
JOIN ph_visits AS s
  ON s.project_id = v.project_id AND s.day = v.visit_day AND s.id = v.visit_id
{joins}
WHERE v.project_id = %(project_id)s
  AND v.day BETWEEN %(first)s AND %(last)s
"""

# Without a filter nobody asks for the visit of a view.
_VIEWS_ALONE = """
FROM ph_pageviews AS v
{joins}
WHERE v.project_id = %(project_id)s
  AND v.day BETWEEN %(first)s AND %(last)s
"""

_VISITS = """
FROM ph_visits AS s
{joins}
WHERE s.project_id = %(project_id)s
  AND s.day BETWEEN %(first)s AND %(last)s
"""

_PEOPLE_FIGURES = (
    "COUNT(*) AS pageviews, COUNT(DISTINCT v.visitor_id) AS unique_visitors"
)
_VIEW_FIGURES = (
    f"{_PEOPLE_FIGURES},"
    " COUNT(DISTINCT CASE WHEN v.visit_day BETWEEN %(first)s AND %(last)s"
    " THEN v.visit_id END) AS visits"
)

_VISIT_FIGURES = (
    "COUNT(*) AS visits,"
    " COALESCE(SUM(CASE WHEN s.pageviews = 1 THEN 1 ELSE 0 END), 0) AS bounces,"
    " COALESCE(SUM(s.pageviews), 0) AS views,"
    " COALESCE(SUM(TIMESTAMPDIFF(SECOND, s.started_at, s.last_at)), 0) AS seconds,"
    " COALESCE(SUM(CASE WHEN s.pageviews > 1"
    " THEN TIMESTAMPDIFF(SECOND, s.started_at, s.last_at) ELSE 0 END), 0)"
    " AS seconds_engaged"
)

# Who is forgotten had no cookie, and no visit before the day that he lived.
_FIRST_DAY = "COALESCE(visitor.first_day, v.visit_day)"
_NEW_FIGURES = (
    f"COUNT(DISTINCT CASE WHEN {_FIRST_DAY} BETWEEN %(first)s AND %(last)s"
    " THEN v.visitor_id END) AS new_in_range,"
    f" COUNT(DISTINCT CASE WHEN {_FIRST_DAY} = v.day THEN v.visitor_id END)"
    " AS new_visitors"
)

_VISITOR = (
    "LEFT JOIN ph_visitors AS visitor"
    " ON visitor.project_id = v.project_id AND visitor.id = v.visitor_id"
)


def first_day(db: Database, project_id: int) -> date | None:
    """Return the first day with a visitor, or None."""
    row = db.read(lambda: db.one(FIRST_DAY, {"project_id": project_id}))
    return row["day"] if row else None


def count_visitors(
    db: Database, project_id: int, question: Question, null_day: date
) -> dict[date, Row]:
    """Return by day ``visitors``, ``entering`` and ``new_visitors``, without filters.

    Days without visitors are absent.
    """
    values = {**span_values(project_id, question), "null_day": null_day}
    rows = db.read(lambda: db.all(COUNT_VISITORS, values))
    return {row["day"]: row for row in rows}


def count_pageviews(
    db: Database, project_id: int, question: Question
) -> dict[date, int]:
    """Return the pageviews by day, without filters; days without are absent."""
    values = span_values(project_id, question)
    rows = db.read(lambda: db.all(COUNT_PAGEVIEWS, values))
    return {row["day"]: row["pageviews"] for row in rows}


PAGE_COLUMNS = {
    "entry_page_id": "s.entry_page_id",
    "exit_page_id": "s.exit_page_id",
}


class Rows:
    """The rows that a question is about, under its filters."""

    def __init__(self, db: Database, project_id: int, question: Question) -> None:
        self._db = db
        self._project_id = project_id
        self._question = question

    def sum_views(self, group: str = "") -> list[Row]:
        """Return pageviews and unique_visitors; one row, or one a group.

        ``group`` is ``""``, ``"day"`` or ``"day, hour"``; a literal.
        """
        columns = "v." + group.replace(" ", " v.") if group else ""
        return self._views(_PEOPLE_FIGURES, columns)

    def sum_new(self, group: str = "") -> list[Row]:
        """Return new_in_range and new_visitors (of that day), as ``sum_views``."""
        columns = "v." + group.replace(" ", " v.") if group else ""
        return self._views(_NEW_FIGURES, columns, _VISITOR)

    def sum_visits(self, group: str = "") -> list[Row]:
        """Return the figures of visits that began in the span, as ``sum_views``.

        They are visits, bounces, views, seconds, and seconds_engaged (without bounces).
        """
        columns = "s." + group.replace(" ", " s.") if group else ""
        conditions, joins, values = of_visits(self._question)
        grouped = f"GROUP BY {columns}" if columns else ""
        chosen = f"{columns}, " if columns else ""
        sql = (
            f"-- stats.store.sum_visits\nSELECT {chosen}{_VISIT_FIGURES}"
            + _VISITS.format(joins=joins)
            + conditions
            + grouped
        )
        return self._all(sql, values)

    def break_down(self, names: dict[str, str], rows: tuple[int, int]) -> list[Row]:
        """Return the figures of each value of the dimensions, most first.

        ``names`` maps the answer's keys to dimensions; the figures are pageviews,
        unique_visitors and visits. ``rows`` are limit and offset.
        """
        columns = {key: DIMENSIONS[name].column for key, name in names.items()}
        wanted = [DIMENSIONS[name].join for name in names.values()]
        chosen = ", ".join(f"{column} AS {key}" for key, column in columns.items())
        grouped = ", ".join(columns.values())
        conditions, joins, values = of_views(self._question, wanted)
        sql = (
            f"-- stats.store.break_down\nSELECT {chosen}, {_VIEW_FIGURES}"
            + VIEWS.format(joins=joins)
            + conditions
            + f"GROUP BY {grouped}\nORDER BY pageviews DESC, {grouped}\n"
            + "LIMIT %(limit)s OFFSET %(offset)s"
        )
        return self._all(sql, values, rows)

    def list_pages(self, rows: tuple[int, int]) -> list[Row]:
        """Return url, page_title, pageviews, unique_visitors and visits of pages."""
        conditions, joins, values = of_views(self._question)
        shape = VIEWS.format(joins=joins) + conditions
        sql = _list_by_page("v.page_id", _VIEW_FIGURES, shape, "pageviews")
        return with_url(self._all(sql, values, rows))

    def list_ends(self, column: str, rows: tuple[int, int]) -> list[Row]:
        """Return url, page_title, visits, bounces … of the pages in a column of visits.

        ``column`` is entry_page_id or exit_page_id.
        """
        conditions, joins, values = of_visits(self._question)
        shape = _VISITS.format(joins=joins) + conditions
        figures = _VISIT_FIGURES + ", COUNT(DISTINCT s.visitor_id) AS unique_visitors"
        sql = _list_by_page(PAGE_COLUMNS[column], figures, shape, "visits")
        return with_url(self._all(sql, values, rows))

    def _views(self, figures: str, columns: str, extra_join: str = "") -> list[Row]:
        conditions, joins, values = of_views(self._question)
        shape = VIEWS if self._question.filters else _VIEWS_ALONE
        grouped = f"GROUP BY {columns}" if columns else ""
        chosen = f"{columns}, " if columns else ""
        sql = (
            f"-- stats.store.sum_views\nSELECT {chosen}{figures}"
            + shape.format(joins=f"{joins}\n{extra_join}")
            + conditions
            + grouped
        )
        return self._all(sql, values)

    def _all(
        self, sql: str, values: dict[str, Any], rows: tuple[int, int] = (0, 0)
    ) -> list[Row]:
        """Return what a statement finds; ``rows`` are its limit and offset, if any."""
        limit, offset = rows
        paging = {"limit": limit, "offset": offset}
        bound = {**span_values(self._project_id, self._question), **values, **paging}
        return self._db.read(lambda: self._db.all(sql, bound))


def _list_by_page(column: str, figures: str, shape: str, most: str) -> str:
    """Return a statement that counts by a page's id, and then looks the page up."""
    return f"""-- stats.store.list_by_page
SELECT counted.*, COALESCE(page.title, '') AS page_title,
  COALESCE(page.scheme, '') AS scheme, COALESCE(page.host, '') AS host,
  COALESCE(page.path, '') AS path
FROM (
  SELECT {column} AS page_id, {figures}
  {shape}
  GROUP BY {column}
) AS counted
LEFT JOIN ph_pages AS page
  ON page.project_id = %(project_id)s AND page.id = counted.page_id
ORDER BY {most} DESC, host, path
LIMIT %(limit)s OFFSET %(offset)s"""


def with_url(rows: list[Row]) -> list[Row]:
    """Return the rows with ``url`` put together from scheme, host and path."""
    for row in rows:
        scheme = row["scheme"] and row["scheme"] + "://"
        row["url"] = f"{scheme}{row['host']}{row['path']}"
    return rows
