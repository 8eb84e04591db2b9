"""How many commands a report costs the database, and that it reads summaries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import mariadb_server
from tests.conftest import Actor
from tests.mariadb_server import MariadbServer
from tests.summaries.days import Crowd, close_days

COMMANDS = {
    "summary": 14,
    "visitors": 10,
    "visitors?interval=week": 15,
    "visitors-returning": 5,
    "sessions": 7,
    "sessions?interval=month": 7,
    "hours": 10,
    "engagement": 15,
}


@pytest.fixture
def database_url(empty_mariadb_url: str) -> str:
    """Only on MariaDB: SQLite has no round trips."""
    return empty_mariadb_url


@pytest.fixture
def busy(create_project: Callable[..., Actor]) -> Actor:
    """Alice with cookies, and with closed days, as well as some counted from rows."""
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    Crowd(alice).views(150)
    close_days(alice)
    return alice


@pytest.mark.parametrize("report", COMMANDS)
def test_it_asks_for_nothing_twice(
    busy: Actor, mariadb: MariadbServer, report: str
) -> None:
    path = f"/api/analytics/{report}{'&' if '?' in report else '?'}range=30d"
    assert busy.get(path).status == 200
    with mariadb.connect() as monitor:
        before = mariadb_server.commands(monitor)
        assert busy.get(path).status == 200
        assert mariadb_server.commands(monitor) - before - 1 == COMMANDS[report]
