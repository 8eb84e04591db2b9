"""The statements that only an import of errors needs."""

from __future__ import annotations

from app.errors import store
from app.senders import store as senders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Params, Row

GET_ZONE = """
-- errors.import_store.GET_ZONE
SELECT timezone
FROM ph_imports
WHERE project_id = %(project_id)s AND id = %(source_id)s
  AND public_key = %(public_key)s
"""

LOCK_IMPORT = GET_ZONE.replace("GET_ZONE", "LOCK_IMPORT") + "FOR UPDATE\n"

LIST_MARKS = """
-- errors.import_store.LIST_MARKS
SELECT id, event_id, occurrences, undated, kind_id
FROM ph_error_imports
WHERE project_id = %(project_id)s AND source_id = %(source_id)s
  AND id BETWEEN %(first_id)s AND %(last_id)s
"""

SET_MARK = """
-- errors.import_store.SET_MARK
INSERT INTO ph_error_imports /* key: project_id, id, source_id */
  (project_id, id, source_id, event_id, occurrences, undated, kind_id)
VALUES (%(project_id)s, %(id)s, %(source_id)s, %(event_id)s, %(occurrences)s,
  %(undated)s, %(kind_id)s)
ON DUPLICATE KEY UPDATE event_id = VALUES(event_id),
  occurrences = VALUES(occurrences), undated = VALUES(undated)
"""

# Wherever people have moved the kind since it came.
LOCK_GROUP_OF_KIND = """
-- errors.import_store.LOCK_GROUP_OF_KIND
SELECT g.id, g.status, g.severity, g.offered, g.first_seen, g.last_seen,
  g.first_release_id, g.last_release_id, g.resolved_at, g.regressed_at,
  g.regressed_release_id, g.regressions
FROM ph_error_kinds AS k
JOIN ph_error_groups AS g ON g.project_id = k.project_id AND g.id = k.group_id
WHERE k.project_id = %(project_id)s AND k.id = %(kind_id)s
FOR UPDATE
"""

LIST_SLOTS = """
-- errors.import_store.LIST_SLOTS
SELECT slot, at
FROM ph_occurrences
WHERE project_id = %(project_id)s AND group_id = %(group_id)s
  AND slot BETWEEN %(first_slot)s AND %(last_slot)s
"""

COUNT_ERRORS = """
-- errors.import_store.COUNT_ERRORS
SELECT COUNT(DISTINCT group_id) AS error_groups, SUM(occurrence_count) AS errors
FROM ph_error_kinds
WHERE project_id = %(project_id)s
"""

COUNT_IMPORTED = """
-- errors.import_store.COUNT_IMPORTED
SELECT COUNT(*) AS theirs, COUNT(DISTINCT k.group_id) AS ours,
  SUM(i.occurrences) AS errors, SUM(i.undated) AS undated
FROM ph_error_imports AS i
JOIN ph_error_kinds AS k ON k.project_id = i.project_id AND k.id = i.kind_id
WHERE i.project_id = %(project_id)s AND i.source_id = %(source_id)s
"""


def get_zone(db: Database, key: Params) -> str:
    """Return the zone of their times; ``key`` has project_id, source_id, public_key."""
    row = db.read(lambda: db.one(GET_ZONE, key))
    assert row is not None, "it is made with the project"
    zone: str = row["timezone"]
    return zone


def lock_import(db: Database, key: Params) -> bool:
    """Let no other import of the project go on; False if the project is gone."""
    return db.one(LOCK_IMPORT, key) is not None


def list_marks(
    db: Database, key: Params, first_id: int, last_id: int
) -> dict[int, Row]:
    """Return by their group's id what of it is here; groups that are not are absent.

    That is the errors of its events up to ``event_id``: ``occurrences``, with those
    that have no event, which are ``undated``; ``kind_id`` is what they are here.
    """
    rows = db.all(LIST_MARKS, {**key, "first_id": first_id, "last_id": last_id})
    return {row.pop("id"): row for row in rows}


def set_mark(db: Database, values: Params) -> None:
    """Note what of a group is here."""
    db.run(SET_MARK, values)


def lock_group_of_kind(db: Database, values: Params) -> Row:
    """Return the group in which a kind of reports is."""
    row = db.one(LOCK_GROUP_OF_KIND, values)
    assert row is not None, "kinds and groups are never deleted alone"
    return row


def list_slots(db: Database, values: Params, slots: range) -> dict[int, datetime]:
    """Return by slot the times of the group's reports that are kept in ``slots``."""
    ends = {"first_slot": slots[0], "last_slot": slots[-1]}
    return {row["slot"]: row["at"] for row in db.all(LIST_SLOTS, {**values, **ends})}


def count_kind(db: Database, rows: list[Row]) -> None:
    """Count reports in their kind, each with its time."""
    _many(db, store.COUNT_KIND, rows)


def count_days(db: Database, rows: list[Row]) -> None:
    """Count reports on their days."""
    _many(db, store.COUNT_DAY, rows)


def keep_occurrences(db: Database, rows: list[Row]) -> None:
    """Store reports in their slots, instead of what was there."""
    _many(db, store.KEEP_OCCURRENCE, rows)


def store_devices(db: Database, rows: list[Row]) -> None:
    """Store those of the devices that are new."""
    _many(db, senders.INSERT_DEVICE, rows)


def store_places(db: Database, rows: list[Row]) -> None:
    """Store those of the places that are new."""
    _many(db, senders.INSERT_PLACE, rows)


def count_errors(db: Database, project_id: int) -> dict[str, int]:
    """Return how many error_groups the project has, and errors in them."""
    return _counts(db, COUNT_ERRORS, {"project_id": project_id})


def count_imported(db: Database, project_id: int, source_id: int) -> dict[str, int]:
    """Return how many groups came (theirs), how many these are here (ours), and errors.

    ``undated`` of the errors have no event.
    """
    values = {"project_id": project_id, "source_id": source_id}
    return _counts(db, COUNT_IMPORTED, values)


def _counts(db: Database, statement: str, values: Params) -> dict[str, int]:
    row = db.read(lambda: db.one(statement, values))
    return {name: int(count or 0) for name, count in (row or {}).items()}


def _many(db: Database, statement: str, rows: list[Row]) -> None:
    if rows:
        db.many(statement, rows)
