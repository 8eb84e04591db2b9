"""GET /api/health where the database hangs, or may not be written."""

from __future__ import annotations

import signal
import time

import pytest

from app import db
from app.db import migrate
from tests.conftest import Installation
from tests.mariadb_server import MariadbServer

HEALTH = "/api/health"


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    return empty_mariadb_url


def test_it_answers_soon_though_the_database_hangs(installation: Installation) -> None:
    with MariadbServer() as server:
        server.create_database("porthole")
        url = server.url("porthole", tcp=True)
        database = db.connect(url, 5)
        migrate.migrate(database)
        database.close()
        there = installation.with_settings(database_url=url, timeout_seconds=1)
        assert there.call("GET", HEALTH).status == 200
        server.send(signal.SIGSTOP)
        try:
            started = time.monotonic()
            answer = there.call("GET", HEALTH)
            assert time.monotonic() - started < 30
        finally:
            server.send(signal.SIGCONT)
        assert answer.status == 503
        assert answer.json["checks"]["database"]["status"] == "fail"


@pytest.mark.parametrize("rights", ["SELECT", "INSERT"])
def test_it_is_unhealthy_where_the_account_may_not_write(
    installation: Installation, mariadb: MariadbServer, rights: str
) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'pw'")
        cursor.execute(f"GRANT {rights} ON porthole.* TO reader@'127.0.0.1'")
    url = f"mysql://reader:pw@127.0.0.1:{mariadb.port}/porthole"
    there = installation.with_settings(database_url=url)
    answer = there.call("GET", HEALTH)
    assert answer.status == 503
    assert answer.json["checks"]["database"]["status"] == "fail"
    assert b"reader" not in answer.body
    assert "reader" in there.as_admin(HEALTH).body.decode()


def test_it_answers_head(installation: Installation) -> None:
    answer = installation.call("HEAD", HEALTH)
    assert (answer.status, answer.body) == (200, b"")
    assert installation.call("POST", HEALTH, {}).headers["Allow"] == "GET, OPTIONS"
