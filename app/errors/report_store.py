"""The statements that read errors."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from app.db import Database, Params, Row

FIRST_DAY = """
-- errors.report_store.FIRST_DAY
SELECT day
FROM ph_error_days
WHERE project_id = %(project_id)s
ORDER BY day
LIMIT 1
"""

SUM_GROUPS = """
-- errors.report_store.SUM_GROUPS
SELECT g.status, g.severity, COUNT(*) AS error_groups
FROM ph_error_groups AS g FORCE INDEX (last_seen)
WHERE g.project_id = %(project_id)s
  AND g.last_seen >= %(starts)s AND g.last_seen < %(ends)s
  AND EXISTS (
    SELECT 1
    FROM ph_error_kinds AS k
    WHERE k.project_id = g.project_id AND k.group_id = g.id)
GROUP BY g.status, g.severity
"""

_COLUMNS = """
SELECT g.id, g.error_type, g.message, g.file, g.line, g.severity, g.environment,
  g.status,
  (SELECT SUM(k.occurrence_count) FROM ph_error_kinds AS k
    WHERE k.project_id = g.project_id AND k.group_id = g.id) AS occurrence_count,
  g.first_seen, g.last_seen, g.title, g.culprit,
  f.name AS first_release, l.name AS last_release, g.resolved_at, g.regressed_at,
  r.name AS regressed_release, g.regressions
"""

_RELEASES = """
LEFT JOIN ph_releases AS f
  ON f.project_id = g.project_id AND f.id = g.first_release_id
LEFT JOIN ph_releases AS l
  ON l.project_id = g.project_id AND l.id = g.last_release_id
LEFT JOIN ph_releases AS r
  ON r.project_id = g.project_id AND r.id = g.regressed_release_id
"""

# The groups of one page of the list.
_LISTED = """
  SELECT g.*
  FROM ph_error_groups AS g FORCE INDEX (last_seen)
  WHERE g.project_id = %(project_id)s
    AND g.last_seen >= %(starts)s AND g.last_seen < %(ends)s
    AND EXISTS (
      SELECT 1
      FROM ph_error_kinds AS k
      WHERE k.project_id = g.project_id AND k.group_id = g.id)
    AND (%(status)s = '' OR g.status = %(status)s)
    AND (%(severity)s = '' OR g.severity = %(severity)s)
    AND (%(environment)s = '' OR g.environment = %(environment)s)
    AND (%(release)s = '' OR EXISTS (
      SELECT 1
      FROM ph_error_kinds AS k
      JOIN ph_error_days AS d
        ON d.project_id = k.project_id AND d.kind_id = k.id
        AND d.release_id = %(release_id)s
        AND d.day BETWEEN %(first)s AND %(last)s
      WHERE k.project_id = g.project_id AND k.group_id = g.id))
    AND (%(text)s = ''
      OR LOWER(g.title) LIKE %(text)s ESCAPE '!'
      OR LOWER(g.message) LIKE %(text)s ESCAPE '!'
      OR LOWER(g.error_type) LIKE %(text)s ESCAPE '!'
      OR LOWER(g.file) LIKE %(text)s ESCAPE '!'
      OR LOWER(g.culprit) LIKE %(text)s ESCAPE '!')
  ORDER BY g.last_seen DESC, g.id
  LIMIT %(limit)s OFFSET %(offset)s
"""

LIST_GROUPS = f"""
-- errors.report_store.LIST_GROUPS
{_COLUMNS.strip()}
FROM ({_LISTED}) AS g
{_RELEASES.strip()}
ORDER BY g.last_seen DESC, g.id
"""

GET_GROUP = f"""
-- errors.report_store.GET_GROUP
{_COLUMNS.strip()}
FROM ph_error_groups AS g
{_RELEASES.strip()}
WHERE g.project_id = %(project_id)s AND g.id = %(group_id)s
  AND EXISTS (
    SELECT 1
    FROM ph_error_kinds AS k
    WHERE k.project_id = g.project_id AND k.group_id = g.id)
"""

# visitors: those of the people who had a pageview on the day, as visitors have.
_PEOPLE = """
SELECT k.group_id, COUNT(DISTINCT p.visitor_id) AS people,
  COUNT(DISTINCT CASE WHEN EXISTS (
    SELECT 1
    FROM ph_pageviews AS v FORCE INDEX (visitor)
    WHERE v.project_id = p.project_id AND v.day = p.day
      AND v.visitor_id = p.visitor_id)
    THEN p.visitor_id END) AS visitors
"""

_PEOPLE_OF_KINDS = """
JOIN ph_error_visitors AS p
  ON p.project_id = k.project_id AND p.kind_id = k.id
  AND p.day BETWEEN %(first)s AND %(last)s
"""

COUNT_PEOPLE = f"""
-- errors.report_store.COUNT_PEOPLE
{_PEOPLE.strip()}
FROM ({_LISTED}) AS g
JOIN ph_error_kinds AS k ON k.project_id = g.project_id AND k.group_id = g.id
{_PEOPLE_OF_KINDS.strip()}
GROUP BY k.group_id
"""

COUNT_PEOPLE_OF_GROUP = f"""
-- errors.report_store.COUNT_PEOPLE_OF_GROUP
{_PEOPLE.strip()}
FROM ph_error_kinds AS k
{_PEOPLE_OF_KINDS.strip()}
WHERE k.project_id = %(project_id)s AND k.group_id = %(group_id)s
GROUP BY k.group_id
"""

COUNT_GROUP_DAYS = """
-- errors.report_store.COUNT_GROUP_DAYS
SELECT d.day, SUM(d.occurrences) AS occurrences
FROM ph_error_kinds AS k
JOIN ph_error_days AS d
  ON d.project_id = k.project_id AND d.kind_id = k.id
  AND d.day BETWEEN %(first)s AND %(last)s
WHERE k.project_id = %(project_id)s AND k.group_id = %(group_id)s
GROUP BY d.day
"""

COUNT_DAYS = """
-- errors.report_store.COUNT_DAYS
SELECT d.day, SUM(d.occurrences) AS occurrences,
  COUNT(DISTINCT k.group_id) AS unique_groups
FROM ph_error_days AS d
JOIN ph_error_kinds AS k
  ON k.project_id = d.project_id AND k.id = d.kind_id
WHERE d.project_id = %(project_id)s AND d.day BETWEEN %(first)s AND %(last)s
  AND (%(group_id)s = 0 OR k.group_id = %(group_id)s)
GROUP BY d.day
"""

COUNT_GROUPS = """
-- errors.report_store.COUNT_GROUPS
SELECT t.group_id AS id, g.error_type, g.message, g.severity, g.status, g.title,
  t.occurrences
FROM (
  SELECT k.group_id, SUM(d.occurrences) AS occurrences
  FROM ph_error_days AS d
  JOIN ph_error_kinds AS k
    ON k.project_id = d.project_id AND k.id = d.kind_id
  WHERE d.project_id = %(project_id)s AND d.day BETWEEN %(first)s AND %(last)s
    AND (%(group_id)s = 0 OR k.group_id = %(group_id)s)
  GROUP BY k.group_id
) AS t
JOIN ph_error_groups AS g
  ON g.project_id = %(project_id)s AND g.id = t.group_id
ORDER BY t.occurrences DESC, t.group_id
"""

FIND_GROUP = """
-- errors.report_store.FIND_GROUP
SELECT id, components
FROM ph_error_groups
WHERE project_id = %(project_id)s AND id = %(id)s
"""

LIST_OCCURRENCES = """
-- errors.report_store.LIST_OCCURRENCES
SELECT o.id, o.kind_id, o.at, o.visit_id, o.environment, o.severity, o.url,
  o.message, o.stack, o.context, o.occurrences, r.name AS release_name,
  d.type, d.os, d.browser, p.country, p.country_code, p.city
FROM ph_error_kinds AS k
JOIN ph_occurrences AS o
  ON o.project_id = k.project_id AND o.kind_id = k.id
LEFT JOIN ph_releases AS r
  ON r.project_id = o.project_id AND r.id = o.release_id
LEFT JOIN ph_devices AS d
  ON d.project_id = o.project_id AND d.id = o.device_id
LEFT JOIN ph_places AS p
  ON p.project_id = o.project_id AND p.id = o.place_id
WHERE k.project_id = %(project_id)s AND k.group_id = %(group_id)s
ORDER BY o.at DESC, o.id DESC, o.slot
LIMIT %(limit)s
"""

LIST_KINDS = """
-- errors.report_store.LIST_KINDS
SELECT id, message, file, line, occurrence_count, first_seen, last_seen
FROM ph_error_kinds
WHERE project_id = %(project_id)s AND group_id = %(group_id)s
ORDER BY occurrence_count DESC, id
"""

LIST_RELEASES = """
-- errors.report_store.LIST_RELEASES
SELECT r.name AS release_name, SUM(d.occurrences) AS occurrences
FROM ph_error_kinds AS k
JOIN ph_error_days AS d
  ON d.project_id = k.project_id AND d.kind_id = k.id
  AND d.day BETWEEN %(first)s AND %(last)s
JOIN ph_releases AS r
  ON r.project_id = d.project_id AND r.id = d.release_id
WHERE k.project_id = %(project_id)s AND k.group_id = %(group_id)s
GROUP BY r.name
ORDER BY occurrences DESC, r.name
"""


def first_day(db: Database, project_id: int) -> date | None:
    """Return the first day with an error, or None."""
    row = db.read(lambda: db.one(FIRST_DAY, {"project_id": project_id}))
    return row["day"] if row else None


def sum_groups(db: Database, values: Params) -> list[Row]:
    """Return status, severity and how many groups of the span have both."""
    return db.read(lambda: db.all(SUM_GROUPS, values))


def list_groups(db: Database, values: Params) -> list[Row]:
    """Return a page of the groups under the filters, the one seen last first."""
    return db.read(lambda: db.all(LIST_GROUPS, values))


def get_group(db: Database, values: Params) -> list[Row]:
    """Return the group as ``list_groups`` does, whatever its time is; [] if none."""
    return db.read(lambda: db.all(GET_GROUP, values))


def count_people(db: Database, values: Params) -> dict[int, Row]:
    """Return by group how many people met it, and how many of those are visitors.

    Of the group with ``group_id``, or if that is 0, of those that ``list_groups``
    returns; groups that met nobody are absent.
    """
    sql = COUNT_PEOPLE_OF_GROUP if values["group_id"] else COUNT_PEOPLE
    rows = db.read(lambda: db.all(sql, values))
    return {row["group_id"]: row for row in rows}


def count_group_days(db: Database, values: Params) -> dict[Any, int]:
    """Return the group's occurrences by day; days without are absent."""
    rows = db.read(lambda: db.all(COUNT_GROUP_DAYS, values))
    return {row["day"]: row["occurrences"] for row in rows}


def count_days(db: Database, values: Params) -> dict[Any, Row]:
    """Return occurrences and unique_groups by day; days without are absent."""
    rows = db.read(lambda: db.all(COUNT_DAYS, values))
    return {row["day"]: row for row in rows}


def count_groups(db: Database, values: Params) -> list[Row]:
    """Return each group with its occurrences in the span, most first."""
    return db.read(lambda: db.all(COUNT_GROUPS, values))


def find_group(db: Database, project_id: int, group_id: int) -> Row | None:
    """Return a group's id and components, or None."""
    values = {"project_id": project_id, "id": group_id}
    return db.read(lambda: db.one(FIND_GROUP, values))


def list_occurrences(db: Database, values: Params) -> list[Row]:
    """Return the reports that are kept of the group, newest first."""
    return db.read(lambda: db.all(LIST_OCCURRENCES, values))


def list_kinds(db: Database, values: Params) -> list[Row]:
    """Return the kinds of reports in the group, most frequent first."""
    return db.read(lambda: db.all(LIST_KINDS, values))


def list_releases(db: Database, values: Params) -> list[Row]:
    """Return the releases in which the group occurred, most frequent first."""
    return db.read(lambda: db.all(LIST_RELEASES, values))
