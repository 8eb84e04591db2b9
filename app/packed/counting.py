"""Counts what a question is about where its visits are: see ``Days``.

Each method answers as the function of that name in ``app/stats/store.py`` would.
"""

from __future__ import annotations

from collections import Counter

from app.packed import dimension_store
from app.packed.column import both
from app.packed.day import add_counts, chosen, chosen_codes, count
from app.packed.days import field_of
from app.packed.fields import BY_SQL, HOUR, PAGE, PAGEVIEWS, SECONDS, VIEW_HOUR, VIEWS
from app.packed.visitor_set import VisitorSet
from app.packed.visitors import add_of_visits, add_visitors
from app.stats.store import with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

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
        by_hour = group == "day, hour"
        hours = (HOUR, VIEW_HOUR) if by_hour else ()
        for day in self.days.read(VIEWS, PAGEVIEWS, SECONDS, *hours):
            for view_day in day.days_seen(self._span):
                if by_hour:
                    _add_hours(views, day, view_day)
                else:
                    pageviews = day.pageviews([view_day])
                    _add_views(views, (view_day,), day, pageviews, day.seen([view_day]))
            if day.day in self._span:
                begun = day.begun(self._span.first)
                for hour, of_hour in _by_hour(day, begun, HOUR) if by_hour else ():
                    _add_visits(visits, (day.day, hour), day, of_hour)
                if not by_hour:
                    _add_visits(visits, (day.day,), day, begun)
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
        for day, texts in self.days.read_labelled(field, labels, self._span, VIEWS):
            visits = day.seen(self._span)
            codes = day[field].codes
            is_of_span = day.day in self._span
            begun = chosen_codes(visits, day[field]) if is_of_span else ()
            visits_of = Counter(begun)
            seen = map(codes.__getitem__, day.visits_seen(self._span))
            for code, pageviews in Counter(seen).items():
                one = found.setdefault(texts[code], _Views())
                one.pageviews += pageviews
                one.visits += visits_of[code]
            known = enumerate(map(found.get, texts))
            sets = {code: one.visitors for code, one in known if one is not None}
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
            add_counts(views, day[PAGE], day.views(self._span))
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


def _by_hour(day: Day, mask: Mask, hours: Field) -> Iterator[tuple[int, Mask]]:
    """Return each hour, and what is meant of it."""
    column = day[hours]
    for hour in column.values:
        yield hour, both(mask, column.where(hour.__eq__))


def _add_hours(found: dict[Key, _Views], day: Day, view_day: date) -> None:
    for hour, views in _by_hour(day, day.views([view_day]), VIEW_HOUR):
        pageviews = count(views, day[VIEW_HOUR])
        _add_views(found, (view_day, hour), day, pageviews, day.with_views(views))


def _add_views(
    found: dict[Key, _Views], key: Key, day: Day, pageviews: int, visits: Mask
) -> None:
    if pageviews:
        one = found.setdefault(key, _Views())
        one.pageviews += pageviews
        one.visitors.singles.update(day.visitors(visits))
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
