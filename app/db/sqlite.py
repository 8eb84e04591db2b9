"""SQLite, for trying Porthole out and for tests: the only second dialect.

Statements are written for MySQL and rewritten here, once each.
"""

from __future__ import annotations

import os
import re
import sqlite3
from datetime import date, datetime
from functools import lru_cache

from app.db import AWAY, CONFLICT, DUPLICATE, DatabaseAway

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Params, Row

sqlite3.register_adapter(date, date.isoformat)
sqlite3.register_adapter(datetime, lambda at: at.isoformat(" "))
sqlite3.register_converter("DATE", lambda text: date.fromisoformat(text.decode()))
sqlite3.register_converter(
    "DATETIME", lambda text: datetime.fromisoformat(text.decode())
)

FIND_TABLE = """
-- db.sqlite.FIND_TABLE
SELECT name
FROM sqlite_master
WHERE type = 'table' AND name = :name
"""

SIZE = {
    "SUM(data_length + index_length)": "(page_count - freelist_count) * page_size",
    "information_schema.tables\nWHERE table_schema = DATABASE()": (
        "pragma_page_count, pragma_freelist_count, pragma_page_size"
    ),
}
"""The words that ask for the size of the database."""


class SqliteDriver:
    """One connection, with autocommit except between begin() and commit()."""

    def __init__(self, url: str, timeout_seconds: int) -> None:
        path = url[len("sqlite:///") :]
        try:
            os.makedirs(os.path.dirname(path) or ".", 0o700, exist_ok=True)
            _make(path)
            self._connection = sqlite3.connect(
                path,
                timeout=timeout_seconds,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
                check_same_thread=False,
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            # Case counts in LIKE, and LOWER knows more than ASCII, as in MySQL.
            self._connection.execute("PRAGMA case_sensitive_like = ON")
            self._connection.create_function("LOWER", 1, _lower, deterministic=True)
            self._connection.create_function("CONCAT", -1, _concat, deterministic=True)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseAway(f"{path}: {error}") from error
        self._connection.row_factory = _row

    def execute(self, sql: str, params: Params) -> tuple[list[Row], int]:
        cursor = self._connection.execute(translate(sql), params)
        return cursor.fetchall(), cursor.rowcount

    def execute_many(self, sql: str, rows: list[Row]) -> None:
        self._connection.executemany(translate(sql), rows)

    def begin(self) -> None:
        # A deferred transaction would fail when a second one wants to write too.
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()

    def begin_snapshot(self) -> None:
        # The first read decides which moment is seen.
        self._connection.execute("BEGIN DEFERRED")

    def define(self, sql: str) -> None:
        if sql.startswith("SET "):
            return
        for statement in [*_changes(sql), *_indexes(sql)]:
            try:
                self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if "duplicate column" not in str(error):
                    raise

    def has_table(self, name: str) -> bool:
        found = self._connection.execute(FIND_TABLE, {"name": name})
        return found.fetchone() is not None

    def columns(self, sql: str) -> list[str]:
        cursor = self._connection.execute(translate(sql))
        return [column[0] for column in cursor.description]

    def fault(self, error: Exception) -> str:
        if isinstance(error, sqlite3.IntegrityError):
            return DUPLICATE if "UNIQUE" in str(error) else ""
        if not isinstance(error, sqlite3.OperationalError):
            return ""
        text = str(error)
        if "locked" in text:
            return CONFLICT
        away = ("readonly", "full", "unable to open", "disk I/O", "no such table")
        return AWAY if any(word in text for word in away) else ""


def _make(path: str) -> None:
    """Make the file unless it is there: SQLite would let everybody read it.

    One that is there is not opened: to close it would end this process's locks on it.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return


def _concat(*values: object) -> str:
    return "".join(map(str, values))


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _row(cursor: Any, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values)}


@lru_cache(maxsize=512)
def translate(sql: str) -> str:
    """Return the MySQL statement ``sql`` in SQLite's words."""
    if sql.lstrip().startswith("CREATE TABLE"):
        return _translate_table(sql)
    # Before Python 3.10 a statement that starts with a comment has no rowcount.
    sql = re.sub(r"^\s*--.*\n", "", sql)
    key = re.search(r"/\* key: ([\w, ]+) \*/", sql)
    sql = re.sub(r"%\((\w+)\)s", r":\1", sql).replace("%%", "%")
    sql = sql.replace("INSERT IGNORE", "INSERT OR IGNORE")
    sql = sql.replace("GREATEST(", "MAX(").replace("LEAST(", "MIN(")
    sql = sql.replace("FOR UPDATE", "").replace("LOCK IN SHARE MODE", "")
    sql = re.sub(
        r"TIMESTAMPDIFF\(SECOND, ([\w.]+), ([\w.]+)\)",
        r"(strftime('%s', \2) - strftime('%s', \1))",
        sql,
    )
    # Without, it reads a whole day by its primary key for one visitor.
    sql = sql.replace("FORCE INDEX (PRIMARY)", "")
    sql = re.sub(
        r"(ph_\w+)( AS \w+)? FORCE INDEX \((\w+)\)", r"\1\2 INDEXED BY \1_\3", sql
    )
    sql = sql.replace("COLLATE utf8mb4_bin", "")
    for mysql, sqlite in SIZE.items():
        sql = sql.replace(mysql, sqlite)
    if key:
        sql = sql.replace(
            "ON DUPLICATE KEY UPDATE", f"ON CONFLICT ({key[1]}) DO UPDATE SET"
        )
        sql = re.sub(r"VALUES\((\w+)\)", r"excluded.\1", sql)
    return sql


def _translate_table(sql: str) -> str:
    """Return CREATE TABLE without MySQL's types and options.

    A table with a key of several columns is stored by that key, as InnoDB does.
    """
    numbered = "AUTO_INCREMENT" in sql
    sql = _plain_types(sql)
    sql = re.sub(r"\) ENGINE=.*", ")" if numbered else ") WITHOUT ROWID", sql)
    sql = re.sub(
        r"INT UNSIGNED NOT NULL AUTO_INCREMENT",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
        sql,
    )
    if numbered:
        sql = re.sub(r",\s*PRIMARY KEY \(id\)", "", sql)
    sql = re.sub(r"UNIQUE KEY \w+ \(", "UNIQUE (", sql)
    return re.sub(r",\s*KEY \w+ \([^)]*\)", "", sql)


def _indexes(sql: str) -> list[str]:
    """Return CREATE INDEX statements for the keys that a MySQL statement makes."""
    table = re.match(r"(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) (\w+)", sql)
    if table is None:
        return []
    keys = re.findall(r"^\s*(?:ADD )?KEY (\w+) \(([^)]*)\)", sql, flags=re.MULTILINE)
    return [
        f"CREATE INDEX IF NOT EXISTS {table[1]}_{name} ON {table[1]} ({columns})"
        for name, columns in keys
    ]


def _changes(sql: str) -> list[str]:
    """Return what a statement of a schema file is here, without the keys it makes.

    Of ALTER TABLE that is ADD COLUMN, and DROP KEY, each on a line of its own.
    """
    altered = re.match(r"ALTER TABLE (\w+)\s", sql)
    if altered is None:
        return [translate(sql)]
    table, statements = altered[1], []
    for line in _plain_types(sql[altered.end() :]).splitlines():
        clause = re.sub(r" AFTER \w+$", "", line.strip().rstrip(","))
        if clause.startswith("ADD COLUMN "):
            statements.append(f"ALTER TABLE {table} {clause}")
        elif clause.startswith("DROP KEY "):
            statements.append(f"DROP INDEX IF EXISTS {table}_{clause[9:]}")
        elif clause and not clause.startswith("ADD KEY "):
            raise ValueError(f"SQLite has no words for: {clause}")
    return statements


def _plain_types(sql: str) -> str:
    return re.sub(r" (CHARACTER SET|COLLATE) \w+", "", sql)
