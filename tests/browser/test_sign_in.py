"""/sign-in in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.servers import Porthole


def test_it_asks_for_the_key_alone(tab: Page, porthole: Porthole) -> None:
    tab.goto(f"{porthole.url}/sign-in")
    shown = tab.locator("input:visible")
    assert [field.get_attribute("name") for field in shown.all()] == ["admin_key"]
