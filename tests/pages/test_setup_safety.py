"""/setup and /doctor: what the web server gives away, under whichever address."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import config
from tests.browser.servers import Service, StartResponse
from tests.pages.browser import Browser, assert_strict
from tests.pages.uploaded import Host, assert_nothing_is_written, refused

ROOT = Path(config.ROOT)


class WebServer(Service):
    """A web server that shows folders under addresses, and has answers of its own."""

    def __init__(self, host: Host, **environ: Any) -> None:
        self.installed = host
        self.environ = environ
        self.shown: dict[str, Path] = {}
        self.status = ""
        self.body = b"Later"
        super().__init__()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        for address, folder in self.shown.items():
            file = folder / path[len(address) :]
            is_open = file.is_file() and file.stat().st_mode & stat.S_IROTH
            if path.startswith(address) and is_open:
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [file.read_bytes()]
        if self.status:
            start_response(self.status, [("Retry-After", "3")])
            return [self.body]
        return self.installed.application(environ, start_response)

    def browser(self, **environ: Any) -> Browser:
        here = {"HTTP_HOST": self.url.partition("//")[2]}
        return Browser(self.installed.application, **{**here, **environ})


@pytest.fixture
def public(tmp_path: Path) -> Path:
    folder = tmp_path / "public_html"
    folder.mkdir()
    return folder


@pytest.fixture
def web(public: Path) -> Iterator[WebServer]:
    host = Host(public / "porthole")
    server = WebServer(host)
    yield server
    server.stop()
    host.close()


def test_it_asks_where_an_alias_leads(web: WebServer, public: Path) -> None:
    """The document root is another one, and the address shows the program's name."""
    web.shown = {"/~alice/": public}
    browser = web.browser(
        SCRIPT_NAME="/~alice/app.cgi",
        SCRIPT_FILENAME=str(public / "app.cgi"),
        DOCUMENT_ROOT=str(public.parent / "htdocs"),
        **{"wsgi.run_once": True},
    )
    page = web.installed.prove(browser)
    assert "gives config.ini away" in page.text
    assert f"{web.url}/~alice/porthole/config.ini" in page.html
    assert_nothing_is_written(web.installed)
    web.shown = {}
    assert "keeps config.ini to itself" in assert_strict(browser.get("/setup")).text


def test_it_does_not_know_what_another_domain_shows(
    web: WebServer, public: Path
) -> None:
    (public / "stats").mkdir()
    browser = web.browser(DOCUMENT_ROOT=str(public / "stats"))
    page = web.installed.prove(browser)
    assert "keeps config.ini to itself" not in page.text
    assert "/porthole/config.ini of your main domain" in page.text
    refused(browser.send("/setup", kind="sqlite"), 409, "of your main domain")
    assert browser.send("/setup", kind="sqlite", is_refused="yes").status == 303


@pytest.mark.parametrize(
    "status",
    ["503 Service Unavailable", "429 Too Many Requests", "401 Unauthorized"]
    + ["301 Moved Permanently", "500 Internal Server Error"],
)
def test_it_takes_only_a_refusal_for_one(
    web: WebServer, public: Path, status: str
) -> None:
    web.status = status
    browser = web.browser(DOCUMENT_ROOT=str(public))
    page = web.installed.prove(browser)
    assert "keeps config.ini to itself" not in page.text
    assert f"answers {status[:3]}" in page.text
    refused(browser.send("/setup", kind="sqlite"), 409, f"answers {status[:3]}")
    assert_nothing_is_written(web.installed)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_it_knows_a_refusal(web: WebServer, public: Path, status: str) -> None:
    web.status = status
    page = web.installed.prove(web.browser(DOCUMENT_ROOT=str(public)))
    assert "keeps config.ini to itself" in page.text


@pytest.mark.parametrize("field", ["type=password", "TYPE = 'password' name=p"])
def test_it_takes_a_question_for_a_password_for_no_refusal(
    web: WebServer, public: Path, field: str
) -> None:
    """A host may ask for one while a site is new, and answer 200."""
    web.status = "200 OK"
    web.body = f"<form><input class=x {field}></form>".encode()
    browser = web.browser(DOCUMENT_ROOT=str(public))
    page = web.installed.prove(browser)
    assert "keeps config.ini to itself" not in page.text
    assert "asks for a password" in page.text
    refused(browser.send("/setup", kind="sqlite"), 409, "asks for a password")
    assert_nothing_is_written(web.installed)
    web.body = b"<h1>Welcome</h1> Your password is safe"
    assert "keeps config.ini to itself" in assert_strict(browser.get("/setup")).text


def test_it_says_that_others_see_the_program_before_a_config_is_uploaded(
    web: WebServer, public: Path
) -> None:
    web.shown = {"/sql/": ROOT / "sql"}
    browser = web.browser(DOCUMENT_ROOT=str(public))
    web.installed.put_proof(browser)
    (web.installed.folder / "config.ini.setup").mkdir()
    refused(browser.send("/setup"), 409, "Upload config.ini yourself", "gives Porthole")
    assert f"{web.url}/sql/001_initial.sql" in browser.page.html
    assert f"{web.url}/porthole/config.ini" in browser.page.html


def test_it_lets_everybody_read_what_has_no_secret(web: WebServer) -> None:
    """A refusal is then the web server's own rule, and not the file's mode."""
    browser = web.browser()
    web.installed.prove(browser)
    assert stat.S_IMODE(web.installed.config.stat().st_mode) == 0o644
    browser.send("/setup", kind="sqlite", is_refused="yes")
    assert stat.S_IMODE(web.installed.config.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["app/config.py", "sql/001_initial.sql"])
def test_it_asks_for_the_program_too(web: WebServer, public: Path, name: str) -> None:
    kind = name.partition("/")[0]
    web.shown = {f"/{kind}/": ROOT / kind}
    page = web.installed.prove(web.browser(DOCUMENT_ROOT=str(public)))
    assert "gives Porthole’s own files away" in page.text
    assert f"{web.url}/{name}" in page.html
    assert_nothing_is_written(web.installed)


@pytest.mark.parametrize("host", ["[::::]", "[::1]:x"])
def test_it_does_not_know_an_address_that_is_none(web: WebServer, host: str) -> None:
    browser = web.browser(HTTP_HOST=host, SERVER_NAME="[::::]")
    page = web.installed.prove(browser)
    assert "cannot reach its own address" in page.text


def test_it_follows_no_address_that_is_none(web: WebServer, public: Path) -> None:
    def astray(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("302 Found", [("Location", "https://[bad")])
        return [b""]

    browser = web.browser(DOCUMENT_ROOT=str(public))
    web.installed.prove(browser)
    web.installed.application = astray  # type: ignore[assignment]
    assert "answers 302" in assert_strict(browser.get("/setup")).text
