"""The visits that began on a day, with all their views, by column."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import compress

from app.packed.column import both
from app.packed.fields import DAYS_LATER, NUMBER, PAGEVIEWS, VISIT, VISITOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from datetime import date

    from app.packed.column import Column, Mask
    from app.packed.dimension_store import Wanted
    from app.packed.fields import Field

    Filters = list[tuple[Field, Wanted]]


class Day:
    """Rows of visits, and rows of their views, whichever day these were on.

    ``visits`` and ``views`` are those that the filters of ``choose`` take; it comes
    before the other methods.
    """

    def __init__(self, day: date, columns: dict[Field, Column] | None = None) -> None:
        self.day = day
        self.columns: dict[Field, Column] = columns or {}
        self.visits: Mask = None
        self.views: Mask = None
        self._is_by_view = False

    def __getitem__(self, field: Field) -> Column:
        return self.columns[field]

    def choose(self, of_visits: Filters, of_views: Filters) -> None:
        """Take visits, and of these the views."""
        for field, wanted in of_visits:
            column = self[field]
            self.visits = both(self.visits, column.where(wanted.__contains__))
        if self.visits is not None:
            self.views = self.of_their_views(self.visits)
        for field, wanted in of_views:
            column = self[field]
            self.views = both(self.views, column.where(wanted.__contains__))
        self._is_by_view = bool(of_views)

    def of_their_views(self, of_visits: bytes) -> bytes:
        """Return the mask of the views of visits."""
        column = self[VISIT]
        return column.mask(bytes(map(of_visits.__getitem__, column.values)))

    def with_views(self, views: Mask) -> bytes:
        """Return the mask of the visits that have one of these views."""
        column = self[VISIT]
        values: object = column.values
        if views is not None:
            codes = set(compress(column.codes, views))
            values = map(column.values.__getitem__, codes)
        found = bytearray(len(self.who))
        for visit in values:  # type: ignore[attr-defined]
            found[visit] = 1
        return bytes(found)

    def by_day(self, days: Container[date]) -> list[tuple[date, Mask]]:
        """Return the views of each of these days that has some."""
        column = self[DAYS_LATER]
        found = []
        for later in column.values:
            day = self.day + timedelta(days=later)
            if day in days:
                views = self.views
                if len(column.values) > 1:
                    views = both(views, column.where(later.__eq__))
                found.append((day, views))
        return found

    def on(self, days: Container[date]) -> Mask:
        """Return the views on any of these days."""
        column = self[DAYS_LATER]
        wanted = bytes(
            self.day + timedelta(days=later) in days for later in column.values
        )
        return self.views if all(wanted) else both(self.views, column.mask(wanted))

    def begun(self, first: date) -> Mask:
        """Return the visits that count as such: if views are chosen, those with one.

        It may be on any day from ``first`` on.
        """
        if not self._is_by_view:
            return self.visits
        later = self[DAYS_LATER]
        earliest = (first - self.day).days
        in_time = later.where(lambda days: days >= earliest)
        return self.with_views(both(self.views, in_time))

    @property
    def who(self) -> Column:
        """The column that tells of each visit whose it was."""
        return self.columns[NUMBER if NUMBER in self.columns else VISITOR]

    def visitors(self, visits: Mask) -> Iterator[int]:
        """Return the visitor of each of these visits."""
        return chosen(visits, self.who)

    def bounces(self) -> bytes:
        """Return the mask of the visits with exactly one pageview."""
        return self[PAGEVIEWS].where(lambda pageviews: pageviews == 1)

    def engaged(self) -> bytes:
        """Return the mask of the visits with more pageviews."""
        return self[PAGEVIEWS].where(lambda pageviews: pageviews > 1)


def count(mask: Mask, column: Column) -> int:
    """Return how many rows of the column are meant."""
    return len(column) if mask is None else mask.count(1)


def chosen(mask: Mask, column: Column) -> Iterator[int]:
    """Return the numbers of the rows that are meant."""
    return map(column.values.__getitem__, chosen_codes(mask, column))


def chosen_codes(mask: Mask, column: Column) -> Iterable[int]:
    """Return the same as places among its values."""
    return column.codes if mask is None else compress(column.codes, mask)


def add_counts(found: Counter[int], column: Column, mask: Mask) -> None:
    """Count how many rows that are meant have each value."""
    for code, rows in Counter(chosen_codes(mask, column)).items():
        found[column.values[code]] += rows
