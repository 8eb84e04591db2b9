"""A database that takes no writes, or loses an answer: what becomes of links."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Actor
from tests.db.proxy import CommitLosingProxy
from tests.links.calls import create, follow, total_clicks
from tests.mariadb_server import MariadbServer


@contextmanager
def _without_writes(actor: Actor, request: pytest.FixtureRequest) -> Iterator[Actor]:
    """Yield the actor in an installation that can read its database, and no more."""
    url = actor.installation.config.database_url
    if url.startswith("sqlite"):
        other = sqlite3.connect(url[len("sqlite:///") :], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        there = actor.installation.with_settings(timeout_seconds=0)
    else:
        server: MariadbServer = request.getfixturevalue("mariadb")
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE USER IF NOT EXISTS reader@localhost")
            cursor.execute("GRANT SELECT ON porthole.* TO reader@localhost")
        url = url.replace("root@", "reader@")
        there = actor.installation.with_settings(database_url=url)
    try:
        yield actor.through(there)
    finally:
        if url.startswith("sqlite"):
            other.close()


def test_it_redirects_even_if_it_cannot_count(
    alice: Actor, request: pytest.FixtureRequest
) -> None:
    code = create(alice)["code"]
    limited = create(alice, max_clicks=5)["code"]
    follow(alice, code)
    with _without_writes(alice, request) as there:
        for browser in ({}, {"DNT": "1"}, {"User-Agent": "Some/1.0 Bytespider"}):
            assert follow(there, code, browser).status == 302
        # The limit is exact while it can be counted; who opens the link wants to go on.
        assert follow(there, limited).status == 302
    log = Path(alice.installation.config.var, "log", "porthole.log").read_text()
    assert log.count("a click was not counted") == 3
    assert follow(alice, limited).status == 302
    assert total_clicks(alice, limited) == 1
    assert total_clicks(alice, code) == 1


def test_it_redirects_on_a_new_day_even_if_it_can_make_no_salt(
    alice: Actor, request: pytest.FixtureRequest
) -> None:
    code = create(alice)["code"]
    with _without_writes(alice, request) as there:
        assert follow(there, code).status == 302


class TestLostCommit:
    """The answer to a COMMIT is lost: it was done, and is done only once."""

    @pytest.fixture(params=["mariadb"])
    def database_url(
        self, request: pytest.FixtureRequest, empty_mariadb_url: str
    ) -> str:
        return empty_mariadb_url

    @pytest.fixture
    def losing(self, alice: Actor, mariadb: MariadbServer) -> Iterator[Actor]:
        """Alice, behind a proxy that loses the answer to the first COMMIT."""
        follow(alice, create(alice)["code"])  # makes the salt and the device
        proxy = CommitLosingProxy(mariadb.port)
        url = f"mysql://root@127.0.0.1:{proxy.port}/porthole"
        there = alice.installation.with_settings(database_url=url)
        yield alice.through(there)
        there.close()
        proxy.close()
        assert proxy.lost == 1

    def test_it_counts_a_click_once(self, alice: Actor, losing: Actor) -> None:
        code = create(alice, max_clicks=1)["code"]
        assert follow(losing, code).status == 302
        assert total_clicks(alice, code) == 1

    @pytest.mark.parametrize("chosen", [{}, {"code": "mine"}])
    def test_it_makes_a_link_once(
        self, alice: Actor, losing: Actor, chosen: dict[str, str]
    ) -> None:
        code = create(losing, **chosen)["code"]
        found = alice.get("/api/links/list").data
        assert found["count"] == 2
        assert code in {link["code"] for link in found["links"]}

    def test_it_changes_a_link(self, alice: Actor, losing: Actor) -> None:
        code = create(alice)["code"]
        answer = losing.post("/api/links/edit", code=code, label="New")
        assert answer.data["label"] == "New"

    def test_it_deletes_a_link(self, alice: Actor, losing: Actor) -> None:
        code = create(alice)["code"]
        follow(alice, code)
        assert losing.post("/api/links/delete", code=code).status == 200
        assert alice.get("/api/links/list").data["count"] == 1
        assert len(alice.installation.rows("SELECT id FROM ph_clicks")) == 1
