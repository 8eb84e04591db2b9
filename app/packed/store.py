"""The statements that pack days, and read packed ones."""

from __future__ import annotations

from contextlib import suppress

from app.packed.column import Column, Damaged
from app.packed.day import Day
from app.packed.fields import (
    ALL,
    NUMBER,
    OF_VIEWS,
    OF_VISITS,
    VIEWS,
)
from app.packed.number_store import number_visitors
from app.packed.rows import CutOff, DayRows
from app.stats.filter_store import LONGEST
from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from app.db import Database, Row
    from app.packed.fields import Field

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
    fields = [field for field in ALL if with_numbers or field is not NUMBER]
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
    marks, of_days = named("day", days)
    sql = f"""-- packed.store.read_packed
SELECT field, day, numbers
FROM ph_packed_days
WHERE project_id = %(project_id)s AND field IN ({chosen})
  AND day IN ({marks})"""
    values.update(of_days, project_id=project_id)
    by_number = {field.number: field for field in fields}
    found: dict[date, Day] = {}
    for row in db.read(lambda: db.all(sql, values)):
        day = found.setdefault(row["day"], Day(row["day"]))
        field = by_number[row["field"]]
        with suppress(Damaged):
            day.columns[field] = Column.unpack(row["numbers"])
    return [day for day in found.values() if len(day.columns) == len(fields)]


def read_rows(
    db: Database, project_id: int, days: Sequence[date], fields: Collection[Field]
) -> list[Day]:
    """Return these fields of days, from the rows of their visits and views.

    :raise CutOff: a quarter of an hour's rows is too long.
    """
    try:
        return _read_rows(db, project_id, days, fields, "")
    except CutOff:
        return _read_rows(db, project_id, days, fields, _QUARTERS)


def _read_rows(
    db: Database,
    project_id: int,
    days: Sequence[date],
    fields: Collection[Field],
    slices: str,
) -> list[Day]:
    """Return the same; a day's rows come in one text, or in that of each slice.

    To read a row takes longer than to read its numbers.
    """
    found = {day: DayRows(day, fields) for day in days}
    marks, values = named("day", days)
    values.update(project_id=project_id)
    values.update(first=min(days) - LONGEST, last=max(days) + LONGEST)

    def joined(shape: str, identifier: str, of_rows: Sequence[Field]) -> list[Row]:
        numbers = ", ' ', ".join([identifier, *(field.sql for field in of_rows)])
        sliced = slices.format(rows=identifier[0])
        sql = "-- packed.store.read_rows" + shape.format(
            numbers=f"COUNT(*) AS count, GROUP_CONCAT(CONCAT({numbers})) AS numbers",
            days=marks,
            slices=sliced,
        )
        return db.read(lambda: db.all(sql, values))

    of_visits = [field for field in OF_VISITS if field in fields]
    for row in joined(_VISITS, "s.id", of_visits):
        found[row["day"]].visits.add(row)
    of_views = [field for field in OF_VIEWS if field in fields]
    if of_views or VIEWS in fields:
        for row in joined(_OWN_VIEWS, "v.visit_id", of_views):
            found[row["visit_day"]].own.add(row)
    for row in joined(_STRAYS, "v.visit_id", of_views):
        found[row["visit_day"]].add_strays(row)
    return [rows.as_day() for rows in found.values()]


# Grouped by what leads the primary key, and nothing else, rows need not be sorted.
_VISITS = """
SELECT s.day, {numbers}
FROM ph_visits AS s
WHERE s.project_id = %(project_id)s AND s.day IN ({days})
GROUP BY s.day{slices}"""

_OWN_VIEWS = """
SELECT v.day AS visit_day, {numbers}
FROM ph_pageviews AS v
WHERE v.project_id = %(project_id)s AND v.day IN ({days}) AND v.visit_day = v.day
GROUP BY v.day{slices}"""

_STRAYS = """
SELECT v.visit_day, v.day, {numbers}
FROM ph_pageviews AS v
WHERE v.project_id = %(project_id)s AND v.visit_day IN ({days})
  AND v.day BETWEEN %(first)s AND %(last)s AND v.day <> v.visit_day
GROUP BY v.visit_day, v.day{slices}"""

_QUARTERS = ", {rows}.hour, {rows}.id %% 4"
"""What slices the rows of a day further."""
