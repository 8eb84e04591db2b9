"""/setup: from an uploaded folder to the first visit, without a shell."""

from __future__ import annotations

import re
import socket
import ssl
import stat
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import config
from app.db import migrate
from tests.browser.servers import Service, StartResponse
from tests.conftest import SECRET, Installation
from tests.mariadb_server import MariadbServer
from tests.pages.browser import Browser, assert_strict
from tests.pages.uploaded import (
    PASSWORD,
    PROJECT,
    UNREACHABLE,
    Host,
    assert_nothing_is_written,
    keys_in,
    refused,
)
from tests.test_cgi import WebServer as CgiServer
from tests.wsgi import BROWSER, Answer, call


@pytest.fixture
def account(mariadb: MariadbServer) -> dict[str, str]:
    """An empty database and its user, as a control panel makes them."""
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS `alice_new-stats`")
        cursor.execute("CREATE DATABASE `alice_new-stats` CHARACTER SET latin1")
        cursor.execute("CREATE OR REPLACE USER alice_new IDENTIFIED BY %s", (PASSWORD,))
        cursor.execute(
            "CREATE OR REPLACE USER alice_new@localhost IDENTIFIED BY %s", (PASSWORD,)
        )
        for user in ("alice_new", "alice_new@localhost"):
            cursor.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER"
                rf" ON `alice\_new-stats`.* TO {user}"
            )
    return {
        "name": "alice_new-stats",
        "user": "alice_new",
        "password": PASSWORD,
        "socket": mariadb.socket,
        "is_refused": "yes",
    }


@pytest.fixture(params=["sqlite", "mariadb"])
def filled_in(request: pytest.FixtureRequest) -> dict[str, str]:
    """The form for the database."""
    if request.param == "sqlite":
        return {"kind": "sqlite", "is_refused": "yes"}
    form: dict[str, str] = request.getfixturevalue("account")
    return form


def test_it_goes_from_the_upload_to_the_first_visit(
    host: Host, filled_in: dict[str, str]
) -> None:
    browser = host.browser()
    assert "The database" in host.prove(browser).text
    assert browser.send("/setup", **filled_in).status == 303
    assert stat.S_IMODE(host.config.stat().st_mode) == 0o600
    assert "Your first project" in assert_strict(browser.get("/setup")).text
    answer = browser.send("/setup", **PROJECT, timezone="Europe/Berlin")
    assert answer.status == 200
    public, secret, admin = keys_in(assert_strict(answer))
    # Not a second time, and not to somebody else.
    page = assert_strict(browser.get("/setup"))
    assert "Waiting for the first visit" in page.text
    assert public in page.text
    assert secret not in page.html
    assert admin not in page.html
    assert 'http-equiv="refresh"' in page.html

    body = {"public_key": public, "url": "https://www.alice.example/"}
    view = call(host.application, "POST", "/api/track/pageview", body, BROWSER)
    assert view.data == {"counted": True}
    assert "The first visit is here" in assert_strict(browser.get("/setup")).text
    key = {"X-API-Key": secret}
    path = "/api/analytics/visitors?range=1d"
    counted = call(host.application, "GET", path, None, key)
    assert counted.data["total_pageviews"] == 1

    assert_strict(browser.get("/setup"))
    assert browser.answer.status == 410
    assert browser.sign_in(admin).status == 303
    assert_strict(browser.get("/numbers"))
    assert "My site" in browser.page.text
    assert sorted(path.name for path in host.folder.iterdir()) == ["config.ini", "var"]


def test_it_is_closed_for_good(host: Host, owner: Browser) -> None:
    owner.send("/setup", kind="sqlite", is_refused="yes")
    owner.get("/setup")
    owner.send("/setup", **PROJECT)
    owner.get("/setup")
    assert (
        "The set-up is closed" in assert_strict(owner.send("/setup", step="end")).text
    )
    for application in (host.application, host.start()):
        owner.application = application
        for answer in (owner.get("/setup"), owner.post("/setup", {"step": "keys"})):
            assert answer.status == 410
            assert_strict(answer)


def test_an_installation_that_was_set_up_by_hand_is_closed(
    installation: Installation,
) -> None:
    browser = Browser(installation.application)
    assert browser.get("/setup").status == 410
    assert browser.post("/setup", {"step": "proof"}).status == 410


@pytest.mark.parametrize(
    "path", ["/", "/numbers", "/api/health", "/api/track/pageview"]
)
def test_it_says_elsewhere_where_it_is(host: Host, path: str) -> None:
    for folder in ("", "/stats"):
        answer = call(host.application, "GET", path, SCRIPT_NAME=folder)
        assert answer.status == 500
        assert answer.body.decode() == (
            "Porthole cannot start. Its config.ini is missing: open"
            f" {folder}/setup in a browser.\n"
        )
    assert not host.config.exists()


def test_its_style_sheet_is_served_before_there_is_a_config(host: Host) -> None:
    browser = host.browser()
    browser.get("/setup")
    for link in browser.page.named("link"):
        assert browser.get(str(link["href"])).status == 200


def test_it_wants_the_file_that_this_browser_was_told(host: Host) -> None:
    browser, stranger = host.browser(), host.browser()
    page = assert_strict(browser.get("/setup"))
    answer = browser.send("/setup")
    refused(answer, 403, "The file is not there yet")
    proof = host.put_proof(browser)
    assert proof.name in page.text, "the same name each time"
    stranger.get("/setup")
    assert proof.name not in stranger.page.text
    refused(stranger.send("/setup"), 403, "The file is not there yet")
    (host.folder / "setup-.txt").touch()
    (host.folder / proof.name.replace(".txt", "")).mkdir()
    assert stranger.send("/setup").status == 403
    assert browser.send("/setup").status == 303
    assert not proof.exists()
    assert not host.config.exists()


def test_who_knew_the_name_before_can_do_nothing_with_it(host: Host) -> None:
    """A number that somebody has planted in the owner's browser is void."""
    browser = host.browser()
    host.put_proof(browser)
    planted = dict(browser.cookies)
    browser.send("/setup")
    assert browser.cookies != planted
    thief = host.browser()
    thief.cookies = planted
    assert "Set up Porthole" in assert_strict(thief.get("/setup")).text
    refused(thief.send("/setup", step="database", kind="sqlite"), 403, "Set up")


def test_two_people_cannot_go_on_at_once(host: Host, owner: Browser) -> None:
    other = host.browser()
    assert "begun in another browser" in assert_strict(other.get("/setup")).text
    assert "The database" in host.prove(other).text
    # The first one has to prove it again.
    assert "Set up Porthole" in assert_strict(owner.get("/setup")).text
    answer = owner.send("/setup", step="database", kind="sqlite", is_refused="yes")
    refused(answer, 403, "begun in another browser")
    assert other.send("/setup", kind="sqlite", is_refused="yes").status == 303


def test_it_goes_on_after_a_crash(
    host: Host, owner: Browser, filled_in: dict[str, str]
) -> None:
    assert owner.send("/setup", **filled_in).status == 303
    # Another process, and another browser: the first has lost its cookies.
    host.application = host.start()
    browser = host.browser()
    assert "begun in another browser" in assert_strict(browser.get("/setup")).text
    assert "Your first project" in host.prove(browser).text
    browser.send("/setup", **PROJECT)
    lost = keys_in(browser.page)
    # The answer with the keys never arrived.
    browser.get("/setup")
    shown = keys_in(assert_strict(browser.send("/setup", step="keys")))
    assert lost[0] == shown[0], "the tag stays as it is"
    assert lost[1] != shown[1]
    assert lost[2] not in browser.page.html
    key = {"X-API-Key": shown[1]}
    answer = call(host.application, "GET", "/api/analytics/visitors", None, key)
    assert answer.status == 200


def test_a_second_click_makes_nothing_twice(host: Host, owner: Browser) -> None:
    form = {**owner.page.hidden(), "kind": "sqlite", "is_refused": "yes"}
    assert owner.post("/setup", form).status == 303
    before = host.config.read_text()
    assert owner.post("/setup", form).status == 303
    assert host.config.read_text() == before
    owner.get("/setup")
    form = {**owner.page.hidden(), **PROJECT}
    answers: list[Answer] = []
    start = threading.Barrier(3)

    def click() -> None:
        browser = Browser(host.start(), **UNREACHABLE)
        browser.cookies = dict(owner.cookies)
        start.wait()
        answers.append(browser.post("/setup", form))

    clicks = [threading.Thread(target=click) for _ in range(3)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200, 303, 303]
    assert len(host.projects()) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "wrong"}, "refuses the user name or the password"),
        ({"user": "nobody"}, "refuses the user name or the password"),
        ({"name": "mysql"}, "has no rights on this database"),
        ({"name": "alice_new-stat"}, "has no rights on this database"),
        ({"socket": "", "host": "127.0.0.1", "port": "1"}, "Nothing listens there"),
        ({"socket": "", "host": "no.such.host.invalid"}, "no server of this name"),
        ({"tables": "imported"}, "The tables are not there yet"),
    ],
)
def test_it_says_why_the_database_cannot_be_used(
    host: Host,
    owner: Browser,
    account: dict[str, str],
    change: dict[str, str],
    words: str,
) -> None:
    answer = owner.send("/setup", **{**account, **change})
    refused(answer, 409, words)
    assert_nothing_is_written(host)


def test_it_says_that_there_is_no_such_database(
    host: Host, owner: Browser, mariadb: MariadbServer
) -> None:
    form = {"name": "nothing", "user": "root", "socket": mariadb.socket}
    answer = owner.send("/setup", **form, password="", is_refused="yes")
    refused(answer, 409, "There is no database of this name")


def test_it_says_that_the_account_may_make_no_tables(
    host: Host, owner: Browser, account: dict[str, str], mariadb: MariadbServer
) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        for user in ("alice_new", "alice_new@localhost"):
            cursor.execute(rf"REVOKE CREATE ON `alice\_new-stats`.* FROM {user}")
    answer = owner.send("/setup", **account)
    refused(answer, 409, "has no rights on this database")
    assert_nothing_is_written(host)


def test_it_connects_over_tcp(
    host: Host, owner: Browser, account: dict[str, str], mariadb: MariadbServer
) -> None:
    form = {**account, "socket": "", "host": "127.0.0.1", "port": str(mariadb.port)}
    assert owner.send("/setup", **form).status == 303
    assert "Your first project" in assert_strict(owner.get("/setup")).text


def test_it_takes_tables_that_were_imported(
    host: Host, owner: Browser, account: dict[str, str], mariadb: MariadbServer
) -> None:
    with mariadb.connect(account["name"]) as connection, connection.cursor() as cursor:
        path = Path(config.ROOT) / "sql" / "001_initial.sql"
        for statement in migrate._statements(str(path)):
            cursor.execute(statement.replace("%", "%%"))
    assert owner.send("/setup", **account, tables="imported").status == 303


def test_it_keeps_out_of_a_database_in_use(
    host: Host, owner: Browser, installation: Installation, alice: Any, tmp_path: Path
) -> None:
    url = installation.config.database_url
    if url.startswith("sqlite"):
        (host.folder / "var").mkdir()
        path = host.folder / "var" / "porthole.sqlite"
        path.symlink_to(url[len("sqlite:///") :])
        form = {"kind": "sqlite"}
    else:
        found = re.search("unix_socket=(.*)", url)
        assert found
        place = found[1].replace("%2F", "/")
        form = {"name": "porthole", "user": "root", "password": "", "socket": place}
    answer = owner.send("/setup", **form, is_refused="yes")
    refused(answer, 409, "A Porthole with 1 project is in this database already")
    assert_nothing_is_written(host)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"user": " "}, "user"),
        ({"port": "x"}, "port"),
        ({"port": "99999"}, "port"),
        ({"host": "a b"}, "host"),
        ({"host": "evil.example/x?y#z@"}, "host"),
        ({"host": "[::1"}, "host"),
        ({"host": "x@db.example"}, "host"),
        ({"host": "db.example/other"}, "host"),
        ({"socket": "/nowhere/mysqld.sock"}, "socket"),
        ({"socket": "\x00/x"}, "socket"),
        ({"kind": "oracle"}, "kind"),
        ({"tables": "none"}, "tables"),
        ({"password": "x" * 501}, "password"),
    ],
)
def test_it_says_which_field_cannot_be_taken(
    host: Host, owner: Browser, change: dict[str, str], field: str
) -> None:
    form = {"name": "n", "user": "u", "password": "p", "is_refused": "yes", **change}
    answer = owner.send("/setup", **form)
    refused(answer, 400)
    said = owner.page.html.split('role="alert">')[1].partition("</p>")[0].lower()
    assert field in said
    assert_nothing_is_written(host)


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "x" * 101}, {"domains": ""}, {"domains": "a b c"}]
    + [{"timezone": "Moon/Crater"}, {"domains": "<b>"}, {"name": "\x00"}],
)
def test_it_says_what_is_wrong_with_a_project(
    host: Host, owner: Browser, change: dict[str, str]
) -> None:
    owner.send("/setup", kind="sqlite", is_refused="yes")
    owner.get("/setup")
    answer = owner.send("/setup", **{**PROJECT, "timezone": "UTC", **change})
    refused(answer, 400)
    assert host.projects() == []


def test_it_shows_again_what_was_given_and_escapes_it(owner: Browser) -> None:
    bad = '"><script>alert(1)</script>'
    answer = owner.send(
        "/setup", name=bad, user=bad, password=PASSWORD, host=bad, is_refused="yes"
    )
    refused(answer, 400)
    page = owner.page
    assert page.named("script") == []
    given = {str(a.get("name")): a.get("value") for a in page.named("input")}
    assert given["name"] == given["user"] == given["host"] == bad
    assert given["password"] == ""


def test_it_takes_no_form_of_another_site(host: Host, owner: Browser) -> None:
    owner.get("/setup")
    other = host.browser()
    other.get("/setup")
    theirs = other.page.hidden()["form_token"]
    form = {"step": "database", "kind": "sqlite", "is_refused": "yes"}
    for token in ("", "form", "form.x", theirs, "é"):
        assert owner.post("/setup", {**form, "form_token": token}).status == 403
    ours = owner.page if "form_token" in owner.page.hidden() else None
    assert ours is None, "a refusal shows no form"
    owner.get("/setup")
    token = owner.page.hidden()["form_token"]
    owner.cookies.clear()
    assert owner.post("/setup", {**form, "form_token": token}).status == 403
    assert_nothing_is_written(host)


@pytest.mark.parametrize("step", ["", "x", "keys'", "projects"])
def test_it_refuses_a_step_that_is_none(owner: Browser, step: str) -> None:
    owner.get("/setup")
    answer = owner.send("/setup", step=step)
    assert answer.status == 400
    assert "step" in assert_strict(answer).text


@pytest.mark.parametrize("cookie", ["x", "0" * 31, "G" * 32, "../../etc", "é", ""])
def test_it_takes_no_number_that_is_none(host: Host, cookie: str) -> None:
    browser = host.browser()
    browser.cookies = {"porthole_setup": cookie.encode().decode("latin-1")}
    assert_strict(browser.get("/setup"))
    assert browser.answer.status == 200
    assert browser.cookies["porthole_setup"] != cookie


def test_its_cookie_is_for_nobody_else(host: Host) -> None:
    browser = host.browser(**{"SCRIPT_NAME": "/sub", "wsgi.url_scheme": "https"})
    cookie = browser.get("/setup").headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/sub;", "Secure"):
        assert word in cookie


def test_it_wants_to_know_that_the_config_is_refused(
    host: Host, owner: Browser
) -> None:
    page = assert_strict(owner.get("/setup"))
    assert "cannot reach its own address" in page.text
    assert "http://127.0.0.1:1/config.ini" in page.html
    answer = owner.send("/setup", kind="sqlite")
    refused(answer, 409, "cannot reach its own address")
    assert_nothing_is_written(host)


class WebServer(Service):
    """A web server in front of Porthole that may give config.ini away."""

    def __init__(self, host: Host) -> None:
        self.host_folder = host
        self.gives_away = True
        super().__init__()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = self.host_folder.config
        if environ["PATH_INFO"] == "/config.ini" and self.gives_away and path.exists():
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [path.read_bytes().replace(b"\n", b"\r\n")]
        return self.host_folder.application(environ, start_response)


@pytest.fixture
def web(host: Host) -> Iterator[WebServer]:
    server = WebServer(host)
    yield server
    server.stop()


def test_it_writes_no_secret_into_a_file_that_anybody_can_read(
    host: Host, web: WebServer
) -> None:
    browser = host.browser(HTTP_HOST=web.url.partition("//")[2])
    page = host.prove(browser)
    assert "gives config.ini away" in page.text
    assert f"{web.url}/config.ini" in page.html
    assert page.named("input") == [], "there is nothing to fill in"
    number = browser.cookies["porthole_setup"]
    # Whoever sends the form all the same gets no further.
    form = {"step": "database", "kind": "sqlite", "is_refused": "yes"}
    from itsdangerous import Signer

    token = Signer(number, salt="porthole.setup").sign("form").decode()
    answer = browser.post("/setup", {**form, "form_token": token})
    assert answer.status == 409
    assert_nothing_is_written(host)
    web.gives_away = False
    page = assert_strict(browser.get("/setup"))
    assert "keeps config.ini to itself" in page.text
    assert browser.send("/setup", kind="sqlite").status == 303
    assert config.load(str(host.config), {}).admin_key


def test_it_says_that_it_may_not_write(tmp_path: Path) -> None:
    host = Host(tmp_path / "porthole")
    host.folder.rmdir()
    page = assert_strict(host.browser().get("/setup"))
    assert "may not write into that folder" in page.text


def test_it_says_what_is_refused_while_it_waits(host: Host, owner: Browser) -> None:
    owner.send("/setup", kind="sqlite", is_refused="yes")
    owner.get("/setup")
    owner.send("/setup", **PROJECT)
    public, _, _ = keys_in(owner.page)
    body = {"public_key": public, "url": "https://charlie.example/"}
    for headers in ({"Origin": "https://charlie.example"}, {"DNT": "1"}):
        call(
            host.application,
            "POST",
            "/api/track/pageview",
            body,
            headers={**BROWSER, **headers},
        )
    said = assert_strict(owner.get("/setup")).text
    assert "on none of these domains" in said
    assert "asks not to be tracked" in said
    assert "Waiting" in said


def test_the_command_goes_on_where_nobody_did(
    host: Host, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A set-up in the browser that was given up does not stand in the way."""
    from app.__main__ import main

    assert host.config.exists()
    monkeypatch.setenv("PORTHOLE_CONFIG", str(host.config))
    assert main(["setup"]) == 0
    assert config.load(str(host.config), {}).admin_key


def test_a_config_that_is_bad_is_no_case_for_it(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.config.write_text("[security]\nadmin_key = short\n")
    answer = host.browser().get("/setup")
    assert answer.status == 500
    assert b"cannot be used" in answer.body
    assert "admin_key" in capsys.readouterr().err
    host.config.write_text(f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n")
    assert host.browser().get("/setup").status == 410


class ShaServer:
    """Begins to speak as MySQL 8 does with an account that wants caching_sha2."""

    def __init__(self, has_tls: bool) -> None:
        self.has_tls = has_tls
        self.passwords: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def close(self) -> None:
        # Closing alone would not wake who waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _answer(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            try:
                self._talk(peer)
            except OSError:
                peer.close()

    def _talk(self, peer: socket.socket) -> None:
        _send(peer, 0, _greeting(self.has_tls))
        said = peer.recv(4096)
        number = 2
        if len(said) == 36:  # no more than the wish for TLS
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(Path(__file__).with_name("test-only.pem"))
            peer = context.wrap_socket(peer, server_side=True)
            peer.recv(4096)
            number = 3
        with peer:
            _send(peer, number, b"\1\4")  # sign in by the password itself
            said = peer.recv(4096)
            if said[4:] == b"\2":  # it asks for a key to encrypt it with
                _send(peer, number + 2, b"\1-----KEY-----")
                return
            self.passwords.append(said[4:].rstrip(b"\0"))
            _send(peer, number + 2, b"\xff\x19\x04#42000Unknown database")


def _greeting(has_tls: bool) -> bytes:
    capabilities = 0x0200 | 0x8000 | 0x0008 | 1 << 19 | 1 << 20
    low, high = (capabilities | 0x0800 * has_tls) & 0xFFFF, capabilities >> 16
    return (
        b"\x0a8.0.36\0\1\0\0\x0012345678\0"
        + low.to_bytes(2, "little")
        + b"\x21\2\0"
        + high.to_bytes(2, "little")
        + b"\x15"
        + bytes(10)
        + b"123456789012\0caching_sha2_password\0"
    )


def _send(peer: socket.socket, number: int, packet: bytes) -> None:
    peer.sendall(len(packet).to_bytes(3, "little") + bytes([number]) + packet)


@pytest.fixture(params=[False, True], ids=["in the clear", "TLS"])
def sha_server(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ShaServer]:
    # As on a host without the compiled package.
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.backends", None)
    server = ShaServer(request.param)
    yield server
    server.close()


def test_it_signs_in_by_caching_sha2_where_that_is_safe(
    owner: Browser, sha_server: ShaServer
) -> None:
    form = {"host": "127.0.0.1", "port": str(sha_server.port), "is_refused": "yes"}
    answer = owner.send("/setup", name="n", user="u", password="p w", **form)
    if sha_server.has_tls:
        # The password was taken; only the database is not there.
        refused(answer, 409, "There is no database of this name")
        assert sha_server.passwords == [b"p w"]
    else:
        refused(answer, 409, "signs in by caching_sha2_password", "cryptography")
        assert sha_server.passwords == []


class CgiBrowser(Browser):
    """A browser in front of a web server that starts a process for each request."""

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        server: CgiServer = self.application
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.answer = server.call(
            method, path, body or b"", HTTP_HOST="127.0.0.1:1", HTTP_COOKIE=cookie
        )
        self.take_cookies()
        return self.answer


def test_it_works_as_a_cgi_program(tmp_path: Path) -> None:
    folder = tmp_path / "porthole"
    server = CgiServer(folder, str(folder / "config.ini"), "-ISXcrlf")
    (folder / "config.example.ini").symlink_to(Path(config.ROOT) / "config.example.ini")
    # Else Python would compile everything anew, into the folder's own var.
    (folder / "var").mkdir()
    (folder / "var" / "pyc").touch()
    browser = CgiBrowser(server)
    browser.get("/setup")
    found = re.search(r"<code>(setup-\w+\.txt)</code>", browser.page.html)
    assert found
    (folder / found[1]).touch()
    assert browser.send("/setup").status == 303
    assert_strict(browser.get("/setup"))
    assert browser.send("/setup", kind="sqlite", is_refused="yes").status == 303
    assert_strict(browser.get("/setup"))
    page = assert_strict(browser.send("/setup", **PROJECT))
    assert "Keep these keys" in page.text
    assert "https://127.0.0.1:1/w/page.js" in page.text
    browser.get("/setup")
    assert "is closed" in assert_strict(browser.send("/setup", step="end")).text
    assert browser.get("/setup").status == 410
