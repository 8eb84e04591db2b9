"""Puts the rows of a day's visits and views into columns."""

from __future__ import annotations

from collections import Counter

from app.packed.column import Column
from app.packed.day import Day
from app.packed.fields import OF_VIEWS, OF_VISITS, STRAY_DAYS, STRAY_VISIT, VIEWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from app.db import Row
    from app.packed.fields import Field


class CutOff(RuntimeError):
    """The database has cut a text off: MySQL's max_allowed_packet is too small."""


class DayRows:
    """The visits and views of a day, of which texts are added as they are read."""

    def __init__(self, day: date, fields: Collection[Field]) -> None:
        self._day = day
        self._fields = fields
        self.visits = _Numbers(field for field in OF_VISITS if field in fields)
        of_views = [field for field in OF_VIEWS if field in fields]
        self.own, self._strays = _Numbers(of_views), _Numbers(of_views)
        self._later: list[int] = []

    def add_strays(self, row: Row) -> None:
        """Add views on another day than their visit's."""
        self._strays.add(row)
        self._later += [(row["day"] - row["visit_day"]).days] * row["count"]

    def as_day(self) -> Day:
        place_of = {visit_id: at for at, visit_id in enumerate(self.visits.ids)}
        own_places, own_order = self.own.by_visit(place_of)
        stray_places, order = self._strays.by_visit(place_of)
        views_of = Counter(own_places)
        columns = {
            **self.visits.columns(),
            VIEWS: Column.of([views_of[at] for at in range(len(place_of))]),
            STRAY_VISIT: Column.of(stray_places),
            STRAY_DAYS: Column.of([self._later[at] for at in order]),
        }
        strays = self._strays.numbers(order)
        for field, numbers in self.own.numbers(own_order).items():
            columns[field] = Column.of(numbers + strays[field])
        return Day(self._day, {field: columns[field] for field in self._fields})


class _Numbers:
    """Some fields of rows, and the ids of their visits."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self.ids: list[int] = []
        self._of_fields: dict[Field, list[int]] = {field: [] for field in fields}

    def add(self, row: Row) -> None:
        """Add the numbers of many rows.

        :raise CutOff: the text has not all of them.
        """
        numbers = list(map(int, row["numbers"].replace(",", " ").split()))
        width = 1 + len(self._of_fields)
        if len(numbers) != width * row["count"]:
            raise CutOff("MySQL's max_allowed_packet is too small for this report")
        self.ids += numbers[::width]
        for start, column in enumerate(self._of_fields.values(), 1):
            column += numbers[start::width]

    def by_visit(self, place_of: dict[int, int]) -> tuple[list[int], list[int]]:
        """Return the places of the visits of rows, ascending, and the rows' order."""
        places = [place_of.get(visit_id, -1) for visit_id in self.ids]
        order = sorted(range(len(places)), key=places.__getitem__)
        # A view whose visit came meanwhile is for the next time.
        order = order[places.count(-1) :]
        return [places[at] for at in order], order

    def columns(self) -> dict[Field, Column]:
        """Return the fields of all rows."""
        return {field: Column.of(found) for field, found in self._of_fields.items()}

    def numbers(self, order: Sequence[int]) -> dict[Field, list[int]]:
        """Return the fields of rows, in this order."""
        return {
            field: [found[at] for at in order]
            for field, found in self._of_fields.items()
        }
