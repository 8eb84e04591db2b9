"""Unique visitors of each value over several days, which do not add up."""

from __future__ import annotations

from contextlib import suppress

from app.packed import month_sets
from app.packed.column import Damaged
from app.report.span import ONE_DAY, Span
from app.stats import summed_store
from app.summaries.repeats import Wanderers
from app.summaries.split import packed, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question
    from app.summaries.parts import Part

VISITORS = "unique_visitors"


def set_visitors(
    db: Database,
    project: Project,
    question: Question,
    part: Part,
    rows: list[Row],
    labels: Sequence[tuple[object, ...]],
    key: str = VISITORS,
) -> None:
    """Put the unique visitors of the span into rows that have the sums of its days.

    ``labels`` are the part's of each row.
    """
    days, span = split(db, project, question), question.span
    if len(span) == 1:
        return
    if days.is_summable:
        wanderers = Wanderers(db, project.id, days.raw_days)
        place = {label: row for label, row in zip(labels, rows)}
        for repeat in wanderers.repeats(part):
            if repeat.prev_day >= span.first and repeat.labels in place:
                place[repeat.labels][key] -= repeat.visitors
        return
    exact = _exact_visitors(db, project, question, part, labels)
    if exact is None and days.pruned_until is not None:
        question.incomplete.note(days.pruned_until + ONE_DAY, key)
    for label, row in zip(labels, rows):
        row[key] = None if exact is None else exact.get(label, 0)


def _exact_visitors(
    db: Database,
    project: Project,
    question: Question,
    part: Part,
    labels: Sequence[tuple[object, ...]],
) -> dict[tuple[object, ...], int] | None:
    """Return the unique visitors by labels, or None if rows are deleted.

    Who comes back with a cookie is on several days, of which each has counted him.
    """
    days, span = split(db, project, question), question.span
    counting = packed(db, project, question) if part.has_sets else None
    if counting is not None:
        months = days.months_with_sets if counting.days.has_numbers else []
        # Without the months if one of their sets cannot be read.
        for known in (months, []):
            rest = set(span.days()).difference(*(month.days() for month in known))
            if any(days.is_pruned(Span(day, day)) for day in rest):
                break
            with suppress(Damaged):
                of_visits = counting.days
                return month_sets.count_visitors(of_visits, part, labels, known, rest)
    if days.is_pruned(span):
        return None
    if part.names:
        return summed_store.count_by_label(db, project.id, part, span)
    ids = [int(str(label[0])) for label in labels]
    found = summed_store.count_by_id(db, project.id, part, span, ids)
    return {(value_id,): visitors for value_id, visitors in found.items()}
