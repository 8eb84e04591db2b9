"""The statements that read and write whole tables, and remember an import.

Tables are those of ``OWNED_TABLES``, their columns what the database says, and their
keys those of sql/: nothing of an imported file becomes part of a statement.
"""

from __future__ import annotations

from app.db import migrate
from app.problems import Problem
from app.projects.admin_store import RAISE_CACHE_VERSION
from app.projects.deletion_store import OWNED_TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.db import Database, Row

SLICE_ROWS = 500
OWNER = "project_id"
PROJECTS = "ph_projects"
TABLES = tuple(OWNED_TABLES)
"""What belongs to projects; all of it goes into the file."""

GET_MARK = """
-- transfer.store.GET_MARK
SELECT value
FROM ph_settings
WHERE name = %(mark)s
"""

LOCK_MARK = """
-- transfer.store.LOCK_MARK
SELECT s.value, p.id
FROM ph_settings AS s
LEFT JOIN ph_projects AS p ON p.id = %(project_id)s AND p.is_active = 0
  AND p.deleted_at IS NULL
WHERE s.name = %(mark)s
FOR UPDATE
"""

SET_MARK = """
-- transfer.store.SET_MARK
INSERT INTO ph_settings /* key: name */ (name, value)
VALUES (%(mark)s, %(value)s)
ON DUPLICATE KEY UPDATE value = VALUES(value)
"""

DELETE_MARK = """
-- transfer.store.DELETE_MARK
DELETE FROM ph_settings
WHERE name = %(mark)s
"""

FIND_TAKEN = """
-- transfer.store.FIND_TAKEN
SELECT id, name, deleted_at
FROM ph_projects
WHERE id = %(id)s OR public_key = %(public_key)s
  OR secret_key_hash = %(secret_key_hash)s
ORDER BY id
LIMIT 1
"""

FIND_PROJECT = """
-- transfer.store.FIND_PROJECT
SELECT id, name, created_at
FROM ph_projects
WHERE id = %(id)s AND deleted_at IS NULL
"""

SET_ACTIVE = """
-- transfer.store.SET_ACTIVE
UPDATE ph_projects
SET is_active = %(is_active)s
WHERE id = %(id)s
"""


class Table:
    """A table as the database has it, without ``project_id``.

    ``columns`` are in the order of their names, which no migration changes; ``key`` is
    the primary key. If that holds for all projects together, the table ``is_shared``.
    """

    def __init__(self, name: str, columns: list[str], key: list[str]) -> None:
        self.name = name
        self.columns = sorted(column for column in columns if column != OWNER)
        self.key = [column for column in key if column != OWNER]
        self.is_shared = OWNER not in key


def get_tables(db: Database, names: Iterable[str]) -> dict[str, Table]:
    """Return the tables of these names; each must be one of ours, and there."""
    keys = migrate.primary_keys()
    return {name: Table(name, _columns(db, name), keys[name]) for name in names}


def _columns(db: Database, name: str) -> list[str]:
    sql = f"""
-- transfer.store.LIST_COLUMNS
SELECT *
FROM {name}
LIMIT 0
"""
    return db.columns(sql)


def list_projects(db: Database, table: Table) -> list[Row]:
    """Return every column of each project that is not being deleted, by id."""
    sql = f"""
-- transfer.store.LIST_PROJECTS
SELECT {", ".join(table.columns)}
FROM {PROJECTS}
WHERE deleted_at IS NULL
ORDER BY id
"""
    return db.all(sql)


def count_rows(db: Database, table: Table, project_id: int) -> int:
    """Return how many rows of the table are the project's."""
    sql = f"""
-- transfer.store.COUNT_ROWS
SELECT COUNT(*) AS count
FROM {table.name}
WHERE project_id = %(project_id)s
"""
    row = db.one(sql, {"project_id": project_id})
    return int(row["count"]) if row else 0


def list_rows(db: Database, table: Table, project_id: int) -> Iterator[list[Row]]:
    """Yield the project's rows of the table in slices, in the order of its key.

    Each slice is a range of the primary key. A comparison of all its columns at once
    would be one for SQLite and a walk from the beginning for MySQL; so first comes what
    is left where all columns but the last are as in the row before, and so on.
    """
    sql = _list_slice(table, 0, False)
    rows = db.all(sql, {OWNER: project_id})
    while rows:
        yield rows
        last = {OWNER: project_id, **rows[-1]}
        rows = []
        for same in reversed(range(len(table.key))):
            sql = _list_slice(table, same, True)
            rows = db.all(sql, last)
            if rows:
                break


def has_row(db: Database, table: Table, row: Row) -> bool:
    """Return whether a row with the same key is there, of whatever project."""
    where = "\n  AND ".join(f"{column} = %({column})s" for column in table.key)
    sql = f"""
-- transfer.store.HAS_ROW
SELECT {OWNER}
FROM {table.name}
WHERE {where}
"""
    return db.read(lambda: db.one(sql, row)) is not None


def insert_rows(db: Database, table: Table, rows: list[Row]) -> None:
    """Store the project's rows, which have ``project_id`` and all columns."""
    db.many(_insert(table.name, [OWNER, *table.columns]), rows)


def find_mark(db: Database, mark: str) -> str:
    """Return how far the import with this mark came; empty if it did not begin."""
    row = db.read(lambda: db.one(GET_MARK, {"mark": mark}))
    return row["value"] if row else ""


def find_project(db: Database, project_id: int) -> Row | None:
    """Return id, name and created_at of the project, or None."""
    return db.read(lambda: db.one(FIND_PROJECT, {"id": project_id}))


def check_projects(db: Database, projects: list[Row]) -> None:
    """See to it that the projects' ids and keys are free.

    :raise Problem: they are not.
    """
    for row in projects:
        taken = db.one(FIND_TAKEN, row)
        if taken is not None:
            raise Problem(_conflict(row, taken))


def begin(db: Database, mark: str, table: Table, projects: list[Row]) -> None:
    """Store the projects, all of them turned off, and that the import has begun.

    :raise Problem: an id or a key is taken; nothing is stored.
    """

    def work() -> None:
        if db.commit_lost and db.one(GET_MARK, {"mark": mark}):
            return
        check_projects(db, projects)
        rows = [{**row, "is_active": 0} for row in projects]
        if rows:
            db.many(_insert(PROJECTS, table.columns), rows)
        db.run(SET_MARK, {"mark": mark, "value": "0"})

    db.transaction(work)


def add_slice(
    db: Database, mark: str, project_id: int, table: Table, rows: list[Row], done: int
) -> None:
    """Store rows unless they are here; ``done`` lines of the file are then.

    :raise Problem: the project was deleted, or turned on, before all of it was here.
    """

    def work() -> None:
        found = db.one(LOCK_MARK, {"mark": mark, "project_id": project_id})
        if found is None or found["id"] is None:
            raise Problem(
                f"Project {project_id} was turned on or deleted before all of it was"
                " here. Delete the projects of this file, and import it again."
            )
        if int(found["value"]) < done:
            insert_rows(db, table, rows)
            db.run(SET_MARK, {"mark": mark, "value": str(done)})

    db.transaction(work)


def end(db: Database, mark: str, value: str, projects: list[Row]) -> None:
    """Turn on those of the projects that were on, and mark the import as done."""

    def work() -> None:
        for row in projects:
            db.run(SET_ACTIVE, row)
        db.run(RAISE_CACHE_VERSION)
        db.run(SET_MARK, {"mark": mark, "value": value})

    db.transaction(work)


def forget(db: Database, mark: str) -> None:
    """Forget an import whose projects are gone."""
    db.transaction(lambda: db.run(DELETE_MARK, {"mark": mark}))


def _list_slice(table: Table, same: int, is_next: bool) -> str:
    """Return the statement for rows that have the last one's first ``same`` columns."""
    after = [f"{column} = %({column})s" for column in table.key[:same]]
    if is_next:
        after.append(f"{table.key[same]} > %({table.key[same]})s")
    where = "\n  AND ".join(["project_id = %(project_id)s", *after])
    order = ", ".join([OWNER, *table.key])
    # Some keys hold all columns of a table, and MySQL may prefer to sort those.
    by_key = "" if table.is_shared else " FORCE INDEX (PRIMARY)"
    return f"""
-- transfer.store.LIST_SLICE
SELECT {", ".join(table.columns)}
FROM {table.name}{by_key}
WHERE {where}
ORDER BY {order}
LIMIT {SLICE_ROWS}
"""


def _insert(name: str, columns: list[str]) -> str:
    values = ", ".join(f"%({column})s" for column in columns)
    return f"""
-- transfer.store.INSERT
INSERT INTO {name} ({", ".join(columns)})
VALUES ({values})
"""


def _conflict(row: Row, taken: Row) -> str:
    if taken["deleted_at"] is not None:
        return (
            f"Project {taken['id']} has the id or a key of {row['name']} and is being"
            " deleted. Import again in a few minutes."
        )
    return (
        f"Project {taken['id']} ({taken['name']}) has the id or a key of project"
        f" {row['id']} ({row['name']}) of the file. Nothing was imported. Delete the"
        " one here first, or import into an empty installation."
    )
