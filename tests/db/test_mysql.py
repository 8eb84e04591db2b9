"""What only a real MySQL or MariaDB does to us."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from app import db
from app.config import ROOT
from app.db import migrate
from tests.conftest import Actor
from tests.db.proxy import CommitLosingProxy
from tests.mariadb_server import MariadbServer
from tests.visits.tables import assert_consistent

HOME = "https://alice.example/"


@pytest.fixture(params=["mariadb"])
def database_url(request: pytest.FixtureRequest, empty_mariadb_url: str) -> str:
    return empty_mariadb_url


def _kill_connections(mariadb: MariadbServer) -> int:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.processlist"
            " WHERE db = 'porthole' AND command = 'Sleep'"
        )
        found = cursor.fetchall()
        for (number,) in found:
            cursor.execute("KILL %s", (number,))
    return len(found)


def test_it_connects_again_when_the_server_has_hung_up(
    alice: Actor, mariadb: MariadbServer
) -> None:
    assert alice.view(HOME).data["counted"]
    for path in ("2", "3"):
        assert _kill_connections(mariadb) > 0
        assert alice.view(HOME + path).data["counted"]
    _kill_connections(mariadb)
    assert alice.visitors("range=1d")["total_pageviews"] == 3


@pytest.mark.parametrize("garbles", [False, True])
def test_it_counts_once_when_the_answer_to_commit_is_lost(
    alice: Actor, mariadb: MariadbServer, garbles: bool
) -> None:
    alice.view(HOME + "makes-the-salt", address="192.0.2.1")
    for fields in ({}, {"id": "with-an-id"}):
        proxy = CommitLosingProxy(mariadb.port, garbles)
        try:
            url = f"mysql://root@127.0.0.1:{proxy.port}/porthole"
            there = alice.installation.with_settings(database_url=url)
            twin = alice.through(there)
            answer = twin.view(HOME + str(fields), **fields)
            assert answer.data == {"counted": True}
            there.close()
        finally:
            proxy.close()
        assert proxy.lost == 1
    assert alice.visitors("range=1d")["total_pageviews"] == 3
    assert_consistent(alice)


def test_it_waits_out_a_lock_and_counts(alice: Actor, mariadb: MariadbServer) -> None:
    alice.view(HOME)
    with mariadb.connect("porthole") as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM ph_visitors FOR UPDATE")
        import threading

        release = threading.Timer(3.5, connection.rollback)
        release.start()
        assert alice.view(HOME + "2").data["counted"]
        release.join()
    assert_consistent(alice)


def test_it_stores_the_same_under_any_sql_mode_of_the_server(
    create_project: Callable[..., Actor], mariadb: MariadbServer
) -> None:
    title = "a'b\\'c\"d\\\\e%s%(x)s;--\U0001f600"
    modes = ["NO_BACKSLASH_ESCAPES", "ANSI", "", "TRADITIONAL", "ORACLE"]
    for number, mode in enumerate(modes):
        with mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT @@GLOBAL.sql_mode")
            [[before]] = cursor.fetchall()
            cursor.execute("SET GLOBAL sql_mode = %s", (mode,))
            try:
                alice = create_project(f"Alice {mode}", ["alice.example"])
                alice.installation.close()
                answer = alice.view(f"{HOME}{number}", page_title=title)
            finally:
                cursor.execute("SET GLOBAL sql_mode = %s", (before,))
        assert answer.status == 200, answer.body
        [row] = alice.installation.rows(
            f"SELECT title FROM ph_pages WHERE project_id = {alice.id}"
        )
        assert row["title"] == title


@pytest.fixture(scope="module")
def statement_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MariadbServer]:
    """A server whose binary log cannot hold what READ COMMITTED does (error 1665).

    It knows TLS too.
    """
    key, cert = (tmp_path_factory.mktemp("tls") / name for name in ("key", "cert"))
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    subprocess.run(
        [*made, "-keyout", key, "-out", cert], check=True, capture_output=True
    )
    tls = [f"--ssl-key={key}", f"--ssl-cert={cert}"]
    with MariadbServer("--log-bin", "--binlog-format=STATEMENT", *tls) as server:
        server.create_database("porthole")
        yield server


def test_it_falls_back_where_read_committed_is_refused(
    statement_server: MariadbServer, alice: Actor
) -> None:
    url = statement_server.url("porthole", tcp=True)
    database = db.connect(url, 5)
    migrate.migrate(database)
    there = alice.installation.with_settings(database_url=url)
    from app.projects import admin

    made = admin.create_project(database, "There", ["alice.example"], there.clock())
    database.close()
    actor = Actor(there, **made)
    for number in range(3):
        assert actor.view(f"{HOME}{number}").data["counted"]
    assert actor.visitors("range=1d")["total_pageviews"] == 3
    assert_consistent(actor)


@pytest.mark.parametrize("insists", [False, True])
def test_it_uses_tls_on_this_machine_only_if_the_server_insists(
    statement_server: MariadbServer, insists: bool
) -> None:
    """Also in a process that has imported ssl, as Flask's has."""
    import ssl  # noqa: F401

    with statement_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL require_secure_transport = %s", (insists,))
        try:
            there = db.connect(statement_server.url("porthole", tcp=True), 5)
            [row] = there.all("SHOW STATUS LIKE 'Ssl_cipher'")
            there.close()
        finally:
            cursor.execute("SET GLOBAL require_secure_transport = 0")
    assert bool(row["Value"]) == insists


def test_it_uses_tls_through_a_unix_socket_if_the_account_insists(
    statement_server: MariadbServer,
) -> None:
    """In a process of its own: here PyMySQL has been imported whole."""
    with statement_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER careful@localhost REQUIRE SSL")
        cursor.execute("GRANT ALL ON porthole.* TO careful@localhost")
    url = statement_server.url("porthole").replace("//root@", "//careful@")
    script = (
        "import sys; from app import db; there = db.connect(sys.argv[1], 5);"
        """print(there.one("SHOW STATUS LIKE 'Ssl_cipher'")["Value"]); there.close()"""
    )
    done = subprocess.run(
        [sys.executable, "-c", script, url], capture_output=True, cwd=ROOT, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
