"""The statements of the reports that read closed days from their stats.

Each adds up the stats of some days and the same counts of the others, from rows.
"""

from __future__ import annotations

from app.stats.columns import DIMENSIONS, JOINS
from app.stats.store import with_url
from app.summaries.daily_store import count_by_day, named
from app.summaries.parts import PAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any

    from app.db import Database, Row
    from app.packed.sums import Figures
    from app.report.span import Span
    from app.summaries.parts import Part
    from app.summaries.split import Split

FIGURES = (
    "SUM(daily.pageviews) AS pageviews, SUM(daily.visits) AS visits,"
    " SUM(daily.visitors) AS unique_visitors, SUM(daily.bounces) AS bounces"
)

TOGETHER = 400

# Of a value first: its labels are then looked up once.
_SUMS = ", ".join(
    f"SUM(each_day.{name}) AS {name}"
    for name in ("pageviews", "visits", "visitors", "bounces")
)

_DAILY = """
  SELECT day, value_id, pageviews, visits, visitors, bounces
  FROM ph_day_stats
  WHERE project_id = %(project_id)s AND day IN ({days})
    AND dimension = %(dimension)s
  UNION ALL
  SELECT month, value_id, pageviews, visits, visitors, bounces
  FROM ph_month_stats
  WHERE project_id = %(project_id)s AND month IN ({months})
    AND dimension = %(dimension)s
  UNION ALL
  SELECT r.day, r.value_id, 0, 0, -r.visitors, 0
  FROM ph_days AS d
  JOIN ph_day_repeats AS r
    ON r.project_id = d.project_id AND r.day = d.day AND r.dimension = %(dimension)s
  WHERE d.project_id = %(project_id)s AND d.day BETWEEN %(first)s AND %(last)s
    AND COALESCE(d.day IN ({raw_days}), 0) = 0 AND r.prev_day >= %(first)s
  UNION ALL
  {raw}
"""


class Summed:
    """The figures of a part over a span, as ``split`` says.

    ``raw`` are those of its raw days by value id, if they are known: pageviews, visits
    and visitors.
    """

    def __init__(
        self,
        db: Database,
        project_id: int,
        part: Part,
        span: Span,
        split: Split,
        raw: Mapping[int, Figures] | None = None,
    ) -> None:
        self._db = db
        self._part = part
        self._split = split
        days, self._values = named("made", split.single_days)
        months, values = named("month", [month.first for month in split.months])
        self._values.update(values)
        raw_days, values = named("raw", split.raw_days)
        self._values.update(values)
        if raw is None:
            counted, _ = count_by_day(part, split.raw_days)
        else:
            counted = _rows_of(raw)
        self._values.update(
            project_id=project_id,
            first=span.first,
            last=span.last,
            dimension=part.number,
        )
        self._daily = _DAILY.format(
            days=days, months=months, raw_days=raw_days, raw=counted
        )

    def by_label(self, names: dict[str, str], rows: tuple[int, int]) -> list[Row]:
        """Return the figures of each value, under the keys of ``names``, most first."""
        columns = {key: _of_stats(DIMENSIONS[one].column) for key, one in names.items()}
        chosen = ", ".join(f"{column} AS {key}" for key, column in columns.items())
        grouped = ", ".join(columns.values())
        sql = f"""-- stats.summed_store.Summed.by_label
SELECT {chosen}, {FIGURES}
FROM (
  SELECT each_day.value_id, {_SUMS}
  FROM ({self._daily}) AS each_day
  GROUP BY each_day.value_id
) AS daily
{_join_of_stats(self._part)}
GROUP BY {grouped}
ORDER BY pageviews DESC, {grouped}
LIMIT %(limit)s OFFSET %(offset)s"""
        return self._all(sql, rows)

    def by_page(self, rows: tuple[int, int]) -> list[Row]:
        """Return page_id, url, page_title and figures of pages, most first."""
        most = "pageviews" if self._part is PAGE else "visits"
        sql = f"""-- stats.summed_store.Summed.by_page
SELECT counted.*, COALESCE(page.title, '') AS page_title,
  COALESCE(page.scheme, '') AS scheme, COALESCE(page.host, '') AS host,
  COALESCE(page.path, '') AS path
FROM (
  SELECT daily.value_id AS page_id, {FIGURES}
  FROM ({self._daily}) AS daily
  GROUP BY daily.value_id
) AS counted
LEFT JOIN ph_pages AS page
  ON page.project_id = %(project_id)s AND page.id = counted.page_id
ORDER BY {most} DESC, host, path
LIMIT %(limit)s OFFSET %(offset)s"""
        return with_url(self._all(sql, rows))

    def by_event(self, rows: tuple[int, int]) -> list[Row]:
        """Return name_id, name, count and visitors of events, most first."""
        sql = f"""-- stats.summed_store.Summed.by_event
SELECT n.id AS name_id, n.name, SUM(daily.pageviews) AS count,
  SUM(daily.visitors) AS visitors
FROM ({self._daily}) AS daily
JOIN ph_event_names AS n
  ON n.project_id = %(project_id)s AND n.id = daily.value_id
GROUP BY n.id, n.name
ORDER BY count DESC, n.name
LIMIT %(limit)s OFFSET %(offset)s"""
        return self._all(sql, rows)

    def of_event(self, value_id: int) -> list[Row]:
        """Return count and visitors of an event, 0 being all of them."""
        self._values["value_id"] = value_id
        sql = f"""-- stats.summed_store.Summed.of_event
SELECT COALESCE(SUM(daily.pageviews), 0) AS count,
  COALESCE(SUM(daily.visitors), 0) AS visitors
FROM ({self._daily}) AS daily
WHERE daily.value_id = %(value_id)s"""
        return self._all(sql)

    def days_of_event(self, value_id: int) -> list[Row]:
        """Return the same by day, only of the days that have stats."""
        days, values = named("made", self._split.made)
        self._values.update(values, value_id=value_id)
        sql = f"""-- stats.summed_store.Summed.days_of_event
SELECT day, pageviews AS count, visitors
FROM ph_day_stats
WHERE project_id = %(project_id)s AND day IN ({days})
  AND dimension = %(dimension)s AND value_id = %(value_id)s"""
        return self._all(sql)

    def _all(self, sql: str, rows: tuple[int, int] = (0, 0)) -> list[Row]:
        values = {**self._values, "limit": rows[0], "offset": rows[1]}
        return self._db.read(lambda: self._db.all(sql, values))


def _rows_of(figures: Mapping[int, Figures]) -> str:
    """Return a SELECT of the figures of values, as ``count_by_day`` does.

    They are numbers, and in the text: old SQLite binds 999 values at most, and none
    takes more than 500 SELECT side by side.
    """
    # A SELECT there must be, also of no rows.
    of_values = list(figures.items()) or [(0, (0, 0, 0))]
    rows = [
        f"SELECT NULL AS day, {value_id:d} AS value_id, {pageviews:d} AS pageviews,"
        f" {visits:d} AS visits, {visitors:d} AS visitors, 0 AS bounces"
        for value_id, (pageviews, visits, visitors) in of_values
    ]
    condition = "" if figures else "  WHERE 1 = 0\n"
    groups = [rows[start : start + TOGETHER] for start in range(0, len(rows), TOGETHER)]
    return "  UNION ALL\n".join(
        f"  SELECT * FROM ({' UNION ALL '.join(group)}) AS raw_{number}\n{condition}"
        for number, group in enumerate(groups)
    )


_VISITORS_OF_VISITS = """
  SELECT s.visitor_id, {columns}
  FROM ph_visits AS s
  {join}
  WHERE s.project_id = %(project_id)s AND s.day BETWEEN %(first)s AND %(last)s
  UNION ALL
  SELECT s.visitor_id, {columns}
  FROM ph_pageviews AS v
  JOIN ph_visits AS s
    ON s.project_id = v.project_id AND s.day = v.visit_day AND s.id = v.visit_id
  {join}
  WHERE v.project_id = %(project_id)s
    AND v.day IN (%(first)s, %(second)s, %(third)s, %(last)s)
    AND v.day <= %(last)s
    AND (v.visit_day < %(first)s OR v.visit_day > %(last)s)
"""


def count_by_label(
    db: Database, project_id: int, part: Part, span: Span
) -> dict[tuple[Any, ...], int]:
    """Return the unique visitors of each value by its labels, from rows.

    Each visit that began in the span has a view in it; of the others there are few.
    """
    labels = {f"label_{number}": sql for number, sql in enumerate(part.columns)}
    columns = ", ".join(f"{sql} AS {label}" for label, sql in labels.items())
    found = _VISITORS_OF_VISITS.format(columns=columns, join=JOINS[part.join])
    names = ", ".join(f"seen.{label}" for label in labels)
    sql = (
        f"-- stats.summed_store.count_by_label\nSELECT {names},"
        f" COUNT(DISTINCT seen.visitor_id) AS visitors\nFROM ({found}) AS seen\n"
        f"GROUP BY {names}"
    )
    days = [*span.days(), span.last, span.last]
    values = {
        "project_id": project_id,
        "first": span.first,
        "second": days[1],
        "third": days[2],
        "last": span.last,
    }
    rows = db.read(lambda: db.all(sql, values))
    return {tuple(row[label] for label in labels): row["visitors"] for row in rows}


_COUNTED = {
    "views": ("ph_pageviews", "v"),
    "visits": ("ph_visits", "s"),
    "events": ("ph_events", "v"),
}


def count_by_id(
    db: Database, project_id: int, part: Part, span: Span, value_ids: Sequence[int]
) -> dict[int, int]:
    """Return the unique visitors of these pages or events, from rows."""
    table, name = _COUNTED[part.source]
    marks, values = named("value", value_ids)
    sql = f"""-- stats.summed_store.count_by_id
SELECT {part.identifier} AS value_id, COUNT(DISTINCT {name}.visitor_id) AS visitors
FROM {table} AS {name}
WHERE {name}.project_id = %(project_id)s
  AND {name}.day BETWEEN %(first)s AND %(last)s
  AND {name}.visitor_id <> 0
  AND {part.identifier} IN ({marks})
GROUP BY {part.identifier}"""
    values.update(project_id=project_id, first=span.first, last=span.last)
    rows = db.read(lambda: db.all(sql, values))
    return {row["value_id"]: row["visitors"] for row in rows}


def _of_stats(column: str) -> str:
    """Return the label's SQL for rows of stats, in which a channel is value_id."""
    return column.replace("s.channel", "daily.value_id")


def _join_of_stats(part: Part) -> str:
    """Return the join from rows of stats to the table of their labels."""
    join = JOINS[part.join].replace("s.project_id", "%(project_id)s")
    return join.replace(part.identifier, "daily.value_id")


def sum_week(db: Database, project_id: int, days: Sequence[date]) -> list[Row]:
    """Return pageviews, unique_visitors and visits of these days by weekday and hour.

    Which weekday a day is no two databases tell in the same words.
    """
    values: dict[str, Any] = {"project_id": project_id}
    selects = []
    for weekday in range(7):
        marks, some = named(
            f"day_{weekday}", [day for day in days if day.weekday() == weekday]
        )
        values.update(some)
        selects.append(f"""
SELECT {weekday} AS weekday, hour, SUM(pageviews) AS pageviews,
  SUM(visitors) AS unique_visitors, SUM(visits) AS visits
FROM ph_day_hours
WHERE project_id = %(project_id)s AND day IN ({marks})
GROUP BY hour""")
    sql = "-- stats.summed_store.sum_week" + "\nUNION ALL".join(selects)
    return db.read(lambda: db.all(sql, values))
