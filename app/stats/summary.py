"""The headline figures of a span, beside those of another."""

from __future__ import annotations

from app.report.ratios import percentage
from app.stats import figures
from app.summaries.split import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database
    from app.projects.store import Project
    from app.report.question import Question


def summary(db: Database, project: Project, question: Question) -> dict[str, Any]:
    """Return each headline figure with ``value``, ``previous`` and ``change``.

    ``previous`` is the figure of the days compared with (those just before unless
    ``compare`` says otherwise); ``change`` the difference in percent of it, one
    decimal, and null if it was 0. Both are null if not all of those days have rows and
    there are filters.
    """
    span = question.compared() or question.span.previous()
    now = _headline(figures.total(db, project, question))
    earlier = question.over(span)
    before = _headline(figures.total(db, project, earlier))
    if question.filters and split(db, project, earlier).is_pruned(span):
        before = dict.fromkeys(now)
    return {
        name: {
            "value": value,
            "previous": before[name],
            "change": (
                percentage(value - before[name], before[name]) if before[name] else None
            ),
        }
        for name, value in now.items()
    }


def _headline(whole: figures.Figures) -> dict[str, Any]:
    return {
        "visitors": whole.visitors,
        "visits": whole.visits,
        "pageviews": whole.pageviews,
        "views_per_visit": whole.views_per_visit,
        "bounce_rate": whole.bounce_rate,
        "duration_seconds": whole.average_seconds,
    }
