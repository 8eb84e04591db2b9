"""A database whose process is killed at its n-th step."""

from __future__ import annotations

from typing import Any

from app.db import Database, connect


class Killed(BaseException):
    """The process is gone: nothing after this runs, no rollback either."""


class DyingDriver:
    """A driver that dies before or after the n-th call of some of its methods."""

    def __init__(self, driver: Any, calls: tuple[str, ...], fatal: int) -> None:
        self._driver = driver
        self._calls = calls
        self._left = fatal

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._driver, name)
        if name not in self._calls:
            return method

        def call(*args: Any) -> Any:
            # Odd numbers die before the call, even ones after it.
            self._die_at_zero()
            result = method(*args)
            self._die_at_zero()
            return result

        return call

    def _die_at_zero(self) -> None:
        self._left -= 1
        if self._left < 0:
            self._driver.close()
            raise Killed


def dying(url: str, fatal: int, *calls: str) -> Database:
    """Return the database; it dies after ``fatal`` edges of the calls named."""
    driver = connect(url, 5)._connect
    return Database(lambda: DyingDriver(driver(), calls, fatal), 60)  # type: ignore[arg-type,return-value]
