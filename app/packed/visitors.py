"""Finds the visitors of each value of a dimension."""

from __future__ import annotations

from app.packed.column import both
from app.packed.day import chosen_codes
from app.packed.fields import PAGE, VIEWS
from app.packed.visitor_set import AT_ONCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence
    from datetime import date

    from app.packed.column import Column, Mask
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
    that of a page. Where ``set_of`` has no set nobody is added. Return, of ``names``,
    an id that has each texts.
    """
    id_of: dict[Labels, int] = {}
    more = [VIEWS] if field is PAGE else []
    for day, texts in days.read_labelled(field, names, on, *more):
        for text, value_id in zip(texts, day[field].values) if names else ():
            if id_of.setdefault(text, value_id) > value_id:
                id_of[text] = value_id
        found = enumerate(map(set_of, texts))
        sets = {code: one for code, one in found if one is not None}
        if field is PAGE:
            _add_viewers(sets, day, on)
        elif names:
            add_of_visits(sets, day, field, day.seen(on))
        elif day.day in on:
            add_of_visits(sets, day, field, day.begun(days.span.first))
    return id_of


def add_of_visits(
    sets: Mapping[int, VisitorSet], day: Day, field: Field, visits: Mask
) -> None:
    """Add who made these visits to the set of the value that each has, by its code."""
    column = day[field]
    visits = both(visits, _wanted(sets, column))
    _add(sets, zip(chosen_codes(visits, column), day.visitors(visits)))


def _add_viewers(sets: Mapping[int, VisitorSet], day: Day, on: Container[date]) -> None:
    column = day[PAGE]
    views = both(day.views(on), _wanted(sets, column))
    visitor_of = list(day.who.numbers())
    visitors = map(visitor_of.__getitem__, day.visits_of(views))
    _add(sets, zip(chosen_codes(views, column), visitors))


def _wanted(sets: Mapping[int, VisitorSet], column: Column) -> Mask:
    """Return the mask of the rows that belong to a set."""
    if len(sets) == len(column.values):
        return None
    is_wanted = bytearray(len(column.values))
    for code in sets:
        is_wanted[code] = 1
    return column.mask(bytes(is_wanted))


def _add(sets: Mapping[int, VisitorSet], pairs: Iterator[tuple[int, int]]) -> None:
    """Add visitors to the sets with these codes, which there are."""
    add = {code: one.singles.add for code, one in sets.items()}
    for code, visitor in pairs:
        add[code](visitor)
    # Several codes may have the same texts, and then the same set.
    different = set(sets.values())
    if sum(len(one.singles) for one in different) > AT_ONCE:
        for one in different:
            one.settle()
