"""A real Chromium, on pages of another origin than the API's."""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app import web
from tests.browser.servers import (
    Beacon,
    Porthole,
    Recorder,
    Site,
    wait_for_answers,
)
from tests.wsgi import CHROME

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_INSTALL = (
    "{} not installed, so the tests in a browser did not run."
    " Debian: apt install chromium, and .venv/bin/pip install playwright."
)
OPTIONS = [
    # Chromium's own, HeadlessChrome, counts as a robot; and what Playwright puts in
    # its place is not on the requests of a page that is going.
    f"--user-agent={CHROME}",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LONGEST_WAIT_SECONDS = 40
# Longer than the snippet waits for a title, so that a second beacon is seen.
SETTLE_MS = 160


def _executable() -> str:
    return next(filter(None, map(shutil.which, NAMES)), "")


def _missing() -> str:
    if importlib.util.find_spec("playwright") is None:
        return HOW_TO_INSTALL.format("Playwright is")
    return "" if _executable() else HOW_TO_INSTALL.format("Chromium is")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _missing():
        terminalreporter.write_line(_missing(), red=True, bold=True)


@pytest.fixture(scope="package", autouse=True)
def served_as_released(snippet_folder: Path) -> Iterator[None]:
    """Every server here serves what users get, where it can be built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "SNIPPET_FOLDER", str(snippet_folder))
        yield


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if _missing():
        if os.environ.get("CI") == "true":
            pytest.fail(_missing())
        pytest.skip(_missing())
    from playwright.sync_api import sync_playwright

    # Chromium refuses to run its sandbox as root.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_executable(),
            args=OPTIONS + as_root,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture
def porthole(sqlite_template: Path, tmp_path: Path) -> Iterator[Porthole]:
    """Porthole on 127.0.0.1, with the project of the site on localhost."""
    database = tmp_path / "porthole.sqlite"
    shutil.copy(sqlite_template, database)
    service = Porthole(database, ["localhost", "127.0.0.1"])
    yield service
    service.stop()


@pytest.fixture
def api() -> Iterator[Recorder]:
    """What the pages of the site report to; a module may put Porthole in its place."""
    service = Recorder()
    yield service
    service.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    service = Site()
    yield service
    service.stop()


@pytest.fixture
def failing_tab(chromium: Browser) -> Iterator[Page]:
    """A tab of a browser that has been nowhere."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(LONGEST_WAIT_SECONDS * 1000)
    yield page
    context.close()


@pytest.fixture
def tab(failing_tab: Page) -> Iterator[Page]:
    """The same, and no test may throw into its pages."""
    errors: list[str] = []
    failing_tab.context.on("weberror", lambda error: errors.append(str(error.error)))
    yield failing_tab
    assert errors == []


@pytest.fixture
def console(tab: Page) -> list[str]:
    """What is written to the tab's console, as it is written."""
    messages: list[str] = []
    tab.on("console", lambda message: messages.append(message.text))
    return messages


@pytest.fixture
def arrive(tab: Page, api: Recorder) -> Callable[..., list[Beacon]]:
    """Waits until so many beacons of a type are answered, with no OPTIONS before."""

    def wait(expected: int, kind: str = "pageview") -> list[Beacon]:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        found: list[Beacon] = []
        is_answered = False
        while not is_answered and time.monotonic() < deadline:
            tab.wait_for_timeout(10)
            found = [beacon for beacon in api.beacons if beacon.type == kind]
            is_answered = len(found) >= expected and all(b.status for b in found)
        assert len(found) == expected, api.beacons
        assert not [line for line in api.requests if not line.startswith("POST ")]
        return found

    return wait


@pytest.fixture
def beacons(
    tab: Page, arrive: Callable[..., list[Beacon]]
) -> Callable[..., list[Beacon]]:
    """Waits for so many beacons of a type; no more may come."""

    def wait(expected: int, kind: str = "pageview") -> list[Beacon]:
        arrive(expected, kind)
        tab.wait_for_timeout(SETTLE_MS)
        found = arrive(expected, kind)
        wait_for_answers(found)
        return found

    return wait
