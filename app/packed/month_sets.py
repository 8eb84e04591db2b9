"""The visitors' sets of whole months: made when a month is, and added up in reports."""

from __future__ import annotations

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


class _Sets(dict):  # type: ignore[type-arg]
    """A set for whatever is asked for."""

    def get(self, key: Labels, default: object = None) -> object:
        return self.setdefault(key, VisitorSet())


def make(days: Days, part: Part) -> bool:
    """Store the sets of a part's values, in this transaction, if all have numbers.

    ``days`` is where the visits of the month are.
    """
    sets: Sets = _Sets()
    month = days.span
    id_of = add_visitors(sets, days, BY_SQL[part.identifier], part.names, month)
    packed = {}
    for text, found in sets.items():
        if min(found.singles, default=0) < 0:
            return False
        if found.singles:
            packed[id_of[text]] = visitor_set.pack(found.singles)
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
    """
    sets: Sets = {text: VisitorSet() for text in wanted}
    add_visitors(sets, days, BY_SQL[part.identifier], part.names, rest)
    if months:
        _add_months(sets, days, part, months)
    return {text: len(found) for text, found in sets.items()}


def _add_months(sets: Sets, days: Days, part: Part, months: Sequence[Span]) -> None:
    db, project_id = days.db, days.project_id
    firsts = [month.first for month in months]
    if part.names:
        ids = month_store.list_values(db, project_id, firsts, part.number)
        texts = dimension_store.label(db, project_id, part.names, ids)
    else:
        texts = {int(str(page)): (page,) for (page,) in sets}
    set_of = {one: sets[text] for one, text in texts.items() if text in sets}
    if set_of:
        rows = month_store.list_sets(db, project_id, firsts, part.number, list(set_of))
        for row in rows:
            set_of[row["value_id"]].add(row["visitors"])
