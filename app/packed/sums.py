"""Adds up, by the values of a part, what was on days that have no stats."""

from __future__ import annotations

from collections import Counter

from app.packed.day import add_counts, chosen_codes
from app.packed.fields import BY_SQL, VIEWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from app.packed.days import Days
    from app.packed.dimension_store import Labels
    from app.summaries.parts import Part

    Figures = tuple[int, int, int]


def sum_by_value(
    days: Days, part: Part, on: Collection[date], with_visitors: bool
) -> dict[int, Figures]:
    """Return pageviews, visits and visitors on some days by value id.

    ``part`` is one with labels. Visitors are those of each day, by labels, or 0 if
    they are not wanted.
    """
    field = BY_SQL[part.identifier]
    names = part.names if with_visitors else ()
    pageviews: Counter[int] = Counter()
    visits: Counter[int] = Counter()
    people: dict[tuple[date, Labels], set[int]] = {}
    id_of: dict[Labels, int] = {}
    for day, texts in days.read_labelled(field, names, on, VIEWS):
        column = day[field]
        codes = Counter(map(column.codes.__getitem__, day.visits_seen(on)))
        for code, views in codes.items():
            pageviews[column.values[code]] += views
        if day.day in on:
            add_counts(visits, column, day.seen(on))
        if not with_visitors:
            continue
        id_of.update((texts[code], column.values[code]) for code in codes)
        for view_day in day.days_seen(on):
            seen = day.seen([view_day])
            for code, who in zip(chosen_codes(seen, column), day.visitors(seen)):
                people.setdefault((view_day, texts[code]), set()).add(who)
    visitors: Counter[int] = Counter()
    for (_, text), some in people.items():
        visitors[id_of[text]] += len(some)
    return {
        value_id: (views, visits[value_id], visitors[value_id])
        for value_id, views in pageviews.items()
    }
