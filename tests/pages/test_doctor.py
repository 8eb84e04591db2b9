"""/doctor: what was checked, what was found, why it matters, and what to do."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import config, front
from app.db import causes, facts
from app.health import host
from tests.browser.servers import Service, StartResponse
from tests.conftest import SECRET, Installation
from tests.mariadb_server import MariadbServer
from tests.pages.browser import Browser, Page, assert_strict
from tests.wsgi import call

UNREACHABLE = {"HTTP_HOST": "127.0.0.1:1"}


def lines(page: Page) -> dict[str, tuple[str, str]]:
    """Return status and everything that is said, by the title of each check."""
    found = {}
    for part in page.html.split('<li class="check ')[1:]:
        status = part.partition('"')[0]
        title = part.split("<h3>")[1].partition("</h3>")[0]
        found[title.replace("&#39;", "'")] = (status, part.partition("</li>")[0])
    return found


@pytest.fixture
def owner(installation: Installation) -> Browser:
    browser = Browser(installation.application, **UNREACHABLE)
    browser.sign_in(SECRET)
    return browser


class WebServer(Service):
    """A web server with faults, in front of Porthole."""

    def __init__(self, settings: config.Config, **settings_too: Any) -> None:
        values = {**settings.__dict__, **settings_too}
        self.settings = config.Config(**values)
        self.porthole = front.Application(self.settings)
        self.files: dict[str, str] = {}
        self.change: Callable[[dict[str, Any]], None] = lambda environ: None
        super().__init__()

    def stop(self) -> None:
        super().stop()
        self.porthole.close()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = self.files.get(environ["PATH_INFO"])
        if path:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [Path(path).read_bytes()]
        self.change(environ)
        return self.porthole(environ, start_response)

    def doctor(self, **headers: str) -> dict[str, tuple[str, str]]:
        """Return what the owner sees, whose browser sends these headers too."""
        host_header = {"HTTP_HOST": self.url.partition("//")[2]}
        browser = Browser(self.porthole, **host_header)
        browser.sign_in(SECRET)
        return lines(assert_strict(browser.get("/doctor", **headers)))


@pytest.fixture
def server(sqlite_url: str, tmp_path: Path) -> Iterator[Callable[..., WebServer]]:
    path = tmp_path / "config.ini"
    path.write_text(
        f"[database]\nurl = {sqlite_url}\n"
        f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
    )
    path.chmod(0o600)
    made = []

    def make(**settings: Any) -> WebServer:
        made.append(WebServer(config.load(str(path), {}), **settings))
        return made[-1]

    yield make
    for web_server in made:
        web_server.stop()


def test_it_says_what_it_found_and_why_it_matters(owner: Browser) -> None:
    page = assert_strict(owner.get("/doctor"))
    found = lines(page)
    for title in ("Python", "Database", "Schema", "Rights of the account"):
        assert found[title][0] == "ok", found[title]
    assert 'class="why"' in found["Schema"][1]
    assert found["GeoIP file"][0] == "warn"
    assert "What to do" in found["GeoIP file"][1]
    assert "Nothing is broken" in page.text
    assert SECRET not in page.html


def test_it_says_what_only_a_browser_with_scripts_can_check(owner: Browser) -> None:
    found = lines(assert_strict(owner.get("/doctor")))
    assert found["A stack trace"][0] == "not-checked"
    assert "Only a browser that runs JavaScript" in found["A stack trace"][1]


def test_it_says_that_it_cannot_reach_itself(owner: Browser) -> None:
    found = lines(assert_strict(owner.get("/doctor")))
    for title in ("Visitors' addresses", "Files that nobody should see"):
        status, said = found[title]
        assert status == "not-checked"
        assert "cannot reach its own address http://127.0.0.1:1" in said


def test_it_knows_the_database(owner: Browser, installation: Installation) -> None:
    status, said = lines(assert_strict(owner.get("/doctor")))["Database server"]
    assert status == "ok"
    kind = "SQLite" if "sqlite" in installation.config.database_url else "MariaDB 1"
    assert kind in said


def test_it_compares_the_clocks(owner: Browser, installation: Installation) -> None:
    # The tests' clock stands in March.
    status, said = lines(assert_strict(owner.get("/doctor")))["Clock"]
    is_embedded = "sqlite" in installation.config.database_url
    assert status == ("ok" if is_embedded else "warn")
    assert "2026-03-04 12:00 UTC" in said
    assert ("in the database" in said) is not is_embedded


def test_it_says_what_the_account_lacks(
    mariadb: MariadbServer, mariadb_url: str, installation: Installation
) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER poor@localhost IDENTIFIED BY 'pw'")
        cursor.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON porthole.* TO poor@localhost"
            " WITH MAX_USER_CONNECTIONS 7 MAX_QUERIES_PER_HOUR 9000"
        )
    account, _, rest = mariadb_url.partition("@")
    url = f"mysql://poor:pw@{rest}"
    browser = Browser(
        installation.with_settings(database_url=url).application, **UNREACHABLE
    )
    browser.sign_in(SECRET)
    page = assert_strict(browser.get("/doctor"))
    found = lines(page)
    assert found["Rights of the account"][0] == "fail"
    assert "It lacks CREATE, ALTER, INDEX, DROP." in found["Rights of the account"][1]
    assert "7 connections at a time" in found["Database server"][1]
    assert "9000 queries per hour" in found["Database server"][1]
    assert "Broken: Rights of the account" in page.text


@pytest.mark.parametrize(
    ("grants", "lacking"),
    [
        (["GRANT ALL PRIVILEGES ON `a_stats`.* TO `a`@`%`"], []),
        (["GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION"], []),
        (["GRANT USAGE ON *.* TO `a`@`%`", "GRANT ALL ON `a\\_%`.* TO `a`@`%`"], []),
        (["GRANT ALL ON `other`.* TO `a`@`%`"], list(facts.NEEDED)),
        (["GRANT ALL ON `a\\_stat`.* TO `a`@`%`"], list(facts.NEEDED)),
        (["GRANT ALL ON `a_stats`.`t` TO `a`@`%`"], list(facts.NEEDED)),
        (["GRANT `role` TO `a`@`%`"], []),
    ],
)
def test_it_reads_grants(grants: list[str], lacking: list[str]) -> None:
    assert facts.lacking(grants, "a_stats") == lacking


def test_it_says_what_is_wrong_with_the_database(installation: Installation) -> None:
    away = installation.with_settings(
        database_url="mysql://nobody:hunter2@127.0.0.1:1/none", timeout_seconds=1
    )
    browser = Browser(away.application, **UNREACHABLE)
    browser.sign_in(SECRET)
    page = assert_strict(browser.get("/doctor"))
    assert browser.answer.status == 200
    assert "Broken: Database, Schema" in page.text
    assert "Nothing listens there" in lines(page)["Database"][1]
    assert lines(page)["Clock"][0] == "not-checked"
    assert "hunter2" not in page.html


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("(1045, \"Access denied for user 'a'@'localhost'\")", "password"),
        ("(2003, \"Can't connect\"); (1045, 'Access denied')", "password"),
        ("(1044, \"Access denied for user to database 'x'\")", "no rights"),
        ("(1049, \"Unknown database 'x'\")", "no database of this name"),
        ("(2003, \"Can't connect to MySQL server on 'h' (timed out)\")", "firewall"),
        ('(2003, "Can\'t connect ... ([Errno 111] Connection refused)")', "listens"),
        ('(2002, "Can\'t connect")', "listens"),
        ("(2003, '... ([Errno -2] Name or service not known)')", "no server of this"),
        ("(2005, 'Unknown MySQL server host')", "no server of this name"),
        ("'cryptography' package is required for ... auth methods", "caching_sha2"),
        ("(1203, 'max_user_connections')", "no connection left"),
        ("(1130, 'Host is not allowed')", "lets nobody in"),
    ],
)
def test_it_has_plain_words_for(said: str, word: str) -> None:
    cause, cure = causes.explain(said)
    assert word in cause
    assert cure


def test_it_finds_files_that_the_web_server_gives_away(
    server: Callable[..., WebServer],
) -> None:
    web = server()
    assert web.doctor()["Files that nobody should see"][0] == "ok"
    web.files["/config.ini"] = web.settings.path
    web.files["/passenger_wsgi.py"] = os.path.join(config.ROOT, "passenger_wsgi.py")
    status, said = web.doctor()["Files that nobody should see"]
    assert status == "fail"
    assert f"{web.url}/config.ini" in said
    assert f"{web.url}/passenger_wsgi.py" in said
    assert "Upload .htaccess" in said


def test_it_ends_none_of_the_locks_on_the_database(
    server: Callable[..., WebServer],
) -> None:
    """A process that closes the file loses its locks, and others delete its log."""
    web = server()
    assert web.doctor()["Files that nobody should see"][0] == "ok"
    path = web.settings.database_url[len("sqlite:///") :]
    assert os.path.exists(path + "-shm")
    read = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])"
    command = [sys.executable, "-c", read, path, "SELECT * FROM ph_settings"]
    subprocess.run(command, check=True)
    assert os.path.exists(path + "-shm")
    assert web.doctor()["Database"][0] == "ok"


def test_it_finds_the_database_that_the_web_server_gives_away(
    server: Callable[..., WebServer],
) -> None:
    web = server()
    path = web.settings.database_url[len("sqlite:///") :]
    name = "/" + os.path.basename(path)
    web.files[name] = path
    status, said = web.doctor()["Files that nobody should see"]
    assert status == "fail"
    assert web.url + name in said


def test_it_takes_another_answer_for_no_leak(server: Callable[..., WebServer]) -> None:
    """A site may answer 200 to everything."""
    web = server()
    page = Path(web.settings.path).with_name("index.html")
    page.write_text("<!doctype html><title>Welcome</title>")
    web.files["/config.ini"] = str(page)
    assert web.doctor()["Files that nobody should see"][0] == "ok"


def test_it_says_that_no_proxy_is_in_between(server: Callable[..., WebServer]) -> None:
    found = server().doctor()
    assert found["Visitors' addresses"][0] == "ok"
    assert "no proxy is in between" in found["Visitors' addresses"][1]
    assert found["Forged addresses"][0] == "ok"


def test_it_names_the_proxy_that_is_to_be_trusted(
    server: Callable[..., WebServer],
) -> None:
    web = server()
    behind = {"X-Forwarded-For": "198.51.100.4"}
    status, said = web.doctor(**behind)["Visitors' addresses"]
    assert status == "warn"
    assert "trusted_proxies = 203.0.113.7" in said
    # This one hands on what it is sent.
    assert "anybody can make up X-Forwarded-For" in said

    def append(environ: dict[str, Any]) -> None:
        told = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ["HTTP_X_FORWARDED_FOR"] = f"{told}, 198.51.100.4".strip(", ")

    web.change = append
    assert "make up" not in web.doctor(**behind)["Visitors' addresses"][1]


def test_it_is_content_with_a_proxy_that_is_trusted(
    server: Callable[..., WebServer], settings: config.Config
) -> None:
    from app.client.address import parse_networks

    web = server(trusted_proxies=parse_networks("203.0.113.7"))
    status, said = web.doctor(**{"X-Forwarded-For": "198.51.100.4"})[
        "Visitors' addresses"
    ]
    assert status == "ok"
    assert "You come from 198.51.100.4" in said


def test_it_sees_that_the_web_server_asks_the_proxy(
    server: Callable[..., WebServer],
) -> None:
    status, said = server().doctor(**{"X-Forwarded-For": "203.0.113.7"})[
        "Visitors' addresses"
    ]
    assert status == "ok"
    assert "trusted_proxies" not in said


@pytest.mark.parametrize("is_trusted", [False, True])
def test_it_advises_nothing_that_would_not_help(
    server: Callable[..., WebServer], is_trusted: bool
) -> None:
    from app.client.address import parse_networks

    trusted = parse_networks("203.0.113.7" if is_trusted else "")
    web = server(trusted_proxies=trusted)
    status, said = web.doctor(**{"X-Real-IP": "198.51.100.4"})["Visitors' addresses"]
    assert status == "warn"
    assert "trusted_proxies =" not in said
    assert "reads X-Forwarded-For only" in said


def test_it_says_that_made_up_addresses_are_believed(
    server: Callable[..., WebServer],
) -> None:
    from app.client.address import parse_networks

    web = server(trusted_proxies=parse_networks("127.0.0.1"))
    assert web.doctor()["Forged addresses"][0] == "warn"


def test_it_sends_itself_a_chunked_body(server: Callable[..., WebServer]) -> None:
    web = server()
    # wsgiref leaves chunks as they are.
    assert web.doctor()["Chunked bodies"][0] == "warn"

    def undo(environ: dict[str, Any]) -> None:
        if environ.pop("HTTP_TRANSFER_ENCODING", ""):
            stream, pieces = environ["wsgi.input"], []
            while size := int(stream.readline(), 16):
                pieces.append(stream.read(size))
                stream.readline()
            stream.readline()
            body = b"".join(pieces)
            import io

            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))

    web.change = undo
    assert web.doctor()["Chunked bodies"][0] == "ok"


def test_its_echo_answers_only_who_has_a_ticket(
    owner: Browser, installation: Installation
) -> None:
    assert_strict(owner.get("/doctor"))
    [address] = [
        str(part["data-echo"])
        for part in owner.page.named("section")
        if "data-echo" in part
    ]
    headers = {"Authorization": "Bearer x", "X-API-Key": "y"}
    answer = call(installation.application, "POST", address, b"abc", headers=headers)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    echo = json.loads(answer.body)
    assert (echo["bytes"], echo["body"], echo["method"]) == (3, "abc", "POST")
    assert (echo["authorization"], echo["api_key"]) == ("Bearer x", "y")
    path = address.partition("?")[0]
    for query in ("", "?ticket=", "?ticket=x", address[len(path) : -1]):
        assert call(installation.application, "GET", path + query).status == 403
    too_long = b"x" * 70000
    assert call(installation.application, "POST", address, too_long).status == 413
    installation.clock.move(minutes=16)
    assert call(installation.application, "GET", address).status == 403


def test_it_says_that_cgi_compiles_each_time(
    owner: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lines(assert_strict(owner.get("/doctor")))
    assert found["Compiled modules"][0] == "ok"
    owner.environ.update({"wsgi.run_once": True, "SERVER_SOFTWARE": "Apache/2.4"})
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "empty"))
    found = lines(assert_strict(owner.get("/doctor")))
    assert found["Compiled modules"][0] == "warn"
    assert "CGI, by Apache/2.4" in found["How it is started"][1]


def test_it_says_that_others_can_read_the_config(owner: Browser) -> None:
    assert lines(assert_strict(owner.get("/doctor")))["File modes"][0] == "warn"


def test_it_closes_no_file_to_the_user_it_runs_as(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The config is another user's: mode 600 would end it all."""
    nobody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: nobody)
    status, said = lines(assert_strict(owner.get("/doctor")))["File modes"]
    assert status == "warn"
    assert "belongs to another user" in said
    assert "600" not in said


def test_it_takes_no_other_site_for_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under Passenger public_html may be a WordPress."""
    (tmp_path / "porthole").mkdir()
    (tmp_path / "public_html").mkdir()
    (tmp_path / "public_html" / ".htaccess").write_text("# WordPress")
    path = tmp_path / "porthole" / "MANIFEST.sha256"
    path.write_text(f"{hashlib.sha256(b'x').hexdigest()}  public_html/.htaccess\n")
    monkeypatch.setattr(host, "ROOT", str(tmp_path / "porthole"))
    monkeypatch.setattr(host, "MANIFEST", str(path))
    script = {"SCRIPT_FILENAME": str(tmp_path / "public_html" / "app.cgi")}
    for environ in ({}, script):
        assert host.manifest(environ)["status"] == "ok"
    found = host.manifest({**script, "wsgi.run_once": True})
    assert found["status"] == "warn"
    assert "public_html/.htaccess" in found["message"]


def test_it_compares_files_with_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "porthole"
    (root / "app").mkdir(parents=True)
    for name, text in (("a.py", "one\ntwo\n"), ("b.py", "b\n"), ("c.py", "c\n")):
        (root / "app" / name).write_bytes(text.encode())
    sums = [
        f"{hashlib.sha256(text).hexdigest()}  porthole/app/{name}"
        for name, text in (
            ("a.py", b"one\ntwo\n"),
            ("b.py", b"b\n"),
            ("c.py", b"c\n"),
            ("d.py", b"d\n"),
        )
    ]
    (root / "MANIFEST.sha256").write_text("\n".join(sums) + "\n")
    monkeypatch.setattr(host, "ROOT", str(root))
    monkeypatch.setattr(host, "MANIFEST", str(root / "MANIFEST.sha256"))
    # An upload as text does no harm; a change may.
    (root / "app" / "a.py").write_bytes(b"one\r\ntwo\r\n")
    (root / "app" / "c.py").write_bytes(b"changed\n")
    assert host.manifest({}) == {
        "status": "warn",
        "message": "Missing or other than in the release: porthole/app/c.py,"
        " porthole/app/d.py.",
    }
    (root / "app" / "c.py").write_bytes(b"c\n")
    (root / "app" / "d.py").write_bytes(b"d\n")
    assert host.manifest({}) == {
        "status": "ok",
        "message": "All 4 files are as released.",
    }
