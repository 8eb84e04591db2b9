"""The statements that only an import needs: many rows at once, and how far it got."""

from __future__ import annotations

from app.clock import NULL_DAY
from app.visits import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row

SLICE_VISITORS = 200
"""How many visitors are named at once; fewer repeat the last one."""

_NAMES = ", ".join(f"%(id_{number})s" for number in range(SLICE_VISITORS))

GET_STATE = """
-- visits.import_store.GET_STATE
SELECT timezone, last_visitor_id, after_id, until_id, pageviews
FROM ph_imports
WHERE project_id = %(project_id)s AND id = %(id)s AND public_key = %(public_key)s
"""

LOCK_STATE = GET_STATE.replace("GET_", "LOCK_") + "FOR UPDATE\n"

SET_MARK = """
-- visits.import_store.SET_MARK
UPDATE ph_imports
SET last_visitor_id = %(last_visitor_id)s, after_id = %(after_id)s,
  until_id = %(until_id)s, pageviews = %(pageviews)s
WHERE project_id = %(project_id)s AND id = %(id)s AND public_key = %(public_key)s
"""

# Locks also those who are there already, at once exclusively: INSERT IGNORE would
# share the lock first, and two that both want more of it would stop each other.
CLAIM_VISITOR = """
-- visits.import_store.CLAIM_VISITOR
INSERT INTO ph_visitors /* key: project_id, id */
  (project_id, id, first_day, last_day, recent, older_day)
VALUES (%(project_id)s, %(visitor_id)s, %(day)s, %(day)s, %(recent)s, %(day)s)
ON DUPLICATE KEY UPDATE id = VALUES(id)
"""

# MariaDB would read the whole project, and wait for beacons, if nobody named the index.
LOCK_VISITORS = f"""
-- visits.import_store.LOCK_VISITORS
SELECT id AS visitor_id, first_day, last_day, recent, older_day
FROM ph_visitors FORCE INDEX (PRIMARY)
WHERE project_id = %(project_id)s AND id IN ({_NAMES})
FOR UPDATE
"""

REPLACE_VISITOR = """
-- visits.import_store.REPLACE_VISITOR
INSERT INTO ph_visitors /* key: project_id, id */
  (project_id, id, first_day, last_day, recent, older_day)
VALUES (%(project_id)s, %(visitor_id)s, %(first_day)s, %(last_day)s, %(recent)s,
  %(older_day)s)
ON DUPLICATE KEY UPDATE first_day = VALUES(first_day), last_day = VALUES(last_day),
  recent = VALUES(recent), older_day = VALUES(older_day)
"""

LOCK_VISIT = """
-- visits.import_store.LOCK_VISIT
SELECT s.day, s.id, s.visitor_id, s.started_at, s.viewed_at, s.last_at, s.hour,
  s.channel, s.pageviews, s.entry_page_id, s.exit_page_id, s.referrer_id, s.campaign_id,
  s.device_id, s.place_id, s.screen_id, s.token_id
FROM ph_pageviews AS v FORCE INDEX (visitor)
JOIN ph_visits AS s
  ON s.project_id = v.project_id
  AND s.day = v.visit_day
  AND s.id = v.visit_id
WHERE v.project_id = %(project_id)s
  AND v.day IN (%(day_before)s, %(day)s, %(day_after)s)
  AND v.visitor_id = %(visitor_id)s
  AND v.url_hash = %(url_hash)s
  AND v.at IN (%(at)s, %(second_at)s)
ORDER BY v.at DESC
LIMIT 1
FOR UPDATE
"""

IMPORT_VISIT = store.INSERT_VISIT.replace("store.INSERT_", "import_store.IMPORT_")

IMPORT_PAGEVIEW = """
-- visits.import_store.IMPORT_PAGEVIEW
INSERT INTO ph_pageviews
  (project_id, day, id, at, hour, visit_day, visit_id, visitor_id, page_id, url_hash)
VALUES (%(project_id)s, %(day)s, %(id)s, %(at)s, %(hour)s, %(visit_day)s, %(visit_id)s,
  %(visitor_id)s, %(page_id)s, %(url_hash)s)
"""

COUNT_PAGEVIEWS = """
-- visits.import_store.COUNT_PAGEVIEWS
SELECT COUNT(*) AS count
FROM ph_pageviews
WHERE project_id = %(project_id)s
"""

COUNT_VISITS = """
-- visits.import_store.COUNT_VISITS
SELECT COUNT(*) AS count
FROM ph_visits
WHERE project_id = %(project_id)s
"""

COUNT_VISITORS = """
-- visits.import_store.COUNT_VISITORS
SELECT COUNT(*) AS count
FROM ph_visitors
WHERE project_id = %(project_id)s
"""


def get_state(db: Database, key: Row) -> Row:
    """Return how far the import got; ``key`` has project_id, id and public_key."""
    row = db.read(lambda: db.one(GET_STATE, key))
    assert row is not None, "it is made with the project"
    return row


def lock_state(db: Database, key: Row) -> Row | None:
    """Return how far the import got, and let no other one go on meanwhile."""
    return db.one(LOCK_STATE, key)


def set_mark(db: Database, key: Row, state: Row) -> None:
    """Note how far the import got."""
    db.run(SET_MARK, {**key, **state})


def lock_visitors(db: Database, project_id: int, visitor_ids: list[int]) -> list[Row]:
    """Lock these visitors, at most 200; those who were not there have ``recent`` 0.

    They get a row first: at READ COMMITTED only what is there can be locked.
    """
    named = sorted(visitor_ids)
    # A parameter, because PyMySQL sends rows together only if all values are.
    common = {"project_id": project_id, "day": NULL_DAY, "recent": 0}
    rows = [{"visitor_id": visitor_id, **common} for visitor_id in named]
    db.many(CLAIM_VISITOR, rows)
    named += named[-1:] * (SLICE_VISITORS - len(named))
    values = {f"id_{number}": one for number, one in enumerate(named)}
    return db.all(LOCK_VISITORS, {**common, **values})


def lock_visit(db: Database, view: Row) -> Row | None:
    """Return the visit of a pageview that is known by visitor, moment and URL."""
    return db.one(LOCK_VISIT, view)


def insert_many(db: Database, statement: str, rows: list[Row]) -> None:
    """Run the statement for its rows, if there are any."""
    if rows:
        db.many(statement, rows)


def count(db: Database, project_id: int) -> dict[str, int]:
    """Return how many pageviews, visits and visitors the project has."""
    statements = {
        "pageviews": COUNT_PAGEVIEWS,
        "visits": COUNT_VISITS,
        "visitors": COUNT_VISITORS,
    }
    found = {}
    for name, statement in statements.items():
        row = db.read(lambda sql=statement: db.one(sql, {"project_id": project_id}))  # type: ignore[misc]
        found[name] = row["count"] if row else 0
    return found
