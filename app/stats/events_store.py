"""The statements of the reports on events and on how long pages are looked at."""

from __future__ import annotations

from app.stats.filter_store import of_views, span_values
from app.stats.store import VIEWS, with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row
    from app.report.question import Question

FIND_NAME = """
-- stats.events_store.FIND_NAME
SELECT id
FROM ph_event_names
WHERE project_id = %(project_id)s AND name = %(name)s
"""

# v as with views: filters on pages then hold for the event's own.
_EVENTS = """
FROM ph_events AS v
{visits}
{joins}
WHERE v.project_id = %(project_id)s
  AND v.day BETWEEN %(first)s AND %(last)s
"""

_VISITS = (
    "JOIN ph_visits AS s"
    " ON s.project_id = v.project_id AND s.day = v.visit_day AND s.id = v.visit_id"
)

_FIGURES = (
    "COUNT(*) AS count,"
    " COUNT(DISTINCT CASE WHEN v.visitor_id <> 0 THEN v.visitor_id END) AS visitors"
)

_DIFFERENT = "COUNT(DISTINCT p.value)"

_PROPERTIES = (
    "JOIN ph_event_props AS p"
    " ON p.project_id = v.project_id AND p.day = v.day AND p.event_id = v.id"
)

_MEASURED = "  AND v.engaged_seconds IS NOT NULL\n"

MEASURES = {"seconds": "v.engaged_seconds", "scroll": "v.scroll"}


def find_name(db: Database, project_id: int, name: str) -> int:
    """Return the id of an event's name, 0 if there was none with it."""
    values = {"project_id": project_id, "name": name}
    row = db.read(lambda: db.one(FIND_NAME, values))
    return row["id"] if row else 0


class Events:
    """The events that a question is about; with a ``name_id`` only those."""

    def __init__(
        self, db: Database, project_id: int, question: Question, name_id: int | None
    ) -> None:
        self._db = db
        conditions, joins, values = of_views(question)
        # Without filters those of no visit count too.
        visits = _VISITS if question.filters else ""
        self._shape = _EVENTS.format(visits=visits, joins=f"{joins}\n{{more}}")
        self._shape += conditions
        if name_id is not None:
            self._shape += "  AND v.name_id = %(name_id)s\n"
        self._values = {
            **span_values(project_id, question),
            **values,
            "name_id": name_id,
        }

    def sum(self, group: str = "") -> list[Row]:
        """Return count and visitors; one row, or one a group.

        ``group`` is ``""``, ``"day"`` or ``"day, hour"``; a literal.
        """
        columns = "v." + group.replace(" ", " v.") if group else ""
        chosen = f"{columns}, " if columns else ""
        grouped = f"GROUP BY {columns}" if columns else ""
        return self._all(f"{chosen}{_FIGURES}", "", grouped)

    def names(self, rows: tuple[int, int]) -> list[Row]:
        """Return name, count and visitors, most first; ``rows``: limit and offset."""
        join = (
            "JOIN ph_event_names AS n"
            " ON n.project_id = v.project_id AND n.id = v.name_id"
        )
        grouped = "GROUP BY n.name\nORDER BY count DESC, n.name"
        return self._all(f"n.name, {_FIGURES}", join, grouped, rows)

    def properties(self, rows: tuple[int, int]) -> list[Row]:
        """Return property, count and different (how many values it has)."""
        chosen = f"p.name AS property, COUNT(*) AS count, {_DIFFERENT} AS different"
        grouped = "GROUP BY p.name\nORDER BY count DESC, p.name"
        return self._all(chosen, _PROPERTIES, grouped, rows)

    def values(self, name: str, rows: tuple[int, int]) -> list[Row]:
        """Return value, count and visitors of the property ``name``."""
        self._values["property"] = name
        join = f"{_PROPERTIES} AND p.name = %(property)s"
        grouped = "GROUP BY p.value\nORDER BY count DESC, p.value"
        return self._all(f"p.value, {_FIGURES}", join, grouped, rows)

    def _all(
        self, chosen: str, join: str, end: str, rows: tuple[int, int] | None = None
    ) -> list[Row]:
        shape = self._shape.format(more=join)
        sql = f"-- stats.events_store.Events\nSELECT {chosen}{shape}{end}"
        values = self._values
        if rows is not None:
            sql += "\nLIMIT %(limit)s OFFSET %(offset)s"
            values = {**values, "limit": rows[0], "offset": rows[1]}
        return self._db.read(lambda: self._db.all(sql, values))


class Engagement:
    """The views that a question is about whose page told how it was looked at."""

    def __init__(self, db: Database, project_id: int, question: Question) -> None:
        self._db = db
        conditions, joins, values = of_views(question)
        self._shape = VIEWS.format(joins=joins) + conditions + _MEASURED
        self._values = {**span_values(project_id, question), **values}

    def pages(self, rows: tuple[int, int]) -> list[Row]:
        """Return page_id, url, page_title and views of pages.

        The pages that were measured most come first; ``rows``: limit and offset.
        """
        sql = f"""-- stats.events_store.Engagement.pages
SELECT top.*, COALESCE(page.title, '') AS page_title,
  COALESCE(page.scheme, '') AS scheme, COALESCE(page.host, '') AS host,
  COALESCE(page.path, '') AS path
FROM ({self._top()}) AS top
LEFT JOIN ph_pages AS page
  ON page.project_id = %(project_id)s AND page.id = top.page_id
ORDER BY views DESC, top.page_id"""
        return with_url(self._all(sql, rows))

    def counts(self, measure: str) -> list[Row]:
        """Return value and count of a measure, in order: ``seconds`` or ``scroll``."""
        column = MEASURES[measure]
        sql = f"""-- stats.events_store.Engagement.counts
SELECT {column} AS value, COUNT(*) AS count
{self._shape}
GROUP BY {column}
ORDER BY {column}"""
        return self._all(sql)

    def counts_by_page(self, measure: str, rows: tuple[int, int]) -> list[Row]:
        """Return the same with ``page_id``, of the pages that ``pages`` returns."""
        column = MEASURES[measure]
        sql = f"""-- stats.events_store.Engagement.counts_by_page
SELECT counted.page_id, counted.value, counted.count
FROM (
  SELECT v.page_id, {column} AS value, COUNT(*) AS count
  {self._shape}
  GROUP BY v.page_id, {column}
) AS counted
JOIN ({self._top()}) AS top ON top.page_id = counted.page_id
ORDER BY counted.page_id, counted.value"""
        return self._all(sql, rows)

    def _top(self) -> str:
        return f"""
  SELECT v.page_id, COUNT(*) AS views
  {self._shape}
  GROUP BY v.page_id
  ORDER BY views DESC, v.page_id
  LIMIT %(limit)s OFFSET %(offset)s
"""

    def _all(self, sql: str, rows: tuple[int, int] = (0, 0)) -> list[Row]:
        values = {**self._values, "limit": rows[0], "offset": rows[1]}
        return self._db.read(lambda: self._db.all(sql, values))
