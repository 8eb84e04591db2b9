"""Counts how pages were looked at: without filters from sums, else from packed days.

Each method answers as the one of that name in ``app/stats/events_store.py`` would.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress

from app.packed import dimension_store, engagement_store, histogram
from app.packed.column import both
from app.packed.day import add_counts
from app.packed.engagement_store import ALL_PAGES
from app.packed.fields import ENGAGED, PAGE, SCROLL
from app.packed.looks import Looks, count, no_counts, no_values
from app.stats.store import with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from app.db import Database, Row
    from app.packed.day import Day
    from app.packed.days import Days
    from app.packed.looks import Counts
    from app.summaries.split import Split

FIELDS = {"seconds": ENGAGED, "scroll": SCROLL}
RAW_CHUNK = 7
"""So many days are read from rows at once."""


class CountedEngagement:
    """How many views had each value: of all, and of the pages that are shown."""

    def __init__(self, db: Database, project_id: int) -> None:
        self._db = db
        self._project_id = project_id
        self._views: Counter[int] = Counter()
        self._counts = no_counts()
        self._of_pages: dict[int, Counts] = {}

    def pages(self, rows: tuple[int, int]) -> list[Row]:
        """Return page_id, url, page_title of the pages measured most."""
        top = self._top(rows)
        pages = dimension_store.pages(self._db, self._project_id, top)
        return with_url([pages[page] for page in top])

    def counts(self, measure: str) -> list[Row]:
        """Return value and count of a measure, in order."""
        return _rows(self._counts[measure])

    def counts_by_page(self, measure: str, rows: tuple[int, int]) -> list[Row]:
        """Return the same with ``page_id``, of the pages that ``pages`` returns."""
        if not self._of_pages:
            self._of_pages = self._count_pages(self._top(rows))
        return [
            {"page_id": page, **row}
            for page, counts in sorted(self._of_pages.items())
            for row in _rows(counts[measure])
        ]

    def _top(self, rows: tuple[int, int]) -> list[int]:
        limit, offset = rows
        order = sorted(self._views.items(), key=lambda item: (-item[1], item[0]))
        return [page for page, _ in order[offset : offset + limit]]

    def _count_pages(self, pages: Collection[int]) -> dict[int, Counts]:
        raise NotImplementedError


class SummedEngagement(CountedEngagement):
    """The views of a span whose page told how it was looked at, as ``split`` says."""

    def __init__(self, db: Database, project_id: int, split: Split) -> None:
        super().__init__(db, project_id)
        self._months = [month.first for month in split.months]
        for row in engagement_store.list_views(db, project_id, self._months):
            self._views[row["page_id"]] = row["views"]
        self._counts = self._of_months([ALL_PAGES])[ALL_PAGES]
        self._days = list(self._read(split))
        for looks in self._days:
            looks.add_views(self._views)
            looks.add_all(self._counts)

    def _read(self, split: Split) -> Iterator[Looks]:
        """Return the days that are in no month."""
        db, project_id = self._db, self._project_id
        for row in engagement_store.list_days(db, project_id, split.single_days):
            yield Looks.unpack(row)
        raw = split.raw_days
        for start in range(0, len(raw), RAW_CHUNK):
            some = raw[start : start + RAW_CHUNK]
            yield Looks.of(engagement_store.list_rows(db, project_id, some))

    def _count_pages(self, pages: Collection[int]) -> dict[int, Counts]:
        values = {page: no_values() for page in pages}
        for looks in self._days:
            looks.add_pages(values.get)
        found = self._of_months(pages)
        for page, counts in found.items():
            for measure, of_days in count(values[page]).items():
                counts[measure].update(of_days)
        return found

    def _of_months(self, pages: Collection[int]) -> dict[int, Counts]:
        found = {page: no_counts() for page in pages}
        rows = engagement_store.list_months(
            self._db, self._project_id, self._months, list(pages)
        )
        for row in rows:
            for measure, counts in found[row["page_id"]].items():
                counts.update(histogram.unpack(row[measure]))
        return found


class PackedEngagement(CountedEngagement):
    """The measured views that a question is about, in packed days and in rows."""

    def __init__(self, days: Days) -> None:
        super().__init__(days.db, days.project_id)
        self._days = days
        for day, mask in self._measured():
            for measure, field in FIELDS.items():
                add_counts(self._counts[measure], day[field], mask)
            add_counts(self._views, day[PAGE], mask)

    def _measured(self) -> Iterator[tuple[Day, bytes]]:
        """Return each day with the mask of its views that were measured."""
        for day in self._days.read(PAGE, *FIELDS.values()):
            mask = day[ENGAGED].where(lambda seconds: seconds >= 0)
            found = both(day.views(self._days.span), mask)
            assert found is not None
            yield day, found

    def _count_pages(self, pages: Collection[int]) -> dict[int, Counts]:
        found = {page: no_counts() for page in pages}
        for day, mask in self._measured():
            _add_pages(found, day, mask)
        return found


def _add_pages(of_pages: dict[int, Counts], day: Day, mask: bytes) -> None:
    column = day[PAGE]
    wanted = [of_pages.get(page) for page in column.values]
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


def _rows(counts: Counter[int]) -> list[Row]:
    return [{"value": value, "count": counts[value]} for value in sorted(counts)]
