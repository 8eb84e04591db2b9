"""The database as the rest of Porthole sees it: statements in MySQL's SQL."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol, TypeVar

    Row = dict[str, Any]
    Params = Mapping[str, object]
    Result = TypeVar("Result")

    class Driver(Protocol):
        """What a driver of app/db/ provides."""

        def execute(self, sql: str, params: Params) -> tuple[list[Row], int]:
            """Return the rows, and how many rows the statement wrote or matched."""

        def execute_many(self, sql: str, rows: list[Row]) -> None: ...
        def begin(self) -> None: ...
        def begin_snapshot(self) -> None: ...
        def commit(self) -> None: ...
        def rollback(self) -> None: ...
        def close(self) -> None: ...
        def define(self, sql: str) -> None: ...
        def has_table(self, name: str) -> bool: ...
        def columns(self, sql: str) -> list[str]: ...

        def fault(self, error: Exception) -> str:
            """Return what kind of trouble ``error`` is: see the constants here."""


NO_PARAMS: Params = {}
MAX_PAUSE_SECONDS = 0.1
REPORT_SECONDS = 60
"""What a report over raw rows may take; a beacon has less time."""

CONFLICT = "conflict"
"""Another transaction was in the way: the whole transaction may be tried again."""
DUPLICATE = "duplicate"
"""A unique key is taken: by a random id, which the next attempt draws anew."""
LOST = "lost"
"""The connection is gone; whether a COMMIT under way was done is not known."""
AWAY = "away"
"""The database is there, but takes no writes or no connections now."""

BEGIN_PART = "SAVEPOINT part"
TAKE_PART_BACK = "ROLLBACK TO SAVEPOINT part"


class DatabaseAway(Exception):
    """The database cannot be reached, or not now; nothing was stored."""


class _Tries:
    """How long to go on trying, and how long to wait between two tries."""

    def __init__(self, patience_seconds: float) -> None:
        self._deadline = time.monotonic() + patience_seconds
        self._count = 0

    def are_over(self) -> bool:
        """Return whether there is no time left for another; one more is always."""
        return self._count > 0 and time.monotonic() > self._deadline

    def pause(self) -> None:
        """Wait a little, longer each time, and not as long as the others do."""
        self._count += 1
        chance = os.urandom(1)[0] / 255
        time.sleep(min(0.001 * 2 ** min(self._count, 7), MAX_PAUSE_SECONDS) * chance)


class Again(Exception):
    """Raised by work in a transaction: another was first, so begin once more."""


class Database:
    """One connection, opened at its first statement. Not shared between threads.

    Rows are dictionaries; days are ``date``, moments are naive UTC ``datetime``.
    """

    def __init__(self, connect: Callable[[], Driver], patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self._connect = connect
        self._driver: Driver | None = None
        self._in_use = False
        self._is_within = False
        self._after_commit: list[Callable[[], None]] = []
        self.commit_lost = False

    def one(self, sql: str, params: Params = NO_PARAMS) -> Row | None:
        """Return the first row, or None."""
        rows = self._execute(sql, params)[0]
        return rows[0] if rows else None

    def all(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        """Return every row."""
        return self._execute(sql, params)[0]

    def run(self, sql: str, params: Params = NO_PARAMS) -> int:
        """Return how many rows the statement matched, or wrote if it inserts."""
        return self._execute(sql, params)[1]

    def many(self, sql: str, rows: list[Row]) -> None:
        """Run the statement for each row; inserts may go to the server together."""
        self._in_use = True
        self._open().execute_many(sql, rows)

    def transaction(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns, committed; it is run again after a conflict.

        ``commit_lost`` is True while it runs again after a COMMIT whose outcome is
        unknown. Within another transaction it is a part of that one.

        :raise DatabaseAway: the database is not there, or keeps refusing until
            ``patience_seconds`` are over.
        """
        if self._is_within:
            return self._part(work)
        self.commit_lost = False
        tries = _Tries(self.patience_seconds)
        while True:
            committing = False
            try:
                self._open().begin()
                result = self._within(work)
                committing = True
                self._open().commit()
                self._in_use = False
                break
            except Exception as error:
                self._recover(error, tries)
                self.commit_lost = self.commit_lost or committing
        for follow in self._after_commit:
            follow()
        return result

    def after_commit(self, follow: Callable[[], None]) -> None:
        """Do that at once, or when the transaction that this is within is committed."""
        if self._is_within:
            self._after_commit.append(follow)
        else:
            follow()

    def read(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns; it is run again if the connection was stale.

        :raise DatabaseAway: the database is not there.
        """
        if self._is_within:
            # On another connection what was written so far would be missing.
            return work()
        tries = _Tries(self.patience_seconds)
        while True:
            try:
                return work()
            except Exception as error:
                self._recover(error, tries)

    def snapshot(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns; all that it reads is of one moment.

        It locks nothing, and is not run again: what it wrote elsewhere would be twice.

        :raise DatabaseAway: the database is not there, or not any more.
        """
        self.rest()
        try:
            self._in_use = True
            self._open().begin_snapshot()
            result = work()
        except BaseException as error:
            driver = self._driver
            self.close()
            if driver and isinstance(error, Exception) and driver.fault(error):
                raise DatabaseAway(str(error)) from error
            raise
        self.rest()
        return result

    def define(self, sql: str) -> None:
        """Run one statement of a schema file, which has no parameters.

        That a column or key is there already, or gone already, is no fault.
        """
        self._open().define(sql)

    def has_table(self, name: str) -> bool:
        """Return whether the table is there."""
        return self.read(lambda: self._open().has_table(name))

    def columns(self, sql: str) -> list[str]:
        """Return the names of the columns that the statement returns."""
        self._in_use = True
        return self.read(lambda: self._open().columns(sql))

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, which worked when it was used last."""
        return self._driver is not None

    def rest(self) -> None:
        """End what a read left open, so that the connection can wait for the next."""
        if self._in_use:
            self._roll_back()

    def close(self) -> None:
        """Let go of the connection; the next statement opens another."""
        driver, self._driver = self._driver, None
        self._in_use = False
        if driver is not None:
            driver.close()

    def _execute(self, sql: str, params: Params) -> tuple[list[Row], int]:
        self._in_use = True
        return self._open().execute(sql, params)

    def _within(self, work: Callable[[], Result]) -> Result:
        self._after_commit = []
        self._is_within = True
        try:
            return work()
        finally:
            self._is_within = False

    def _part(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns; what it wrote is taken back if it raises.

        What the whole has to be tried again for goes on to the whole.
        """
        self.run(BEGIN_PART)
        try:
            return work()
        except Exception as error:
            if not isinstance(error, Again) and not self._open().fault(error):
                self.run(TAKE_PART_BACK)
            raise

    def _open(self) -> Driver:
        if self._driver is None:
            self._driver = self._connect()
        return self._driver

    def _recover(self, error: Exception, tries: _Tries) -> None:
        """Roll back; return if the work is worth another try, else raise."""
        fault = self._driver.fault(error) if self._driver else ""
        if isinstance(error, Again):
            fault = CONFLICT
        if fault == LOST:
            self.close()
        else:
            self._roll_back()
        if not fault or (fault == DUPLICATE and tries.are_over()):
            raise error
        if fault == AWAY or tries.are_over():
            raise DatabaseAway(str(error)) from error
        tries.pause()

    def _roll_back(self) -> None:
        if self._driver is None:
            return
        try:
            self._driver.rollback()
            self._in_use = False
        except Exception as error:
            if not self._driver.fault(error):
                raise
            self.close()


def connect(
    url: str, timeout_seconds: int, patience_seconds: int = REPORT_SECONDS
) -> Database:
    """Return the database at ``url``, connected at its first statement.

    A connect may take ``timeout_seconds``; an answer, or a transaction with all its
    tries, about ``patience_seconds``.
    """
    if url.startswith("sqlite:///"):
        from app.db import sqlite

        return Database(
            lambda: sqlite.SqliteDriver(url, timeout_seconds), patience_seconds
        )
    from app.db import mysql

    return Database(
        lambda: mysql.MysqlDriver(url, timeout_seconds, patience_seconds),
        patience_seconds,
    )
