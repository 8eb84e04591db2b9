"""An uploaded Porthole that is not set up, and what its pages say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app import config, db, unconfigured
from app.projects import admin_store
from tests.pages.browser import Browser, Page, assert_strict
from tests.wsgi import Answer

UNREACHABLE = {"HTTP_HOST": "127.0.0.1:1"}
PASSWORD = "correct horse/ba:tt@ery%20 "
PROJECT = {"name": "My site", "domains": "alice.example, www.alice.example"}


class Host:
    """A folder with an uploaded Porthole in it, and whoever opens its pages."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "config.ini"
        self.made: list[unconfigured.Application] = []
        self.application = self.start()

    def start(self) -> unconfigured.Application:
        """Return a new process, as under CGI each request is."""
        application = unconfigured.Application(str(self.config), "there is no config")
        self.made.append(application)
        return application

    def browser(self, **environ: Any) -> Browser:
        return Browser(self.application, **{**UNREACHABLE, **environ})

    def put_proof(self, browser: Browser) -> Path:
        """Make the file that the page asks for, as by FTP."""
        browser.get("/setup")
        found = re.search(r"<code>(setup-\w+\.txt)</code>", browser.page.html)
        assert found, browser.page.text
        path = self.folder / found[1]
        path.touch()
        return path

    def prove(self, browser: Browser) -> Page:
        """Return the page after the proof."""
        self.put_proof(browser)
        assert browser.send("/setup").status == 303
        return assert_strict(browser.get("/setup"))

    def close(self) -> None:
        for application in self.made:
            application.close()

    def projects(self) -> list[dict[str, Any]]:
        settings = config.load(str(self.config), {})
        database = db.connect(settings.database_url, 5)
        try:
            return admin_store.list_projects(database)
        finally:
            database.close()


def keys_in(page: Page) -> tuple[str, str, str]:
    """Return public key, secret key and admin key."""
    public = re.search(r'data-public-key="(\w+)"', page.text)
    assert public
    secret, admin, *_ = [*re.findall(r"\b[0-9a-f]{64}\b", page.text)[::2], ""]
    return public[1], secret, admin


def refused(answer: Answer, status: int, *words: str) -> None:
    """Check that the form is there again, and says what is wrong."""
    assert answer.status == status, answer.body
    page = assert_strict(answer)
    for word in words:
        assert word in page.text, page.text
    assert "password" not in str(
        [a.get("value") for a in page.named("input") if a.get("value")]
    )
    assert PASSWORD.strip() not in page.html


def assert_nothing_is_written(host: Host) -> None:
    """No secret and no password is in any file."""
    for path in host.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"mysql://" not in content, path
            assert PASSWORD.strip().encode() not in content, path
    assert "secret" not in host.config.read_text().replace("without a secret", "")
