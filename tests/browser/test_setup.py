"""/setup in a real browser, from the upload to the first visit."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app import unconfigured
from tests.browser.servers import Service, Site, StartResponse

if TYPE_CHECKING:
    from playwright.sync_api import Page

LONGEST_WAIT_MS = 30_000


class Upload(Service):
    """A folder with a Porthole in it that nobody has set up."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.ini"
        self.application = unconfigured.Application(str(self.config), "no config.ini")
        super().__init__()

    def stop(self) -> None:
        super().stop()
        self.application.close()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        return self.application(environ, start_response)


@pytest.fixture
def upload(tmp_path: Path) -> Iterator[Upload]:
    service = Upload(tmp_path)
    yield service
    service.stop()


def test_it_sees_the_first_visit(tab: Page, upload: Upload, site: Site) -> None:
    tab.goto(f"{upload.url}/setup")
    proof = str(tab.text_content("pre")).strip()
    (upload.config.parent / proof).touch()
    tab.click("main button")
    # It asks its own address, so nothing needs to be confirmed.
    tab.wait_for_selector(".said.good")
    tab.check("#kind-sqlite")
    tab.click("main button")
    tab.fill("#name", "My site")
    tab.fill("#domains", "localhost")
    tab.click("main button")
    tag = str(tab.text_content("pre"))
    assert stat.S_IMODE(upload.config.stat().st_mode) == 0o600
    tab.click("text=I have kept them")
    assert "Waiting" in str(tab.text_content("h1"))

    site.add("/", tag.replace("></script>", " data-local></script>"))
    other = tab.context.new_page()
    other.goto(site.url)
    # The page looks by itself every five seconds.
    tab.wait_for_selector("text=The first visit is here", timeout=LONGEST_WAIT_MS)
    tab.reload()
    assert "closed" in str(tab.text_content("h1"))
