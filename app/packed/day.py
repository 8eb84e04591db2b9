"""The visits that began on a day, with all their views, by column."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import timedelta
from itertools import accumulate, chain, compress, repeat
from operator import mul

from app.packed.column import both
from app.packed.fields import (
    NUMBER,
    OF_VIEWS,
    PAGEVIEWS,
    STRAY_DAYS,
    STRAY_VISIT,
    VIEWS,
    VISITOR,
)
from app.report.span import Span
from app.stats.filter_store import LONGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from datetime import date

    from app.packed.column import Column, Mask
    from app.packed.dimension_store import Wanted
    from app.packed.fields import Field

    Filters = list[tuple[Field, Wanted]]

FEW = 4
"""To look for the visits of single views is quicker if they are fewer than one in so
many."""


class Day:
    """Rows of visits, and rows of their views, whichever day these were on.

    First come the views on the day itself, in the order of their visits, each of which
    has one; then strays, on other days. ``visits`` are those that the filters of
    ``choose`` take; it comes before the other methods.
    """

    def __init__(self, day: date, columns: dict[Field, Column] | None = None) -> None:
        self.day = day
        self.columns: dict[Field, Column] = columns or {}
        self.visits: Mask = None
        self._views: Mask = None
        self._seen: Mask = None
        self._is_by_view = False

    def __getitem__(self, field: Field) -> Column:
        return self.columns[field]

    def choose(self, of_visits: Filters, of_views: Filters) -> None:
        """Take visits, and of these the views."""
        for field, wanted in of_visits:
            self.visits = both(self.visits, self._taken(field, wanted))
        if self.visits is not None and any(field in OF_VIEWS for field in self.columns):
            self._views = self._of_their_views(self.visits)
        for field, wanted in of_views:
            self._views = both(self._views, self._taken(field, wanted))
        self._is_by_view = bool(of_views)

    def _taken(self, field: Field, wanted: Wanted) -> bytes:
        column = self[field]
        return column.mask(wanted.among(column.values))

    def _of_their_views(self, visits: bytes) -> bytes:
        """Return the mask of the views of visits."""
        own = map(mul, map((b"\0", b"\1").__getitem__, visits), self[VIEWS].numbers())
        strays = bytes(map(visits.__getitem__, self[STRAY_VISIT].numbers()))
        return b"".join(own) + strays

    def days_seen(self, days: Container[date]) -> list[date]:
        """Return the day itself, and those of strays, that are among ``days``."""
        later = {0, *self[STRAY_DAYS].values}
        seen = [self.day + timedelta(number) for number in sorted(later)]
        return [day for day in seen if day in days]

    def views(self, days: Container[date]) -> Mask:
        """Return the chosen views on any of these days, where views' rows are read."""
        strays = self._strays(days)
        if self.day in days and 0 not in strays:
            return self._views
        rows = next(
            len(self.columns[field]) for field in OF_VIEWS if field in self.columns
        )
        own = bytes([self.day in days]) * (rows - len(strays))
        return both(self._views, own + strays)

    def pageviews(self, days: Container[date]) -> int:
        """Return how many chosen views were on any of these days."""
        if self._is_by_view:
            return count(self.views(days), self[STRAY_DAYS])
        own = sum(chosen(self.visits, self[VIEWS])) if self.day in days else 0
        return own + sum(1 for _ in self._visits_of_strays(days))

    def seen(self, days: Container[date]) -> Mask:
        """Return the chosen visits with a chosen view on any of these days."""
        own = self._seen_on_own_day() if self.day in days else bytes(len(self.who))
        if own is None:
            return None
        found = bytearray(own)
        for visit in self._visits_of_strays(days):
            found[visit] = 1
        return bytes(found)

    def _seen_on_own_day(self) -> Mask:
        """Return those with one on the day itself; it is worked out once."""
        if not self._is_by_view:
            return self.visits
        if self._seen is None:
            self._seen = self.with_views(self.views([self.day]))
        return self._seen

    def with_views(self, views: Mask) -> bytes:
        """Return the visits that have one of these views."""
        found = bytearray(len(self.who))
        for visit in set(self.visits_of(views)):
            found[visit] = 1
        return bytes(found)

    def visits_of(self, views: Mask) -> Iterable[int]:
        """Return the place of the visit of each of these views."""
        counts = self[VIEWS].numbers()
        if views is None or FEW * views.count(1) > len(views):
            own = chain.from_iterable(map(repeat, range(len(self.who)), counts))
            found = chain(own, self[STRAY_VISIT].numbers())
            return found if views is None else compress(found, views)
        ends = [*accumulate(counts)] or [0]
        rows = compress(range(ends[-1]), views)
        strays = compress(self[STRAY_VISIT].numbers(), views[ends[-1] :])
        return chain(map(bisect_right, repeat(ends), rows), strays)

    def visits_seen(self, days: Container[date]) -> Iterable[int]:
        """Return the same of each chosen view on any of these days."""
        if self._is_by_view:
            return self.visits_of(self.views(days))
        strays = self._visits_of_strays(days)
        if self.day not in days:
            return strays
        counts = self[VIEWS]
        places: Iterable[int] = range(len(counts))
        if self.visits is not None:
            places = compress(places, self.visits)
        own = map(repeat, places, chosen(self.visits, counts))
        return chain(chain.from_iterable(own), strays)

    def begun(self, first: date) -> Mask:
        """Return the visits that count as such: if views are chosen, those with one.

        It may be on any day from ``first`` on, which the day itself is not before.
        """
        if not self._is_by_view:
            return self.visits
        return self.seen(Span(first, self.day + LONGEST))

    def _strays(self, days: Container[date]) -> bytes:
        """Return the mask, among strays, of those on any of these days."""
        return self[STRAY_DAYS].where(
            lambda number: self.day + timedelta(number) in days
        )

    def _visits_of_strays(self, days: Container[date]) -> Iterator[int]:
        """Return the place of the visit of each stray of chosen visits."""
        strays = self._strays(days)
        if self._views is not None:
            strays = both(strays, self._views[len(self._views) - len(strays) :]) or b""
        for visit in compress(self[STRAY_VISIT].numbers(), strays):
            if self.visits is None or self.visits[visit]:
                yield visit

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
