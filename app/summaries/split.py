"""Which days of a question have stats, and which must be counted from their rows."""

from __future__ import annotations

from app.packed.counting import Counting
from app.packed.days import Days, can_filter
from app.packed.fields import NUMBER, VISITOR
from app.projects.store import COOKIE
from app.report.span import ONE_DAY, Span
from app.stats.filter_store import LONGEST
from app.summaries import store
from app.summaries.parts import ALL_MADE, MONTH_MADE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question

MAX_RUNS = 12
"""With more gaps than this, whatever lies between them is counted from rows too."""


class Split:
    """The days of a span: ``made`` have stats, ``raw`` are runs of those without.

    ``totals`` are the rows of ph_days by day, of those that are made, and ``hours``
    those of their hours, once they are read. Of the days up to ``pruned_until`` there
    is nothing but stats. ``is_summable``: the visitors of single days, less the
    repeats, are those of the span. ``months`` are those that have stats, of the days
    that are made.
    """

    def __init__(self) -> None:
        self.totals: dict[date, Row] = {}
        self.hours: list[Row] | None = None
        self.raw: list[Span] = []
        self.months: list[Span] = []
        self.pruned_until: date | None = None
        self.is_summable = False

    @property
    def made(self) -> list[date]:
        """The days that have stats."""
        return list(self.totals)

    @property
    def single_days(self) -> list[date]:
        """The days that have stats and are in no month that has."""
        summed = {day for month in self.months for day in month.days()}
        return [day for day in self.totals if day not in summed]

    @property
    def months_with_sets(self) -> list[Span]:
        """The months of which visitors are known by number."""
        return [
            month for month in self.months if self.totals[month.first]["month_has_sets"]
        ]

    @property
    def raw_days(self) -> list[date]:
        """The days that have none."""
        return [day for run in self.raw for day in run.days()]

    def is_pruned(self, span: Span) -> bool:
        """Return whether rows of the span are deleted."""
        return self.pruned_until is not None and span.first <= self.pruned_until

    def answerable(self, question: Question) -> Question:
        """Return the question about those of its days that still have rows.

        That others are left out goes into its answer.
        """
        if self.pruned_until is None or not self.is_pruned(question.span):
            return question
        first = self.pruned_until + ONE_DAY
        question.incomplete.note(first, "days")
        # May be none: then it begins after its end.
        return question.over(Span(first, question.span.last))


def with_rows(db: Database, project: Project, question: Question) -> Question:
    """Return the question about the days that have rows, whatever it is about."""
    found = Split()
    found.pruned_until = store.last_pruned(db, project.id)
    return found.answerable(question)


def is_lost(db: Database, project: Project, question: Question, *names: str) -> bool:
    """Return whether rows of the question's days are deleted.

    Then its answer says that what is called ``names`` is missing.
    """
    pruned_until = store.last_pruned(db, project.id)
    if pruned_until is None or question.span.first > pruned_until:
        return False
    question.incomplete.note(pruned_until + ONE_DAY, *names)
    return True


def split(db: Database, project: Project, question: Question) -> Split:
    """Return how the question's days are counted: from rows, all of them, if filtered.

    It is found once for a question.
    """
    if question.split is None:
        made = Split()
        if question.filters:
            made.pruned_until = store.last_pruned(db, project.id)
            made.raw = [question.span]
        else:
            _fill(made, db, project, question.span)
        question.split = made
    return question.split


def packed(db: Database, project: Project, question: Question) -> Counting | None:
    """Return what counts a question's visits, if any of them are packed.

    It is found once for a question, whose days all have rows.
    """
    if question.counting is None and can_filter(question.filters):
        days = days_of(db, project.id, question)
        if days.packed or days.has_numbers:
            question.counting = Counting(days)
    return question.counting


def days_of(db: Database, project_id: int, question: Question) -> Days:
    """Return where a question's visits are; its days all have rows.

    It is found once for a question. Where months have sets visitors are told by their
    numbers, if all have one.
    """
    if question.days is None:
        is_of_months = question.split is not None and question.split.months_with_sets
        with_numbers = bool(is_of_months)
        question.days = read_days(db, project_id, question, with_numbers)
    return question.days


def read_days(
    db: Database, project_id: int, question: Question, with_numbers: bool
) -> Days:
    """Return where they are; ``with_numbers``: who, by his number, if all have one."""
    around = Span(question.span.first - LONGEST, question.span.last + LONGEST)
    rows = store.list_days(db, project_id, around.first, around.last)
    # Of a pruned day, whose visits go on into the span, there still are rows.
    made = [row for row in rows if has_stats(row) and not row["is_pruned"]]
    days = [row["day"] for row in made if row["visits"]]
    raw = sorted(set(around.days()).difference(row["day"] for row in made))
    # To look one up for each visit that is not packed takes its time.
    with_numbers = with_numbers and all(
        row["has_numbers"] for row in made if row["visits"]
    )
    who = NUMBER if with_numbers else VISITOR
    return Days(db, project_id, question, days, raw, who)


def _fill(made: Split, db: Database, project: Project, span: Span) -> None:
    rows = store.list_days(db, project.id, span.first, span.last)
    made.totals = {row["day"]: row for row in rows if has_stats(row)}
    pruned = [row["day"] for row in rows if row["is_pruned"]]
    made.pruned_until = max(pruned, default=None)
    made.is_summable = (
        project.identity != COOKIE and span.first > rows[0]["cookie_until"]
    )
    made.raw = _runs(span, made.totals)
    if len(made.raw) > MAX_RUNS:
        runs = [run.first for run in made.raw if not made.is_pruned(run)]
        first = min(runs, default=span.last)
        for day in [day for day in made.totals if day > first]:
            del made.totals[day]
        made.raw = _runs(span, made.totals)
    made.months = [
        month
        for month in whole_months(span, made.totals)
        if made.totals[month.first]["month_parts"] == MONTH_MADE
    ]


def whole_months(span: Span, days: Collection[date]) -> list[Span]:
    """Return the months of the span all of whose days are among ``days``."""
    months = span.buckets("month")
    starting = [month for month in months if month.first.day == 1]
    whole = [month for month in starting if (month.last + ONE_DAY).day == 1]
    return [month for month in whole if all(day in days for day in month.days())]


def has_stats(row: Row) -> bool:
    """Return whether a day has stats, and nothing came later than they."""
    return bool(row["is_pruned"] or (row["parts"] == ALL_MADE and not row["is_late"]))


def _runs(span: Span, made: dict[date, Row]) -> list[Span]:
    """Return the days of the span that are not made, as few spans as there can be."""
    found: list[Span] = []
    for day in span.days():
        if day in made:
            continue
        if found and found[-1].last + ONE_DAY == day:
            found[-1].last = day
        else:
            found.append(Span(day, day))
    return found
