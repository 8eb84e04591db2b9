"""The statements that write a pageview and what belongs to it."""

from __future__ import annotations

from datetime import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Params, Row

VISIT_GAP = timedelta(minutes=30)
"""This long without activity ends a visit. Source: Micrologs' session rule."""
EARLY = timedelta(minutes=1)
"""By so much an event may seem to come before its page: both beacons are on their way
for a while."""

# Locks the visitor under each id he may have, with his visits around the beacon, and
# looks up on the way what else the beacon needs to know (robot: NULL is a device not
# seen before, '' one of a person). One round trip; there is
# always at least one row. The index is named and the ids are repeated because MariaDB
# would otherwise read, and lock, every visit of the project.
LOCK_VISITOR = """
-- visits.store.LOCK_VISITOR
SELECT v.id AS visitor_id, v.first_day, v.last_day, v.recent, v.older_day,
  s.day, s.id, s.started_at, s.viewed_at, s.last_at, s.hour, s.channel, s.pageviews,
  s.entry_page_id, s.exit_page_id, s.referrer_id, s.campaign_id,
  s.device_id, s.place_id, s.screen_id, s.token_id,
  (SELECT value FROM ph_settings
    WHERE name = 'cache_version') AS cache_version,
  (SELECT titled_at FROM ph_pages
    WHERE project_id = %(project_id)s AND id = %(page_id)s) AS page_titled_at,
  (SELECT 1 FROM ph_referrers
    WHERE project_id = %(project_id)s AND id = %(referrer_id)s) AS has_referrer,
  (SELECT 1 FROM ph_campaigns
    WHERE project_id = %(project_id)s AND id = %(campaign_id)s) AS has_campaign,
  (SELECT CASE WHEN type = 'bot' THEN browser ELSE '' END FROM ph_devices
    WHERE project_id = %(project_id)s AND id = %(device_id)s) AS robot,
  (SELECT 1 FROM ph_screens
    WHERE project_id = %(project_id)s AND id = %(screen_id)s) AS has_screen,
  (SELECT place_id FROM ph_networks
    WHERE project_id = %(project_id)s AND id = %(network_id)s) AS network_place_id,
  (SELECT 1 FROM ph_events FORCE INDEX (visitor)
    WHERE project_id = %(project_id)s
      AND day IN (%(day_before)s, %(day)s, %(day_after)s)
      AND visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
      AND visit_id = 0
      AND at > %(events_from)s
      AND at < %(gap_ends)s
    LIMIT 1) AS has_events
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_visitors AS v FORCE INDEX (PRIMARY)
  ON v.project_id = %(project_id)s
  AND v.id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
LEFT JOIN ph_visits AS s FORCE INDEX (visitor)
  ON s.project_id = %(project_id)s
  AND s.day IN (%(day_two_before)s, %(day_before)s, %(day)s, %(day_after)s)
  AND s.visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
  AND s.visitor_id = v.id
  AND s.started_at < %(gap_ends)s
  AND s.last_at > %(gap_starts)s
FOR UPDATE
"""

# The same for an engagement: the visit of its view, and what may follow on it.
LOCK_VISITS = """
-- visits.store.LOCK_VISITS
SELECT v.id AS visitor_id, v.first_day, v.last_day, v.recent, v.older_day,
  s.day, s.id, s.started_at, s.viewed_at, s.last_at, s.hour, s.channel, s.pageviews,
  s.entry_page_id, s.exit_page_id, s.referrer_id, s.campaign_id,
  s.device_id, s.place_id, s.screen_id, s.token_id,
  (SELECT value FROM ph_settings
    WHERE name = 'cache_version') AS cache_version,
  (SELECT 1 FROM ph_events FORCE INDEX (visitor)
    WHERE project_id = %(project_id)s
      AND day BETWEEN %(visit_day)s AND %(day_two_after)s
      AND visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
      AND visit_id = 0
      AND at > %(events_from)s
      AND at < %(gap_ends)s
    LIMIT 1) AS has_events
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_visitors AS v FORCE INDEX (PRIMARY)
  ON v.project_id = %(project_id)s
  AND v.id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
LEFT JOIN ph_visits AS s FORCE INDEX (visitor)
  ON s.project_id = %(project_id)s
  AND s.day IN (%(visit_day)s, %(day_after)s, %(day_two_after)s)
  AND s.visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
  AND s.visitor_id = v.id
  AND s.started_at < %(gap_ends)s
  AND s.last_at > %(gap_starts)s
FOR UPDATE
"""

# A row without an id if there is no such view.
FIND_VIEW = """
-- visits.store.FIND_VIEW
SELECT v.id, v.day, v.at, v.visit_day, v.visit_id, v.visitor_id, v.engaged_seconds,
  v.scroll, (SELECT value FROM ph_settings
    WHERE name = 'cache_version') AS cache_version
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_pageviews AS v
  ON v.project_id = %(project_id)s
  AND v.day IN (%(day_two_before)s, %(day_before)s, %(day)s, %(day_after)s)
  AND v.id = %(id)s
"""

UPDATE_ENGAGEMENT = """
-- visits.store.UPDATE_ENGAGEMENT
UPDATE ph_pageviews
SET engaged_seconds = GREATEST(COALESCE(engaged_seconds, 0), %(seconds)s),
  scroll = GREATEST(COALESCE(scroll, 0), %(scroll)s)
WHERE project_id = %(project_id)s AND day = %(day)s AND id = %(id)s
"""

INSERT_VISITOR = """
-- visits.store.INSERT_VISITOR
INSERT IGNORE INTO ph_visitors
  (project_id, id, first_day, last_day, recent, older_day)
VALUES (%(project_id)s, %(visitor_id)s, %(first_day)s, %(last_day)s, %(recent)s,
  %(older_day)s)
"""

UPDATE_VISITOR = """
-- visits.store.UPDATE_VISITOR
UPDATE ph_visitors
SET first_day = %(first_day)s, last_day = %(last_day)s, recent = %(recent)s,
  older_day = %(older_day)s
WHERE project_id = %(project_id)s AND id = %(visitor_id)s
"""

DELETE_VISITOR = """
-- visits.store.DELETE_VISITOR
DELETE FROM ph_visitors
WHERE project_id = %(project_id)s AND id = %(visitor_id)s
"""

# No row if the same visitor had the same URL within five minutes, or if a beacon
# with this id was counted before.
INSERT_PAGEVIEW = """
-- visits.store.INSERT_PAGEVIEW
INSERT IGNORE INTO ph_pageviews
  (project_id, day, id, at, hour, visit_day, visit_id, visitor_id, page_id, url_hash)
SELECT %(project_id)s, %(day)s, %(id)s, %(at)s, %(hour)s, %(visit_day)s, %(visit_id)s,
  %(visitor_id)s, %(page_id)s, %(url_hash)s
FROM (SELECT 1 AS one) AS always
WHERE NOT EXISTS (
    SELECT 1
    FROM ph_pageviews FORCE INDEX (visitor)
    WHERE project_id = %(project_id)s
      AND day IN (%(first_day)s, %(last_day)s)
      AND visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
      AND url_hash = %(url_hash)s
      AND at > %(same_from)s
      AND at < %(same_to)s
  )
  AND NOT EXISTS (
    SELECT 1
    FROM ph_pageviews
    WHERE project_id = %(project_id)s
      AND day IN (%(day_before)s, %(day)s, %(day_after)s)
      AND id = %(id)s
  )
"""

HAS_PAGEVIEW = """
-- visits.store.HAS_PAGEVIEW
SELECT 1 AS found
FROM ph_pageviews
WHERE project_id = %(project_id)s AND day = %(day)s AND id = %(id)s
"""

INSERT_VISIT = """
-- visits.store.INSERT_VISIT
INSERT INTO ph_visits
  (project_id, day, id, visitor_id, started_at, viewed_at, last_at, hour, channel,
  pageviews, entry_page_id, exit_page_id, referrer_id, campaign_id, device_id, place_id,
  screen_id, token_id)
VALUES (%(project_id)s, %(day)s, %(id)s, %(visitor_id)s, %(started_at)s,
  %(viewed_at)s, %(last_at)s, %(hour)s, %(channel)s, %(pageviews)s, %(entry_page_id)s,
  %(exit_page_id)s, %(referrer_id)s, %(campaign_id)s, %(device_id)s, %(place_id)s,
  %(screen_id)s, %(token_id)s)
"""

UPDATE_VISIT = """
-- visits.store.UPDATE_VISIT
UPDATE ph_visits
SET day = %(day)s, started_at = %(started_at)s, viewed_at = %(viewed_at)s,
  last_at = %(last_at)s, hour = %(hour)s, channel = %(channel)s,
  pageviews = %(pageviews)s, entry_page_id = %(entry_page_id)s,
  exit_page_id = %(exit_page_id)s, referrer_id = %(referrer_id)s,
  campaign_id = %(campaign_id)s, device_id = %(device_id)s, place_id = %(place_id)s,
  screen_id = %(screen_id)s, token_id = %(token_id)s
WHERE project_id = %(project_id)s AND day = %(stored_day)s AND id = %(id)s
"""

DELETE_VISIT = """
-- visits.store.DELETE_VISIT
DELETE FROM ph_visits
WHERE project_id = %(project_id)s AND day = %(day)s AND id = %(id)s
"""

MOVE_PAGEVIEWS = """
-- visits.store.MOVE_PAGEVIEWS
UPDATE ph_pageviews
SET visit_id = %(to_visit_id)s, visit_day = %(to_visit_day)s,
  visitor_id = %(to_visitor_id)s
WHERE project_id = %(project_id)s
  AND day BETWEEN %(first_day)s AND %(last_day)s
  AND visitor_id = %(visitor_id)s
  AND visit_id = %(visit_id)s
"""

MOVE_EVENTS = MOVE_PAGEVIEWS.replace("MOVE_PAGEVIEWS", "MOVE_EVENTS").replace(
    "ph_pageviews", "ph_events"
)

ADOPT_EVENTS = """
-- visits.store.ADOPT_EVENTS
UPDATE ph_events
SET visit_id = %(visit_id)s, visit_day = %(visit_day)s, visitor_id = %(visitor_id)s
WHERE project_id = %(project_id)s
  AND day BETWEEN %(first_day)s AND %(last_day)s
  AND visitor_id IN (%(id_of_day)s, %(id_of_day_before)s, %(id_of_day_after)s)
  AND visit_id = 0
  AND at > %(events_from)s
  AND at < %(gap_ends)s
"""

HAS_VIEWS_ON_DAY = """
-- visits.store.HAS_VIEWS_ON_DAY
SELECT 1 AS found
FROM ph_pageviews
WHERE project_id = %(project_id)s AND day = %(day)s AND visitor_id = %(visitor_id)s
LIMIT 1
"""

LIST_DAYS = """
-- visits.store.LIST_DAYS
SELECT DISTINCT day
FROM ph_pageviews FORCE INDEX (visitor)
WHERE project_id = %(project_id)s
  AND day BETWEEN %(first_day)s AND %(last_day)s
  AND visitor_id = %(visitor_id)s
ORDER BY day
"""

COUNT_VISITOR_DAY = """
-- visits.store.COUNT_VISITOR_DAY
INSERT INTO ph_visitor_days /* key: project_id, day, prev_day, slot */
  (project_id, day, prev_day, slot, visitors)
VALUES (%(project_id)s, %(day)s, %(prev_day)s, %(slot)s, %(change)s)
ON DUPLICATE KEY UPDATE visitors = visitors + VALUES(visitors)
"""

INSERT_PAGE = """
-- visits.store.INSERT_PAGE
INSERT IGNORE INTO ph_pages (project_id, id, scheme, host, path, title, titled_at)
VALUES (%(project_id)s, %(page_id)s, %(scheme)s, %(host)s, %(path)s, %(title)s, %(at)s)
"""

# titled_at moves even if the title is the same: the next look is an hour later.
UPDATE_TITLE = """
-- visits.store.UPDATE_TITLE
UPDATE ph_pages
SET title = %(title)s, titled_at = %(at)s
WHERE project_id = %(project_id)s AND id = %(page_id)s AND titled_at < %(at)s
"""

INSERT_REFERRER = """
-- visits.store.INSERT_REFERRER
INSERT IGNORE INTO ph_referrers (project_id, id, url, host, category)
VALUES (%(project_id)s, %(id)s, %(url)s, %(host)s, %(category)s)
"""

INSERT_CAMPAIGN = """
-- visits.store.INSERT_CAMPAIGN
INSERT IGNORE INTO ph_campaigns
  (project_id, id, utm_source, utm_medium, utm_campaign, utm_term, utm_content)
VALUES (%(project_id)s, %(id)s, %(utm_source)s, %(utm_medium)s, %(utm_campaign)s,
  %(utm_term)s, %(utm_content)s)
"""

INSERT_SCREEN = """
-- visits.store.INSERT_SCREEN
INSERT IGNORE INTO ph_screens (project_id, id, screen, language, timezone)
VALUES (%(project_id)s, %(id)s, %(screen)s, %(language)s, %(timezone)s)
"""


def lock_visitor(db: Database, values: Params) -> list[Row]:
    """Return the visitor's rows, each joined with each of his visits nearby."""
    return db.all(LOCK_VISITOR, values)


def lock_visits(db: Database, values: Params) -> list[Row]:
    """Return the visitor's rows, each joined with each of his visits of that time."""
    return db.all(LOCK_VISITS, values)


def find_view(db: Database, values: Params) -> Row:
    """Return what is known of a pageview; all is null but cache_version if nothing."""
    row = db.read(lambda: db.one(FIND_VIEW, values))
    assert row is not None
    return row


def update_engagement(db: Database, values: Params) -> None:
    """Let a pageview's seconds and scroll grow."""
    db.run(UPDATE_ENGAGEMENT, values)


def insert_visitor(db: Database, values: Params) -> bool:
    """Store a visitor; False if another process was first."""
    return db.run(INSERT_VISITOR, values) > 0


def update_visitor(db: Database, values: Params) -> None:
    """Store the visitor's days."""
    db.run(UPDATE_VISITOR, values)


def delete_visitor(db: Database, values: Params) -> None:
    """Remove a visitor who has no day left."""
    db.run(DELETE_VISITOR, values)


def insert_pageview(db: Database, values: Params) -> bool:
    """Store a pageview; False if it was counted before."""
    return db.run(INSERT_PAGEVIEW, values) > 0


def has_pageview(db: Database, values: Params) -> bool:
    """Return whether a pageview with this id is stored on its day."""
    return db.one(HAS_PAGEVIEW, values) is not None


def move_pageviews(db: Database, values: Params) -> None:
    """Give one visit's pageviews to another visit, and to its visitor."""
    db.run(MOVE_PAGEVIEWS, values)


def move_events(db: Database, values: Params) -> None:
    """Give one visit's events to another visit, and to its visitor."""
    db.run(MOVE_EVENTS, values)


def adopt_events(db: Database, values: Params) -> None:
    """Give the visitor's events of that time that are in no visit to this one."""
    db.run(ADOPT_EVENTS, values)


def has_views_on_day(db: Database, values: Params) -> bool:
    """Return whether the visitor has a pageview on the day."""
    return db.one(HAS_VIEWS_ON_DAY, values) is not None


def list_days(
    db: Database, project_id: int, visitor_id: int, first_day: date, last_day: date
) -> list[date]:
    """Return the days from first_day to last_day on which the visitor has views."""
    values = {"project_id": project_id, "visitor_id": visitor_id}
    span = {"first_day": first_day, "last_day": last_day}
    return [row["day"] for row in db.all(LIST_DAYS, {**values, **span})]


def insert_visit(db: Database, values: Params) -> None:
    """Store a visit."""
    db.run(INSERT_VISIT, values)


def update_visit(db: Database, values: Params) -> None:
    """Store a visit's new state; ``stored_day`` is the day it has in the table."""
    db.run(UPDATE_VISIT, values)


def delete_visit(db: Database, values: Params) -> None:
    """Remove a visit that has become part of another."""
    db.run(DELETE_VISIT, values)


def count_visitor_day(db: Database, values: Params) -> None:
    """Change how many visitors of a day were active on an earlier day before it."""
    db.run(COUNT_VISITOR_DAY, values)


def insert_page(db: Database, values: Params) -> None:
    """Store a page unless it is there."""
    db.run(INSERT_PAGE, values)


def update_title(db: Database, values: Params) -> None:
    """Store a page's title unless a newer view has told one."""
    db.run(UPDATE_TITLE, values)
