"""Each command of a beacon meets each fault: it is counted once, and never a 500."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection

from tests import faults
from tests.conftest import Actor
from tests.spool.outage import drain, waiting
from tests.visits.tables import assert_consistent

HOME = "https://alice.example/"
BEACONS: dict[str, dict[str, Any]] = {
    "pageview": {"url": HOME + "%"},
    "event": {"name": "signup", "props": {"plan": "pro"}, "url": HOME + "%"},
    "error": {"message": "x is undefined", "release": "%"},
    "audit": {"action": "login %"},
    "engagement": {"pageview_id": "seen", "seconds": 1, "scroll": 1},
    "identify": {"user_id": "%", "visitor_id": "me"},
}
COUNTED = ("pageview", "event", "error", "audit")
"""The others change what is there, and may do so again."""


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    """Only on MariaDB: the faults are those of a connection."""
    return empty_mariadb_url


class Fault:
    """What befalls the command of one number, and perhaps all after it."""

    def __init__(self, code: int, is_done: bool = False, lasts: bool = False) -> None:
        self.code = code
        self.is_done = is_done
        self.lasts = lasts
        self.left = 0

    def strike(self, connection: Any, command: Callable[[], Any]) -> Any:
        self.left -= 1
        if self.left > 0 or (self.left < 0 and not self.lasts):
            return command()
        if self.left == 0 and self.is_done:
            command()
        if self.code == 1213:
            rollback(connection)
        if self.code in (2013, 2006):
            connection._force_close()
        raise pymysql.err.OperationalError(self.code, "made up")


rollback = Connection.rollback

FAULTS = {
    "a deadlock at each command (1213)": Fault(1213),
    "a lock waited for in vain at each command (1205)": Fault(1205),
    "the answer to each command lost (2013)": Fault(2013, is_done=True),
    "gone from before each command on (2006)": Fault(2006, lasts=True),
    "gone from after each command on (2006)": Fault(2006, is_done=True, lasts=True),
    "read-only from each command on (1290)": Fault(1290, lasts=True),
    "the table full from each command on (1114)": Fault(1114, lasts=True),
}


@pytest.fixture
def strike(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def strike(fault: Fault, number: int, send: Callable[[], Any]) -> Any:
        fault.left = number
        query, commit, connect = (
            Connection.query,
            Connection.commit,
            Connection.connect,
        )

        def refuse(connection: Any, *arguments: Any) -> Any:
            if fault.left <= 0 and fault.lasts and fault.code in (2006, 2013):
                raise pymysql.err.OperationalError(2003, "made up")
            return connect(connection, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(
                Connection,
                "query",
                lambda self, *sql: fault.strike(self, lambda: query(self, *sql)),
            )
            patch.setattr(
                Connection,
                "commit",
                lambda self: fault.strike(self, lambda: commit(self)),
            )
            patch.setattr(Connection, "connect", refuse)
            return send()

    return strike


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", BEACONS)
def test_it_counts_a_beacon_once_whatever_befalls_it(
    create_project: Callable[..., Actor],
    strike: Callable[..., Any],
    kind: str,
    fault: str,
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    alice.view(HOME + "seen", id="seen")
    queued = number = 0
    while number < 60:
        number += 1
        alice.installation.clock.move(seconds=1)
        text = {
            name: value.replace("%", str(number)) if isinstance(value, str) else value
            for name, value in BEACONS[kind].items()
        }
        answer = strike(FAULTS[fault], number, lambda: alice.send(kind, **text))  # noqa: B023
        assert answer.status in (200, 202), answer.body
        queued += answer.status == 202
        if FAULTS[fault].left > 0:
            break
        # In a new process: one that has just failed waits before it drains.
        alice.installation.clock.move(seconds=31)
        alice = _in_a_new_process(alice)
        drain(alice)
    assert number > 2
    assert bool(queued) == FAULTS[fault].lasts
    assert waiting(alice) == []
    if kind in COUNTED:
        faults.settle(alice, fault, {kind: range(1, number + 1)})
    assert_consistent(alice)


def _in_a_new_process(alice: Actor) -> Actor:
    if not waiting(alice):
        return alice
    there = alice.installation.with_settings()
    keys = {"public_key": alice.public_key, "secret_key": alice.secret_key}
    return Actor(there, id=alice.id, name=alice.name, **keys)
