"""The statements that write a report of an error."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Params, Row

# Locks the group of the report's kind, or else the one that has its key (strict, or
# else loose), and looks up on the way what else the report needs to know. One or two
# rows.
LOCK_GROUP = """
-- errors.store.LOCK_GROUP
SELECT n.group_id AS kind_group_id, k.id AS key_id, k.kinds, g.id, g.status,
  g.severity, g.offered, g.first_seen, g.last_seen, g.first_release_id,
  g.last_release_id, g.resolved_at, g.regressed_at, g.regressed_release_id,
  g.regressions,
  (SELECT value FROM ph_settings
    WHERE name = 'cache_version') AS cache_version,
  (SELECT 1 FROM ph_releases
    WHERE project_id = %(project_id)s AND id = %(release_id)s) AS has_release,
  (SELECT CASE WHEN type = 'bot' THEN browser ELSE '' END FROM ph_devices
    WHERE project_id = %(project_id)s AND id = %(device_id)s) AS robot,
  (SELECT place_id FROM ph_networks
    WHERE project_id = %(project_id)s AND id = %(network_id)s) AS network_place_id,
  (SELECT day FROM ph_error_beacons
    WHERE project_id = %(project_id)s ORDER BY day LIMIT 1) AS oldest_beacon_day,
  (SELECT MAX(id) FROM ph_visits FORCE INDEX (visitor)
    WHERE project_id = %(project_id)s
      AND day IN (%(day_before)s, %(day)s)
      AND visitor_id IN (%(visitor_id)s, %(visitor_id_before)s)
      AND started_at <= %(at)s
      AND last_at > %(gap_starts)s) AS visit_id
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_error_kinds AS n
  ON n.project_id = %(project_id)s AND n.id = %(kind_id)s
LEFT JOIN ph_error_keys AS k
  ON k.project_id = %(project_id)s AND k.id IN (%(strict_id)s, %(loose_id)s)
LEFT JOIN ph_error_groups AS g
  ON g.project_id = %(project_id)s AND g.id = COALESCE(n.group_id, k.group_id)
FOR UPDATE
"""

COUNT_GROUPS = """
-- errors.store.COUNT_GROUPS
SELECT COUNT(*) AS error_groups
FROM ph_error_groups
WHERE project_id = %(project_id)s
"""

INSERT_GROUP = """
-- errors.store.INSERT_GROUP
INSERT IGNORE INTO ph_error_groups (project_id, id, environment, status, severity,
  error_type, message, file, line, title, culprit, components, offered, first_seen,
  last_seen, first_release_id, last_release_id, resolved_at, regressed_at,
  regressed_release_id, regressions)
VALUES (%(project_id)s, %(id)s, %(environment)s, %(status)s, %(severity)s,
  %(error_type)s, %(message)s, %(file)s, %(line)s, %(title)s, %(culprit)s,
  %(components)s, %(offered)s, %(first_seen)s, %(last_seen)s, %(first_release_id)s,
  %(last_release_id)s, %(resolved_at)s, %(regressed_at)s, %(regressed_release_id)s,
  %(regressions)s)
"""

UPDATE_GROUP = """
-- errors.store.UPDATE_GROUP
UPDATE ph_error_groups
SET status = %(status)s, severity = %(severity)s, offered = %(offered)s,
  first_seen = %(first_seen)s, last_seen = %(last_seen)s,
  first_release_id = %(first_release_id)s, last_release_id = %(last_release_id)s,
  regressed_at = %(regressed_at)s, regressed_release_id = %(regressed_release_id)s,
  regressions = %(regressions)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""

INSERT_KEY = """
-- errors.store.INSERT_KEY
INSERT IGNORE INTO ph_error_keys (project_id, id, group_id, kinds)
VALUES (%(project_id)s, %(key_id)s, %(group_id)s, %(kinds)s)
"""

COUNT_KEYS_KIND = """
-- errors.store.COUNT_KEYS_KIND
UPDATE ph_error_keys
SET kinds = kinds + 1
WHERE project_id = %(project_id)s AND id = %(key_id)s
"""

COUNT_KIND = """
-- errors.store.COUNT_KIND
INSERT INTO ph_error_kinds /* key: project_id, id */
  (project_id, id, key_id, group_id, is_split, message, file, line, occurrence_count,
  first_seen, last_seen)
VALUES (%(project_id)s, %(kind_id)s, %(strict_id)s, %(group_id)s, 0, %(message)s,
  %(file)s, %(line)s, %(count)s, %(at)s, %(at)s)
ON DUPLICATE KEY UPDATE
  occurrence_count = ph_error_kinds.occurrence_count + VALUES(occurrence_count),
  first_seen = LEAST(ph_error_kinds.first_seen, VALUES(first_seen)),
  last_seen = GREATEST(ph_error_kinds.last_seen, VALUES(last_seen))
"""

COUNT_DAY = """
-- errors.store.COUNT_DAY
INSERT INTO ph_error_days /* key: project_id, day, kind_id, release_id */
  (project_id, day, kind_id, release_id, occurrences)
VALUES (%(project_id)s, %(day)s, %(kind_id)s, %(release_id)s, %(count)s)
ON DUPLICATE KEY UPDATE
  occurrences = ph_error_days.occurrences + VALUES(occurrences)
"""

KEEP_OCCURRENCE = """
-- errors.store.KEEP_OCCURRENCE
REPLACE INTO ph_occurrences (project_id, group_id, slot, id, kind_id, at, visit_id,
  visitor_id, device_id, place_id, release_id, occurrences, environment,
  severity, url, message, stack, context)
VALUES (%(project_id)s, %(group_id)s, %(slot)s, %(id)s, %(kind_id)s, %(at)s,
  %(visit_id)s, %(visitor_id)s, %(device_id)s, %(place_id)s, %(release_id)s, %(count)s,
  %(environment)s, %(severity)s, %(url)s, %(message)s, %(stack)s, %(context)s)
"""

HAS_OCCURRENCE = """
-- errors.store.HAS_OCCURRENCE
SELECT 1 AS found
FROM ph_occurrences
WHERE project_id = %(project_id)s AND kind_id = %(kind_id)s AND id = %(id)s
"""

INSERT_VISITOR = """
-- errors.store.INSERT_VISITOR
INSERT IGNORE INTO ph_error_visitors (project_id, kind_id, day, visitor_id)
VALUES (%(project_id)s, %(kind_id)s, %(day)s, %(visitor_id)s)
"""

# So many releases at most: what is sent decides their names.
INSERT_RELEASE = """
-- errors.store.INSERT_RELEASE
INSERT IGNORE INTO ph_releases (project_id, id, name)
SELECT %(project_id)s, %(release_id)s, %(release)s
FROM (SELECT COUNT(*) AS releases FROM ph_releases
  WHERE project_id = %(project_id)s) AS known
WHERE known.releases < 2000
"""

HAS_RELEASE = """
-- errors.store.HAS_RELEASE
SELECT 1 AS found
FROM ph_releases
WHERE project_id = %(project_id)s AND id = %(release_id)s
"""

# Not if a beacon with this id came on the day, or on one beside it: what a repeat says
# of its time differs a little.
INSERT_BEACON = """
-- errors.store.INSERT_BEACON
INSERT IGNORE INTO ph_error_beacons (project_id, day, id)
SELECT %(project_id)s, %(day)s, %(id)s
FROM (SELECT 1 AS one) AS always
WHERE NOT EXISTS (
    SELECT 1
    FROM ph_error_beacons
    WHERE project_id = %(project_id)s
      AND day IN (%(day_before)s, %(day)s, %(day_after)s)
      AND id = %(id)s
  )
"""

DELETE_BEACONS = """
-- errors.store.DELETE_BEACONS
DELETE FROM ph_error_beacons
WHERE project_id = %(project_id)s AND day = %(day)s
"""


def lock_group(db: Database, values: Params) -> list[Row]:
    """Return a row for each of the report's keys that is known, or one of nulls."""
    return db.all(LOCK_GROUP, values)


def count_groups(db: Database, project_id: int) -> int:
    """Return how many groups the project has."""
    row = db.one(COUNT_GROUPS, {"project_id": project_id})
    assert row is not None
    count: int = row["error_groups"]
    return count


def insert_group(db: Database, values: Params) -> bool:
    """Store a group; False if another process was first."""
    return db.run(INSERT_GROUP, values) > 0


def update_group(db: Database, values: Params) -> None:
    """Store a group's new state."""
    db.run(UPDATE_GROUP, values)


def insert_key(db: Database, values: Params) -> bool:
    """Store that reports with a key belong to a group; False if that is known."""
    return db.run(INSERT_KEY, values) > 0


def count_keys_kind(db: Database, project_id: int, key_id: int) -> None:
    """Count one more kind of reports with a key."""
    db.run(COUNT_KEYS_KIND, {"project_id": project_id, "key_id": key_id})


def count_kind(db: Database, values: Params) -> None:
    """Count a report in its kind, which is stored if it is new."""
    db.run(COUNT_KIND, values)


def count_day(db: Database, values: Params) -> None:
    """Count a report on its day."""
    db.run(COUNT_DAY, values)


def keep_occurrence(db: Database, values: Params) -> None:
    """Store a report in its slot, instead of what was there."""
    db.run(KEEP_OCCURRENCE, values)


def has_occurrence(db: Database, values: Params) -> bool:
    """Return whether the report is among the kept ones of its kind."""
    return db.one(HAS_OCCURRENCE, values) is not None


def insert_visitor(db: Database, values: Params) -> None:
    """Store whom the error has met."""
    db.run(INSERT_VISITOR, values)


def store_release(db: Database, values: Params) -> bool:
    """Store a release; False if the project has too many of them."""
    return db.run(INSERT_RELEASE, values) > 0 or bool(db.one(HAS_RELEASE, values))


def insert_beacon(db: Database, values: Params) -> bool:
    """Store a beacon's id; False if one with this id came before."""
    return db.run(INSERT_BEACON, values) > 0


def delete_beacons(db: Database, values: Params) -> None:
    """Forget the ids of one day."""
    db.run(DELETE_BEACONS, values)
