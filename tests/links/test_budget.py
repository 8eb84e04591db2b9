"""How many commands a redirect costs the database, as the server counts them.

Source of the figures: CONTRIBUTING, "How a click is counted".
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import mariadb_server
from tests.conftest import Actor
from tests.links.calls import create, follow
from tests.mariadb_server import MariadbServer
from tests.wsgi import FIREFOX

KNOWN = 5
ROBOT = 2
FRESH_BROWSER = 7


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    """Only on MariaDB: SQLite has no round trips."""
    return empty_mariadb_url


@pytest.fixture
def cost(mariadb: MariadbServer) -> Callable[[Callable[[], object]], int]:
    def count(call: Callable[[], object]) -> int:
        with mariadb.connect() as monitor:
            before = mariadb_server.commands(monitor)
            call()
            # The second question is one of them.
            return mariadb_server.commands(monitor) - before - 1

    return count


def test_it_is_small(alice: Actor, cost: Callable[[Callable[[], object]], int]) -> None:
    code = create(alice)["code"]
    follow(alice, code, {"Referer": "https://news.example/"})
    again = {"Referer": "https://news.example/"}
    assert cost(lambda: follow(alice, code, again)) == KNOWN
    assert cost(lambda: follow(alice, code, {"User-Agent": "Twitterbot"})) == ROBOT
    fresh = {"User-Agent": FIREFOX, "Referer": "https://other.example/"}
    assert cost(lambda: follow(alice, code, fresh)) == FRESH_BROWSER
