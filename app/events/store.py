"""The statements that write events and identities."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Params, Row

# As that of the pageviews, so that nobody waits in a circle: the visitor under each id
# he may have, then his visits; here those that were open. first_day is not needed; but
# if MariaDB needs nothing but the id it reads, and locks, every visitor of the project.
LOCK_VISITOR = """
-- events.store.LOCK_VISITOR
SELECT v.first_day, s.day AS visit_day, s.id AS visit_id, s.visitor_id, s.started_at,
  (SELECT value FROM ph_settings
    WHERE name = 'cache_version') AS cache_version,
  (SELECT properties FROM ph_event_names
    WHERE project_id = %(project_id)s AND id = %(name_id)s) AS properties,
  (SELECT 1 FROM ph_pages
    WHERE project_id = %(project_id)s AND id = %(page_id)s) AS has_page,
  (SELECT CASE WHEN type = 'bot' THEN browser ELSE '' END FROM ph_devices
    WHERE project_id = %(project_id)s AND id = %(device_id)s) AS robot
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_visitors AS v FORCE INDEX (PRIMARY)
  ON v.project_id = %(project_id)s
  AND v.id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
LEFT JOIN ph_visits AS s FORCE INDEX (visitor)
  ON s.project_id = %(project_id)s
  AND s.day IN (%(day_two_before)s, %(day_before)s, %(day)s, %(day_after)s)
  AND s.visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
  AND s.visitor_id = v.id
  AND s.started_at < %(begun_by)s
  AND s.last_at > %(gap_starts)s
FOR UPDATE
"""

# No row if an event with this id was counted before.
INSERT_EVENT = """
-- events.store.INSERT_EVENT
INSERT IGNORE INTO ph_events
  (project_id, day, id, at, hour, visit_day, visit_id, visitor_id, page_id, name_id)
SELECT %(project_id)s, %(day)s, %(id)s, %(at)s, %(hour)s, %(visit_day)s, %(visit_id)s,
  %(visitor_id)s, %(page_id)s, %(name_id)s
FROM (SELECT 1 AS one) AS always
WHERE NOT EXISTS (
    SELECT 1
    FROM ph_events
    WHERE project_id = %(project_id)s
      AND day IN (%(day_before)s, %(day)s, %(day_after)s)
      AND id = %(id)s
  )
"""

HAS_EVENT = """
-- events.store.HAS_EVENT
SELECT 1 AS found
FROM ph_events
WHERE project_id = %(project_id)s AND day = %(day)s AND id = %(id)s
"""

INSERT_NAME = """
-- events.store.INSERT_NAME
INSERT IGNORE INTO ph_event_names (project_id, id, name, properties)
VALUES (%(project_id)s, %(name_id)s, %(name)s, %(properties)s)
"""

# Two at once may each forget what the other adds: it is added again with the next.
UPDATE_NAME = """
-- events.store.UPDATE_NAME
UPDATE ph_event_names
SET properties = %(properties)s
WHERE project_id = %(project_id)s AND id = %(name_id)s
"""

COUNT_NAMES = """
-- events.store.COUNT_NAMES
SELECT COUNT(*) AS names
FROM ph_event_names
WHERE project_id = %(project_id)s
"""

GET_PROPERTIES = """
-- events.store.GET_PROPERTIES
SELECT properties
FROM ph_event_names
WHERE project_id = %(project_id)s AND id = %(name_id)s
"""

INSERT_PROPERTY = """
-- events.store.INSERT_PROPERTY
INSERT IGNORE INTO ph_event_props (project_id, day, event_id, name, value)
VALUES (%(project_id)s, %(day)s, %(id)s, %(property)s, %(value)s)
"""

# What was said last holds, in whatever order the beacons arrive; traits that are not
# told again stay. No row if the project is not what it was when it was read.
SAVE_IDENTITY = """
-- events.store.SAVE_IDENTITY
INSERT INTO ph_identities /* key: project_id, visitor_id */
  (project_id, visitor_id, user_id, traits, first_at, last_at)
SELECT p.id, %(visitor_id)s, %(user_id)s, %(traits)s, %(at)s, %(at)s
FROM ph_projects AS p
JOIN ph_settings AS s ON s.name = 'cache_version' AND s.value = %(cache_version)s
WHERE p.id = %(project_id)s
ON DUPLICATE KEY UPDATE
  traits = CASE
    WHEN VALUES(last_at) < ph_identities.last_at THEN ph_identities.traits
    WHEN VALUES(user_id) <> ph_identities.user_id THEN VALUES(traits)
    ELSE COALESCE(VALUES(traits), ph_identities.traits) END,
  first_at = CASE
    WHEN VALUES(user_id) = ph_identities.user_id
    THEN LEAST(ph_identities.first_at, VALUES(first_at))
    WHEN VALUES(last_at) < ph_identities.last_at THEN ph_identities.first_at
    ELSE VALUES(first_at) END,
  user_id = CASE
    WHEN VALUES(last_at) < ph_identities.last_at THEN ph_identities.user_id
    ELSE VALUES(user_id) END,
  last_at = GREATEST(ph_identities.last_at, VALUES(last_at))
"""


def lock_visitor(db: Database, values: Params) -> list[Row]:
    """Return what is known, with each visit of the visitor that was open."""
    return db.all(LOCK_VISITOR, values)


def insert_event(db: Database, values: Params) -> bool:
    """Store an event; False if one with its id is there."""
    return db.run(INSERT_EVENT, values) > 0


def has_event(db: Database, values: Params) -> bool:
    """Return whether an event with this id is stored on its day."""
    return db.one(HAS_EVENT, values) is not None


def insert_name(db: Database, values: Params) -> None:
    """Store an event's name unless it is there."""
    db.run(INSERT_NAME, values)


def update_name(db: Database, values: Params) -> None:
    """Store which properties an event's name has had."""
    db.run(UPDATE_NAME, values)


def count_names(db: Database, values: Params) -> int:
    """Return how many names the project's events have."""
    row = db.one(COUNT_NAMES, values)
    return int(row["names"]) if row else 0


def get_properties(db: Database, values: Params) -> str | None:
    """Return the names of an event's properties as JSON, None if its name is new."""
    row = db.one(GET_PROPERTIES, values)
    return row["properties"] if row else None


def insert_properties(db: Database, rows: list[Row]) -> None:
    """Store the properties of an event."""
    db.many(INSERT_PROPERTY, rows)


def save_identity(db: Database, values: Params) -> bool:
    """Store who a visitor says he is; False if the project has changed."""
    return db.transaction(lambda: db.run(SAVE_IDENTITY, values)) > 0
