"""MySQL and MariaDB through PyMySQL: the driver of production."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import partial

from app.db import (
    AWAY,
    CONFLICT,
    DUPLICATE,
    LOST,
    DatabaseAway,
    hosts,
    mysql_result,
    pymysql_lean,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.db import Params, Row
    from app.db.hosts import Target

FAULTS = {
    1020: CONFLICT,  # record has changed since last read
    1180: CONFLICT,  # got an error during COMMIT (Galera: certification)
    1205: CONFLICT,  # lock wait timeout
    1213: CONFLICT,  # deadlock
    1317: CONFLICT,  # query was killed
    1412: CONFLICT,  # table definition has changed
    1615: CONFLICT,  # statement needs to be prepared again
    1665: CONFLICT,  # binlog_format=STATEMENT refuses READ COMMITTED
    1969: CONFLICT,  # statement timeout (MariaDB)
    3024: CONFLICT,  # statement timeout (MySQL)
    1062: DUPLICATE,
    0: LOST,  # PyMySQL: the connection was closed before
    1053: LOST,  # server shutdown in progress
    1158: LOST,  # network errors, up to 1161
    1159: LOST,
    1160: LOST,
    1161: LOST,
    1927: LOST,  # connection killed
    2006: LOST,  # server has gone away
    2013: LOST,  # lost connection during query
    4031: LOST,  # disconnected for inactivity
    1021: AWAY,  # disk full
    1028: AWAY,  # sort aborted
    1030: AWAY,  # storage engine error, such as a full disk
    1036: AWAY,  # table is read only
    1040: AWAY,  # too many connections
    1041: AWAY,  # out of memory
    1044: AWAY,  # the account may not use this database
    1047: AWAY,  # Galera: the node is not ready
    1114: AWAY,  # table is full
    1142: AWAY,  # the account may not do this to the table
    1143: AWAY,  # nor to the column
    1146: AWAY,  # no such table: the schema is not there yet
    1203: AWAY,  # max_user_connections
    1226: AWAY,  # max_questions and other limits of the account
    1227: AWAY,  # the account lacks a right
    1290: AWAY,  # --read-only
    1637: AWAY,  # too many active transactions
    1792: AWAY,  # read-only transaction
    1836: AWAY,  # read-only mode
}

UNKNOWN_VARIABLE = 1193
DONE_BEFORE = (1050, 1060, 1061, 1091)
"""A table, column or key is there already, or gone already; no ALTER can ask first."""

LOCAL = ("localhost", "127.0.0.1", "::1")

# A fixed sql_mode: what a host sets as its own must not decide what we store.
SESSION = (
    "SET NAMES utf8mb4, autocommit=0, {isolation}='READ-COMMITTED',"
    " sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',"
    " innodb_lock_wait_timeout=3, group_concat_max_len=1073741824"
)


# Most values are of these types, whose literals PyMySQL takes longer to make.
LITERALS: dict[type, Callable[[Any], str]] = {
    int: str,
    date: "'%s'".__mod__,
    datetime: "'%s'".__mod__,
}

REPEATABLE_READ = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"

CONSISTENT_READ = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)

FIND_TABLE = """
-- db.mysql.FIND_TABLE
SELECT table_name
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name = %(name)s
"""


class MysqlDriver:
    """One connection. Placeholders are filled in, escaped, by PyMySQL.

    An answer may take ``patience_seconds``; after that the connection is given up.
    """

    def __init__(self, url: str, timeout_seconds: int, patience_seconds: int) -> None:
        self._errors = pymysql_lean.load().err
        self._targets = hosts.targets(url)
        self._connection, self._target = _connect(
            self._targets, timeout_seconds, patience_seconds
        )
        self._repeatable = False

    def execute(self, sql: str, params: Params) -> tuple[list[Row], int]:
        escape = self._connection.escape
        literals = {
            name: LITERALS.get(type(value), escape)(value)
            for name, value in params.items()
        }
        count = self._connection.query(sql % literals)
        return self._connection.rows(), count

    def execute_many(self, sql: str, rows: list[Row]) -> None:
        if len(rows) == 1:
            # What tells PyMySQL that it can join rows takes 2 ms to compile.
            self.execute(sql, rows[0])
            return
        # PyMySQL joins rows only if the statement begins with INSERT.
        with self._connection.cursor() as cursor:
            cursor.executemany(re.sub(r"^\s*--.*\n", "", sql), rows)

    def begin(self) -> None:
        """Nothing to send: with autocommit off the first statement begins it."""

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()
        if self._repeatable:
            self._connection.query(REPEATABLE_READ)

    def close(self) -> None:
        try:
            self._connection.close()
        except self._errors.Error:
            pass  # the other side has closed it already

    def begin_snapshot(self) -> None:
        for command in CONSISTENT_READ:
            self._connection.query(command)

    def define(self, sql: str) -> None:
        try:
            self._connection.query(sql)
        except self._errors.Error as error:
            if error.args[0] not in DONE_BEFORE:
                raise

    def has_table(self, name: str) -> bool:
        return bool(self.execute(FIND_TABLE, {"name": name})[0])

    def columns(self, sql: str) -> list[str]:
        self._connection.query(sql)
        names: list[str] = self._connection.column_names()
        return names

    def fault(self, error: Exception) -> str:
        if not isinstance(error, self._errors.Error):
            return ""
        code = error.args[0] if error.args else 0
        if code == 1665:
            self._repeatable = True
        if isinstance(error, self._errors.InternalError):
            # An answer out of step, or a storage engine's own code: what the
            # connection is at is not known any more.
            return LOST
        fault = FAULTS.get(code, "") if isinstance(code, int) else ""
        if fault == AWAY or (fault == LOST and "timed out" in str(error)):
            hosts.avoid(self._target)
            # On another host the same may be done.
            return LOST if hosts.has_better(self._targets) else fault
        return fault


def _connect(
    targets: list[Target], timeout_seconds: int, patience_seconds: int
) -> tuple[Any, Target]:
    """Return a connection to the first target that answers, and the target.

    :raise DatabaseAway: none does.
    """
    pymysql = pymysql_lean.load()
    make = _connection_class(pymysql)
    reasons = []
    for target in hosts.in_order(targets):
        is_near = target.get("host", "localhost") in LOCAL
        options = (target, timeout_seconds, patience_seconds)
        try:
            return pymysql_lean.sign_in(partial(make, *options), is_near), target
        except (RuntimeError, UnicodeError, pymysql.err.Error) as error:
            # UnicodeError: no name server could be asked for such a host.
            reasons.append(str(error))
            hosts.avoid(target)
    raise DatabaseAway("; ".join(dict.fromkeys(reasons)))


def _connection_class(pymysql: Any) -> Any:
    """Return PyMySQL's connection with our session settings and number types."""
    from pymysql.constants import CLIENT, COMMAND, FIELD_TYPE
    from pymysql.converters import conversions

    class Connection(mysql_result.connection_class(pymysql)):  # type: ignore[misc]
        def __init__(
            self,
            target: Target,
            timeout_seconds: int,
            patience_seconds: int,
            ssl_disabled: bool,
        ) -> None:
            super().__init__(
                **target,
                ssl_disabled=ssl_disabled,
                charset="utf8mb4",
                autocommit=None,
                client_flag=CLIENT.FOUND_ROWS,
                connect_timeout=timeout_seconds,
                read_timeout=patience_seconds,
                write_timeout=patience_seconds,
                conv={
                    **conversions,
                    FIELD_TYPE.DECIMAL: _number,
                    FIELD_TYPE.NEWDECIMAL: _number,
                    FIELD_TYPE.DATETIME: _moment,
                    FIELD_TYPE.TIMESTAMP: _moment,
                },
            )

        def set_character_set(self, charset: str, collation: str | None = None) -> None:
            """Send every session setting in one command instead of three."""
            # MariaDB before 11.1 and MySQL since 8.0 know only one name each, and a
            # proxy may tell the wrong version.
            names = ["tx_isolation", "transaction_isolation"]
            if "MariaDB" not in self.server_version:
                names.reverse()
            for name in names:
                try:
                    command = SESSION.format(isolation=name)
                    self._execute_command(COMMAND.COM_QUERY, command)
                    # The answer tells whether a backslash escapes, and so how
                    # the first statement's values are to be escaped.
                    self._read_ok_packet()
                    return
                except pymysql.err.Error as error:
                    if error.args[0] != UNKNOWN_VARIABLE or name == names[-1]:
                        raise

    return Connection


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _moment(text: str) -> datetime | str:
    """Return the moment, or the text if it is none, as PyMySQL does."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
