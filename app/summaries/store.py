"""The statements about closed days: their state, their stats, and the late marks."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import NULL_DAY
from app.summaries import daily_store, late_store, month_store, slots_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row
    from app.summaries.parts import Part
    from app.summaries.repeats import Repeat

CLOSES_AFTER = timedelta(hours=48)
"""So long after its end a day is closed: a beacon may be so late."""
LIST_DAYS = """
-- summaries.store.LIST_DAYS
SELECT p.cookie_until, d.day, d.parts, d.has_visitors, d.has_numbers, d.is_pruned,
  d.pageviews, d.visits, d.bounces, d.views, d.seconds, d.seconds_engaged,
  m.parts AS month_parts,
  m.has_sets AS month_has_sets,
  (SELECT 1 FROM ph_late AS l
    WHERE l.project_id = d.project_id AND l.day IN (d.day, %(null_day)s)
    LIMIT 1) AS is_late
FROM ph_projects AS p
LEFT JOIN ph_days AS d
  ON d.project_id = p.id AND d.day BETWEEN %(first)s AND %(last)s
LEFT JOIN ph_months AS m ON m.project_id = d.project_id AND m.month = d.day
WHERE p.id = %(project_id)s
ORDER BY d.day
"""

LAST_PRUNED = """
-- summaries.store.LAST_PRUNED
SELECT day
FROM ph_days
WHERE project_id = %(project_id)s AND is_pruned = 1
ORDER BY day DESC
LIMIT 1
"""

FIRST_DAYS = """
-- summaries.store.FIRST_DAYS
SELECT
  (SELECT MIN(day) FROM ph_pageviews WHERE project_id = %(project_id)s) AS of_views,
  (SELECT MIN(day) FROM ph_visits WHERE project_id = %(project_id)s) AS of_visits,
  (SELECT MIN(day) FROM ph_events WHERE project_id = %(project_id)s) AS of_events,
  (SELECT MIN(day) FROM ph_clicks WHERE project_id = %(project_id)s) AS of_clicks,
  (SELECT MIN(k.day) FROM (
    SELECT MIN(day) AS day
    FROM ph_error_visitors
    WHERE project_id = %(project_id)s
    GROUP BY kind_id
  ) AS k) AS of_errors
"""

LIST_MARKS = """
-- summaries.store.LIST_MARKS
SELECT day, id
FROM ph_late
WHERE project_id = %(project_id)s AND day = %(day)s
"""

LIST_MARKED = """
-- summaries.store.LIST_MARKED
SELECT DISTINCT day
FROM ph_late
WHERE project_id = %(project_id)s
"""

DELETE_MARK = """
-- summaries.store.DELETE_MARK
DELETE FROM ph_late
WHERE project_id = %(project_id)s AND day = %(day)s AND id = %(id)s
"""

LOCK_DAY = """
-- summaries.store.LOCK_DAY
SELECT parts, is_pruned
FROM ph_days
WHERE project_id = %(project_id)s AND day = %(day)s
FOR UPDATE
"""

SET_PARTS = """
-- summaries.store.SET_PARTS
UPDATE ph_days
SET parts = %(parts)s
WHERE project_id = %(project_id)s AND day = %(day)s
"""

BEGIN_ANEW = """
-- summaries.store.BEGIN_ANEW
UPDATE ph_days
SET parts = 0, has_visitors = 1
WHERE project_id = %(project_id)s AND day = %(day)s AND is_pruned = 0
"""

BEGIN_ALL_ANEW = """
-- summaries.store.BEGIN_ALL_ANEW
UPDATE ph_days
SET parts = 0, has_visitors = 1
WHERE project_id = %(project_id)s AND is_pruned = 0
"""

DELETE_HOURS = """
-- summaries.store.DELETE_HOURS
DELETE FROM ph_day_hours
WHERE project_id = %(project_id)s AND day = %(day)s
"""

COUNT_HOURS = """
-- summaries.store.COUNT_HOURS
INSERT INTO ph_day_hours (project_id, day, hour, pageviews, visitors, visits, bounces,
  views, seconds, seconds_engaged)
SELECT %(project_id)s, %(day)s, c.hour, SUM(c.pageviews), SUM(c.visitors),
  SUM(c.visits), SUM(c.bounces), SUM(c.views), SUM(c.seconds), SUM(c.seconds_engaged)
FROM (
  SELECT v.hour, COUNT(*) AS pageviews, COUNT(DISTINCT v.visitor_id) AS visitors,
    0 AS visits, 0 AS bounces, 0 AS views, 0 AS seconds, 0 AS seconds_engaged
  FROM ph_pageviews AS v
  WHERE v.project_id = %(project_id)s AND v.day = %(day)s
  GROUP BY v.hour
  UNION ALL
  SELECT s.hour, 0, 0, COUNT(*), SUM(CASE WHEN s.pageviews = 1 THEN 1 ELSE 0 END),
    SUM(s.pageviews), SUM(TIMESTAMPDIFF(SECOND, s.started_at, s.last_at)),
    SUM(CASE WHEN s.pageviews > 1
      THEN TIMESTAMPDIFF(SECOND, s.started_at, s.last_at) ELSE 0 END)
  FROM ph_visits AS s
  WHERE s.project_id = %(project_id)s AND s.day = %(day)s
  GROUP BY s.hour
) AS c
GROUP BY c.hour
"""

SUM_HOURS = """
-- summaries.store.SUM_HOURS
SELECT COALESCE(SUM(pageviews), 0) AS pageviews, COALESCE(SUM(visits), 0) AS visits,
  COALESCE(SUM(bounces), 0) AS bounces, COALESCE(SUM(views), 0) AS views,
  COALESCE(SUM(seconds), 0) AS seconds,
  COALESCE(SUM(seconds_engaged), 0) AS seconds_engaged,
  (SELECT 1 FROM ph_events WHERE project_id = %(project_id)s AND day = %(day)s
    LIMIT 1) AS has_events
FROM ph_day_hours
WHERE project_id = %(project_id)s AND day = %(day)s
"""

SET_TOTALS = """
-- summaries.store.SET_TOTALS
UPDATE ph_days
SET pageviews = %(pageviews)s, visits = %(visits)s, bounces = %(bounces)s,
  views = %(views)s, seconds = %(seconds)s, seconds_engaged = %(seconds_engaged)s
WHERE project_id = %(project_id)s AND day = %(day)s
"""

LIST_HOURS = """
-- summaries.store.LIST_HOURS
SELECT day, hour, pageviews, visitors AS unique_visitors, visits, bounces, views,
  seconds, seconds_engaged
FROM ph_day_hours
WHERE project_id = %(project_id)s AND day BETWEEN %(first)s AND %(last)s
"""

DELETE_STATS = """
-- summaries.store.DELETE_STATS
DELETE FROM ph_day_stats
WHERE project_id = %(project_id)s AND day = %(day)s AND dimension = %(dimension)s
"""

DELETE_DAY_STATS = """
-- summaries.store.DELETE_DAY_STATS
DELETE FROM ph_day_stats
WHERE project_id = %(project_id)s AND day = %(day)s
"""

DELETE_DAY_REPEATS = """
-- summaries.store.DELETE_DAY_REPEATS
DELETE FROM ph_day_repeats
WHERE project_id = %(project_id)s AND day = %(day)s
"""

DELETE_REPEATS = """
-- summaries.store.DELETE_REPEATS
DELETE FROM ph_day_repeats
WHERE project_id = %(project_id)s AND day = %(day)s AND dimension = %(dimension)s
"""

INSERT_REPEAT = """
-- summaries.store.INSERT_REPEAT
INSERT INTO ph_day_repeats (project_id, day, dimension, value_id, prev_day, visitors)
VALUES (%(project_id)s, %(day)s, %(dimension)s, %(value_id)s, %(prev_day)s,
  %(visitors)s)
"""


def list_days(db: Database, project_id: int, first: date, last: date) -> list[Row]:
    """Return the row of each day that has one, with is_late if it is marked.

    There is always one, whose day is null if there is no other. cookie_until is the
    last day on which visitors may have come back with a cookie; month_parts is null but
    on the first day of a month of which something is made.
    """
    span = {"first": first, "last": last}
    values = {"project_id": project_id, "null_day": NULL_DAY, **span}
    return db.read(lambda: db.all(LIST_DAYS, values))


def last_pruned(db: Database, project_id: int) -> date | None:
    """Return the newest day of which only stats are left, or None."""
    row = db.read(lambda: db.one(LAST_PRUNED, {"project_id": project_id}))
    return row["day"] if row else None


def first_day(db: Database, project_id: int) -> date | None:
    """Return the first day with rows, or None."""
    row = db.read(lambda: db.one(FIRST_DAYS, {"project_id": project_id})) or {}
    days = [
        # What SQLite computes has no type.
        datetime.fromisoformat(day).date() if isinstance(day, str) else day
        for day in row.values()
        if day
    ]
    return min(days) if days else None


def list_marked(db: Database, project_id: int) -> set[date]:
    """Return the days that are marked; NULL_DAY stands for all."""
    rows = db.read(lambda: db.all(LIST_MARKED, {"project_id": project_id}))
    return {row["day"] for row in rows}


def begin(db: Database, project_id: int, day: date) -> None:
    """Have a day's stats made from the first part on; what marked it is answered.

    Of NULL_DAY: of all days. Its month's stats go, being of other days now.
    """
    key = {"project_id": project_id, "day": day}

    def work() -> None:
        # By their ids: to look for more would be to wait for who is writing one.
        marks = db.all(LIST_MARKS, key)
        if day == NULL_DAY:
            db.run(BEGIN_ALL_ANEW, key)
        elif lock_day(db, project_id, day) is not None:
            db.run(BEGIN_ANEW, key)
        else:
            db.run(late_store.INSERT_DAY, key)
        month_store.drop(db, project_id, day)
        if marks:
            db.many(DELETE_MARK, [{**key, "id": row["id"]} for row in marks])

    db.transaction(work)


def lock_day(db: Database, project_id: int, day: date) -> Row | None:
    """Return parts and is_pruned of a day, which nobody else then changes, or None."""
    return db.one(LOCK_DAY, {"project_id": project_id, "day": day})


def set_parts(db: Database, project_id: int, day: date, parts: int) -> None:
    """Note how many parts of a day's stats are made."""
    db.run(SET_PARTS, {"project_id": project_id, "day": day, "parts": parts})


def make_totals(db: Database, project_id: int, day: date) -> bool:
    """Count a day and its hours anew; return whether there is anything on it.

    If not, it has no other stats either. Its visitors' slots are gathered.
    """
    key = {"project_id": project_id, "day": day}
    db.run(DELETE_HOURS, key)
    db.run(COUNT_HOURS, key)
    totals = db.one(SUM_HOURS, key)
    assert totals is not None, "a sum is one row"
    db.run(SET_TOTALS, {**key, **totals})
    slots_store.gather(db, project_id, day)
    if totals["pageviews"] or totals["visits"] or totals["has_events"]:
        return True
    db.run(DELETE_DAY_STATS, key)
    db.run(DELETE_DAY_REPEATS, key)
    return False


def make_part(
    db: Database, project_id: int, day: date, part: Part, repeats: list[Repeat]
) -> None:
    """Count a day by the values of one part anew."""
    key = {"project_id": project_id, "day": day, "dimension": part.number}
    counted, values = daily_store.count_by_day(part, [day])
    sql = (
        "-- summaries.store.make_part\n"
        "INSERT INTO ph_day_stats (project_id, day, dimension, value_id, pageviews,"
        " visits, visitors, bounces)\n"
        "SELECT %(project_id)s, c.day, %(dimension)s, c.value_id, c.pageviews,"
        f" c.visits, c.visitors, c.bounces\nFROM ({counted}) AS c"
    )
    db.run(DELETE_STATS, key)
    db.run(DELETE_REPEATS, key)
    db.run(sql, {**key, **values})
    if repeats:
        db.many(INSERT_REPEAT, [{**key, **_columns(repeat)} for repeat in repeats])


def list_hours(db: Database, project_id: int, first: date, last: date) -> list[Row]:
    """Return the stats of each hour of the days that have some."""
    values = {"project_id": project_id, "first": first, "last": last}
    return db.read(lambda: db.all(LIST_HOURS, values))


def _columns(repeat: Repeat) -> Row:
    return {
        "value_id": repeat.value_id,
        "prev_day": repeat.prev_day,
        "visitors": repeat.visitors,
    }
