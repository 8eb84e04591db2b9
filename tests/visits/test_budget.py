"""How many commands a beacon costs the database: counted on both ends.

Source of the figures: CONTRIBUTING, "How a pageview is written".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests import mariadb_server
from tests.client.mmdb import write_mmdb
from tests.conftest import Actor, Installation
from tests.mariadb_server import MariadbServer
from tests.wsgi import FIREFOX

KNOWN_VISIT_WARM = 4
KNOWN_VISIT_FRESH = 6
EVERYTHING_NEW_FRESH = 14
ENGAGEMENT_WARM = 5
EVENT_WARM = 4
EVENT_OF_BACKEND_WARM = 5


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    """Only on MariaDB: SQLite has no round trips."""
    return empty_mariadb_url


class Commands:
    """Commands sent by the driver after the handshake, and seen by the server."""

    sent = 0
    seen = 0


@pytest.fixture
def count_commands(
    mariadb: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Any]:
    @contextmanager
    def count() -> Iterator[Commands]:
        commands = Commands()
        execute = pymysql.connections.Connection._execute_command

        def counting(connection: Any, command: int, sql: Any) -> Any:
            commands.sent += 1
            return execute(connection, command, sql)

        with mariadb.connect() as monitor:
            before = mariadb_server.commands(monitor)
            with monkeypatch.context() as patch:
                patch.setattr(
                    pymysql.connections.Connection, "_execute_command", counting
                )
                yield commands
            # Its own question is one of them.
            commands.seen = mariadb_server.commands(monitor) - before - 1

    return count


def _fresh_process(alice: Actor) -> Installation:
    return alice.installation.with_settings()


def test_it_takes_4_for_a_further_view_in_a_warm_process(
    alice: Actor, count_commands: Callable[[], Any]
) -> None:
    alice.view("https://alice.example/a", address="192.0.2.1")
    alice.view("https://alice.example/b")
    with count_commands() as commands:
        assert alice.view("https://alice.example/a").data["counted"]
    assert commands.sent == commands.seen == KNOWN_VISIT_WARM


def test_it_takes_6_for_a_further_view_in_a_fresh_process(
    alice: Actor, count_commands: Callable[[], Any]
) -> None:
    alice.view("https://alice.example/a", address="192.0.2.1")
    alice.view("https://alice.example/b")
    alice.installation.close()
    alice.installation = _fresh_process(alice)
    with count_commands() as commands:
        assert alice.view("https://alice.example/a").data["counted"]
    assert commands.sent == commands.seen == KNOWN_VISIT_FRESH


def test_it_takes_at_most_14_when_everything_is_new(
    alice: Actor, count_commands: Callable[[], Any], tmp_path: Path
) -> None:
    alice.view("https://alice.example/a", address="192.0.2.1")  # makes the day's salt
    alice.installation.close()
    record = {"country": {"iso_code": "CH", "names": {"en": "Switzerland"}}}
    write_mmdb(tmp_path / "geoip.mmdb", {"203.0.113.0/24": record})
    alice.installation = alice.installation.with_settings(
        geoip=str(tmp_path / "geoip.mmdb")
    )
    with count_commands() as commands:
        answer = alice.view(
            "https://alice.example/b?utm_source=news&utm_medium=email",
            headers={"User-Agent": FIREFOX, "Accept-Language": "fr"},
            referrer="https://news.example/",
            screen_resolution="1x1",
            session_token="token",
            page_title="B",
        )
        assert answer.data["counted"]
    assert alice.installation.rows("SELECT country FROM ph_places") == [
        {"country": "Switzerland"}
    ]
    assert commands.sent == commands.seen == EVERYTHING_NEW_FRESH


def test_it_takes_5_for_an_engagement_in_a_warm_process(
    alice: Actor, count_commands: Callable[[], Any]
) -> None:
    alice.view("https://alice.example/a", id="a")
    alice.installation.clock.move(seconds=30)
    told = {"pageview_id": "a", "seconds": 20, "scroll": 50}
    with count_commands() as commands:
        assert alice.send("engagement", **told).data["counted"]
    assert commands.sent == commands.seen == ENGAGEMENT_WARM


def test_it_takes_4_for_an_event_in_a_warm_process(
    alice: Actor, count_commands: Callable[[], Any]
) -> None:
    alice.view("https://alice.example/a")
    event = {"name": "signup", "props": {"plan": "pro", "seats": 3}}
    alice.send("event", **event)
    with count_commands() as commands:
        assert alice.send("event", **event).data["counted"]
    assert commands.sent == commands.seen == EVENT_WARM


def test_it_takes_5_for_an_event_of_a_backend_in_a_warm_process(
    alice: Actor, count_commands: Callable[[], Any]
) -> None:
    event = {"name": "signup", "props": {"plan": "pro", "seats": 3}}
    headers = {"X-API-Key": alice.secret_key}
    path = "/api/track/event"
    alice.installation.call("POST", path, event, headers=headers)
    with count_commands() as commands:
        answer = alice.installation.call("POST", path, event, headers=headers)
        assert answer.data["counted"]
    assert commands.sent == commands.seen == EVENT_OF_BACKEND_WARM


def test_it_takes_1_command_to_connect(
    alice: Actor, count_commands: Callable[[], Any]
) -> None:
    alice.installation.close()
    with count_commands() as commands:
        alice.installation.db.read(lambda: alice.installation.db.one("SELECT 1 AS n"))
    assert commands.sent == commands.seen == 2
