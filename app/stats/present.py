"""Who is there now, and what was not counted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from app.stats import present_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime
    from typing import Any

    from app.db import Database
    from app.projects.store import Project
    from app.report.question import Question

SHORT = timedelta(minutes=5)
LONG = timedelta(minutes=30)


def realtime(
    db: Database, project: Project, at: datetime, today: date
) -> dict[str, Any]:
    """Return visitors_5_minutes, visitors_30_minutes and pages.

    ``pages`` has the pages that the visitors of the last 5 minutes saw last: url,
    page_title, unique_visitors; most first.
    """
    rows = present_store.list_present(db, project.id, at, at - LONG, today)
    lately = [row for row in rows if row["last_at"] > at - SHORT]
    on_page: dict[tuple[str, str], set[int]] = {}
    for row in lately:
        page = (row["url"], row["page_title"])
        on_page.setdefault(page, set()).add(row["visitor_id"])
    pages = [
        {"url": url, "page_title": title, "unique_visitors": len(visitors)}
        for (url, title), visitors in on_page.items()
    ]
    return {
        "visitors_5_minutes": len({row["visitor_id"] for row in lately}),
        "visitors_30_minutes": len({row["visitor_id"] for row in rows}),
        "pages": sorted(
            pages, key=lambda page: (-page["unique_visitors"], page["url"])
        ),
    }


def bots(db: Database, project: Project, question: Question) -> dict[str, Any]:
    """Return how many beacons were not counted: by_reason, by_robot and by_page.

    A duplicate is not among them: its view was counted.
    """
    rows = present_store.count_drops(db, project.id, question)
    limit, offset = question.rows(50)

    def top(key: str, name: str) -> list[dict[str, Any]]:
        counts: Counter[str] = Counter()
        for row in rows:
            if row[name]:
                counts[row[name]] += row["beacons"]
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [
            {key: value, "beacons": count}
            for value, count in ordered[offset : offset + limit]
        ]

    return {
        "total": sum(row["beacons"] for row in rows),
        "by_reason": top("reason", "reason"),
        "by_robot": top("robot", "robot"),
        "by_page": top("url", "url"),
    }
