"""A database that hangs, dies, or is slow to find things: what a beacon then gets."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import db
from app.config import ROOT
from app.db import migrate
from app.db.hosts import targets
from app.events import store as events_store
from app.projects import admin
from app.visits import store
from tests.conftest import Actor, Installation
from tests.mariadb_server import MariadbServer
from tests.visits.tables import assert_consistent
from tests.wsgi import BROWSER

HOME = "https://alice.example/"


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    return empty_mariadb_url


@pytest.fixture
def own_server(mariadb: MariadbServer) -> Iterator[MariadbServer]:
    """A server that the test may stop and kill."""
    with MariadbServer() as server:
        server.create_database("porthole")
        yield server


def move_to(server: MariadbServer, installation: Installation) -> Actor:
    """Return a project on the other server."""
    url = server.url("porthole", tcp=True)
    database = db.connect(url, 5)
    migrate.migrate(database)
    made = admin.create_project(
        database, "Alice", ["alice.example"], installation.clock()
    )
    database.close()
    there = installation.with_settings(database_url=url, timeout_seconds=1)
    return Actor(there, **made)


@pytest.mark.parametrize("visitors", [0, 8, 300])
def test_it_lets_no_visitor_wait_for_another(
    alice: Actor, mariadb: MariadbServer, visitors: int
) -> None:
    for number in range(visitors):
        alice.installation.clock.move(milliseconds=250)
        alice.view(f"{HOME}{number}", address=f"192.0.{number // 250}.{number % 250}")
    alice.view(HOME, address="198.51.100.1")
    alice.view(HOME, address="198.51.100.2")
    rows = alice.installation.rows("SELECT id FROM ph_visitors ORDER BY id")
    for holder, other in ((rows[0], rows[-1]), (rows[-1], rows[0])):
        with mariadb.connect("porthole") as connection:
            connection.query("SET tx_isolation = 'READ-COMMITTED'")
            connection.begin()
            _lock(connection, alice, holder["id"])
            with mariadb.connect("porthole") as second:
                second.query("SET innodb_lock_wait_timeout = 1")
                second.query("SET tx_isolation = 'READ-COMMITTED'")
                second.begin()
                _lock(second, alice, other["id"])
                second.rollback()
            connection.rollback()


LOCKS = (store.LOCK_VISITOR, store.LOCK_VISITS, events_store.LOCK_VISITOR)


def _lock(connection: object, alice: Actor, visitor_id: int) -> None:
    """Lock the visitor as a pageview, an engagement and an event do."""
    day = alice.installation.clock().date()
    names = ("page", "referrer", "campaign", "device", "screen", "network", "name")
    values = {
        **{f"{name}_id": 1 for name in names},
        "project_id": alice.id,
        "id_of_day": visitor_id,
        "id_of_day_before": 0,
        "id_of_day_after": 0,
        "events_from": "2000-01-01",
        "gap_starts": "2000-01-01",
        "gap_ends": "2100-01-01",
        "begun_by": "2100-01-01",
        **dict.fromkeys(("day", "day_before", "day_two_before", "day_after"), day),
        **dict.fromkeys(("visit_day", "day_two_after"), day),
    }
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        for statement in LOCKS:
            cursor.execute(statement, values)
            assert cursor.fetchall()


def test_it_reads_only_the_visitors_own_rows(
    alice: Actor, mariadb: MariadbServer
) -> None:
    """The rows that a beacon touches do not grow with the project."""
    for number in range(300):
        alice.installation.clock.move(milliseconds=250)
        alice.view(f"{HOME}{number}", address=f"192.0.{number // 250}.{number % 250}")
    with mariadb.connect("porthole") as monitor, monitor.cursor() as cursor:
        cursor.execute("ANALYZE TABLE ph_visits, ph_pageviews, ph_visitors")
        before = _rows_read(cursor)
        assert alice.view(HOME + "last", id="last").data["counted"]
        assert _rows_read(cursor) - before < 60
        told = {"pageview_id": "last", "seconds": 5}
        for kind, fields in (("event", {"name": "signup"}), ("engagement", told)):
            alice.installation.clock.move(seconds=10)
            before = _rows_read(cursor)
            assert alice.send(kind, **fields).data["counted"]
            assert _rows_read(cursor) - before < 60


def _rows_read(cursor: object) -> int:
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Rows_read'")  # type: ignore[attr-defined]
    return int(cursor.fetchone()[1])  # type: ignore[attr-defined]


IMPORT_AT_ONCE = """
import io, json, sys, threading
sys.path.insert(0, sys.argv[1])
import passenger_wsgi
raw = sys.argv[2].encode()
headers = json.loads(sys.argv[3])
failed = []
def send(number):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/track/pageview",
        "QUERY_STRING": "", "REMOTE_ADDR": f"192.0.2.{number}",
        "CONTENT_LENGTH": str(len(raw)), "wsgi.input": io.BytesIO(raw), **headers}
    status = []
    passenger_wsgi.application(environ, lambda line, headers: status.append(line))
    if status != ["200 OK"]:
        failed.append(status)
threads = [threading.Thread(target=send, args=(n,)) for n in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(f"{failed}" if failed else 0)
"""


def test_it_starts_with_many_threads_at_once(alice: Actor, tmp_path: Path) -> None:
    """The first beacons of a process do not meet a driver that is half imported."""
    import json

    headers = {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in BROWSER.items()
    }
    body = json.dumps({"public_key": alice.public_key, "url": HOME})
    for _ in range(3):
        done = subprocess.run(
            # -B and another cache folder: compiled anew, which takes longer.
            [
                sys.executable,
                "-B",
                "-X",
                f"pycache_prefix={tmp_path}",
                "-c",
                IMPORT_AT_ONCE,
                ROOT,
                body,
                json.dumps(headers),
            ],
            env={"PORTHOLE_CONFIG": alice.installation.config.path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


def test_it_goes_on_after_the_server_was_away(
    installation: Installation, own_server: MariadbServer
) -> None:
    alice = move_to(own_server, installation)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: alice.view(f"{HOME}{n}").status, range(16)))
    own_server.kill()
    assert alice.view(HOME + "while-away").status == 202
    assert alice.get("/api/analytics/visitors").status == 503
    own_server.start()
    statuses = [alice.view(f"{HOME}after{n}").status for n in range(8)]
    assert statuses == [200] * 8


def test_it_gives_a_database_that_hangs_only_seconds(
    installation: Installation, own_server: MariadbServer
) -> None:
    alice = move_to(own_server, installation)
    assert alice.view(HOME).status == 200
    cold = alice.through(alice.installation.with_settings())
    own_server.send(signal.SIGSTOP)
    try:
        for actor in (alice, cold):
            started = time.monotonic()
            assert actor.view(HOME + "2").status == 202
            # timeout_seconds is 1: an answer, a new connection, one more try.
            assert time.monotonic() - started < 30
    finally:
        own_server.send(signal.SIGCONT)
    assert alice.view(HOME + "3").status == 200


def test_it_tries_again_when_a_statement_is_killed(
    alice: Actor, mariadb: MariadbServer
) -> None:
    alice.view(HOME)
    with mariadb.connect("porthole") as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM ph_visitors FOR UPDATE")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(lambda: alice.view(HOME + "2"))
            with mariadb.connect() as killer, killer.cursor() as kill:
                number = _find_waiting(kill)
                kill.execute("KILL QUERY %s", (number,))
            time.sleep(0.2)
            connection.rollback()
            assert waiting.result().data == {"counted": True}
    assert_consistent(alice)


def _find_waiting(cursor: object) -> int:
    for _ in range(150):
        # The table is a cache that is not renewed while it is read too often.
        time.sleep(0.2)
        cursor.execute(  # type: ignore[attr-defined]
            "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx"
            " WHERE trx_state = 'LOCK WAIT'"
        )
        found = cursor.fetchone()  # type: ignore[attr-defined]
        if found:
            return int(found[0])
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("options", [[], ["--log-bin", "--binlog-format=STATEMENT"]])
def test_it_loses_nothing_when_everybody_comes_at_once(
    installation: Installation, mariadb: MariadbServer, options: list[str]
) -> None:
    with MariadbServer(*options) as server:
        server.create_database("porthole")
        alice = move_to(server, installation)
        alice.installation.config.__dict__["timeout_seconds"] = 5

        def send(number: int) -> int:
            address = f"198.51.100.{number % 8}"
            return alice.view(f"{HOME}{number}", address=address).status

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(send, range(160))) == [200] * 160
        assert_consistent(alice)
        alice.installation.close()


def test_it_reads_urls_of_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def hosts(url: str) -> list[tuple[object, object]]:
        return [(target.get("host"), target.get("port")) for target in targets(url)]

    assert hosts("mysql://u:p@db.example/n") == [("db.example", 3306)]
    assert hosts("mysql://u:p@a:1,b:2/n") == [("a", 1), ("b", 2)]
    assert hosts("mysql://u:p@[::1]:3307/n") == [("::1", 3307)]
    [target] = targets("mysql://my%40user:p%2F%23%3F@h/my%2Dname")
    assert (target["user"], target["password"]) == ("my@user", "p/#?")
    assert target["database"] == "my-name"
    [target] = targets("mysql://u:p@localhost/n?unix_socket=%2Ftmp%2Fs")
    assert target["unix_socket"] == "/tmp/s"
    for wrong in (
        "mysql://u:p@h",
        "mysql://u:p@h:port/n",
        "mysql://u:p#x@h/n",
        "mysql://u:p?x@h/n",
        "mysql://u:p@/n",
        "mysql://u:p@h h/n",
    ):
        with pytest.raises(ValueError, match="host"):
            targets(wrong)
