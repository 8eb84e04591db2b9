"""A database that is away in each way in which one can be."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymysql.err import OperationalError

from app.db import sqlite
from tests import faults
from tests.conftest import Actor
from tests.db.test_faults import move_to
from tests.mariadb_server import MariadbServer
from tests.spool.outage import AWAY, drain

pytestmark = pytest.mark.faults

HOME = "https://alice.example/"
LARGE = {f"property{number}": "x" * 250 for number in range(30)}
"""More than fits into the room that a table has left."""

Kinds = dict[str, list[int]]


def _as(actor: Actor, **settings: Any) -> Actor:
    """Return the actor as seen by a process with other settings."""
    return actor.through(actor.installation.with_settings(**settings))


def _send(actor: Actor, number: int, acknowledged: Kinds) -> set[int]:
    """Send a beacon of each kind, in one request; return the statuses."""
    beacons = {
        "pageview": {"url": f"{HOME}{number}"},
        "event": {"name": "order", "url": f"{HOME}{number}", "props": LARGE},
        "error": {"message": "x is undefined", "release": str(number)},
        "audit": {"action": f"login {number}"},
    }
    sent = [{"type": kind, **body} for kind, body in beacons.items()]
    answer = actor.send("batch", beacons=sent, headers={"Origin": ""})
    statuses = [result["status"] for result in answer.data["results"]]
    assert set(statuses) <= {200, 202}, answer.body
    for kind in beacons:
        acknowledged.setdefault(kind, []).append(number)
    return set(statuses)


@contextmanager
def _cannot_be_opened(alice: Actor, _: Any) -> Iterator[Actor]:
    yield _as(alice, database_url=AWAY)


@contextmanager
def _locked(alice: Actor, _: Any) -> Iterator[Actor]:
    path = alice.installation.config.database_url[len("sqlite:///") :]
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield _as(alice, timeout_seconds=0)
    other.close()


def _with_pragma(pragma: str) -> Any:
    @contextmanager
    def condition(alice: Actor, request: Any) -> Iterator[Actor]:
        class Driver(sqlite.SqliteDriver):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                self._connection.execute(pragma)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite, "SqliteDriver", Driver)
            yield _as(alice)

    return condition


@contextmanager
def _refused(alice: Actor, _: Any) -> Iterator[Actor]:
    yield _as(alice, database_url="mysql://root@127.0.0.1:1/porthole")


def _plain_account(server: MariadbServer, limit: int = 0) -> str:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE USER plain@'127.0.0.1'"
            f" WITH MAX_USER_CONNECTIONS {limit}"
        )
        cursor.execute("GRANT ALL ON porthole.* TO plain@'127.0.0.1'")
    return f"mysql://plain@127.0.0.1:{server.port}/porthole"


@contextmanager
def _out_of_connections(alice: Actor, request: Any) -> Iterator[Actor]:
    url = _plain_account(request.getfixturevalue("mariadb"), limit=1)
    holder = _as(alice, database_url=url)
    assert holder.get("/api/analytics/visitors?range=1d").status == 200
    yield _as(alice, database_url=url)
    holder.installation.close()


@contextmanager
def _read_only(alice: Actor, request: Any) -> Iterator[Actor]:
    server: MariadbServer = request.getfixturevalue("mariadb")
    url = _plain_account(server)
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL read_only = 1")
        try:
            yield _as(alice, database_url=url)
        finally:
            cursor.execute("SET GLOBAL read_only = 0")


@contextmanager
def _hangs(alice: Actor, request: Any) -> Iterator[Actor]:
    server: MariadbServer = request.getfixturevalue("small_server")
    server.send(signal.SIGSTOP)
    try:
        yield _as(alice)
    finally:
        server.send(signal.SIGCONT)


SMALL = "--innodb-data-file-path=ibdata1:12M;ibdata2:18M"


@contextmanager
def _full(alice: Actor, request: Any) -> Iterator[Actor]:
    """Another table takes all the room, until the host gives more."""
    server: MariadbServer = request.getfixturevalue("small_server")
    with server.connect("porthole") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filler (text LONGTEXT)")
    for size in (1_000_000, 100_000, 5_000):
        _fill(server, "x" * size)
    yield _as(alice)
    server.kill()
    server.options = (SMALL + ";ibdata3:30M", *server.options[1:])
    server.start()


def _fill(server: MariadbServer, text: str) -> None:
    with server.connect("porthole") as connection, connection.cursor() as cursor:
        try:
            while True:
                cursor.execute("INSERT INTO filler VALUES (%s)", (text,))
        except OperationalError as error:
            if "is full" not in str(error):
                # A busy one may give up altogether; it comes back as full as it was.
                server.kill()
                server.start()


@pytest.fixture
def small_server() -> Iterator[MariadbServer]:
    """A server that may be stopped, with 30 MB for all there is."""
    with MariadbServer(SMALL, "--innodb-file-per-table=0") as server:
        server.create_database("porthole")
        yield server


CONDITIONS = {
    ("sqlite", "the database cannot be reached"): _cannot_be_opened,
    ("sqlite", "locked by another program"): _locked,
    ("sqlite", "the database is read-only"): _with_pragma("PRAGMA query_only = ON"),
    ("sqlite", "the database is full"): _with_pragma("PRAGMA max_page_count = 1"),
    ("mariadb", "the database cannot be reached"): _refused,
    ("mariadb", "the account has no connection left"): _out_of_connections,
    ("mariadb", "the database is read-only"): _read_only,
    ("mariadb", "the database is full"): _full,
    ("mariadb", "the database hangs"): _hangs,
}
IDS = [" ".join(names) for names in CONDITIONS]


@pytest.mark.parametrize(
    ("database_url", "fault"), CONDITIONS, ids=IDS, indirect=["database_url"]
)
def test_it_has_each_beacon_once_when_the_database_is_back(
    alice: Actor, request: pytest.FixtureRequest, fault: str
) -> None:
    condition = CONDITIONS[request.node.callspec.params["database_url"], fault]
    if condition in (_full, _hangs):
        server: MariadbServer = request.getfixturevalue("small_server")
        alice = move_to(server, alice.installation)
    acknowledged: Kinds = {}
    assert _send(alice, 1, acknowledged) == {200}
    with condition(alice, request) as there:
        statuses = _send(there, 2, acknowledged) | _send(there, 3, acknowledged)
        there.installation.close()
    assert 202 in statuses
    _settle(alice, fault, acknowledged)


@pytest.mark.parametrize("hours", [-5, 5])
def test_it_has_each_beacon_once_though_the_clock_jumps(
    alice: Actor, hours: int
) -> None:
    acknowledged: Kinds = {}
    away = _as(alice, database_url=AWAY)
    _send(alice, 1, acknowledged)
    _send(away, 2, acknowledged)
    alice.installation.clock.move(hours=hours)
    _send(away, 3, acknowledged)
    _send(alice, 4, acknowledged)
    alice.installation.clock.move(hours=-hours)
    _settle(alice, "the clock jumps five hours", acknowledged)


def _settle(alice: Actor, fault: str, acknowledged: Kinds) -> None:
    """Have all drained by a new process, and look."""
    alice.installation.clock.move(seconds=31)
    there = _as(alice)
    drain(there)
    _send(there, 9, acknowledged)
    drain(there)
    faults.settle(alice, fault, acknowledged)
