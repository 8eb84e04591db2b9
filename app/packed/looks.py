"""How the pages of some days were looked at: their measured views, page by page."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate, chain

from app.packed.column import Column
from app.packed.day import add_counts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.db import Row

    Values = dict[str, list[int]]
    """Those of some views, by measure."""
    Counts = dict[str, Counter[int]]
    """How many views had each value, by measure."""

MEASURES = ("seconds", "scroll")


def no_counts() -> Counts:
    """Return counts of no views."""
    return {measure: Counter() for measure in MEASURES}


def no_values() -> Values:
    """Return the values of no views."""
    return {measure: [] for measure in MEASURES}


def count(values: Values) -> Counts:
    """Return how many of the values are alike."""
    return {measure: Counter(found) for measure, found in values.items()}


class Looks:
    """Pages in order, how many views each has, and the values of all these views.

    Those of a page are side by side, in order too: they tell of no single view.
    """

    def __init__(
        self, pages: Column, views: Column, measures: dict[str, Column]
    ) -> None:
        self._pages = pages
        self._views = views
        self._measures = measures

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Looks:
        """Return those of pages: page_id, views, and their numbers in two texts.

        :raise RuntimeError: the database has cut a text off.
        """
        of_pages = {row["page_id"]: row for row in rows}
        pages = sorted(of_pages)
        columns = {}
        for measure in MEASURES:
            in_order = (_numbers(of_pages[page], measure) for page in pages)
            columns[measure] = Column.of(list(chain.from_iterable(in_order)))
        views = [of_pages[page]["views"] for page in pages]
        # A column of no rows has its values all the same.
        return cls(Column(pages, b""), Column.of(views), columns)

    @classmethod
    def unpack(cls, row: Row) -> Looks:
        """Return those that ``pack`` packed."""
        measures = {measure: Column.unpack(row[measure]) for measure in MEASURES}
        return cls(Column.unpack(row["pages"]), Column.unpack(row["views"]), measures)

    def pack(self) -> Row:
        """Return pages, views, seconds and scroll as few bytes."""
        columns = {"pages": self._pages, "views": self._views, **self._measures}
        return {name: column.pack() for name, column in columns.items()}

    def __len__(self) -> int:
        return len(self._measures["seconds"])

    def add_views(self, found: Counter[int]) -> None:
        """Count the views of each page."""
        for page, views in zip(self._pages.values, self._views.numbers()):
            found[page] += views

    def add_all(self, counts: Counts) -> None:
        """Count the values of all views."""
        for measure, column in self._measures.items():
            add_counts(counts[measure], column, None)

    def add_pages(self, values_of: Callable[[int], Values | None]) -> None:
        """Add the values of the pages' views to those that each has, if it has some."""
        ends = list(accumulate(self._views.numbers()))
        columns = list(self._measures.values())
        for page, start, end in zip(self._pages.values, [0, *ends], ends):
            values = values_of(page)
            if values is not None:
                for found, column in zip(values.values(), columns):
                    codes = column.codes[start:end]
                    found += map(column.values.__getitem__, codes)


def _numbers(row: Row, measure: str) -> list[int]:
    numbers = sorted(map(int, row[measure].split(",")))
    if len(numbers) != row["views"]:
        raise RuntimeError("MySQL's max_allowed_packet is too small for this report")
    return numbers
