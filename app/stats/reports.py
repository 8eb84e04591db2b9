"""The reports: each returns the ``data`` of its answer, without ``range``.

Definitions: README, "What the numbers mean". Keys and types of those that Micrologs has
are its contract's.
"""

from __future__ import annotations

from app.projects.store import COOKIE
from app.report.ratios import percentage
from app.stats import counts, figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question

    Report = dict[str, Any]

TOP = 20
SHORT_LIST = 50
ALL_ROWS = 1000
VIEWS_AND_VISITORS = ("pageviews", "unique_visitors")
NOT_KNOWABLE = (
    "Returning visitors cannot be known in a cookieless project: every visitor counts"
    " as new."
)


def visitors(db: Database, project: Project, question: Question) -> Report:
    """Return unique_visitors, total_pageviews, total_sessions, bounce_rate, over_time.

    ``over_time``: date, pageviews, unique_visitors.
    """
    whole, steps = figures.with_steps(db, project, question)
    return {
        "unique_visitors": whole.visitors,
        "total_pageviews": whole.pageviews,
        "total_sessions": whole.visits,
        "bounce_rate": whole.bounce_rate,
        "over_time": [
            {
                "date": bucket.label,
                "pageviews": bucket.pageviews,
                "unique_visitors": bucket.visitors,
            }
            for bucket in steps
        ],
    }


def visitors_returning(
    db: Database, project: Project, question: Question, lenient: bool
) -> Report:
    """Return total_visitors, new_visitors, returning_visitors, new_pct, returning_pct.

    New is who had his first view ever in the span, returning everybody else in it;
    in each step of ``over_time`` likewise, but new in an hour is who was new that day.
    A cookieless project cannot tell: null and ``knowable`` false, or for Micrologs'
    clients (``lenient``) 0 and a ``note``.
    """
    total, new = _newcomers(db, project, question)
    knowable = project.identity == COOKIE
    if not knowable and not lenient:
        unknown = dict.fromkeys(
            ("new_visitors", "returning_visitors", "new_pct", "returning_pct")
        )
        return {"total_visitors": total, **unknown, "knowable": False, "over_time": []}
    new = new if knowable else total
    steps = _newcomers_over_time(db, project, question)
    answer: Report = {
        "total_visitors": total,
        "new_visitors": new,
        "returning_visitors": total - new,
        "new_pct": percentage(new, total),
        "returning_pct": percentage(total - new, total),
        "over_time": [
            {
                "date": label,
                "new_visitors": fresh if knowable else seen,
                "returning_visitors": seen - fresh if knowable else 0,
            }
            for label, (seen, fresh) in steps.items()
        ],
    }
    if not knowable:
        answer["note"] = NOT_KNOWABLE
    return answer


def sessions(db: Database, project: Project, question: Question) -> Report:
    """Return total_sessions, bounce_rate, averages, over_time.

    ``avg_duration_seconds`` is over all visits, ``avg_duration_engaged`` over those
    that are no bounce. ``over_time``: date, sessions, avg_duration_seconds.
    """
    whole, steps = figures.visits_with_steps(db, project, question)
    return {
        "total_sessions": whole.visits,
        "bounce_rate": whole.bounce_rate,
        "avg_duration_seconds": whole.average_seconds,
        "avg_duration_engaged": whole.average_seconds_engaged,
        "avg_pages_per_session": whole.views_per_visit,
        "over_time": [
            {
                "date": bucket.label,
                "sessions": bucket.visits,
                "avg_duration_seconds": bucket.average_seconds,
            }
            for bucket in steps
        ],
    }


def pages(db: Database, project: Project, question: Question) -> Report:
    """Return count and pages: url, page_title (the newest), pageviews, unique_visitors.

    A page is a host and a path: query strings and old titles do not split it.
    """
    rows = counts.list_pages(db, project, question, question.rows(TOP))
    return _listed("pages", rows, ("url", "page_title", "pageviews", "unique_visitors"))


def entry_pages(db: Database, project: Project, question: Question) -> Report:
    """Return count and pages on which visits began, with their bounce_rate."""
    return _ends(db, project, question, "entry_page_id")


def exit_pages(db: Database, project: Project, question: Question) -> Report:
    """Return count and pages on which visits ended, with the bounce_rate of those."""
    return _ends(db, project, question, "exit_page_id")


def devices(db: Database, project: Project, question: Question) -> Report:
    """Return by_device (with unique_visitors), by_os and by_browser."""
    limit = question.rows(ALL_ROWS)

    def top(key: str, name: str, with_visitors: bool = False) -> list[Row]:
        names = {key: name}
        return counts.break_down(db, project, question, names, limit, with_visitors)

    return {
        "by_device": _rows(
            top("device_type", "device", True), ("device_type", *VIEWS_AND_VISITORS)
        ),
        "by_os": _rows(top("os", "os"), ("os", "pageviews")),
        "by_browser": _rows(top("browser", "browser"), ("browser", "pageviews")),
    }


def locations(db: Database, project: Project, question: Question) -> Report:
    """Return by_country, by_region and by_city; what has no place has empty names."""

    def top(keys: dict[str, str], limit: int, with_visitors: bool = False) -> list[Row]:
        rows = question.rows(limit)
        return counts.break_down(db, project, question, keys, rows, with_visitors)

    country = {"country": "country_name", "country_code": "country"}
    region = {**country, "region": "region"}
    city = {"city": "city", "region": "region", "country_code": "country"}
    return {
        "by_country": _rows(
            top(country, ALL_ROWS, True), (*country, *VIEWS_AND_VISITORS)
        ),
        "by_region": _rows(top(region, SHORT_LIST), (*region, "pageviews")),
        "by_city": _rows(top(city, SHORT_LIST), (*city, "pageviews")),
    }


def referrers(db: Database, project: Project, question: Question) -> Report:
    """Return by_category and top_referrers (without direct visits)."""
    categories = counts.break_down(
        db, project, question, {"category": "category"}, (ALL_ROWS, 0)
    )
    limit, offset = question.rows(TOP)
    urls = counts.break_down(
        db,
        project,
        question,
        {"referrer_url": "referrer_url"},
        # One of them may be "direct", which is no referrer.
        (limit + offset + 1, 0),
        with_visitors=False,
    )
    known = [row for row in urls if row["referrer_url"]][offset : offset + limit]
    return {
        "by_category": _rows(categories, ("category", *VIEWS_AND_VISITORS)),
        "top_referrers": _rows(known, ("referrer_url", "pageviews")),
    }


def utm(db: Database, project: Project, question: Question) -> Report:
    """Return count and campaigns: of visits with a source, medium or campaign."""
    names = ("utm_source", "utm_medium", "utm_campaign")
    limit, offset = question.rows(ALL_ROWS)
    rows = counts.break_down(
        db,
        project,
        question,
        {name: name for name in names},
        (limit + offset + 1, 0),
    )
    known = [row for row in rows if any(row[name] for name in names)]
    shown = known[offset : offset + limit]
    return _listed("campaigns", shown, (*names, *VIEWS_AND_VISITORS))


def breakdown(
    db: Database, project: Project, question: Question, key: str, names: dict[str, str]
) -> Report:
    """Return count and, under ``key``, each value of the dimensions."""
    rows = counts.break_down(db, project, question, names, question.rows(SHORT_LIST))
    return _listed(key, rows, (*names, "visits", *VIEWS_AND_VISITORS))


def hours(db: Database, project: Project, question: Question) -> Report:
    """Return pageviews, visits and unique_visitors of each hour of the week.

    ``weekday`` is 0 for Monday; ``hour`` is the project's local one. Visitors of
    several weeks are summed.
    """
    week = {
        (weekday, hour): {"pageviews": 0, "visits": 0, "unique_visitors": 0}
        for weekday in range(7)
        for hour in range(24)
    }
    for row in counts.sum_week(db, project, question):
        cell = week[row["weekday"], row["hour"]]
        for name in cell:
            cell[name] += row.get(name, 0)
    return {
        "hours": [
            {"weekday": weekday, "hour": hour, **cell}
            for (weekday, hour), cell in week.items()
        ]
    }


def _ends(db: Database, project: Project, question: Question, column: str) -> Report:
    rows = counts.list_ends(db, project, question, column, question.rows(TOP))
    for row in rows:
        row["bounce_rate"] = percentage(row["bounces"], row["visits"])
    keys = ("url", "page_title", "visits", "unique_visitors", "bounce_rate")
    return _listed("pages", rows, keys)


def _newcomers(db: Database, project: Project, question: Question) -> tuple[int, int]:
    """Return how many visitors the span has, and how many of them are new in it."""
    if question.filters:
        [views] = counts.sum_views(db, project, question)
        [fresh] = counts.sum_new(db, project, question)
        return views["unique_visitors"], fresh["new_in_range"]
    days = counts.count_visitors(db, project, question).values()
    seen = sum(row["entering"] for row in days)
    return seen, sum(row["new_visitors"] for row in days)


def _newcomers_over_time(
    db: Database, project: Project, question: Question
) -> dict[str, tuple[int, int]]:
    """Return the same for each step of the span, empty ones included, by its label.

    Days of which nothing can be said are absent.
    """
    by_hour = question.interval == "hour"
    if by_hour or question.filters:
        question = counts.answerable(db, project, question)
    if question.interval in ("week", "month"):
        return {
            bucket.first.isoformat(): _newcomers(db, project, question.over(bucket))
            for bucket in question.span.buckets(question.interval)
        }
    found = dict.fromkeys(figures.labels(question.span, by_hour), (0, 0))
    if by_hour or question.filters:
        group = "day, hour" if by_hour else "day"
        new = counts.sum_new(db, project, question, group)
        fresh = {figures.label(row, by_hour): row["new_visitors"] for row in new}
        for row in counts.sum_views(db, project, question, group):
            label = figures.label(row, by_hour)
            found[label] = (row["unique_visitors"], fresh.get(label, 0))
        return found
    for day, row in counts.count_visitors(db, project, question).items():
        found[day.isoformat()] = (row["visitors"], row["new_visitors"])
    return found


def _listed(key: str, rows: list[Row], columns: tuple[str, ...]) -> Report:
    return {"count": len(rows), key: _rows(rows, columns)}


def _rows(rows: list[Row], columns: tuple[str, ...]) -> list[Row]:
    return [{column: row[column] for column in columns} for row in rows]
