"""The statements that pack days, and read packed ones."""

from __future__ import annotations

from contextlib import suppress

from app.packed.column import Column, Damaged
from app.packed.day import Day
from app.packed.fields import (
    ALL,
    DAYS_LATER,
    NUMBER,
    OF_VIEWS,
    OF_VISITS,
    VISIT,
    VISITOR,
)
from app.packed.number_store import number_visitors
from app.stats.filter_store import LONGEST
from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from app.db import Database, Row
    from app.packed.fields import Field

SLICES = 4
"""An hour's rows come as so many texts, which must fit into a packet each."""

NOTE_NUMBERS = """
-- packed.store.NOTE_NUMBERS
UPDATE ph_days
SET has_numbers = %(has_numbers)s
WHERE project_id = %(project_id)s AND day = %(day)s
"""

DELETE = f"""
-- packed.store.DELETE
DELETE FROM ph_packed_days
WHERE project_id = %(project_id)s AND day = %(day)s
  AND field IN ({", ".join(str(field.number) for field in ALL)})
"""

INSERT = """
-- packed.store.INSERT
INSERT INTO ph_packed_days (project_id, field, day, numbers)
VALUES (%(project_id)s, %(field)s, %(day)s, %(numbers)s)
"""


def pack(db: Database, project_id: int, day: date, with_numbers: bool) -> None:
    """Pack a day anew, in this transaction; ``with_numbers``: visitors have cookies."""
    if with_numbers:
        number_visitors(db, project_id, day)
    unused = VISITOR if with_numbers else NUMBER
    fields = [field for field in ALL if field is not unused]
    [made] = read_rows(db, project_id, [day], fields)
    rows = [
        {"field": field.number, "numbers": made[field].pack(), **_key(project_id, day)}
        for field in fields
    ]
    forget(db, project_id, day)
    db.many(INSERT, rows)
    has_numbers = {"has_numbers": int(with_numbers)}
    db.run(NOTE_NUMBERS, {**_key(project_id, day), **has_numbers})


def forget(db: Database, project_id: int, day: date) -> None:
    """Delete what is packed of a day, in this transaction."""
    db.run(DELETE, _key(project_id, day))


def _key(project_id: int, day: date) -> Row:
    return {"project_id": project_id, "day": day}


def read_packed(
    db: Database, project_id: int, days: Sequence[date], fields: Collection[Field]
) -> list[Day]:
    """Return these fields of the days that have them all, undamaged."""
    chosen, values = named("field", [field.number for field in fields])
    sql = f"""-- packed.store.read_packed
SELECT field, day, numbers
FROM ph_packed_days
WHERE project_id = %(project_id)s AND field IN ({chosen})
  AND day BETWEEN %(first)s AND %(last)s"""
    values.update(project_id=project_id, first=min(days), last=max(days))
    by_number = {field.number: field for field in fields}
    found: dict[date, Day] = {}
    asked = set(days)
    for row in db.read(lambda: db.all(sql, values)):
        if row["day"] in asked:
            day = found.setdefault(row["day"], Day(row["day"]))
            field = by_number[row["field"]]
            with suppress(Damaged):
                day.columns[field] = Column.unpack(row["numbers"])
    return [day for day in found.values() if len(day.columns) == len(fields)]


def read_rows(
    db: Database, project_id: int, days: Sequence[date], fields: Collection[Field]
) -> list[Day]:
    """Return these fields of days, from the rows of their visits and views.

    Views are in the order of their visits.
    """
    of_visits = [field for field in OF_VISITS if field in fields]
    of_views = [field for field in OF_VIEWS if field in fields and field.sql]
    found = {day: _Rows(day, of_visits, of_views) for day in days}
    for row in _joined(db, _VISITS, "s.id", of_visits, project_id, days):
        found[row["day"]].add_visits(row)
    for row in _joined(db, _VIEWS, "v.visit_id", of_views, project_id, days):
        found[row["visit_day"]].add_views(row)
    return [rows.as_day() for rows in found.values()]


class _Rows:
    """The visits and views of a day, as they are read."""

    def __init__(
        self, day: date, of_visits: list[Field], of_views: list[Field]
    ) -> None:
        self._day = day
        self._visit_ids: list[int] = []
        self._of_visits: dict[Field, list[int]] = {field: [] for field in of_visits}
        self._ids_of_views: list[int] = []
        self._later: list[int] = []
        self._of_views: dict[Field, list[int]] = {field: [] for field in of_views}

    def add_visits(self, row: Row) -> None:
        self._visit_ids += _take(row, self._of_visits)

    def add_views(self, row: Row) -> None:
        ids = _take(row, self._of_views)
        self._ids_of_views += ids
        self._later += [(row["day"] - row["visit_day"]).days] * len(ids)

    def as_day(self) -> Day:
        place_of = {visit_id: at for at, visit_id in enumerate(self._visit_ids)}
        # A view whose visit came meanwhile is for the next time.
        places = [place_of.get(visit_id, -1) for visit_id in self._ids_of_views]
        order = sorted(range(len(places)), key=places.__getitem__)
        order = order[places.count(-1) :]
        columns = {field: Column.of(found) for field, found in self._of_visits.items()}
        of_views = {**self._of_views, VISIT: places, DAYS_LATER: self._later}
        for field, found in of_views.items():
            columns[field] = Column.of([found[at] for at in order])
        return Day(self._day, columns)


_VISITS = """
FROM ph_visits AS s
WHERE s.project_id = %(project_id)s AND s.day IN ({days})
GROUP BY s.day, s.hour, s.id %% {slices}
"""

_VIEWS = """
FROM ph_pageviews AS v
WHERE v.project_id = %(project_id)s AND v.visit_day IN ({days})
  AND v.day BETWEEN %(first)s AND %(last)s
GROUP BY v.visit_day, v.day, v.hour, v.id %% {slices}
"""


def _joined(
    db: Database,
    shape: str,
    identifier: str,
    fields: Sequence[Field],
    project_id: int,
    days: Sequence[date],
) -> list[Row]:
    """Return the days of rows, and ``numbers``: id and fields of many rows as a text.

    To read a row takes longer than to read its numbers.
    """
    marks, values = named("day", days)
    chosen = ", ' ', ".join([identifier, *(field.sql for field in fields)])
    grouped = "s.day" if shape is _VISITS else "v.visit_day, v.day"
    sql = f"""-- packed.store.joined
SELECT {grouped}, COUNT(*) AS count, GROUP_CONCAT(CONCAT({chosen})) AS numbers
{shape.format(days=marks, slices=SLICES)}"""
    values.update(project_id=project_id)
    values.update(first=min(days) - LONGEST, last=max(days) + LONGEST)
    return db.read(lambda: db.all(sql, values))


def _take(row: Row, columns: dict[Field, list[int]]) -> list[int]:
    """Add the numbers of many rows to their columns; return their ids.

    :raise RuntimeError: the database has cut the text off.
    """
    numbers = list(map(int, row["numbers"].replace(",", " ").split()))
    width = 1 + len(columns)
    if len(numbers) != width * row["count"]:
        raise RuntimeError("MySQL's max_allowed_packet is too small for this report")
    for start, column in enumerate(columns.values(), 1):
        column += numbers[start::width]
    return numbers[::width]
