"""The visitors' sets of whole months: made when a month is, and added up in reports."""

from __future__ import annotations

from collections import defaultdict

from app.packed import dimension_store, month_store, visitor_set
from app.packed.fields import BY_SQL
from app.packed.visitor_set import VisitorSet
from app.packed.visitors import add_visitors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from app.packed.days import Days
    from app.packed.dimension_store import Labels
    from app.packed.visitors import Sets
    from app.report.span import Span
    from app.summaries.parts import Part


SLICE = 100
"""So many values are counted at once."""


def make(days: Days, part: Part) -> bool:
    """Store the sets of a part's values, in this transaction, if all have numbers.

    ``days`` is where the visits of the month are.
    """
    sets: defaultdict[Labels, VisitorSet] = defaultdict(VisitorSet)
    month, field = days.span, BY_SQL[part.identifier]
    id_of = add_visitors(sets.__getitem__, days, field, part.names, month)
    packed = {}
    for text, found in sets.items():
        numbers = found.numbers()
        if min(numbers, default=0) < 0:
            return False
        if numbers:
            value_id = id_of[text] if part.names else int(str(text[0]))
            packed[value_id] = visitor_set.pack(numbers)
    month_store.replace(days.db, days.project_id, month.first, part.number, packed)
    return True


def count_visitors(
    days: Days,
    part: Part,
    wanted: Sequence[Labels],
    months: Sequence[Span],
    rest: Collection[date],
) -> dict[Labels, int]:
    """Return the unique visitors of a part's values by their texts.

    They are those of ``months``, which have sets, and of the ``rest`` of the days.

    :raise Damaged: a set cannot be read.
    """
    sets: Sets = {text: VisitorSet() for text in wanted}
    add_visitors(sets.get, days, BY_SQL[part.identifier], part.names, rest)
    ids_of = _ids_of(sets, days, part, months) if months else {}
    counts: dict[Labels, int] = {}
    for start in range(0, len(wanted), SLICE):
        some = wanted[start : start + SLICE]
        ids_of_some = {text: ids_of.get(text, []) for text in some}
        _add_months(sets, ids_of_some, days, part, months)
        # A set may be large, and is not needed any more.
        counts.update((text, len(sets.pop(text))) for text in some)
    return counts


def _ids_of(
    sets: Sets, days: Days, part: Part, months: Sequence[Span]
) -> dict[Labels, list[int]]:
    """Return the ids under which months have the sets of each value."""
    if not part.names:
        return {text: [int(str(text[0]))] for text in sets}
    firsts = [month.first for month in months]
    db, project_id = days.db, days.project_id
    ids = month_store.list_values(db, project_id, firsts, part.number)
    found: dict[Labels, list[int]] = {}
    for one, text in dimension_store.label(db, project_id, part.names, ids).items():
        found.setdefault(text, []).append(one)
    return found


def _add_months(
    sets: Sets,
    ids_of: dict[Labels, list[int]],
    days: Days,
    part: Part,
    months: Sequence[Span],
) -> None:
    set_of = {one: sets[text] for text, ids in ids_of.items() for one in ids}
    if set_of:
        firsts = [month.first for month in months]
        rows = month_store.list_sets(
            days.db, days.project_id, firsts, part.number, list(set_of)
        )
        for row in rows:
            set_of[row["value_id"]].add(row["visitors"])
