"""The reports on events and on how long pages are looked at."""

from __future__ import annotations

from app.packed.column import Damaged
from app.packed.engagement import PackedEngagement, SummedEngagement
from app.report.ratios import rounded
from app.stats import counts, figures
from app.stats.events_store import MEASURES, Engagement, Events, find_name
from app.summaries.split import packed, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database, Row
    from app.packed.engagement import CountedEngagement
    from app.projects.store import Project
    from app.report.question import Question

    Report = dict[str, Any]

TOP = 20
SHORT_LIST = 50


def events(
    db: Database, project: Project, question: Question, event: str, name: str
) -> Report:
    """Return total, visitors, count, a list and over_time (date, count, visitors).

    The list is ``events`` (name, count, visitors); of one ``event`` its ``properties``
    (property, count, values: how many different ones); or of its property ``name``
    the ``values`` (value, count, visitors). Visitors are those that are known.
    """
    name_id = find_name(db, project.id, event) if event else None
    [whole] = counts.sum_events(db, project, question, name_id)
    asked = {"event": event, "property": name}
    key, rows = _list(db, project, question, event, name)
    return {
        **{one: value for one, value in asked.items() if value},
        "total": whole["count"],
        "visitors": whole["visitors"],
        "count": len(rows),
        key: rows,
        "over_time": _over_time(db, project, question, name_id),
    }


def engagement(db: Database, project: Project, question: Question) -> Report:
    """Return measured_views, medians and means, count and pages with the same.

    They are of the pageviews whose page told how long it was looked at (``seconds``)
    and how far down (``scroll``, percent). A median between two values is their mean.
    """
    found = _looked_at(db, project, question)
    whole = {measure: found.counts(measure) for measure in MEASURES}
    limit = question.rows(TOP)
    of_pages = {measure: _by_page(found, measure, limit) for measure in MEASURES}
    pages = [
        {
            "url": row["url"],
            "page_title": row["page_title"],
            **_figures({one: of_pages[one][row["page_id"]] for one in MEASURES}),
        }
        for row in found.pages(limit)
    ]
    return {**_figures(whole), "count": len(pages), "pages": pages}


def _looked_at(
    db: Database, project: Project, question: Question
) -> Engagement | CountedEngagement:
    """Return what counts a question's views, from rows only if it must."""
    if not split(db, project, question).made:
        question = counts.answerable(db, project, question)
    if not question.filters:
        try:
            return SummedEngagement(db, project.id, split(db, project, question))
        except Damaged:
            question = counts.answerable(db, project, question)
    counting = packed(db, project, question)
    if counting is None:
        return Engagement(db, project.id, question)
    return PackedEngagement(counting.days)


def median(counts: list[Row]) -> int | float:
    """Return the middle one of counted values (value, count; in order), 0 of none."""
    total = sum(row["count"] for row in counts)
    places = (total - 1) // 2, total // 2
    middle, passed = [0, 0], 0
    for row in counts:
        for number, place in enumerate(places):
            if passed <= place < passed + row["count"]:
                middle[number] = row["value"]
        passed += row["count"]
    return rounded(sum(middle) / 2)


def _list(
    db: Database, project: Project, question: Question, event: str, name: str
) -> tuple[str, list[Row]]:
    rows = question.rows(SHORT_LIST)
    if not event:
        return "events", counts.list_events(db, project, question, rows)
    asked = counts.answerable(db, project, question)
    name_id = find_name(db, project.id, event)
    found = Events(db, project.id, asked, name_id)
    if name:
        return "values", found.values(name, rows)
    properties = found.properties(rows)
    return "properties", [
        {
            "property": row["property"],
            "count": row["count"],
            "values": row["different"],
        }
        for row in properties
    ]


def _over_time(
    db: Database, project: Project, question: Question, name_id: int | None
) -> list[Row]:
    """Return date, count and visitors of each step of the span, empty ones included.

    Days of which nothing can be said are absent.
    """
    by_hour = question.interval == "hour"
    if by_hour or question.filters:
        question = counts.answerable(db, project, question)
    if question.interval in ("week", "month"):
        return [
            {
                "date": bucket.first.isoformat(),
                **counts.sum_events(db, project, question.over(bucket), name_id)[0],
            }
            for bucket in question.span.buckets(question.interval)
        ]
    found = {
        label: {"date": label, "count": 0, "visitors": 0}
        for label in figures.labels(question.span, by_hour)
    }
    group = "day, hour" if by_hour else "day"
    for row in counts.sum_events(db, project, question, name_id, group):
        label = figures.label(row, by_hour)
        found[label].update(count=row["count"], visitors=row["visitors"])
    return list(found.values())


def _by_page(
    found: Engagement | CountedEngagement, measure: str, rows: tuple[int, int]
) -> dict[int, list[Row]]:
    counts: dict[int, list[Row]] = {}
    for row in found.counts_by_page(measure, rows):
        counts.setdefault(row["page_id"], []).append(row)
    return counts


def _figures(counts: dict[str, list[Row]]) -> Report:
    """Return how many views were measured, and median and mean of each measure."""
    answer: Report = {"measured_views": sum(row["count"] for row in counts["seconds"])}
    for measure, rows in counts.items():
        total = sum(row["value"] * row["count"] for row in rows)
        views = answer["measured_views"]
        answer[f"median_{measure}"] = median(rows)
        answer[f"mean_{measure}"] = rounded(total / views) if views else 0
    return answer
