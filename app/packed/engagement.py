"""Counts how pages were looked at, in packed days and in the rows of the others.

Each method answers as the one of that name in ``app/stats/events_store.py`` would.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress

from app.packed import dimension_store
from app.packed.column import both
from app.packed.day import add_counts
from app.packed.fields import ENGAGED, PAGE, SCROLL
from app.stats.store import with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Row
    from app.packed.day import Day
    from app.packed.days import Days

FIELDS = {"seconds": ENGAGED, "scroll": SCROLL}


class PackedEngagement:
    """The views that a question is about whose page told how it was looked at."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._views: Counter[int] = Counter()
        self._counts: dict[str, Counter[int]] = _counters()
        for day, mask in self._measured():
            for measure, field in FIELDS.items():
                add_counts(self._counts[measure], day[field], mask)
            add_counts(self._views, day[PAGE], mask)
        self._of_pages: dict[int, dict[str, Counter[int]]] = {}

    def pages(self, rows: tuple[int, int]) -> list[Row]:
        """Return page_id, url, page_title of the pages measured most."""
        top = self._top(rows)
        pages = dimension_store.pages(self._days.db, self._days.project_id, top)
        return with_url([pages[page] for page in top])

    def counts(self, measure: str) -> list[Row]:
        """Return value and count of a measure, in order."""
        return _rows(self._counts[measure])

    def counts_by_page(self, measure: str, rows: tuple[int, int]) -> list[Row]:
        """Return the same with ``page_id``, of the pages that ``pages`` returns."""
        if not self._of_pages:
            self._of_pages = {page: _counters() for page in self._top(rows)}
            for day, mask in self._measured():
                self._add_pages(day, mask)
        return [
            {"page_id": page, **row}
            for page, counts in sorted(self._of_pages.items())
            for row in _rows(counts[measure])
        ]

    def _top(self, rows: tuple[int, int]) -> list[int]:
        limit, offset = rows
        order = sorted(self._views.items(), key=lambda item: (-item[1], item[0]))
        return [page for page, _ in order[offset : offset + limit]]

    def _measured(self) -> Iterator[tuple[Day, bytes]]:
        """Return each day with the mask of its views that were measured."""
        for day in self._days.read(PAGE, *FIELDS.values()):
            mask = day[ENGAGED].where(lambda seconds: seconds >= 0)
            found = both(day.views(self._days.span), mask)
            assert found is not None
            yield day, found

    def _add_pages(self, day: Day, mask: bytes) -> None:
        column = day[PAGE]
        wanted = [self._of_pages.get(page) for page in column.values]
        of_these = column.mask(bytes(one is not None for one in wanted))
        mask = both(mask, of_these) or b""
        pages = list(compress(column.codes, mask))
        for measure, field in FIELDS.items():
            values = day[field].values
            codes = compress(day[field].codes, mask)
            for (page, code), views in Counter(zip(pages, codes)).items():
                counts = wanted[page]
                assert counts is not None
                counts[measure][values[code]] += views


def _counters() -> dict[str, Counter[int]]:
    return {measure: Counter() for measure in FIELDS}


def _rows(counts: Counter[int]) -> list[Row]:
    return [{"value": value, "count": counts[value]} for value in sorted(counts)]
