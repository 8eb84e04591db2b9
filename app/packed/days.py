"""The days that a question is about: read packed, or else from the rows of visits."""

from __future__ import annotations

from datetime import timedelta

from app.packed import dimension_store, store
from app.packed.fields import BY_SQL, NUMBER, OF_STRAYS, VIEWS
from app.stats.columns import DIMENSIONS, TABLES
from app.stats.filter_store import LONGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from datetime import date

    from app.db import Database
    from app.packed.day import Day, Filters
    from app.packed.dimension_store import Labels
    from app.packed.fields import Field
    from app.report.question import Question
    from app.stats.filters import Filter

CHUNK, RAW_CHUNK = 31, 7
"""So many days are unpacked, or read from rows, at once."""
REACH = range(-LONGEST.days, LONGEST.days + 1)
"""Views come so many days after their visit began, before where the zone changed."""


def can_filter(filters: Iterable[Filter]) -> bool:
    """Return whether packed days have what the filters are about."""
    return all(
        one.dimension.of != "event" and one.dimension.join in ("", *TABLES)
        for one in filters
    )


def field_of(dimension_name: str) -> Field:
    """Return the field that has the ids of a dimension."""
    return _field(DIMENSIONS[dimension_name].join)


class Days:
    """Where the visits are that have views in the question's ``span``.

    They began on days that are ``packed``, or on ``raw`` ones, of which rows are read.
    ``who`` is what tells visitors apart: VISITOR or NUMBER.
    """

    def __init__(
        self,
        db: Database,
        project_id: int,
        question: Question,
        packed: Sequence[date],
        raw: Sequence[date],
        who: Field,
    ) -> None:
        self.db = db
        self.project_id = project_id
        self.span = question.span
        self.packed = packed
        self._raw = raw
        self._who = who
        self.has_numbers = who is NUMBER
        self._kept: dict[date, Day] = {}
        self._of_visits: Filters = []
        self._of_views: Filters = []
        for number, one in enumerate(question.filters):
            wanted = dimension_store.match(db, project_id, one, number)
            is_of_view = one.dimension.of == "view"
            filters = self._of_views if is_of_view else self._of_visits
            filters.append((_field(one.dimension.join), wanted))

    def read(
        self, *fields: Field, around: Container[date] | None = None
    ) -> Iterator[Day]:
        """Return each day with these fields, the question's filters applied.

        Only those whose visits may have views on a day of ``around``, or of the span.
        """
        days = self.span if around is None else around
        filtered = [field for field, _ in (*self._of_visits, *self._of_views)]
        filtered += [VIEWS] if filtered else []
        needed = list(dict.fromkeys((self._who, *OF_STRAYS, *fields, *filtered)))
        packed = [day for day in self.packed if _is_near(day, days)]
        raw = [day for day in self._raw if _is_near(day, days)]
        for day in self._read(packed, raw, needed):
            day.choose(self._of_visits, self._of_views)
            yield day

    def _read(
        self, packed: list[date], raw: list[date], fields: list[Field]
    ) -> Iterator[Day]:
        for start in range(0, len(packed), CHUNK):
            some = packed[start : start + CHUNK]
            found = store.read_packed(self.db, self.project_id, some, fields)
            yield from found
            # Those that have been begun anew meanwhile.
            raw += sorted(set(some).difference(day.day for day in found))
        for start in range(0, len(raw), RAW_CHUNK):
            yield from self._read_rows(raw[start : start + RAW_CHUNK], fields)

    def _read_rows(self, days: list[date], fields: list[Field]) -> list[Day]:
        """Return these days; the same ones with the same fields are read once."""
        kept = [self._kept[day] for day in days if day in self._kept]
        if len(kept) == len(days) and all(
            field in day.columns for day in kept for field in fields
        ):
            return kept
        found = store.read_rows(self.db, self.project_id, days, fields)
        self._kept = {day.day: day for day in found}
        return found

    def read_labelled(
        self,
        field: Field,
        names: Sequence[str],
        around: Container[date],
        *more: Field,
    ) -> Iterator[tuple[Day, list[Labels]]]:
        """Return the same, and the texts that each value of ``field`` has.

        Without ``names`` of dimensions the id itself is in place of the texts.
        """
        known: dict[int, Labels] = {}
        for day in self.read(field, *more, around=around):
            values = day[field].values
            if not names:
                yield day, [(value,) for value in values]
                continue
            new = [value for value in values if value not in known]
            if new:
                found = dimension_store.label(self.db, self.project_id, names, new)
                known.update(found)
            yield day, [known[value] for value in values]


def _field(join: str) -> Field:
    return BY_SQL[TABLES[join][2] if join else "s.channel"]


def _is_near(day: date, days: Container[date]) -> bool:
    return any(day + timedelta(step) in days for step in REACH)
