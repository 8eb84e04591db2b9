"""The reports about links: each returns its answer's ``data``, without ``range``."""

from __future__ import annotations

from app.clock import to_local
from app.links import report_store
from app.report.span import Span
from app.summaries.split import with_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question

    Report = dict[str, Any]

ALL_ROWS = 1000


def links(db: Database, project: Project, asked: Question, most: int) -> Report:
    """Return count and links, those without a click too, ``most`` at most.

    Each: code, label, destination_url, total_clicks and unique_clicks of the span,
    created_at.
    """
    asked = with_rows(db, project, asked)
    rows = report_store.list_by_clicks(db, project.id, asked, asked.rows(most))
    for row in rows:
        row["created_at"] = str(to_local(row["created_at"], project.timezone))
    return {"count": len(rows), "links": rows}


def link_detail(db: Database, project: Project, asked: Question, link: Row) -> Report:
    """Return what happened to one link in the span.

    Shape: ``link``, total_clicks, unique_clicks, by_country, by_referrer, by_device,
    and ``over_time`` with each step of the span; days whose clicks are deleted are
    absent.
    """
    asked = with_rows(db, project, asked)

    def count(statement: str) -> list[Row]:
        return report_store.of_link(db, statement, project.id, link["id"], asked)

    hours = {
        (row["day"], row["hour"]): row["clicks"]
        for row in count(report_store.COUNT_BY_HOUR)
    }
    [visitors] = count(report_store.COUNT_VISITORS)
    return {
        "link": {
            "id": link["id"],
            "code": link["code"],
            "label": link["label"],
            "destination_url": link["destination_url"],
            "created_at": str(to_local(link["created_at"], project.timezone)),
        },
        "total_clicks": sum(hours.values()),
        "unique_clicks": visitors["visitors"],
        "by_country": count(report_store.COUNT_BY_COUNTRY),
        "by_referrer": count(report_store.COUNT_BY_REFERRER),
        "by_device": count(report_store.COUNT_BY_DEVICE),
        "over_time": _over_time(asked, hours),
    }


def _over_time(asked: Question, hours: dict[tuple[date, int], int]) -> list[Row]:
    """Return date and clicks of each step, empty ones included."""
    days = asked.span.days()
    if asked.interval == "hour":
        return [
            {"date": f"{day} {hour:02}:00:00", "clicks": hours.get((day, hour), 0)}
            for day in days
            for hour in range(24)
        ]
    by_day = dict.fromkeys(days, 0)
    for (day, _), clicks in hours.items():
        by_day[day] += clicks
    steps = [Span(day, day) for day in days]
    if asked.interval != "day":
        steps = asked.span.buckets(asked.interval)
    return [
        {"date": str(step.first), "clicks": sum(by_day[day] for day in step.days())}
        for step in steps
    ]
