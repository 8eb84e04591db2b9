"""kill -9 at every step: what was acknowledged is in the database exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from app import db
from app.db import migrate
from app.projects import admin
from tests import faults
from tests.conftest import Actor, Installation
from tests.mariadb_server import MariadbServer
from tests.spool import killing
from tests.spool.outage import drain, waiting
from tests.visits.tables import assert_consistent
from tests.wsgi import BROWSER

pytestmark = pytest.mark.faults

HOME = "https://alice.example/"
VIEW = {"url": HOME + "%", "id": "v%", "referrer": "https://news.example/%"}
EVENT = {"name": "signup", "props": {"plan": "pro"}, "id": "e%", "url": HOME + "%"}
ERROR = {"message": "x is undefined", "id": "x%", "release": "%"}
ENTRY = {"action": "login %", "id": "a%"}
TOLD = {"pageview_id": "v%", "seconds": 0, "scroll": 9}
BEACONS = {
    "pageview": VIEW,
    "event": EVENT,
    "error": ERROR,
    "audit": ENTRY,
    "engagement": TOLD,
}


def _order(alice: Actor, what: str, *requests: tuple[str, Any]) -> dict[str, Any]:
    installation = alice.installation
    # The helper has another process's view of the same settings.
    return {
        "config": installation.config.path,
        "at": installation.clock().isoformat(),
        "what": what,
        "headers": BROWSER,
        "requests": [
            (f"/api/track/{kind}", {"public_key": alice.public_key, **body})
            for kind, body in requests
        ],
    }


def _send_again(alice: Actor, trials: int, kinds: Any) -> None:
    """Do as a client does that got no answer."""
    for trial in range(1, trials + 1):
        alice.installation.clock.move(minutes=1)
        for kind in kinds:
            body = json.loads(json.dumps(BEACONS[kind]).replace("%", str(trial)))
            assert alice.send(kind, **body).status in (200, 202)


def _settle(alice: Actor, fault: str, trials: int, kinds: Any) -> None:
    drain(alice)
    faults.settle(alice, fault, dict.fromkeys(kinds, range(1, trials + 1)))
    if "event" in kinds:
        rows = alice.installation.rows("SELECT COUNT(*) AS n FROM ph_event_props")
        assert rows == [{"n": trials}]
    assert_consistent(alice)
    verified = alice.get("/api/audit/verify").data
    assert verified["valid"], verified
    assert alice.installation.rows("SELECT * FROM ph_leases") == []


@pytest.mark.parametrize("kind", ["pageview", "event", "error", "audit"])
def test_it_counts_a_beacon_once_that_was_killed(alice: Actor, kind: str) -> None:
    made = killing.run(_order(alice, "send", (kind, BEACONS[kind])))
    assert made["trials"] > 4
    assert made["statuses"][-1] == 200
    _send_again(alice, made["trials"], [kind])
    fault = "killed with -9 at each step of a beacon"
    _settle(alice, fault, made["trials"], [kind])


def test_it_counts_a_batch_once_that_was_killed(alice: Actor) -> None:
    beacons = [{"type": kind, **body} for kind, body in BEACONS.items()]
    made = killing.run(_order(alice, "send", ("batch", {"beacons": beacons})))
    assert made["trials"] > 30
    _send_again(alice, made["trials"], BEACONS)
    fault = "killed with -9 at each step of a batch"
    _settle(alice, fault, made["trials"], BEACONS)


def test_it_keeps_what_is_queued_by_who_was_killed(alice: Actor) -> None:
    made = killing.run(_order(alice, "queue", *BEACONS.items()))
    assert made["statuses"][-1] == 202
    assert made["trials"] > 10
    _send_again(alice, made["trials"], BEACONS)
    fault = "killed with -9 at each step of queueing"
    _settle(alice, fault, made["trials"], BEACONS)


def test_it_drains_once_what_was_killed_at_draining(alice: Actor) -> None:
    """Nobody sends these again: they were acknowledged when they were queued."""
    beacons = dict(BEACONS)
    for kind in ("event", "error"):
        beacons[kind] = {n: value for n, value in BEACONS[kind].items() if n != "id"}
    made = killing.run(_order(alice, "drain", *beacons.items()))
    assert made["trials"] > 40
    assert waiting(alice) == []
    alice.installation.clock.move(minutes=made["trials"])
    fault = "killed with -9 at each step of draining"
    _settle(alice, fault, made["trials"], beacons)


@pytest.fixture
def own_server() -> Iterator[MariadbServer]:
    with MariadbServer() as server:
        server.create_database("porthole")
        yield server


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_it_loses_nothing_when_the_database_is_killed_under_load(
    installation: Installation, own_server: MariadbServer
) -> None:
    url = own_server.url("porthole", tcp=True)
    database = db.connect(url, 5)
    migrate.migrate(database)
    domains = ["alice.example"]
    made = admin.create_project(database, "Alice", domains, installation.clock())
    database.close()
    there = installation.with_settings(database_url=url, timeout_seconds=2)
    there.db = db.connect(url, 5)
    alice = Actor(there, **made)
    numbers = count()
    acknowledged: dict[str, list[str]] = {"pageview": [], "event": [], "audit": []}
    is_over = False

    def send(thread: int) -> None:
        while not is_over:
            name = str(next(numbers))
            sent = {
                "pageview": {"url": HOME + name},
                "event": {"name": "signup", "url": HOME + name},
                "audit": {"action": name},
            }
            for kind, body in sent.items():
                address = f"198.51.100.{next(numbers) % 200}"
                answer = alice.send(kind, address=address, **body)
                assert answer.status in (200, 202, 429, 503), answer.body
                if answer.status in (200, 202):
                    acknowledged[kind].append(name)

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, thread) for thread in range(4)]
        for _ in range(2):
            _wait_for(acknowledged["event"], 30)
            own_server.kill()
            _wait_for(acknowledged["event"], 30)
            own_server.start()
        _wait_for(acknowledged["event"], 30)
        is_over = True
        for future in sending:
            future.result(60)
    # A process that has just tried in vain would wait for ten seconds.
    # Who was cut off at it keeps others from it for half a minute.
    alice.installation = there.with_settings()
    installation.clock.move(seconds=31)
    drain(alice)
    fault = "the database killed twice under load"
    faults.settle(alice, fault, {kind: map(int, n) for kind, n in acknowledged.items()})
    assert_consistent(alice)
    assert alice.get("/api/audit/verify").data["valid"]


def _wait_for(names: list[str], more: int) -> None:
    import time

    wanted, deadline = len(names) + more, time.monotonic() + 60
    while len(names) < wanted:
        assert time.monotonic() < deadline, f"{len(names)} of {wanted}"
        time.sleep(0.01)
