"""Porthole as a CGI program: a process for each request."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cgi, config
from tests import mariadb_server
from tests.conftest import SECRET, Actor, Installation
from tests.wsgi import BROWSER, Answer

ROOT = Path(__file__).parents[1]
ORIGIN = "https://alice.example"
VARIES = {"Date": "", "Expires": "", "ETag": ""}
"""The time, and where the file lies."""


class WebServer:
    """Runs the program as Apache does, with nothing but CGI's variables."""

    def __init__(self, folder: Path, config_path: str, *python: str) -> None:
        folder.mkdir()
        # As released: the packages lie in vendor, because -S hides all others.
        for name in ("app", "sql", "snippet"):
            (folder / name).symlink_to(ROOT / name)
        shutil.copy(ROOT / "passenger_wsgi.py", folder)
        (folder / "vendor").symlink_to(sysconfig.get_paths()["purelib"])
        self.command = [sys.executable, *python, str(folder / "passenger_wsgi.py")]
        self.config_path = config_path
        self.log = ""

    def call(
        self, method: str, path: str, body: bytes = b"", **variables: str
    ) -> Answer:
        environ = self._environ(method, path, **variables)
        if body and "HTTP_TRANSFER_ENCODING" not in environ:
            environ.setdefault("CONTENT_LENGTH", str(len(body)))
        done = subprocess.run(
            self.command,
            input=body,
            env=environ,
            cwd="/",
            capture_output=True,
            timeout=30,
        )
        self.log = done.stderr.decode()
        assert done.returncode == 0, self.log
        return _answer(done.stdout)

    def start(
        self, connection: socket.socket, **variables: str
    ) -> subprocess.Popen[bytes]:
        """Ask for a report, and return while it is being answered."""
        return subprocess.Popen(
            self.command,
            env=self._environ("GET", "/api/analytics/visitors", **variables),
            cwd="/",
            stdin=connection,
            stdout=connection,
            stderr=subprocess.PIPE,
        )

    def _environ(self, method: str, path: str, **variables: str) -> dict[str, str]:
        path, _, query = path.partition("?")
        script = variables.pop("SCRIPT_NAME", "/app.cgi")
        return {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "Apache/2.4",
            "SERVER_NAME": "stats.example",
            "SERVER_PORT": "443",
            "HTTPS": "on",
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": script,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_URI": script.rpartition("/")[0] + path,
            "REMOTE_ADDR": "203.0.113.7",
            "PATH": "/usr/bin:/bin",
            "PORTHOLE_CONFIG": self.config_path,
            **variables,
        }

    def view(self, public_key: str, path: str = "/", **variables: str) -> Answer:
        """Send a pageview as a browser does."""
        body = json.dumps({"public_key": public_key, "url": ORIGIN + path}).encode()
        sent = {
            "HTTP_" + name.upper().replace("-", "_"): value
            for name, value in BROWSER.items()
        }
        sent |= {"HTTP_ORIGIN": ORIGIN, "CONTENT_TYPE": "text/plain", **variables}
        return self.call("POST", "/api/track/pageview", body, **sent)

    def visitors(self, secret_key: str, **variables: str) -> Answer:
        path = "/api/analytics/visitors?range=1d"
        return self.call("GET", path, b"", HTTP_X_API_KEY=secret_key, **variables)


def _answer(output: bytes) -> Answer:
    head, _, body = output.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    assert first.startswith("Status: ")
    headers = [line.partition(": ")[::2] for line in lines]
    assert all(re.fullmatch(r"[A-Za-z-]+", name) for name, _ in headers), head
    return Answer(
        first[len("Status: ") :], [(str(n), str(v)) for n, v in headers], body
    )


@pytest.fixture
def server(settings: config.Config, tmp_path: Path) -> WebServer:
    return WebServer(tmp_path / "porthole", settings.path, "-ISXcrlf")


@pytest.fixture
def sqlite_server(sqlite_template: Path, tmp_path: Path) -> WebServer:
    """Where the database does not matter."""
    path = tmp_path / "config.ini"
    path.write_text(
        f"[database]\nurl = sqlite:///{sqlite_template}\n"
        f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
    )
    return WebServer(tmp_path / "porthole", str(path), "-ISXcrlf")


def test_it_counts_a_pageview(server: WebServer, alice: Actor) -> None:
    answer = server.view(alice.public_key)
    assert answer.status == 200
    assert answer.data == {"counted": True}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert server.log == ""


def test_it_answers_through_flask(server: WebServer, alice: Actor) -> None:
    server.view(alice.public_key)
    server.view(alice.public_key, "/menu")
    answer = server.visitors(alice.secret_key)
    assert answer.status == 200
    assert answer.data["total_sessions"] == 1
    assert answer.data["total_pageviews"] == 2
    assert server.log == ""


def test_it_answers_the_same_as_in_a_process_that_stays(
    server: WebServer, alice: Actor, installation: Installation
) -> None:
    for method, path, body in (
        ("GET", "/api/analytics/visitors", b""),
        ("GET", "/api/nothing", b""),
        ("PUT", "/api/track/pageview", b"{}"),
        ("POST", "/api/track/pageview", b"not JSON"),
        ("OPTIONS", "/api/track/pageview", b""),
        ("HEAD", "/snippet/porthole.js", b""),
    ):
        here = installation.call(method, path, body or None)
        there = server.call(method, path, body, CONTENT_TYPE="text/plain")
        assert (there.status, there.body) == (here.status, here.body), path
        assert {**there.headers, **VARIES} == {**here.headers, **VARIES}, path


@pytest.mark.parametrize("size", [65_537, 200_000])
def test_it_refuses_a_body_over_64_kb(size: int, sqlite_server: WebServer) -> None:
    body = b'{"url": "' + b"x" * (size - 11) + b'"}'
    path = "/api/track/pageview"
    for answer in (
        sqlite_server.call("POST", path, body),
        sqlite_server.call("POST", path, body, HTTP_TRANSFER_ENCODING="chunked"),
    ):
        assert answer.status == 413
        assert answer.json["success"] is False


def test_it_reads_a_chunked_body_to_its_end(server: WebServer, alice: Actor) -> None:
    answer = server.view(alice.public_key, HTTP_TRANSFER_ENCODING="chunked")
    assert (answer.status, answer.data) == (200, {"counted": True})


@pytest.mark.parametrize("length", ["9", "9999999", "-1", "many"])
def test_it_refuses_a_body_that_is_not_as_long_as_it_says(
    length: str, sqlite_server: WebServer
) -> None:
    answer = sqlite_server.call(
        "POST", "/api/track/pageview", b"{}", CONTENT_LENGTH=length
    )
    assert answer.status == (413 if length == "9999999" else 400)


def test_it_lives_in_a_subfolder(server: WebServer, alice: Actor) -> None:
    script = {"SCRIPT_NAME": "/stats/app.cgi"}
    assert server.view(alice.public_key, **script).status == 200
    assert server.visitors(alice.secret_key, **script).data["total_pageviews"] == 1
    assert server.call("GET", "/snippet/porthole.js", b"", **script).status == 200
    assert server.call("GET", "/stats/snippet/porthole.js", b"", **script).status == 404


@pytest.mark.parametrize("folder", ["", "/stats"])
def test_it_says_where_it_is(folder: str, server: WebServer, alice: Actor) -> None:
    """Below the program's name, where the host rewrites no addresses."""
    path, script = "/api/links/create", f"{folder}/app.cgi"
    body = b'{"destination_url": "https://alice.example/"}'
    for base in (folder, script):
        made = server.call(
            "POST",
            path,
            body,
            HTTP_X_API_KEY=alice.secret_key,
            SCRIPT_NAME=script,
            REQUEST_URI=base + path + "?a=b",
        )
        assert made.data["short_url"].startswith(f"https://stats.example{base}/l/")


def test_it_needs_no_script_name(server: WebServer, alice: Actor) -> None:
    assert server.view(alice.public_key, SCRIPT_NAME="").status == 200


def test_it_runs_in_an_environment_as_well(
    settings: config.Config, tmp_path: Path, alice: Actor
) -> None:
    """Without vendor, with what pip installed."""
    server = WebServer(tmp_path / "porthole", settings.path)
    (tmp_path / "porthole/vendor").unlink()
    assert server.view(alice.public_key).status == 200
    assert server.visitors(alice.secret_key).data["total_pageviews"] == 1


def test_it_takes_text_in_any_encoding(server: WebServer, alice: Actor) -> None:
    found = server.view(
        alice.public_key, "/caf\u00e9", HTTP_REFERER="https://\u00e9.fr"
    )
    assert found.status == 200
    lost = server.call("GET", "/caf\u00e9?q=\u00e9", HTTP_X_API_KEY="\u00e9")
    assert lost.status == 404


def test_it_says_that_the_database_is_away(sqlite_server: WebServer) -> None:
    url = "mysql://nobody:correct-horse-battery@127.0.0.1:1/porthole"
    answer = sqlite_server.view(
        "0" * 32, PORTHOLE_DATABASE_URL=url, PORTHOLE_SPOOL_MAX_MB="0"
    )
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert "the database is away: " in sqlite_server.log
    assert sqlite_server.log.count("\n") == 2
    assert "correct-horse-battery" not in sqlite_server.log
    assert "correct-horse-battery" not in answer.body.decode()


def test_it_drains_the_spool_when_the_answer_is_sent(
    server: WebServer, alice: Actor
) -> None:
    away = {"PORTHOLE_DATABASE_URL": "sqlite:////dev/null/none"}
    assert server.view(alice.public_key, "/spooled", **away).status == 202
    waiting = Path(alice.installation.config.var) / "spool" / "waiting"
    assert len(list(waiting.iterdir())) == 1
    answer = server.view(alice.public_key, "/live")
    assert (answer.status, answer.data) == (200, {"counted": True})
    assert list(waiting.iterdir()) == []
    rows = alice.installation.rows("SELECT COUNT(*) AS n FROM ph_pageviews")
    assert rows == [{"n": 2}]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_waits_for_what_follows_the_answer(
    server: WebServer, alice: Actor
) -> None:
    """Apache waits for the end of all three, and mod_cgid gives one socket for two."""
    var = Path(alice.installation.config.var)
    var.mkdir(exist_ok=True)
    (var / "summaries").touch()
    os.utime(var / "summaries", (0, 0))
    path = alice.installation.config.database_url[len("sqlite:///") :]
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # closed days have to wait for it
    ours, theirs = socket.socketpair()
    with ours, server.start(theirs, HTTP_X_API_KEY=alice.secret_key) as process:
        theirs.close()
        ours.shutdown(socket.SHUT_WR)
        answer = _answer(b"".join(iter(lambda: ours.recv(4096), b"")))
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.poll() is None
        other.close()
        assert process.wait(30) == 0
    assert answer.status == 200


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_it_takes_leave_of_the_database(
    server: WebServer, alice: Actor, mariadb: mariadb_server.MariadbServer
) -> None:
    """A connection just dropped is a warning in the log of the host's server."""

    def aborted() -> int:
        with mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")
            ((_, count),) = cursor.fetchall()
            return int(count)

    before = aborted()
    assert server.view(alice.public_key).status == 200
    assert server.visitors(alice.secret_key).status == 200
    assert aborted() == before


def test_it_survives_a_visitor_who_left(sqlite_server: WebServer) -> None:
    environ = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "/app.cgi",
        "PATH_INFO": "/snippet/porthole.js",
        "SERVER_NAME": "stats.example",
        "SERVER_PORT": "80",
        "PORTHOLE_CONFIG": sqlite_server.config_path,
    }
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, str(ROOT / "passenger_wsgi.py")],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


class Lines:
    """A body that must be closed."""

    def __init__(self, *lines: bytes) -> None:
        self.lines = lines
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.lines)

    def close(self) -> None:
        self.closed = True


def test_it_keeps_to_wsgi() -> None:
    body = Lines(b"two ", b"three")

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Lines:
        start("200 OK", [("X-Name", "first")])
        write = start("404 Not Found", [("X-Name", "caf\u00e9"), ("Set-Cookie", "a=b")])
        write(b"one ")
        return body

    output = io.BytesIO()
    cgi.answer(application, {}, output)
    assert output.getvalue() == (
        b"Status: 404 Not Found\r\nX-Name: caf\xe9\r\nSet-Cookie: a=b\r\n\r\n"
        b"one two three"
    )
    assert body.closed


def test_it_closes_a_body_that_breaks_off() -> None:
    body = Lines(b"one", "two")  # type: ignore[arg-type]

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Lines:
        start("200 OK", [])
        return body

    output = io.BytesIO()
    with pytest.raises(TypeError):
        cgi.answer(application, {}, output)
    assert output.getvalue() == b""
    assert body.closed


def test_it_knows_where_it_is_if_the_folder_has_a_space() -> None:
    environ = {
        "SCRIPT_NAME": "/my st\xc3\xa4ts/app.cgi",
        "REQUEST_URI": "/my%20st%C3%A4ts/app.cgi/setup?x=%25",
    }
    assert cgi._mount(environ) == environ["SCRIPT_NAME"]
