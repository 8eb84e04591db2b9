"""Finds the visitors of each value of a dimension."""

from __future__ import annotations

from itertools import compress

from app.packed.column import both
from app.packed.fields import PAGE, VISIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import date

    from app.packed.day import Day
    from app.packed.days import Days
    from app.packed.dimension_store import Labels
    from app.packed.fields import Field
    from app.packed.visitor_set import VisitorSet

    Sets = dict[Labels, VisitorSet]


def add_visitors(
    sets: Sets,
    days: Days,
    field: Field,
    names: Sequence[str],
    on: Container[date],
) -> dict[Labels, int]:
    """Add the visitors on some days to the set of each value, by its texts.

    ``names`` are dimensions, of which the texts are; without, it is the id itself,
    that of a page. What has no set is left out. Return an id that has each texts.
    """
    id_of: dict[Labels, int] = {}
    for day, texts in days.read_labelled(field, names, on):
        for text, value_id in zip(texts, day[field].values):
            id_of[text] = min(id_of.get(text, value_id), value_id)
        of_values = [sets.get(text) for text in texts]
        if field is PAGE:
            _add_viewers(of_values, day, on)
        elif names:
            add_of_visits(of_values, day, field, day.with_views(day.on(on)))
        elif day.day in on:
            begun = day.begun(days.span.first)
            visits = b"\1" * len(day.who) if begun is None else begun
            add_of_visits(of_values, day, field, visits)
    return id_of


def add_of_visits(
    sets: Sequence[VisitorSet | None],
    day: Day,
    field: Field,
    visits: bytes,
) -> None:
    """Add who made these visits to the set of the value that each has, in its order."""
    codes = compress(day[field].codes, visits)
    for code, visitor in zip(codes, day.visitors(visits)):
        one = sets[code]
        if one is not None:
            one.singles.add(visitor)


def _add_viewers(
    sets: Sequence[VisitorSet | None], day: Day, on: Container[date]
) -> None:
    column = day[PAGE]
    mask = both(day.on(on), column.mask(bytes(one is not None for one in sets)))
    assert mask is not None, "the second one is a mask"
    numbers = list(day.who.numbers())
    visitor_of = [numbers[visit] for visit in day[VISIT].values]
    pairs = zip(compress(column.codes, mask), compress(day[VISIT].codes, mask))
    for code, visit in pairs:
        one = sets[code]
        assert one is not None, "the mask leaves others out"
        one.singles.add(visitor_of[visit])
