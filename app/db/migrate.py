"""Brings the schema up to date: applies each sql/NNN_*.sql once, in order.

A file sets ``schema_version`` in its last statement, so that importing it by hand and
applying it here are the same thing.
"""

from __future__ import annotations

import os
import re

from app.config import ROOT
from app.problems import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database

FOLDER = os.path.join(ROOT, "sql")

SCHEMA = 1
"""The schema that this Porthole works with: the number of the newest file."""

PATIENCE_SECONDS = 3600
"""What one statement may take: it may write a large table anew."""

GET_VERSION = """
-- db.migrate.GET_VERSION
SELECT value
FROM ph_settings
WHERE name = 'schema_version'
"""

GET_STEP = """
-- db.migrate.GET_STEP
SELECT value
FROM ph_settings
WHERE name = 'migration_step'
"""

SET_STEP = """
-- db.migrate.SET_STEP
INSERT INTO ph_settings /* key: name */ (name, value)
VALUES ('migration_step', %(value)s)
ON DUPLICATE KEY UPDATE value = VALUES(value)
"""

TRY_TO_WRITE = """
-- db.migrate.TRY_TO_WRITE
UPDATE ph_settings
SET value = value
WHERE name = 'schema_version'
"""


class WrongSchema(Unavailable):
    """The database and this Porthole do not go together."""


def migrate(db: Database, folder: str = "", until: int = 0) -> list[str]:
    """Return the names of the files applied now, oldest first.

    It can be cut off anywhere and run again. ``folder`` is another one than sql/, and
    ``until`` the last number to apply; without it all are.

    :raise WrongSchema: this Porthole is older than the schema.
    """
    present = version(db)
    folder = folder or FOLDER
    files = _files(folder)
    newest = until or max(files)
    if present > max(files):
        raise WrongSchema(_too_new(present, max(files)))
    applied = []
    for number in sorted(files):
        if present < number <= newest:
            _apply(db, number, os.path.join(folder, files[number]))
            applied.append(files[number])
    return applied


def version(db: Database) -> int:
    """Return the number of the newest file applied, 0 for an empty database."""
    if not db.has_table("ph_settings"):
        return 0
    row = db.read(lambda: db.one(GET_VERSION))
    return int(row["value"]) if row else 0


def primary_keys() -> dict[str, list[str]]:
    """Return the columns of each table's primary key, as the files have it."""
    found = {}
    for name in _files(FOLDER).values():
        for sql in _statements(os.path.join(FOLDER, name)):
            table = re.match(r"CREATE TABLE IF NOT EXISTS (\w+)", sql)
            key = re.search(r"PRIMARY KEY \(([\w, ]+)\)", sql)
            if table and key:
                found[table[1]] = key[1].split(", ")
    return found


def check(present: int) -> None:
    """See to it that this Porthole works only with a schema that it knows.

    :raise WrongSchema: it is newer, or older.
    """
    if present > SCHEMA:
        raise WrongSchema(_too_new(present, SCHEMA))
    if present < SCHEMA:
        raise WrongSchema(
            f"The database has schema {present}; this Porthole needs {SCHEMA}. Run:"
            " python -m app migrate (or import the newer files of sql/ in phpMyAdmin)"
        )


def check_database(db: Database) -> None:
    """Do as ``check`` with the schema of a database that has one.

    :raise WrongSchema: it is newer, or older.
    :raise DatabaseAway: there is none.
    """
    row = db.read(lambda: db.one(GET_VERSION))
    check(int(row["value"]) if row else 0)


class _TakeBack(Exception):
    """Ends a transaction that was only a trial."""


def try_to_write(db: Database) -> None:
    """Change a row, and take it back.

    :raise DatabaseAway: the database takes no writes.
    """

    def work() -> None:
        db.run(TRY_TO_WRITE)
        raise _TakeBack

    try:
        db.transaction(work)
    except _TakeBack:
        pass


def _too_new(present: int, known: int) -> str:
    return (
        f"The database has schema {present}; this Porthole knows {known}."
        " Upload the newer Porthole again."
    )


def _files(folder: str) -> dict[int, str]:
    names = [name for name in os.listdir(folder) if re.match(r"\d{3}_.*\.sql$", name)]
    return {int(name[:3]): name for name in names}


def _apply(db: Database, number: int, path: str) -> None:
    """Run the file's statements, from where an earlier attempt ended.

    MySQL ends a transaction at each statement that changes a table, so a kill may come
    between that and the note that it is done. What a driver then finds done already is
    no fault.
    """
    statements = _statements(path)
    # The first file makes the table for the notes; all of it may be run twice.
    for step in range(_steps_done(db, number) if number > 1 else 0, len(statements)):
        _run_step(db, statements[step], f"{number} {step + 1}" if number > 1 else "")


def _run_step(db: Database, sql: str, note: str) -> None:
    def work() -> None:
        db.define(sql)
        if note:
            db.run(SET_STEP, {"value": note})

    db.transaction(work)


def _steps_done(db: Database, number: int) -> int:
    row = db.read(lambda: db.one(GET_STEP))
    file_number, _, done = row["value"].partition(" ") if row else ("", "", "")
    return int(done) if file_number == str(number) else 0


def _statements(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"^--.*\n", "", file.read(), flags=re.MULTILINE)
    parts = [part.strip() for part in re.split(r";\s*(?:\n|$)", text)]
    return [part for part in parts if part]
