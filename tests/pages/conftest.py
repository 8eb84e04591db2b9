"""What the tests of the set-up share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.browser import Browser
from tests.pages.uploaded import Host


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path / "porthole")
    yield host
    host.close()


@pytest.fixture
def owner(host: Host) -> Browser:
    """The owner's browser, after the proof."""
    browser = host.browser()
    host.prove(browser)
    return browser
