"""Counts what a question is about in packed days, and in the rows of the others.

Each method answers as the function of that name in ``app/stats/store.py`` would.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress

from app.packed import dimension_store, store
from app.packed.column import both
from app.packed.day import chosen, count
from app.packed.fields import (
    BY_SQL,
    DAYS_LATER,
    HOUR,
    PAGE,
    PAGEVIEWS,
    SECONDS,
    VIEW_HOUR,
    VISIT,
    VISITOR,
)
from app.stats.columns import DIMENSIONS, TABLES
from app.stats.store import with_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date

    from app.db import Database, Row
    from app.packed.column import Mask
    from app.packed.day import Day, Filters
    from app.packed.dimension_store import Labels
    from app.packed.fields import Field
    from app.report.question import Question
    from app.stats.filters import Filter

    Key = tuple[object, ...]

CHUNK = 31
"""So many days are unpacked at once."""
BASE = (VISITOR, VISIT, DAYS_LATER)


def field_of(dimension_name: str) -> Field:
    """Return the field that has the ids of a dimension."""
    join = DIMENSIONS[dimension_name].join
    return BY_SQL[TABLES[join][2] if join else "s.channel"]


def can_filter(filters: Iterable[Filter]) -> bool:
    """Return whether packed days have what the filters are about."""
    return all(
        chosen.dimension.of != "event"
        and (chosen.dimension.join in TABLES or not chosen.dimension.join)
        for chosen in filters
    )


class Counting:
    """A question, and the days on which visits began that have views in its span.

    Those in ``packed`` are packed, of those in ``raw`` there are rows.
    """

    def __init__(
        self,
        db: Database,
        project_id: int,
        question: Question,
        packed: Sequence[date],
        raw: Sequence[date],
    ) -> None:
        self._db = db
        self._project_id = project_id
        self._span = question.span
        self._packed = packed
        self._raw = raw
        self._of_visits: Filters = []
        self._of_views: Filters = []
        for number, one in enumerate(question.filters):
            join = one.dimension.join
            field = BY_SQL[TABLES[join][2] if join else "s.channel"]
            wanted = dimension_store.match(db, project_id, one, number)
            is_of_view = one.dimension.of == "view"
            (self._of_views if is_of_view else self._of_visits).append((field, wanted))
        self._sums: dict[str, list[Row]] = {}

    def sum_views(self, group: str = "") -> list[Row]:
        """Return pageviews and unique_visitors; one row, or one a group."""
        return self._summed("views", group)

    def sum_visits(self, group: str = "") -> list[Row]:
        """Return the figures of visits that began in the span, as ``sum_views``."""
        return self._summed("visits", group)

    def _summed(self, what: str, group: str) -> list[Row]:
        """Sum by day, or hour, and over all, as one question asks for both."""
        if f"{what} {group}" not in self._sums:
            finest = group or "day"
            views: dict[Key, _Views] = {}
            visits: dict[Key, _Visits] = {}
            hours = (HOUR, VIEW_HOUR) if finest == "day, hour" else ()
            for day in self.days(PAGEVIEWS, SECONDS, *hours):
                self._add_views(views, day, finest)
                self._add_visits(visits, day, finest)
            names = finest.split(", ")
            of_views = [{**dict(zip(names, k)), **v.row()} for k, v in views.items()]
            of_visits = [{**dict(zip(names, k)), **v.row()} for k, v in visits.items()]
            self._sums[f"views {finest}"] = of_views
            self._sums[f"visits {finest}"] = of_visits
            everyone = _Views(views.values())
            self._sums["views "] = [everyone.row()]
            self._sums["visits "] = [_Visits.total(visits.values()).row()]
        return self._sums[f"{what} {group}"]

    def _add_views(self, found: dict[Key, _Views], day: Day, group: str) -> None:
        for view_day, views in day.by_day(self._span):
            for key, mask in self._split(day, VIEW_HOUR, views, (view_day,), group):
                pageviews = count(mask, day[VISIT])
                if pageviews:
                    one = found.setdefault(key, _Views())
                    one.pageviews += pageviews
                    one.visitors.update(day.visitors(day.with_views(mask)))

    def _add_visits(self, found: dict[Key, _Visits], day: Day, group: str) -> None:
        if not self._span.first <= day.day <= self._span.last:
            return
        begun = day.begun(self._span.first)
        engaged = day[PAGEVIEWS].mask(bytes(n > 1 for n in day[PAGEVIEWS].values))
        for key, mask in self._split(day, HOUR, begun, (day.day,), group):
            visits = count(mask, day[VISITOR])
            if visits:
                one = found.setdefault(key, _Visits())
                one.visits += visits
                one.bounces += count(both(mask, day.bounces()), day[VISITOR])
                one.views += sum(chosen(mask, day[PAGEVIEWS]))
                one.seconds += sum(chosen(mask, day[SECONDS]))
                one.seconds_engaged += sum(chosen(both(mask, engaged), day[SECONDS]))

    def _split(
        self, day: Day, hours: Field, mask: Mask, key: Key, group: str
    ) -> Iterator[tuple[Key, Mask]]:
        if group == "day":
            yield key, mask
            return
        column = day[hours]
        for hour in column.values:
            of_hour = column.mask(bytes(value == hour for value in column.values))
            yield (*key, hour), both(mask, of_hour)

    def break_down(self, names: dict[str, str], rows: tuple[int, int]) -> list[Row]:
        """Return the figures of each value of the dimensions, most first."""
        labels = list(names.values())
        field = field_of(labels[0])
        found: dict[Labels, _Views] = {}
        for day, texts in self._labelled(field, labels):
            views = self.in_span(day)
            if self._span.first <= day.day <= self._span.last:
                visits_of = Counter(compress(day[field].codes, day.with_views(views)))
            else:
                visits_of = Counter()
            codes = list(map(day[field].codes.__getitem__, day[VISIT].values))
            views_of = Counter(
                map(codes.__getitem__, compress(day[VISIT].codes, _or_all(views, day)))
            )
            for code, pageviews in views_of.items():
                one = found.setdefault(texts[code], _Views())
                one.pageviews += pageviews
                one.visits += visits_of[code]
            self._add_visitors(found, day, texts, field, day.with_views(views))
        order = sorted(found.items(), key=lambda item: (-item[1].pageviews, item[0]))
        limit, offset = rows
        return [
            {**dict(zip(names, texts)), **one.row()}
            for texts, one in order[offset : offset + limit]
        ]

    def _add_visitors(
        self,
        found: dict[Labels, _Views],
        day: Day,
        texts: Sequence[Labels],
        field: Field,
        visits: bytes,
    ) -> None:
        sets = [found[text].visitors if text in found else None for text in texts]
        codes = compress(day[field].codes, visits)
        for code, visitor in zip(codes, day.visitors(visits)):
            visitors = sets[code]
            if visitors is not None:
                visitors.add(visitor)

    def count_visitors(
        self, field: Field, labels: Sequence[str], wanted: Collection[Labels]
    ) -> dict[Labels, int]:
        """Return the unique visitors of some values, by their texts.

        Without ``labels`` the text is the number itself: that of a page.
        """
        found: dict[Labels, _Views] = {text: _Views() for text in wanted}
        if field is PAGE:
            visitors = self._visitors_of_pages({int(str(text[0])) for text in wanted})
            return {(page,): len(of_page) for page, of_page in visitors.items()}
        of_ends = not labels
        for day, texts in self._labelled(field, labels):
            if not of_ends:
                visits = day.with_views(self.in_span(day))
            elif self._span.first <= day.day <= self._span.last:
                begun = day.begun(self._span.first)
                visits = b"\1" * len(day[VISITOR]) if begun is None else begun
            else:
                continue
            self._add_visitors(found, day, texts, field, visits)
        return {text: len(one.visitors) for text, one in found.items()}

    def _labelled(
        self, field: Field, names: Sequence[str]
    ) -> Iterator[tuple[Day, list[Labels]]]:
        """Return the days, each with the texts of the values of a field."""
        known: dict[int, Labels] = {}
        for day in self.days(field, PAGEVIEWS):
            values = day[field].values
            if not names:
                yield day, [(value,) for value in values]
                continue
            new = [value for value in values if value not in known]
            known.update(dimension_store.label(self._db, self._project_id, names, new))
            yield day, [known[value] for value in values]

    def list_pages(self, rows: tuple[int, int]) -> list[Row]:
        """Return url, page_title, pageviews and unique_visitors of pages."""
        pageviews: Counter[int] = Counter()
        for day in self.days(PAGE):
            codes = compress(day[PAGE].codes, _or_all(self.in_span(day), day))
            for code, views in Counter(codes).items():
                pageviews[day[PAGE].values[code]] += views
        found = self._top(pageviews, rows)
        visitors = self._visitors_of_pages({row["page_id"] for row in found})
        for row in found:
            row["pageviews"] = pageviews[row["page_id"]]
            row["unique_visitors"] = len(visitors[row["page_id"]])
        return found

    def _visitors_of_pages(self, pages: Collection[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {page: set() for page in pages}
        for day in self.days(PAGE):
            column = day[PAGE]
            sets = [found.get(page) for page in column.values]
            wanted = column.mask(bytes(one is not None for one in sets))
            mask = both(self.in_span(day), wanted)
            visitor_of = [
                day[VISITOR].values[day[VISITOR].codes[visit]]
                for visit in day[VISIT].values
            ]
            assert mask is not None
            pairs = zip(compress(column.codes, mask), compress(day[VISIT].codes, mask))
            for code, visit in pairs:
                visitors = sets[code]
                assert visitors is not None
                visitors.add(visitor_of[visit])
        return found

    def list_ends(self, column: str, rows: tuple[int, int]) -> list[Row]:
        """Return url, page_title, visits, bounces … of the pages in a column."""
        field = BY_SQL[f"s.{column}"]
        visits: Counter[int] = Counter()
        bounces: Counter[int] = Counter()
        for day in self.days(field, PAGEVIEWS):
            if self._span.first <= day.day <= self._span.last:
                begun = day.begun(self._span.first)
                for mask, counts in (
                    (begun, visits),
                    (both(begun, day.bounces()), bounces),
                ):
                    codes = day[field].codes
                    masked = codes if mask is None else compress(codes, mask)
                    for code, number in Counter(masked).items():
                        counts[day[field].values[code]] += number
        found = self._top(visits, rows)
        wanted = [(row["page_id"],) for row in found]
        visitors = self.count_visitors(field, (), wanted)
        for row in found:
            row["visits"] = visits[row["page_id"]]
            row["bounces"] = bounces[row["page_id"]]
            row["unique_visitors"] = visitors[(row["page_id"],)]
        return found

    def _top(self, counts: Counter[int], rows: tuple[int, int]) -> list[Row]:
        """Return page_id, url and page_title of the pages with the most."""
        limit, offset = rows
        ranked = counts.most_common(offset + limit)
        if not ranked:
            return []
        # Those that come last have as many as others, which their names tell apart.
        least = ranked[-1][1]
        candidates = [page for page, number in counts.items() if number >= least]
        pages = dimension_store.pages(self._db, self._project_id, candidates)
        order = sorted(
            pages.values(),
            key=lambda page: (-counts[page["page_id"]], page["host"], page["path"]),
        )
        return with_url(order[offset : offset + limit])

    def in_span(self, day: Day) -> Mask:
        """Return the views of the day's visits that the question is about."""
        return day.in_span(self._span)

    def days(self, *fields: Field) -> Iterator[Day]:
        """Return each day with these fields, the question's filters applied."""
        filtered = (field for field, _ in (*self._of_visits, *self._of_views))
        needed = list(dict.fromkeys((*BASE, *fields, *filtered)))
        read: list[tuple[Callable[..., list[Day]], Sequence[date]]] = [
            (store.read_packed, self._packed[start : start + CHUNK])
            for start in range(0, len(self._packed), CHUNK)
        ]
        if self._raw:
            read.append((store.read_rows, self._raw))
        for reader, days in read:
            for day in reader(self._db, self._project_id, days, needed):
                day.choose(self._of_visits, self._of_views)
                yield day


class _Views:
    """What is counted of views."""

    def __init__(self, parts: Iterable[_Views] = ()) -> None:
        parts = list(parts)
        self.pageviews: int = sum(part.pageviews for part in parts)
        self.visits = 0
        self.visitors: set[int] = set()
        self.visitors.update(*(part.visitors for part in parts))

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


def _or_all(mask: Mask, day: Day) -> bytes:
    return b"\1" * len(day[VISIT]) if mask is None else mask
