"""python -m app run, as a process of its own."""

from __future__ import annotations

import configparser
import io
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.commands.run import BEACONS_AT_ONCE, THREADS_KEPT, Gate
from tests.wsgi import BROWSER

ROOT = Path(__file__).parents[2]
TAG = re.compile(
    r'<script defer src="(http://127\.0\.0\.1:\d+/w/page\.js)"'
    r' data-public-key="([0-9a-f]{32})" data-local></script>'
)
SECRET_KEY = re.compile(r"\b[0-9a-f]{64}\b")


def heed_interrupts() -> None:
    """Undo that a program started in the background ignores Ctrl+C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Server:
    """A running Porthole and what it has said so far."""

    def __init__(self, config: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "run", *options],
            cwd=ROOT,
            env={**os.environ, "PORTHOLE_CONFIG": str(config)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=heed_interrupts,
        )
        self.welcome = self.read_until("Ctrl+C")

    @property
    def address(self) -> str:
        found = re.search(r"http://[\d.]+:\d+", self.welcome)
        assert found
        return found[0]

    def view(self, url: str) -> int:
        """Send a pageview with the tag's key; return the status."""
        tag = TAG.search(self.welcome)
        assert tag
        body = json.dumps({"public_key": tag[2], "url": url}).encode()
        headers = {**BROWSER, "Origin": self.address, "Content-Type": "text/plain"}
        with urllib.request.urlopen(
            urllib.request.Request(
                self.address + "/api/track/pageview", body, headers=headers
            )
        ) as answer:
            status: int = answer.status
            return status

    def curl(self, secret_key: str = "") -> dict[str, int]:
        """Return the data that the curl line of the welcome gets."""
        line = re.search(r"curl .*\\\n.*", self.welcome)
        assert line
        text = line[0].replace("SECRET_KEY", secret_key or "SECRET_KEY")
        text = text.replace("\\\n", "")
        program, option, header, url = shlex.split(text)
        name, _, value = header.partition(": ")
        assert (program, option) == ("curl", "-H")
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={name: value})
        ) as answer:
            data: dict[str, int] = json.load(answer)["data"]
            return data

    def read_until(self, word: str) -> str:
        """Return what is said up to the line with the word."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if word in line:
                return said
        self.process.communicate()
        raise AssertionError(said)

    def stop(self) -> str:
        """Press Ctrl+C; return what was said since the welcome."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=60)[0]


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start servers on any free port, one configuration a folder."""
    servers: list[Server] = []

    def start(folder: str = "one", *options: str) -> Server:
        (tmp_path / folder).mkdir(exist_ok=True)
        server = Server(tmp_path / folder / "config.ini", *(options or ("--port", "0")))
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate()


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def secrets_of(path: Path) -> tuple[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    return parser["security"]["admin_key"], parser["security"]["secret"]


def test_it_makes_all_it_needs_for_its_owner_alone(
    start: Start, tmp_path: Path
) -> None:
    start()
    assert mode(tmp_path / "one/config.ini") == "0o600"
    assert mode(tmp_path / "one/var") == "0o700"
    assert (tmp_path / "one/var/porthole.sqlite").is_file()


def test_it_draws_new_secrets_for_each_installation(
    start: Start, tmp_path: Path
) -> None:
    start("one")
    start("two")
    found = {
        *secrets_of(tmp_path / "one/config.ini"),
        *secrets_of(tmp_path / "two/config.ini"),
    }
    assert len(found) == 4
    assert all(len(secret) == 64 for secret in found)


def test_its_welcome_works_as_printed(start: Start) -> None:
    server = start()
    tag = TAG.search(server.welcome)
    assert tag
    with urllib.request.urlopen(tag[1]) as script:
        assert b"use strict" in script.read()
    with urllib.request.urlopen(server.address + "/") as page:
        assert tag[2] in page.read().decode()
    assert server.view(server.address + "/") == 200
    data = server.curl()
    assert (data["total_sessions"], data["total_pageviews"]) == (1, 1)


def test_it_keeps_the_data_and_shows_the_key_only_once(start: Start) -> None:
    first = start()
    secret_key = SECRET_KEY.findall(first.welcome)
    assert len(set(secret_key)) == 1
    first.view(first.address + "/")
    first.stop()
    second = start()
    assert not SECRET_KEY.search(second.welcome)
    assert "rotate-keys" in second.welcome
    assert TAG.search(second.welcome)[2] == TAG.search(first.welcome)[2]  # type: ignore[index]
    second.view(second.address + "/menu")
    assert second.curl(secret_key[0])["total_pageviews"] == 2


def test_its_way_to_a_new_key_works_as_printed(start: Start, tmp_path: Path) -> None:
    start().stop()
    server = start()
    commands = re.findall(r"^  (\S+ -m app project .*)$", server.welcome, re.MULTILINE)
    assert len(commands) == 2
    env = {**os.environ, "PORTHOLE_CONFIG": str(tmp_path / "one/config.ini")}
    said = [
        subprocess.run(
            command.replace("ID", "1").split(),
            cwd=ROOT,
            env=env,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for command in commands
    ]
    assert "   1  Demo" in said[0]
    secret_key = SECRET_KEY.search(said[1])
    assert secret_key
    assert server.curl(secret_key[0])["total_pageviews"] == 0


def test_it_ends_quietly_when_interrupted(start: Start) -> None:
    server = start()
    assert server.stop() == (
        "\nStopped. Everything is kept; start again with the same command.\n"
    )
    assert server.process.returncode in (0, 130)


def test_it_does_not_wait_for_idle_browsers_at_the_end(start: Start) -> None:
    server = start()
    port = int(server.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\n")
        assert "Stopped" in server.stop()


def test_it_lets_a_crowd_in_while_it_is_busy(start: Start) -> None:
    """A browser that is not let in at once tries again only after a second."""
    server = start()
    server.process.send_signal(signal.SIGSTOP)
    crowd = []
    try:
        host, port = server.address.removeprefix("http://").split(":")
        for _ in range(60):
            crowd.append(socket.create_connection((host, int(port)), 10))
    finally:
        server.process.send_signal(signal.SIGCONT)
        for connection in crowd:
            connection.close()


def test_it_answers_beacons_while_others_are_slow_to_arrive(start: Start) -> None:
    server = start()
    port = int(server.address.rpartition(":")[2])
    head = b"POST /api/track/pageview HTTP/1.1\r\nContent-Length: %d\r\n\r\n{"
    slow = []
    for length in (99, 65_536, 70_000, 10**9) * 3:
        slow.append(socket.create_connection(("127.0.0.1", port)))
        slow[-1].sendall(head % length)
    assert server.view(server.address + "/") == 200
    for connection in slow:
        connection.close()


def test_it_keeps_few_of_the_threads_that_a_crowd_needs(start: Start) -> None:
    server = start()
    threads = Path(f"/proc/{server.process.pid}/task")
    if not threads.exists():
        pytest.skip("only Linux tells how many threads there are")
    port = int(server.address.rpartition(":")[2])
    crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
    for path in range(10):
        assert server.view(f"{server.address}/{path}") == 200
    assert len(list(threads.iterdir())) >= 30
    for connection in crowd:
        connection.close()
    deadline = time.monotonic() + 60
    while len(list(threads.iterdir())) > 1 + THREADS_KEPT:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    before = set(threads.iterdir())
    for path in range(10):
        assert server.view(f"{server.address}/{path}") == 200
    assert set(threads.iterdir()) <= before


def test_it_answers_few_beacons_at_once_and_reports_beside_them() -> None:
    inside, most = [0], [0]
    room, end = threading.Lock(), threading.Event()

    def application(environ: dict[str, Any], start_response: object) -> list[bytes]:
        with room:
            inside[0] += 1
            most.append(inside[0])
        if environ["REQUEST_METHOD"] == "POST":
            end.wait(60)
        with room:
            inside[0] -= 1
        return [environ["wsgi.input"].read()]

    gate = Gate(application)

    def ask(method: str) -> list[bytes]:
        body = {"CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"{}")}
        return list(gate({"REQUEST_METHOD": method, **body}, print))

    with ThreadPoolExecutor(20) as crowd:
        answers = [crowd.submit(ask, "POST") for _ in range(20)]
        while inside[0] < BEACONS_AT_ONCE:
            time.sleep(0.01)
        assert ask("GET") == [b"{}"]
        end.set()
        assert [answer.result() for answer in answers] == [[b"{}"]] * 20
    assert max(most) == BEACONS_AT_ONCE + 1


def test_it_prints_requests_without_address_and_query(start: Start) -> None:
    server = start()
    with urllib.request.urlopen(server.address + "/?token=abc"):
        pass
    with pytest.raises(urllib.error.HTTPError) as missing:
        urllib.request.urlopen(server.address + "/nothing?token=abc")
    missing.value.close()
    # A line is printed after its answer was sent.
    said = server.read_until("404")
    assert re.search(r"^\d\d:\d\d:\d\d  200  GET /$", said, re.MULTILINE)
    assert re.search(r"^\d\d:\d\d:\d\d  404  GET /nothing$", said, re.MULTILINE)
    said += server.stop()
    assert "token" not in said
    assert "127.0.0.1" not in said


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GARBAGE", 400),
        (b"GET /a /b HTTP/1.1", 400),
        (b"GET / HTTP/9.9", 505),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", 414),
    ],
)
def test_it_refuses_a_line_that_is_no_request(
    start: Start, line: bytes, status: int
) -> None:
    server = start()
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as odd:
        odd.sendall(line + b"\r\n\r\n")
        # What speaks no HTTP/1 gets a page without a status line.
        assert str(status).encode() in odd.makefile("rb").read()
    said = server.stop()
    assert f"  {status}  ?" in said
    assert "Traceback" not in said


def test_it_says_nothing_of_browsers_that_leave(start: Start) -> None:
    server = start()
    port = int(server.address.rpartition(":")[2])
    leaving = socket.create_connection(("127.0.0.1", port))
    # Closing with a zero linger time resets the connection, as browsers do.
    linger = b"\1\0\0\0" + b"\0\0\0\0"
    leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    leaving.sendall(b"GET / HTTP/1.1\r\n")
    leaving.close()
    with urllib.request.urlopen(server.address + "/"):
        pass
    said = server.stop()
    assert "Traceback" not in said
    assert "127.0.0.1" not in said


def test_it_says_that_the_port_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", str(tmp_path / "config.ini"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["run", "--port", str(port)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"porthole: Port {port} is in use: stop what uses it, or choose another, such"
        f" as make run PORT={port + 1} (without make: --port {port + 1}).\n"
    )


def test_a_port_in_use_does_not_cost_the_secret_key(
    start: Start, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(AssertionError, match="is in use"):
            start("one", "--port", port)
    assert SECRET_KEY.search(start("one", "--port", port).welcome)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--port", "99999"], "Cannot listen on 127.0.0.1:99999: "),
        (["--host", "192.0.2.1", "--port", "0"], "Cannot listen on 192.0.2.1:0: "),
    ],
)
def test_it_says_why_it_cannot_listen(
    options: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", str(tmp_path / "config.ini"))
    assert main(["run", *options]) == 1
    said = capsys.readouterr().err
    assert said.startswith("porthole: " + reason)
    assert said.count("\n") == 1


def test_it_serves_other_machines_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", str(tmp_path / "config.ini"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    said = []
    for _ in range(2):
        serve_until_visited(port)
        said.append(capsys.readouterr().out)
    assert all(f"http://127.0.0.1:{port}/\n" in welcome for welcome in said)
    assert [bool(SECRET_KEY.search(welcome)) for welcome in said] == [True, False]


def serve_until_visited(port: int) -> None:
    """Serve in this thread until another has got the home page."""
    pages: list[bytes] = []
    ended = threading.Event()

    def visit() -> None:
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
                    pages.append(page.read())
                break
            except urllib.error.URLError:
                if ended.wait(0.05):
                    return
        os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    visitor = threading.Thread(target=visit)
    visitor.start()
    status = main(["run", "--host", "0.0.0.0", "--port", str(port)])
    ended.set()
    visitor.join()
    assert status == 0
    assert pages


def test_it_keeps_relative_files_beside_config_ini(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", "sqlite:///data/mine.sqlite")
    start("one")
    assert (tmp_path / "one/data/mine.sqlite").is_file()
    assert not (ROOT / "data").exists()
