"""Finds the visitors of each value of a dimension."""

from __future__ import annotations

from itertools import compress

from app.packed.column import both
from app.packed.fields import PAGE, VISIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
    from datetime import date

    from app.packed.day import Day
    from app.packed.days import Days
    from app.packed.dimension_store import Labels
    from app.packed.fields import Field
    from app.packed.visitor_set import VisitorSet

    Sets = dict[Labels, VisitorSet]


def add_visitors(
    set_of: Callable[[Labels], VisitorSet | None],
    days: Days,
    field: Field,
    names: Sequence[str],
    on: Container[date],
) -> dict[Labels, int]:
    """Add the visitors on some days to the set of each value, by its texts.

    ``names`` are dimensions, of which the texts are; without, it is the id itself,
    that of a page. Where ``set_of`` has no set nobody is added. Return an id that has
    each texts.
    """
    id_of: dict[Labels, int] = {}
    for day, texts in days.read_labelled(field, names, on):
        for text, value_id in zip(texts, day[field].values):
            if id_of.setdefault(text, value_id) > value_id:
                id_of[text] = value_id
        of_values = list(map(set_of, texts))
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
    _add(sets, zip(codes, day.visitors(visits)))


def _add_viewers(
    sets: Sequence[VisitorSet | None], day: Day, on: Container[date]
) -> None:
    column = day[PAGE]
    mask = both(day.on(on), column.mask(bytes(one is not None for one in sets)))
    assert mask is not None, "the second one is a mask"
    numbers = list(day.who.numbers())
    visitor_of = [numbers[visit] for visit in day[VISIT].values]
    visits = compress(day[VISIT].codes, mask)
    visitors = map(visitor_of.__getitem__, visits)
    _add(sets, zip(compress(column.codes, mask), visitors))


def _add(sets: Sequence[VisitorSet | None], pairs: Iterator[tuple[int, int]]) -> None:
    """Add visitors to sets, each with the place of his set; None takes nobody."""
    add = [None if one is None else one.singles.add for one in sets]
    for place, visitor in pairs:
        take = add[place]
        if take is not None:
            take(visitor)
    for one in sets:
        if one is not None:
            one.settle()
