"""The demo site of ``make run``, clicked through."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def api(porthole):
    return porthole


def test_it_counts_two_pages_as_one_visit(tab, porthole, arrive, beacons, console):
    tab.goto(porthole.url + "/")
    arrive(1)
    tab.get_by_role("navigation").get_by_text("Menu").click()
    beacons(2)
    data = porthole.visitors()
    assert data["total_sessions"] == 1
    assert data["total_pageviews"] == 2
    assert data["unique_visitors"] == 1
    assert data["bounce_rate"] == 0
    assert console == []


def test_it_counts_a_page_that_is_left_at_once(tab, porthole, beacons):
    tab.goto(porthole.url + "/")
    tab.goto(porthole.url + "/menu")
    beacons(2)
    assert porthole.visitors()["total_pageviews"] == 2


def test_it_counts_the_steps_of_the_order_page(tab, porthole, arrive, beacons, console):
    tab.goto(porthole.url + "/order")
    arrive(1)
    tab.get_by_role("link", name="Bread", exact=True).click()
    arrive(2)
    tab.locator("#bread-count").select_option("2")
    tab.get_by_role("button", name="Place the order").click()
    arrive(3)
    tab.go_back()
    views = [beacon.fields for beacon in beacons(4)]
    assert [(view["url"], view["page_title"]) for view in views] == [
        (porthole.url + "/order", "Order · Harbour Bakery"),
        (porthole.url + "/order/bread", "Order bread · Harbour Bakery"),
        (porthole.url + "/order/thanks", "Thank you · Harbour Bakery"),
        (porthole.url + "/order/bread", "Order bread · Harbour Bakery"),
    ]
    assert tab.get_by_role("heading", level=1).inner_text() == "Order bread"
    # The same page within five minutes is one view, by the server's rule.
    assert porthole.visitors()["total_pageviews"] == 3
    assert porthole.visitors()["total_sessions"] == 1
    assert console == []
