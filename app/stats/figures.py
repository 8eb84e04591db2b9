"""The figures of a span, and how they run over it: what most reports are made of."""

from __future__ import annotations

from app.report.ratios import percentage, rounded
from app.report.span import Span
from app.stats import counts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date
    from typing import Any

    from app.db import Database, Row
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
        _take_views(figures, views)
    else:
        figures.visitors = _visitors(db, project, question)
        pageviews = counts.count_pageviews(db, project, question)
        figures.pageviews = sum(pageviews.values())
    [visits] = counts.sum_visits(db, project, question)
    _take_visits(figures, visits)
    return figures


def with_steps(
    db: Database, project: Project, question: Question
) -> tuple[Figures, list[Figures]]:
    """Return the figures of the whole span, and of each bucket in it, in order.

    Empty buckets are included. The label is the local day, for ``interval=hour`` the
    hour, for weeks and months the first day that lies in the span. With filters, days
    without rows are absent from the buckets.
    """
    whole, asked, steps = _read(db, project, question, with_views=True)
    whole.visitors = _visitors(db, project, question)
    if question.interval == "day" and not question.filters:
        for day, row in counts.count_visitors(db, project, question).items():
            steps[day.isoformat()].visitors = row["visitors"]
    if not _is_coarse(question):
        return whole, list(steps.values())
    buckets = []
    for span, bucket in _buckets(asked, steps):
        bucket.visitors = _visitors(db, project, asked.over(span))
        buckets.append(bucket)
    return whole, buckets


def visits_with_steps(
    db: Database, project: Project, question: Question
) -> tuple[Figures, list[Figures]]:
    """Return the same, but nothing of pageviews and visitors."""
    whole, asked, steps = _read(db, project, question, with_views=False)
    if _is_coarse(question):
        return whole, [bucket for _, bucket in _buckets(asked, steps)]
    return whole, list(steps.values())


def _read(
    db: Database, project: Project, question: Question, with_views: bool
) -> tuple[Figures, Question, dict[str, Figures]]:
    """Return the whole, which days have steps, and the figures of each day, or hour.

    Visitors are only in those of an hour, and with filters.
    """
    asked = question
    if question.filters:
        asked = counts.answerable(db, project, question)
    by_hour = question.interval == "hour"
    group = "day, hour" if by_hour else "day"
    steps = {name: Figures(name) for name in labels(asked.span, by_hour)}
    if with_views and (by_hour or question.filters):
        for row in counts.sum_views(db, project, asked, group):
            _take_views(steps[label(row, by_hour)], row)
    elif with_views:
        for day, count in counts.count_pageviews(db, project, asked).items():
            steps[day.isoformat()].pageviews = count
    for row in counts.sum_visits(db, project, asked, group):
        _take_visits(steps[label(row, by_hour)], row)
    return _sum(question.span.first, steps.values()), asked, steps


def _is_coarse(question: Question) -> bool:
    return question.interval in ("week", "month")


def _buckets(
    question: Question, days: dict[str, Figures]
) -> Iterator[tuple[Span, Figures]]:
    """Yield each week, or month, with the figures of its days."""
    for span in question.span.buckets(question.interval):
        yield span, _sum(span.first, [days[day.isoformat()] for day in span.days()])


def _sum(first: date, parts: Collection[Figures]) -> Figures:
    """Return what days, or hours, have together, but for their visitors."""
    whole = Figures(first.isoformat())
    for name in ("pageviews", *counts.VISIT_SUMS):
        setattr(whole, name, sum(getattr(part, name) for part in parts))
    return whole


def _visitors(db: Database, project: Project, question: Question) -> int:
    """Return how many visitors the whole span has."""
    if question.filters:
        [views] = counts.sum_views(db, project, question)
        visitors: int = views["unique_visitors"]
        return visitors
    days = counts.count_visitors(db, project, question).values()
    return sum(row["entering"] for row in days)


def _take_views(figures: Figures, row: Row) -> None:
    figures.pageviews = row["pageviews"]
    figures.visitors = row["unique_visitors"]


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
