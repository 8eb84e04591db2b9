"""What the reports count: closed days from their stats, the others from their rows.

Each answers as the function of that name in ``store`` would if all rows were there, and
notes in ``question.incomplete`` what it cannot say. Under filters stats cannot answer.
"""

from __future__ import annotations

from app.clock import NULL_DAY
from app.packed.sums import sum_by_value
from app.stats import store, summed_store
from app.stats.events_store import Events
from app.stats.unique_visitors import VISITORS, set_visitors
from app.summaries import parts
from app.summaries import store as summaries
from app.summaries.split import days_of, packed, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row
    from app.packed.counting import Counting
    from app.projects.store import Project
    from app.report.question import Question
    from app.summaries.parts import Part
    from app.summaries.split import Split

VISIT_SUMS = ("visits", "bounces", "views", "seconds", "seconds_engaged")
ENDS = {"entry_page_id": parts.ENTRY, "exit_page_id": parts.EXIT}


def answerable(db: Database, project: Project, question: Question) -> Question:
    """Return the question about the days that still have rows."""
    return split(db, project, question).answerable(question)


def _one_by_one(
    db: Database, project: Project, question: Question
) -> Counting | store.Rows:
    """Return what counts each view and visit, as no summary of them can tell."""
    asked = answerable(db, project, question)
    counting = packed(db, project, asked) if question.filters else None
    return counting or store.Rows(db, project.id, asked)


def count_visitors(
    db: Database, project: Project, question: Question
) -> dict[date, Row]:
    """Return visitors, entering and new_visitors by day, without filters.

    It is found once for a question.
    """
    if question.visitor_days is None:
        found = store.count_visitors(db, project.id, question, NULL_DAY)
        question.visitor_days = found
    return question.visitor_days


def count_pageviews(
    db: Database, project: Project, question: Question
) -> dict[date, int]:
    """Return the pageviews by day, without filters; days without may be absent."""
    days = split(db, project, question)
    found = {day: row["pageviews"] for day, row in days.totals.items()}
    for run in days.raw:
        found.update(store.count_pageviews(db, project.id, question.over(run)))
    return found


def sum_views(
    db: Database, project: Project, question: Question, group: str = ""
) -> list[Row]:
    """Return pageviews and unique_visitors; without filters only by "day, hour"."""
    days = split(db, project, question)
    if not days.made:
        return _one_by_one(db, project, question).sum_views(group)
    assert group == "day, hour", group
    found = _hours(db, project, question, days)
    for run in days.raw:
        found += store.Rows(db, project.id, question.over(run)).sum_views(group)
    return found


def sum_new(
    db: Database, project: Project, question: Question, group: str = ""
) -> list[Row]:
    """Return new_in_range and new_visitors, from rows."""
    asked = answerable(db, project, question)
    return store.Rows(db, project.id, asked).sum_new(group)


def sum_visits(
    db: Database, project: Project, question: Question, group: str = ""
) -> list[Row]:
    """Return the figures of visits that began in the span."""
    days = split(db, project, question)
    if not days.made:
        return _one_by_one(db, project, question).sum_visits(group)
    if group == "day, hour":
        found = _hours(db, project, question, days)
    else:
        found = list(days.totals.values())
    for run in days.raw:
        found += store.Rows(db, project.id, question.over(run)).sum_visits(group)
    if not group:
        return [{name: sum(row[name] for row in found) for name in VISIT_SUMS}]
    return found


def sum_week(db: Database, project: Project, question: Question) -> list[Row]:
    """Return pageviews, unique_visitors and visits by weekday (0 is Monday) and hour.

    What a row does not have is 0, and several may be of the same hour.
    """
    days = split(db, project, question)
    group = "day, hour"
    found: list[Row] = []
    if not days.made:
        views = sum_views(db, project, question, group)
        visits = sum_visits(db, project, question, group)
    else:
        found = summed_store.sum_week(db, project.id, days.made)
        views, visits = [], []
        for run in days.raw:
            rows = store.Rows(db, project.id, question.over(run))
            views += rows.sum_views(group)
            visits += rows.sum_visits(group)
    for names, of_day in ((("pageviews", VISITORS), views), (("visits",), visits)):
        for row in of_day:
            figures = {name: row[name] for name in names}
            weekday = row["day"].weekday()
            found.append({"weekday": weekday, "hour": row["hour"], **figures})
    return found


def break_down(
    db: Database,
    project: Project,
    question: Question,
    names: dict[str, str],
    rows: tuple[int, int],
    with_visitors: bool = True,
) -> list[Row]:
    """Return the figures of each value of the dimensions, most first.

    ``unique_visitors`` is null if it cannot be known, or is not wanted.
    """
    days = split(db, project, question)
    if not days.made:
        return _one_by_one(db, project, question).break_down(names, rows)
    part = parts.find(names.values())
    assert part is not None, names
    # Of the visitors of several days only those without a cookie add up.
    is_wanted = with_visitors and (days.is_summable or len(question.span) == 1)
    where = days_of(db, project.id, question)
    raw = sum_by_value(where, part, days.raw_days, is_wanted) if days.raw else {}
    summed = summed_store.Summed(db, project.id, part, question.span, days, raw)
    found = summed.by_label(names, rows)
    # The part has the labels in an order of its own.
    key_of = {name: key for key, name in names.items()}
    labels = [tuple(row[key_of[name]] for name in part.names) for row in found]
    if with_visitors:
        set_visitors(db, project, question, part, found, labels)
    return found


def list_pages(
    db: Database, project: Project, question: Question, rows: tuple[int, int]
) -> list[Row]:
    """Return url, page_title, pageviews and unique_visitors of pages."""
    days = split(db, project, question)
    if not days.made:
        return _one_by_one(db, project, question).list_pages(rows)
    return _list_by_page(db, project, question, parts.PAGE, rows)


def list_ends(
    db: Database,
    project: Project,
    question: Question,
    column: str,
    rows: tuple[int, int],
) -> list[Row]:
    """Return url, page_title, visits, bounces … of the pages in a column of visits."""
    days = split(db, project, question)
    if not days.made:
        return _one_by_one(db, project, question).list_ends(column, rows)
    return _list_by_page(db, project, question, ENDS[column], rows)


def _list_by_page(
    db: Database,
    project: Project,
    question: Question,
    part: Part,
    rows: tuple[int, int],
) -> list[Row]:
    days = split(db, project, question)
    summed = summed_store.Summed(db, project.id, part, question.span, days)
    found = summed.by_page(rows)
    labels = [(row["page_id"],) for row in found]
    set_visitors(db, project, question, part, found, labels)
    return found


def list_events(
    db: Database, project: Project, question: Question, rows: tuple[int, int]
) -> list[Row]:
    """Return name, count and visitors of the events, most first."""
    days = split(db, project, question)
    if not days.made:
        asked = days.answerable(question)
        return Events(db, project.id, asked, None).names(rows)
    summed = summed_store.Summed(db, project.id, parts.EVENT, question.span, days)
    found = summed.by_event(rows)
    labels = [(row.pop("name_id"),) for row in found]
    set_visitors(db, project, question, parts.EVENT, found, labels, "visitors")
    return found


def sum_events(
    db: Database,
    project: Project,
    question: Question,
    name_id: int | None,
    group: str = "",
) -> list[Row]:
    """Return count and visitors of the events; one row, or one a group.

    ``group`` is "", "day" or "day, hour".
    """
    days = split(db, project, question)
    if not days.made or group == "day, hour":
        asked = days.answerable(question)
        return Events(db, project.id, asked, name_id).sum(group)
    part = parts.ALL_EVENTS if name_id is None else parts.EVENT
    summed = summed_store.Summed(db, project.id, part, question.span, days)
    if group:
        found = summed.days_of_event(name_id or 0)
        for run in days.raw:
            found += Events(db, project.id, question.over(run), name_id).sum(group)
        return found
    found = summed.of_event(name_id or 0)
    labels = [() if name_id is None else (name_id,)]
    if len(question.span) > 1 and name_id is None and not days.is_summable:
        if not days.is_pruned(question.span):
            return Events(db, project.id, question, None).sum()
    set_visitors(db, project, question, part, found, labels, "visitors")
    return found


def _hours(
    db: Database, project: Project, question: Question, days: Split
) -> list[Row]:
    if days.hours is None:
        span = question.span
        rows = summaries.list_hours(db, project.id, span.first, span.last)
        days.hours = [row for row in rows if row["day"] in days.totals]
    # A copy: what is counted from rows is added to it.
    return list(days.hours)
