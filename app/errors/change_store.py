"""The statements that merge and split groups of errors, and undo it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Params, Row

LOCK_GROUP = """
-- errors.change_store.LOCK_GROUP
SELECT id, environment, status, severity, error_type, message, file, line, title,
  culprit, components, first_seen, last_seen, first_release_id, last_release_id,
  resolved_at, regressed_at, regressed_release_id, regressions
FROM ph_error_groups
WHERE project_id = %(project_id)s AND id = %(id)s
FOR UPDATE
"""

# Where the reports are that a group was made for, or got by a split.
FIND_HEIR = """
-- errors.change_store.FIND_HEIR
SELECT k.group_id
FROM ph_error_kinds AS k
WHERE k.project_id = %(project_id)s AND (k.group_id = %(id)s OR k.key_id = %(id)s)
ORDER BY CASE WHEN k.group_id = %(id)s THEN 0 ELSE 1 END, k.is_split,
  k.occurrence_count DESC, k.id
LIMIT 1
"""

FIND_HEIR_OF_SPLIT = """
-- errors.change_store.FIND_HEIR_OF_SPLIT
SELECT k.group_id
FROM ph_error_moves AS m
JOIN ph_error_kinds AS k ON k.project_id = m.project_id AND k.id = m.id
WHERE m.project_id = %(project_id)s AND m.thing = 'kind' AND m.to_group_id = %(id)s
ORDER BY m.change_id, m.id
LIMIT 1
"""

LIST_KEYS = """
-- errors.change_store.LIST_KEYS
SELECT id
FROM ph_error_keys
WHERE project_id = %(project_id)s AND group_id = %(group_id)s
ORDER BY id
"""

MOVE_KEY = """
-- errors.change_store.MOVE_KEY
UPDATE ph_error_keys
SET group_id = %(to_group_id)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""

LIST_KINDS = """
-- errors.change_store.LIST_KINDS
SELECT id, key_id, is_split
FROM ph_error_kinds
WHERE project_id = %(project_id)s AND group_id = %(group_id)s
ORDER BY id
"""

MOVE_KIND = """
-- errors.change_store.MOVE_KIND
UPDATE ph_error_kinds
SET group_id = %(to_group_id)s, is_split = %(is_split)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""

# What is split off stays where it was put.
MOVE_KINDS_OF_KEY = """
-- errors.change_store.MOVE_KINDS_OF_KEY
UPDATE ph_error_kinds
SET group_id = %(to_group_id)s
WHERE project_id = %(project_id)s AND key_id = %(id)s AND is_split = 0
"""

GET_KEY = """
-- errors.change_store.GET_KEY
SELECT group_id
FROM ph_error_keys
WHERE project_id = %(project_id)s AND id = %(id)s
"""

GET_KIND = """
-- errors.change_store.GET_KIND
SELECT group_id, key_id
FROM ph_error_kinds
WHERE project_id = %(project_id)s AND id = %(id)s
"""

# Where a thing has been moved, in order: by changes that hold, or have held.
LIST_MOVES_OF = """
-- errors.change_store.LIST_MOVES_OF
SELECT m.change_id, m.from_group_id, m.to_group_id, c.undone_at
FROM ph_error_moves AS m
JOIN ph_error_changes AS c ON c.project_id = m.project_id AND c.id = m.change_id
WHERE m.project_id = %(project_id)s AND m.thing = %(thing)s AND m.id = %(id)s
ORDER BY m.change_id
"""

GET_EXTREMES = """
-- errors.change_store.GET_EXTREMES
SELECT MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen
FROM ph_error_kinds
WHERE project_id = %(project_id)s AND group_id = %(id)s
"""

UPDATE_EXTREMES = """
-- errors.change_store.UPDATE_EXTREMES
UPDATE ph_error_groups
SET first_seen = %(first_seen)s, last_seen = %(last_seen)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""

JOIN_STATE = """
-- errors.change_store.JOIN_STATE
UPDATE ph_error_groups
SET status = %(status)s, severity = %(severity)s, resolved_at = %(resolved_at)s,
  first_release_id = %(first_release_id)s, last_release_id = %(last_release_id)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""

INSERT_CHANGE = """
-- errors.change_store.INSERT_CHANGE
INSERT INTO ph_error_changes
  (project_id, id, token, action, group_id, at, undone_at)
SELECT %(project_id)s, COALESCE(MAX(id), 0) + 1, %(token)s, %(action)s, %(group_id)s,
  %(at)s, NULL
FROM ph_error_changes
WHERE project_id = %(project_id)s
"""

FIND_CHANGE = """
-- errors.change_store.FIND_CHANGE
SELECT id
FROM ph_error_changes
WHERE project_id = %(project_id)s AND group_id = %(group_id)s AND token = %(token)s
"""

INSERT_MOVE = """
-- errors.change_store.INSERT_MOVE
INSERT INTO ph_error_moves (project_id, change_id, thing, id, from_group_id,
  to_group_id)
VALUES (%(project_id)s, %(change_id)s, %(thing)s, %(id)s, %(from_group_id)s,
  %(to_group_id)s)
"""

LOCK_CHANGE = """
-- errors.change_store.LOCK_CHANGE
SELECT id, action, group_id, undone_at
FROM ph_error_changes
WHERE project_id = %(project_id)s AND id = %(id)s
FOR UPDATE
"""

LIST_MOVES = """
-- errors.change_store.LIST_MOVES
SELECT thing, id, from_group_id, to_group_id
FROM ph_error_moves
WHERE project_id = %(project_id)s AND change_id = %(change_id)s
ORDER BY thing, id
"""

MARK_UNDONE = """
-- errors.change_store.MARK_UNDONE
UPDATE ph_error_changes
SET undone_at = %(at)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""

LIST_CHANGES = """
-- errors.change_store.LIST_CHANGES
SELECT c.id AS change_id, c.action, c.at
FROM ph_error_changes AS c
WHERE c.project_id = %(project_id)s AND c.undone_at IS NULL
  AND (c.group_id = %(group_id)s OR EXISTS (
    SELECT 1
    FROM ph_error_moves AS m
    WHERE m.project_id = c.project_id AND m.change_id = c.id
      AND (m.from_group_id = %(group_id)s OR m.to_group_id = %(group_id)s)))
ORDER BY c.at DESC, c.id
"""

SET_STATUS = """
-- errors.change_store.SET_STATUS
UPDATE ph_error_groups
SET status = %(status)s, resolved_at = %(resolved_at)s
WHERE project_id = %(project_id)s AND id = %(id)s
"""


def lock_group(db: Database, project_id: int, group_id: int) -> Row | None:
    """Return a group's row, or None if the project has none with this id."""
    return db.one(LOCK_GROUP, {"project_id": project_id, "id": group_id})


def find_heir(db: Database, project_id: int, group_id: int) -> int:
    """Return the group in which the reports of a group are: its own unless moved."""
    values = {"project_id": project_id, "id": group_id}
    row = db.one(FIND_HEIR, values) or db.one(FIND_HEIR_OF_SPLIT, values)
    return row["group_id"] if row else group_id


def list_keys(db: Database, values: Params) -> list[Row]:
    """Return the keys whose reports come into the group."""
    return db.all(LIST_KEYS, values)


def move_key(db: Database, values: Params) -> None:
    """Put a key and its kinds into another group, but those split off."""
    db.run(MOVE_KEY, values)
    db.run(MOVE_KINDS_OF_KEY, values)


def list_kinds(db: Database, values: Params) -> list[Row]:
    """Return the kinds of reports in the group."""
    return db.all(LIST_KINDS, values)


def move_kind(db: Database, values: Params) -> None:
    """Put a kind of reports into another group."""
    db.run(MOVE_KIND, values)


def get_key(db: Database, project_id: int, key_id: int) -> Row:
    """Return a key's group_id."""
    row = db.one(GET_KEY, {"project_id": project_id, "id": key_id})
    assert row is not None, "a key is never deleted alone"
    return row


def get_kind(db: Database, project_id: int, kind_id: int) -> Row:
    """Return a kind's group_id and key_id."""
    row = db.one(GET_KIND, {"project_id": project_id, "id": kind_id})
    assert row is not None, "a kind is never deleted alone"
    return row


def list_moves_of(
    db: Database, project_id: int, thing: str, moved_id: int
) -> list[Row]:
    """Return where a key or a kind has been moved, in order."""
    values = {"project_id": project_id, "thing": thing, "id": moved_id}
    return db.all(LIST_MOVES_OF, values)


def get_extremes(db: Database, project_id: int, group_id: int) -> Row:
    """Return first_seen and last_seen of the group's kinds; null if it has none."""
    row = db.one(GET_EXTREMES, {"project_id": project_id, "id": group_id})
    assert row is not None
    return row


def update_extremes(db: Database, values: Params) -> None:
    """Store when a group was seen first and last."""
    db.run(UPDATE_EXTREMES, values)


def join_state(db: Database, values: Params) -> None:
    """Store a group's status, severity and releases."""
    db.run(JOIN_STATE, values)


def insert_change(db: Database, values: Params) -> int:
    """Store a change; return its number, the next of the project."""
    db.run(INSERT_CHANGE, values)
    number = find_change(db, values)
    assert number is not None, "it was inserted in the same transaction"
    return number


def find_change(db: Database, values: Params) -> int | None:
    """Return the number of the change with a token, or None."""
    row = db.one(FIND_CHANGE, values)
    return row["id"] if row else None


def insert_move(db: Database, values: Params) -> None:
    """Store what a change moved."""
    db.run(INSERT_MOVE, values)


def lock_change(db: Database, project_id: int, change_id: int) -> Row | None:
    """Return a change, or None."""
    return db.one(LOCK_CHANGE, {"project_id": project_id, "id": change_id})


def list_moves(db: Database, project_id: int, change_id: int) -> list[Row]:
    """Return what a change moved."""
    return db.all(LIST_MOVES, {"project_id": project_id, "change_id": change_id})


def mark_undone(db: Database, values: Params) -> None:
    """Store that a change is undone."""
    db.run(MARK_UNDONE, values)


def list_changes(db: Database, project_id: int, group_id: int) -> list[Row]:
    """Return change_id, action and at of what can be undone of the group's changes."""
    values = {"project_id": project_id, "group_id": group_id}
    return db.read(lambda: db.all(LIST_CHANGES, values))


def set_status(db: Database, values: Params) -> None:
    """Store a group's status."""
    db.run(SET_STATUS, values)
