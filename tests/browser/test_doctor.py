"""/doctor in a real browser: what arrives of that which the browser sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.servers import FOLDER, SECRET, Porthole, StartResponse

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = ("json", "text", "stack", "authorization", "key", "clock")
LONGEST_WAIT_MS = 30_000


class Firewall(Porthole):
    """Refuses what looks like an attack, and loses a header."""

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        environ.pop("HTTP_AUTHORIZATION", None)
        if int(environ.get("CONTENT_LENGTH") or 0) > 200:
            start_response("403 Forbidden", [("Content-Type", "text/html")])
            return [b"No"]
        return super().__call__(environ, start_response)


@pytest.fixture
def firewall(sqlite_url: str, tmp_path: Path) -> Iterator[Firewall]:
    service = Firewall(tmp_path / "porthole.sqlite", ["localhost"])
    yield service
    service.stop()


def sign_in(tab: Page, address: str) -> None:
    tab.goto(f"{address}/doctor")
    tab.fill("#admin_key", SECRET)
    tab.click("main button")
    tab.wait_for_url(f"{address}/doctor")


def statuses(tab: Page) -> dict[str, str]:
    """Return the status of each check, when the browser has made all."""
    tab.wait_for_selector("#probe-clock.ok, #probe-clock.warn", timeout=LONGEST_WAIT_MS)
    return {
        name: str(tab.get_attribute(f"#probe-{name}", "class")).split()[1]
        for name in NAMES
    }


@pytest.mark.parametrize("folder", ["", FOLDER])
def test_it_finds_that_everything_arrives(
    tab: Page, porthole: Porthole, console: list[str], folder: str
) -> None:
    sign_in(tab, porthole.url + folder)
    assert statuses(tab) == dict.fromkeys(NAMES, "ok")
    assert "It agrees" in str(tab.text_content("#probe-clock"))
    assert not tab.is_visible("#probe-json .todo")
    assert [line for line in console if "Password forms" not in line] == []


def test_it_says_what_a_firewall_keeps_back(tab: Page, firewall: Firewall) -> None:
    sign_in(tab, firewall.url)
    assert statuses(tab) == {
        **dict.fromkeys(NAMES, "ok"),
        "stack": "warn",
        "authorization": "warn",
    }
    assert "the answer was 403" in str(tab.text_content("#probe-stack"))
    assert tab.is_visible("#probe-stack .todo")
    assert "lost on its way" in str(tab.text_content("#probe-authorization"))


def test_the_numbers_are_shown_without_an_error(
    tab: Page, porthole: Porthole, console: list[str]
) -> None:
    tab.goto(f"{porthole.url}/numbers")
    tab.fill("#admin_key", SECRET)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("svg[role=img]")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.evaluate("getComputedStyle(document.querySelector('.top')).display") == (
        "flex"
    )
    tab.click("text=Sign out")
    tab.wait_for_url(f"{porthole.url}/sign-in")
    # A policy that is broken, or a file that is missing, would be written there.
    assert console == []
