"""The statements that count a day by the values of one dimension.

The same text makes the stats of a closed day and counts the days of a report that have
none. It is put together from the literals of parts.py and columns.py.
"""

from __future__ import annotations

from app.stats.columns import JOINS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Any

    from app.db import Database, Row
    from app.summaries.parts import Part

    Values = dict[str, Any]

_VIEWS = """
FROM ph_pageviews AS v{index}
JOIN ph_visits AS s
  ON s.project_id = v.project_id AND s.day = v.visit_day AND s.id = v.visit_id
{joins}
WHERE v.project_id = %(project_id)s
  AND v.day IN ({days})
"""

# Views of a visit are counted before it is looked up: it has several.
_VISITS_SEEN = """
FROM (
  SELECT v.day, v.visit_day, v.visit_id, COUNT(*) AS pageviews
  FROM ph_pageviews AS v
  WHERE v.project_id = %(project_id)s
    AND v.day IN ({days})
  GROUP BY v.day, v.visit_day, v.visit_id
) AS seen
JOIN ph_visits AS s
  ON s.project_id = %(project_id)s AND s.day = seen.visit_day AND s.id = seen.visit_id
{joins}
"""

_PAGES = """
FROM ph_pageviews AS v{index}
WHERE v.project_id = %(project_id)s
  AND v.day IN ({days})
"""

_VISITS = """
FROM ph_visits AS s
WHERE s.project_id = %(project_id)s
  AND s.day IN ({days})
"""

_EVENTS = """
FROM ph_events AS v{index}
WHERE v.project_id = %(project_id)s
  AND v.day IN ({days})
"""

_SEEN_FIGURES = (
    "SUM(seen.pageviews) AS pageviews,"
    " SUM(CASE WHEN seen.visit_day = seen.day THEN 1 ELSE 0 END) AS visits,"
    " COUNT(DISTINCT s.visitor_id) AS visitors, 0 AS bounces"
)
_PAGE_FIGURES = (
    "COUNT(*) AS pageviews, 0 AS visits, COUNT(DISTINCT v.visitor_id) AS visitors,"
    " 0 AS bounces"
)
_VISIT_FIGURES = (
    "0 AS pageviews, COUNT(*) AS visits, COUNT(DISTINCT s.visitor_id) AS visitors,"
    " SUM(CASE WHEN s.pageviews = 1 THEN 1 ELSE 0 END) AS bounces"
)
_EVENT_FIGURES = (
    "COUNT(*) AS pageviews, 0 AS visits,"
    " COUNT(DISTINCT CASE WHEN v.visitor_id <> 0 THEN v.visitor_id END) AS visitors,"
    " 0 AS bounces"
)

_WANDERERS = {
    "views": "ph_pageviews",
    "events": "ph_events",
}


def named(prefix: str, items: Sequence[object]) -> tuple[str, Values]:
    """Return placeholders for a list, and their values; a list of none matches none.

    Their number is a power of two, the last one repeated, so that there are few
    different statements.
    """
    found = list(items) or [None]
    size = 1
    while size < len(found):
        size *= 2
    found += found[-1:] * (size - len(found))
    values = {f"{prefix}_{number}": item for number, item in enumerate(found)}
    return ", ".join(f"%({name})s" for name in values), values


def count_by_day(part: Part, days: Sequence[date]) -> tuple[str, Values]:
    """Return a SELECT of day, value_id, pageviews, visits, visitors and bounces.

    It has a row for each value of the part on each of the days, and wants project_id
    bound beside the values returned.
    """
    marks, values = named("raw", days)
    shape, figures, owner = _counted(part)
    shape = shape.format(joins=JOINS[part.join], days=marks, index="")
    grouped = ", ".join([f"{owner}.day", *part.columns])
    if part.identifier == "0":
        grouped = f"{owner}.day"
    sql = (
        f"SELECT {owner}.day AS day, MIN({part.identifier}) AS value_id,"
        f" {figures}{shape}GROUP BY {grouped}\n"
    )
    return sql, values


def _counted(part: Part) -> tuple[str, str, str]:
    """Return the rows that are counted, what is counted, and the table with the day."""
    if part.source == "events":
        return _EVENTS, _EVENT_FIGURES, "v"
    if part.source == "visits":
        return _VISITS, _VISIT_FIGURES, "s"
    if part.names:
        return _VISITS_SEEN, _SEEN_FIGURES, "seen"
    return _PAGES, _PAGE_FIGURES, "v"


def list_wanderers(
    db: Database, project_id: int, source: str, days: Sequence[date]
) -> list[int]:
    """Return the visitors with views (or events) on another day than their visit's.

    ``source`` is ``views`` or ``events``.
    """
    marks, values = named("raw", days)
    sql = f"""-- summaries.daily_store.list_wanderers
SELECT DISTINCT visitor_id
FROM {_WANDERERS[source]}
WHERE project_id = %(project_id)s
  AND day IN ({marks})
  AND visit_day <> day
  AND visitor_id <> 0"""
    bound = {"project_id": project_id, **values}
    return [row["visitor_id"] for row in db.read(lambda: db.all(sql, bound))]


def list_active(
    db: Database,
    project_id: int,
    part: Part,
    visitor_ids: Sequence[int],
    days: Sequence[date],
) -> list[Row]:
    """Return visitor_id, day, value_id and the labels label_0, … of these visitors.

    One row for each value that a visitor had on one of the days.
    """
    shape = _VIEWS if part.names else _counted(part)[0]
    marks, values = named("raw", days)
    ids, named_ids = named("visitor", visitor_ids)
    shape = shape.format(
        joins=JOINS[part.join], days=marks, index=" FORCE INDEX (visitor)"
    )
    labels = [] if part.identifier == "0" else part.columns
    chosen = "".join(
        f", {column} AS label_{number}" for number, column in enumerate(labels)
    )
    grouped = ", ".join(["v.visitor_id", "v.day", *labels])
    sql = (
        f"-- summaries.daily_store.list_active\nSELECT v.visitor_id, v.day,"
        f" MIN({part.identifier}) AS value_id{chosen}{shape}"
        f"  AND v.visitor_id IN ({ids})\nGROUP BY {grouped}"
    )
    bound = {"project_id": project_id, **values, **named_ids}
    return db.read(lambda: db.all(sql, bound))
