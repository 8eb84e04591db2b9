"""The figures of a span, and how they run over it: what most reports are made of."""

from __future__ import annotations

from app.clock import NULL_DAY
from app.report.ratios import percentage, rounded
from app.report.span import Span
from app.stats import counts, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database
    from app.projects.store import Project
    from app.report.question import Question


class Figures:
    """Counts of a span, or of one bucket in it."""

    def __init__(self, label: str = "") -> None:
        self.label = label
        self.pageviews = 0
        self.visitors = 0
        self.visits = 0
        self.bounces = 0
        self.views = 0
        self.seconds = 0
        self.seconds_engaged = 0

    @property
    def bounce_rate(self) -> int | float:
        """Percentage, one decimal, of visits with exactly one pageview."""
        return percentage(self.bounces, self.visits)

    @property
    def views_per_visit(self) -> int | float:
        """Pageviews of the visits that began in the span, per visit; two decimals."""
        return rounded(self.views / self.visits, 2) if self.visits else 0

    @property
    def average_seconds(self) -> int:
        """Last activity minus start, mean over all visits."""
        return round(self.seconds / self.visits) if self.visits else 0

    @property
    def average_seconds_engaged(self) -> int:
        """The same over visits that are no bounce."""
        engaged = self.visits - self.bounces
        return round(self.seconds_engaged / engaged) if engaged else 0


def total(db: Database, project: Project, question: Question) -> Figures:
    """Return the figures of the whole span, under the question's filters."""
    figures = Figures(question.span.first.isoformat())
    if question.filters:
        [views] = counts.sum_views(db, project, question)
        figures.pageviews = views["pageviews"]
        figures.visitors = views["unique_visitors"]
    else:
        days = store.count_visitors(db, project.id, question, NULL_DAY)
        figures.visitors = sum(row["entering"] for row in days.values())
        pageviews = counts.count_pageviews(db, project, question)
        figures.pageviews = sum(pageviews.values())
    [visits] = counts.sum_visits(db, project, question)
    _take_visits(figures, visits)
    return figures


def over_time(db: Database, project: Project, question: Question) -> list[Figures]:
    """Return the figures of each bucket, empty ones included, in order.

    The label is the local day, for ``interval=hour`` the hour, for weeks and months
    the first day that lies in the span. With filters, days without rows are absent.
    """
    if question.filters:
        question = counts.answerable(db, project, question)
    if question.interval in ("week", "month"):
        buckets = question.span.buckets(question.interval)
        return [total(db, project, question.over(bucket)) for bucket in buckets]
    by_hour = question.interval == "hour"
    group = "day, hour" if by_hour else "day"
    found = {label: Figures(label) for label in labels(question.span, by_hour)}
    if by_hour or question.filters:
        for row in counts.sum_views(db, project, question, group):
            figures = found[label(row, by_hour)]
            figures.pageviews = row["pageviews"]
            figures.visitors = row["unique_visitors"]
    else:
        days = store.count_visitors(db, project.id, question, NULL_DAY)
        for day, row in days.items():
            found[day.isoformat()].visitors = row["visitors"]
        for day, count in counts.count_pageviews(db, project, question).items():
            found[day.isoformat()].pageviews = count
    for row in counts.sum_visits(db, project, question, group):
        _take_visits(found[label(row, by_hour)], row)
    return list(found.values())


def _take_visits(figures: Figures, row: dict[str, int]) -> None:
    figures.visits = row["visits"]
    figures.bounces = row["bounces"]
    figures.views = row["views"]
    figures.seconds = row["seconds"]
    figures.seconds_engaged = row["seconds_engaged"]


def labels(span: Span, by_hour: bool) -> list[str]:
    """Return what the days of the span are called, or their hours."""
    days = [day.isoformat() for day in span.days()]
    if not by_hour:
        return days
    return [f"{day} {hour:02}:00:00" for day in days for hour in range(24)]


def label(row: dict[str, Any], by_hour: bool) -> str:
    """Return what the day, or the hour, of a row is called."""
    day = str(row["day"])
    return f"{day} {row['hour']:02}:00:00" if by_hour else day
