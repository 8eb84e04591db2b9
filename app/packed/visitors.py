"""Finds the visitors of each value of a dimension."""

from __future__ import annotations

from app.packed.column import both
from app.packed.day import chosen_codes
from app.packed.fields import PAGE, VIEWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
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
    that of a page. Where ``set_of`` has no set nobody is added. Return an id that has
    each texts.
    """
    id_of: dict[Labels, int] = {}
    more = [VIEWS] if field is PAGE else []
    for day, texts in days.read_labelled(field, names, on, *more):
        for text, value_id in zip(texts, day[field].values):
            if id_of.setdefault(text, value_id) > value_id:
                id_of[text] = value_id
        of_values = list(map(set_of, texts))
        if field is PAGE:
            _add_viewers(of_values, day, on)
        elif names:
            add_of_visits(of_values, day, field, day.seen(on))
        elif day.day in on:
            add_of_visits(of_values, day, field, day.begun(days.span.first))
    return id_of


def add_of_visits(
    sets: Sequence[VisitorSet | None],
    day: Day,
    field: Field,
    visits: Mask,
) -> None:
    """Add who made these visits to the set of the value that each has, in its order."""
    column = day[field]
    visits = both(visits, _wanted(sets, column))
    _add(sets, zip(chosen_codes(visits, column), day.visitors(visits)))


def _add_viewers(
    sets: Sequence[VisitorSet | None], day: Day, on: Container[date]
) -> None:
    column = day[PAGE]
    views = both(day.views(on), _wanted(sets, column))
    visitor_of = list(day.who.numbers())
    visitors = map(visitor_of.__getitem__, day.visits_of(views))
    _add(sets, zip(chosen_codes(views, column), visitors))


def _wanted(sets: Sequence[VisitorSet | None], column: Column) -> Mask:
    """Return the mask of the rows that belong to a set."""
    is_wanted = bytes(one is not None for one in sets)
    return column.mask(is_wanted) if 0 in is_wanted else None


def _add(sets: Sequence[VisitorSet | None], pairs: Iterator[tuple[int, int]]) -> None:
    """Add visitors to sets, each with the place of his set, which there is."""
    nobody: set[int] = set()
    add = [(nobody if one is None else one.singles).add for one in sets]
    for place, visitor in pairs:
        add[place](visitor)
    for one in sets:
        if one is not None:
            one.settle()
