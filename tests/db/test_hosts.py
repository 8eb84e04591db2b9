"""Several hosts in the URL: a beacon is stored by one that can."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app import db
from app.db import hosts, migrate
from tests.conftest import Actor
from tests.mariadb_server import MariadbServer
from tests.spool.outage import waiting
from tests.visits.tables import assert_consistent

HOME = "https://alice.example/"
ACCOUNT = "porthole"


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    return empty_mariadb_url


@pytest.fixture(scope="module")
def first() -> Iterator[MariadbServer]:
    """The first host in the URL, of which nothing good comes."""
    with MariadbServer() as server:
        server.create_database("porthole")
        database = db.connect(server.url("porthole"), 5)
        migrate.migrate(database)
        database.close()
        yield server


@pytest.fixture
def two_hosts(
    alice: Actor,
    mariadb: MariadbServer,
    first: MariadbServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Actor:
    """Alice in a new process that knows both hosts; the first one knows her too."""
    monkeypatch.setattr(hosts, "_avoided", {})
    for server in (first, mariadb):
        _run(server, f"CREATE USER IF NOT EXISTS {ACCOUNT}@127.0.0.1")
        # Not SUPER, which may write where others only read.
        _run(server, f"GRANT ALL ON porthole.* TO {ACCOUNT}@127.0.0.1")
    _copy(mariadb, first, "ph_projects")
    _copy(mariadb, first, "ph_settings")
    both = f"127.0.0.1:{first.port},127.0.0.1:{mariadb.port}"
    url = f"mysql://{ACCOUNT}@{both}/porthole"
    there = alice.installation.with_settings(database_url=url, timeout_seconds=2)
    return alice.through(there)


def _run(server: MariadbServer, sql: str, *values: Any) -> Any:
    with server.connect("porthole") as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _copy(source: MariadbServer, target: MariadbServer, table: str) -> None:
    for row in _run(source, f"SELECT * FROM {table}"):
        marks = ", ".join(["%s"] * len(row))
        _run(target, f"REPLACE INTO {table} VALUES ({marks})", *row)


def test_it_goes_on_to_the_next_host_if_one_takes_no_writes(
    alice: Actor, two_hosts: Actor, first: MariadbServer
) -> None:
    _run(first, "SET GLOBAL read_only = 1")
    try:
        for number in range(3):
            answer = two_hosts.view(f"{HOME}{number}")
            assert (answer.status, answer.data) == (200, {"counted": True})
    finally:
        _run(first, "SET GLOBAL read_only = 0")
    assert waiting(alice) == []
    assert alice.visitors("range=1d")["total_pageviews"] == 3
    assert_consistent(alice)


def test_it_queues_if_no_host_takes_writes(
    two_hosts: Actor, mariadb: MariadbServer, first: MariadbServer
) -> None:
    for server in (first, mariadb):
        _run(server, "SET GLOBAL read_only = 1")
    try:
        assert two_hosts.view(HOME).status == 202
    finally:
        for server in (first, mariadb):
            _run(server, "SET GLOBAL read_only = 0")
    assert two_hosts.view(HOME + "2").status == 200


def test_it_does_not_wait_twice_for_a_host_that_hangs(
    alice: Actor, two_hosts: Actor, first: MariadbServer
) -> None:
    assert two_hosts.get("/api/analytics/summary").status == 200
    first.send(signal.SIGSTOP)
    try:
        statuses = []
        started = time.monotonic()
        for number in range(12):
            statuses.append(two_hosts.view(f"{HOME}{number}").status)
            two_hosts.installation.application.close()
        # timeout_seconds is 2: each would wait as long to be connected.
        assert time.monotonic() - started < 20
    finally:
        first.send(signal.SIGCONT)
    assert statuses == [200] * 12
    assert alice.visitors("range=1d")["total_pageviews"] == 12


def test_it_goes_back_to_the_first_host(
    two_hosts: Actor, first: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "AVOIDED_SECONDS", 0)
    _run(first, "SET GLOBAL read_only = 1")
    try:
        assert two_hosts.view(HOME).status in (200, 202)
    finally:
        _run(first, "SET GLOBAL read_only = 0")
    two_hosts.installation.application.close()
    assert two_hosts.view(HOME + "2").status == 200
    query = "SELECT COUNT(*) FROM ph_pageviews WHERE project_id = %s"
    assert _run(first, query, two_hosts.id) != ((0,),)
