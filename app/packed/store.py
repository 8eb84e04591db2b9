"""The statements that pack days, and read packed ones."""

from __future__ import annotations

from datetime import timedelta

from app.packed.column import Column
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
from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from app.db import Database, Row
    from app.packed.fields import Field

LONGEST = timedelta(days=2)
"""A visit has its views within so many days, earlier ones where the zone changed."""

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
    """Return these fields of days that are packed, but of those without a visit."""
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
            day.columns[field] = Column.unpack(row["numbers"])
    return list(found.values())


def read_rows(
    db: Database, project_id: int, days: Sequence[date], fields: Collection[Field]
) -> list[Day]:
    """Return these fields of days, from the rows of their visits and views."""
    visits = [field for field in OF_VISITS if field in fields]
    views = [field for field in OF_VIEWS if field in fields]
    numbers: dict[date, dict[Field, list[int]]] = {
        day: {field: [] for field in (*visits, *views)} for day in days
    }
    place: dict[tuple[date, int], int] = {}
    count = dict.fromkeys(days, 0)
    for row in _visits(db, project_id, days, visits):
        day = row["day"]
        place[day, row["id"]] = count[day]
        count[day] += 1
        for index, field in enumerate(visits):
            numbers[day][field].append(row[f"field_{index}"])
    if views:
        rows = _views(db, project_id, days, [one for one in views if one.sql])
        _add_views(numbers, views, rows, place)
    return [
        Day(day, {field: Column.of(column) for field, column in found.items()})
        for day, found in numbers.items()
    ]


def _add_views(
    numbers: dict[date, dict[Field, list[int]]],
    fields: list[Field],
    rows: list[Row],
    place: dict[tuple[date, int], int],
) -> None:
    stored = [field for field in fields if field.sql]
    for row in rows:
        visit_day = row["visit_day"]
        visit = place.get((visit_day, row["visit_id"]))
        if visit is None:
            continue
        found = numbers[visit_day]
        times = range(row["times"])
        if VISIT in found:
            found[VISIT].extend(visit for _ in times)
        if DAYS_LATER in found:
            later = (row["day"] - visit_day).days
            found[DAYS_LATER].extend(later for _ in times)
        for index, field in enumerate(stored):
            found[field].extend(row[f"field_{index}"] for _ in times)


def _visits(
    db: Database, project_id: int, days: Sequence[date], fields: Sequence[Field]
) -> list[Row]:
    marks, values = named("day", days)
    sql = f"""-- packed.store.visits
SELECT s.day, s.id{_chosen(fields)}
FROM ph_visits AS s
WHERE s.project_id = %(project_id)s AND s.day IN ({marks})
ORDER BY s.day, s.id"""
    return db.read(lambda: db.all(sql, {**values, "project_id": project_id}))


def _views(
    db: Database, project_id: int, days: Sequence[date], fields: Sequence[Field]
) -> list[Row]:
    """Return the views of visits; without fields, those of a day as one, ``times``."""
    marks, values = named("day", days)
    by_visit = "v.visit_day, v.visit_id, v.day"
    times, grouped = ("1", "") if fields else ("COUNT(*)", f"GROUP BY {by_visit}\n")
    sql = f"""-- packed.store.views
SELECT {by_visit}, {times} AS times{_chosen(fields)}
FROM ph_pageviews AS v
WHERE v.project_id = %(project_id)s AND v.visit_day IN ({marks})
  AND v.day BETWEEN %(first)s AND %(last)s
{grouped}ORDER BY {by_visit}"""
    values.update(project_id=project_id)
    values.update(first=min(days) - LONGEST, last=max(days) + LONGEST)
    return db.read(lambda: db.all(sql, values))


def _sql(fields: Sequence[Field]) -> list[str]:
    return [field.sql for field in fields]


def _chosen(fields: Sequence[Field]) -> str:
    return "".join(
        f", {sql} AS field_{index}" for index, sql in enumerate(_sql(fields))
    )
