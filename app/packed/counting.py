"""Counts what a question is about where its visits are: see ``Days``.

Each method answers as the function of that name in ``app/stats/store.py`` would.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress

from app.packed import dimension_store
from app.packed.column import both
from app.packed.day import add_counts, chosen, chosen_codes, count
from app.packed.days import field_of
from app.packed.fields import BY_SQL, HOUR, PAGE, PAGEVIEWS, SECONDS, VIEW_HOUR, VISIT
from app.packed.visitor_set import VisitorSet
from app.packed.visitors import add_of_visits, add_visitors
from app.stats.store import with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.db import Row
    from app.packed.column import Mask
    from app.packed.day import Day
    from app.packed.days import Days
    from app.packed.dimension_store import Labels
    from app.packed.fields import Field
    from app.packed.visitors import Sets

    Key = tuple[object, ...]


class Counting:
    """What is counted of ``days``; sums are added up once."""

    def __init__(self, days: Days) -> None:
        self.days = days
        self._span = days.span
        self._sums: dict[str, list[Row]] = {}

    def sum_views(self, group: str = "") -> list[Row]:
        """Return pageviews and unique_visitors; one row, or one a group."""
        return self._summed("views", group)

    def sum_visits(self, group: str = "") -> list[Row]:
        """Return the figures of visits that began in the span, as ``sum_views``."""
        return self._summed("visits", group)

    def _summed(self, what: str, group: str) -> list[Row]:
        if f"{what} {group}" not in self._sums:
            # A report that asks for all asks for each day as well.
            self._sum(group or "day")
        return self._sums[f"{what} {group}"]

    def _sum(self, group: str) -> None:
        views: dict[Key, _Views] = {}
        visits: dict[Key, _Visits] = {}
        hours = (HOUR, VIEW_HOUR) if group == "day, hour" else ()
        for day in self.days.read(PAGEVIEWS, SECONDS, *hours):
            for view_day, mask in day.by_day(self._span):
                for key, of_key in _split(day, mask, VIEW_HOUR, (view_day,), group):
                    _add_views(views, key, day, of_key)
            if day.day in self._span:
                begun = day.begun(self._span.first)
                for key, of_key in _split(day, begun, HOUR, (day.day,), group):
                    _add_visits(visits, key, day, of_key)
        for name, found, total in (
            ("views", views, _Views.total(views.values())),
            ("visits", visits, _Visits.total(visits.values())),
        ):
            keys = group.split(", ")
            rows = [{**dict(zip(keys, k)), **one.row()} for k, one in found.items()]
            self._sums[f"{name} {group}"] = rows
            self._sums[f"{name} "] = [total.row()]

    def break_down(self, names: dict[str, str], rows: tuple[int, int]) -> list[Row]:
        """Return the figures of each value of the dimensions, most first."""
        labels = list(names.values())
        field = field_of(labels[0])
        found: dict[Labels, _Views] = {}
        for day, texts in self.days.read_labelled(field, labels, self._span):
            views = day.on(self._span)
            visits = day.with_views(views)
            codes = day[field].codes
            begun = compress(codes, visits) if day.day in self._span else ()
            visits_of = Counter(begun)
            of_visits = list(map(codes.__getitem__, day[VISIT].values))
            seen = map(of_visits.__getitem__, chosen_codes(views, day[VISIT]))
            for code, pageviews in Counter(seen).items():
                one = found.setdefault(texts[code], _Views())
                one.pageviews += pageviews
                one.visits += visits_of[code]
            sets = [found[text].visitors if text in found else None for text in texts]
            add_of_visits(sets, day, field, visits)
        order = sorted(found.items(), key=lambda item: (-item[1].pageviews, item[0]))
        limit, offset = rows
        return [
            {**dict(zip(names, texts)), **one.row()}
            for texts, one in order[offset : offset + limit]
        ]

    def list_pages(self, rows: tuple[int, int]) -> list[Row]:
        """Return url, page_title, pageviews and unique_visitors of pages."""
        views: Counter[int] = Counter()
        for day in self.days.read(PAGE):
            add_counts(views, day[PAGE], day.on(self._span))
        found = self._top(views, rows)
        for row in found:
            row["pageviews"] = views[row["page_id"]]
        return self._with_visitors(found, PAGE)

    def list_ends(self, column: str, rows: tuple[int, int]) -> list[Row]:
        """Return url, page_title, visits, bounces … of the pages in a column."""
        field = BY_SQL[f"s.{column}"]
        visits: Counter[int] = Counter()
        bounces: Counter[int] = Counter()
        for day in self.days.read(field, PAGEVIEWS):
            if day.day in self._span:
                begun = day.begun(self._span.first)
                add_counts(visits, day[field], begun)
                add_counts(bounces, day[field], both(begun, day.bounces()))
        found = self._top(visits, rows)
        for row in found:
            row["visits"] = visits[row["page_id"]]
            row["bounces"] = bounces[row["page_id"]]
        return self._with_visitors(found, field)

    def _with_visitors(self, pages: list[Row], field: Field) -> list[Row]:
        sets: Sets = {(page["page_id"],): VisitorSet() for page in pages}
        add_visitors(sets.get, self.days, field, (), self._span)
        for page in pages:
            page["unique_visitors"] = len(sets[(page["page_id"],)])
        return pages

    def _top(self, counts: Counter[int], rows: tuple[int, int]) -> list[Row]:
        """Return page_id, url and page_title of the pages with the most."""
        limit, offset = rows
        ranked = counts.most_common(offset + limit)
        if not ranked:
            return []
        # Those that come last have as many as others, which their names tell apart.
        least = ranked[-1][1]
        candidates = [page for page, number in counts.items() if number >= least]
        pages = dimension_store.pages(self.days.db, self.days.project_id, candidates)
        order = sorted(
            pages.values(),
            key=lambda page: (-counts[page["page_id"]], page["host"], page["path"]),
        )
        return with_url(order[offset : offset + limit])


class _Views:
    """What is counted of views."""

    def __init__(self) -> None:
        self.pageviews = 0
        self.visits = 0
        self.visitors = VisitorSet()

    @classmethod
    def total(cls, parts: Iterable[_Views]) -> _Views:
        found = cls()
        for part in parts:
            found.pageviews += part.pageviews
            found.visitors.join(part.visitors)
        return found

    def row(self) -> Row:
        return {
            "pageviews": self.pageviews,
            "visits": self.visits,
            "unique_visitors": len(self.visitors),
        }


class _Visits:
    """What is counted of visits."""

    def __init__(self) -> None:
        self.visits = 0
        self.bounces = 0
        self.views = 0
        self.seconds = 0
        self.seconds_engaged = 0

    @classmethod
    def total(cls, parts: Iterable[_Visits]) -> _Visits:
        found = cls()
        for part in parts:
            for name, number in vars(part).items():
                setattr(found, name, getattr(found, name) + number)
        return found

    def row(self) -> Row:
        return dict(vars(self))


def _split(
    day: Day, mask: Mask, hours: Field, key: Key, group: str
) -> Iterator[tuple[Key, Mask]]:
    """Return what is meant by hour, if the group asks for hours."""
    if group == "day":
        yield key, mask
        return
    column = day[hours]
    for hour in column.values:
        yield (*key, hour), both(mask, column.where(hour.__eq__))


def _add_views(found: dict[Key, _Views], key: Key, day: Day, views: Mask) -> None:
    pageviews = count(views, day[VISIT])
    if pageviews:
        one = found.setdefault(key, _Views())
        one.pageviews += pageviews
        one.visitors.singles.update(day.visitors(day.with_views(views)))
        one.visitors.settle()


def _add_visits(found: dict[Key, _Visits], key: Key, day: Day, visits: Mask) -> None:
    number = count(visits, day.who)
    if number:
        one = found.setdefault(key, _Visits())
        one.visits += number
        one.bounces += count(both(visits, day.bounces()), day.who)
        one.views += sum(chosen(visits, day[PAGEVIEWS]))
        one.seconds += sum(chosen(visits, day[SECONDS]))
        engaged = both(visits, day.engaged())
        one.seconds_engaged += sum(chosen(engaged, day[SECONDS]))
