"""/setup: how it ends, how it goes back, and what stands in its way."""

from __future__ import annotations

import os
import resource
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest

from app import config, unconfigured
from app.__main__ import main
from tests.mariadb_server import MariadbServer
from tests.pages.browser import Browser, assert_strict
from tests.pages.uploaded import (
    PASSWORD,
    PROJECT,
    Host,
    assert_nothing_is_written,
    keys_in,
    refused,
)
from tests.wsgi import BROWSER, call

SQLITE = {"kind": "sqlite", "is_refused": "yes"}
DAY_SECONDS = 24 * 3600


@pytest.fixture
def form(mariadb: MariadbServer) -> dict[str, str]:
    """The form for a database whose user may only read and write rows."""
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE DATABASE setup_end")
        cursor.execute("CREATE OR REPLACE USER ender@localhost IDENTIFIED BY 'pw'")
        cursor.execute("GRANT ALL ON setup_end.* TO ender@localhost")
    place = {"name": "setup_end", "user": "ender", "password": "pw"}
    return {**place, "socket": mariadb.socket, "is_refused": "yes"}


def allow(mariadb: MariadbServer, rights: str) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM ender@localhost")
        cursor.execute(f"GRANT {rights} ON setup_end.* TO ender@localhost")


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ("SELECT", "has no rights on this database"),
        ("SELECT, INSERT, UPDATE, DELETE", "The user may not CREATE, ALTER"),
    ],
)
def test_it_wants_all_rights_on_the_database(
    host: Host, form: dict[str, str], mariadb: MariadbServer, rights: str, words: str
) -> None:
    first = Host(host.folder / "first")
    browser = first.browser()
    first.prove(browser)
    assert browser.send("/setup", **form).status == 303
    allow(mariadb, rights)
    owner = host.browser()
    host.prove(owner)
    refused(owner.send("/setup", **form), 409, words)
    # Nor is it a dead end where config.ini is there already.
    if rights == "SELECT":
        allow(mariadb, "USAGE")
        answer = browser.get("/setup")
        refused(answer, 409, "The user has no rights on this database")
        before = config.load(str(first.config), {})
        assert browser.send("/setup", **SQLITE).status == 303
        assert "Your first project" in assert_strict(browser.get("/setup")).text
        after = config.load(str(first.config), {})
        assert after.database_url.startswith("sqlite:")
        assert after.secret == before.secret
    for application in first.made:
        application.close()


@pytest.mark.parametrize("origin", ["https://stats.example", "https://evil.example"])
def test_it_takes_https_from_the_browser(host: Host, origin: str) -> None:
    """A proxy that speaks https may not say so."""
    browser = host.browser(HTTP_HOST="stats.example", HTTP_ORIGIN=origin)
    host.prove(browser)
    browser.send("/setup", **SQLITE)
    browser.get("/setup")
    page = assert_strict(browser.send("/setup", **PROJECT))
    is_ours = origin == "https://stats.example"
    scheme = "https" if is_ours else "http"
    assert f'src="{scheme}://stats.example/w/page.js"' in page.text
    assert config.load(str(host.config), {}).public_url == origin * is_ours


def test_it_is_closed_a_day_later(host: Host, owner: Browser) -> None:
    state = host.folder / "config.ini.setup"
    owner.send("/setup", **SQLITE)
    yesterday = time.time() - DAY_SECONDS - 60
    os.utime(state, (yesterday, yesterday))
    assert owner.get("/setup").status == 410
    assert owner.post("/setup", {"step": "project", **PROJECT}).status == 410


def test_a_proof_holds_for_a_day(host: Host, owner: Browser) -> None:
    yesterday = time.time() - DAY_SECONDS - 60
    os.utime(host.folder / "config.ini.setup", (yesterday, yesterday))
    page = assert_strict(owner.get("/setup"))
    assert "Set up Porthole" in page.text
    assert "begun in another browser" not in page.text
    assert "The database" in host.prove(owner).text


def test_anybody_closes_it_once_a_visit_is_there(host: Host, owner: Browser) -> None:
    owner.send("/setup", **SQLITE)
    owner.get("/setup")
    public, _, _ = keys_in(assert_strict(owner.send("/setup", **PROJECT)))
    stranger = host.browser()
    assert stranger.get("/setup").status == 200
    body = {"public_key": public, "url": "https://www.alice.example/"}
    call(host.application, "POST", "/api/track/pageview", body, BROWSER)
    assert "is closed" in assert_strict(stranger.get("/setup")).text
    assert stranger.answer.status == owner.get("/setup").status == 410


def test_a_set_up_by_hand_closes_it(
    host: Host, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (host.folder / "config.ini.new").write_text("of a crash")
    monkeypatch.setenv("PORTHOLE_CONFIG", str(host.config))
    assert main(["setup"]) == 0
    assert owner.get("/setup").status == 410
    assert sorted(path.name for path in host.folder.iterdir()) == ["config.ini", "var"]


def test_an_empty_config_is_none(host: Host, owner: Browser) -> None:
    """A full disk has left it."""
    host.config.write_bytes(b"")
    assert "The database" in assert_strict(owner.get("/setup")).text
    assert host.config.stat().st_size
    host.config.write_bytes(b"")
    assert owner.send("/setup", **SQLITE).status == 303
    assert config.load(str(host.config), {}).admin_key


def test_it_says_which_box_is_to_be_ticked(host: Host, owner: Browser) -> None:
    answer = owner.send("/setup", name="n", user="u", password=PASSWORD)
    refused(answer, 409, "tick the box")
    inputs = {str(a.get("name")): a for a in owner.page.named("input")}
    assert inputs["is_refused"]["aria-invalid"] == "true"
    assert inputs["user"]["value"] == "u"
    assert_nothing_is_written(host)


def test_it_says_that_the_environment_names_the_database(
    host: Host, owner: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/other.sqlite"
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", url)
    page = assert_strict(owner.get("/setup"))
    assert "PORTHOLE_DATABASE_URL" in page.text
    form = {"name": "n", "user": "u", "host": "no.such.host.invalid"}
    assert owner.send("/setup", **form, is_refused="yes").status == 303
    assert config.load(str(host.config), {}).database_url == url


def test_it_names_the_file_that_is_missing(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unconfigured, "EXAMPLE", str(host.folder / "none.ini"))
    answer = host.browser().get("/setup")
    assert answer.status == 500
    assert b"config.example.ini is missing" in answer.body


def test_it_makes_var_for_its_owner_only(host: Host, owner: Browser) -> None:
    owner.send("/setup", **SQLITE)
    assert stat.S_IMODE((host.folder / "var").stat().st_mode) == 0o700


@pytest.mark.parametrize("field", ["name", "domains", "timezone"])
def test_it_marks_the_field_of_a_project(owner: Browser, field: str) -> None:
    owner.send("/setup", **SQLITE)
    owner.get("/setup")
    owner.send("/setup", **{**PROJECT, "timezone": "UTC", field: "<x> y/z" * 20})
    marked = [a["name"] for a in owner.page.named("input") if a.get("aria-invalid")]
    assert marked == [field]


def test_a_relative_path_of_config_is_made_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTHOLE_CONFIG", "mine/config.ini")
    assert config.default_path() == str(tmp_path / "mine" / "config.ini")


def test_it_hands_over_a_config_that_it_cannot_write(
    host: Host,
) -> None:
    """As where the web server runs as another user than FTP."""
    browser = host.browser()
    host.put_proof(browser)
    # Whatever stands there cannot be replaced by a file, not even by root.
    (host.folder / "config.ini.setup").mkdir()
    answer = browser.send("/setup")
    assert answer.status == 409
    page = assert_strict(answer)
    assert "Upload config.ini yourself" in page.text
    assert "(Is a directory)" in page.text
    assert not list(host.folder.glob("config.ini.setup.*"))
    shown = page.html.rpartition("<pre><code>")[2].partition("</code>")[0]
    (host.folder / "mine.ini").write_text(unescape(shown))
    assert config.load(str(host.folder / "mine.ini"), {}).admin_key


@contextmanager
def full_disk() -> Iterator[None]:
    """Files can be made, and nothing can be written into them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_asks_for_nothing_that_it_could_not_write(
    host: Host, owner: Browser
) -> None:
    host.config.unlink()
    form = {**owner.page.hidden(), **SQLITE}
    with full_disk():
        answers = [owner.get("/setup"), owner.post("/setup", form)]
    for answer in answers:
        page = assert_strict(answer)
        assert "cannot write config.ini into its own folder" in page.text
        assert "the disk has room" in page.text
        assert "File too large" in page.text
        assert page.named("input") == [], "there is nothing to fill in"
    assert "The database" in assert_strict(owner.get("/setup")).text
    assert owner.send("/setup", **SQLITE).status == 303
