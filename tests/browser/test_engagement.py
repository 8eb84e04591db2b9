"""How long a view was looked at, and how far it was scrolled."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.browser

HIDE = """(isHidden) => {
  Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
FOCUS = """(isFocused) => {
  document.hasFocus = () => isFocused;
  dispatchEvent(new Event(isFocused ? 'focus' : 'blur'));
}"""


@pytest.fixture
def page(site, api, tab, arrive):
    """A page of five screens, which has been counted; and one to go on to."""
    height = "<p style='height: 500vh; margin: 0'></p>"
    site.add("/", f"<body style='margin: 0'>{height}{api.tag()}", title="Home")
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    arrive(1)
    return site.url


def test_it_tells_the_time_and_the_depth_at_the_end(page, api, tab, beacons):
    began = time.monotonic()
    tab.evaluate("scrollTo(0, innerHeight)")
    tab.wait_for_timeout(1100)
    tab.evaluate("scrollTo(0, 0)")
    tab.goto(page + "/elsewhere")
    passed = time.monotonic() - began
    (beacon,) = beacons(1, "engagement")
    assert abs(beacon.fields["seconds"] - passed) <= 1
    assert beacon.fields["seconds"] >= 1
    assert beacon.fields["scroll"] == 40
    assert beacon.fields["pageview_id"] == api.of_type("pageview")[0]["id"]
    assert beacon.path == "/api/track/engagement"


@pytest.mark.parametrize("away", [(HIDE, True), (FOCUS, False)])
def test_it_counts_no_time_while_nobody_looks(page, tab, beacons, away):
    script, value = away
    tab.wait_for_timeout(600)
    tab.evaluate(script, value)
    tab.wait_for_timeout(1200)
    tab.evaluate(script, not value)
    tab.goto(page + "/elsewhere")
    seconds = [beacon.fields["seconds"] for beacon in beacons(1, "engagement")]
    assert seconds == [1]


def test_it_tells_what_there_is_when_the_tab_is_hidden(page, tab, arrive, beacons):
    tab.wait_for_timeout(700)
    tab.evaluate(HIDE, True)
    arrive(1, "engagement")
    tab.evaluate(HIDE, False)
    tab.wait_for_timeout(1200)
    tab.goto(page + "/elsewhere")
    first, second = (beacon.fields for beacon in beacons(2, "engagement"))
    assert first["seconds"] < second["seconds"]
    assert first["pageview_id"] == second["pageview_id"]


def test_it_tells_of_each_route_with_the_next_view(page, api, tab, arrive, beacons):
    tab.wait_for_timeout(700)
    before = len(api.requests)
    tab.evaluate("history.pushState({}, '', '/two')")
    arrive(2)
    (beacon,) = beacons(1, "engagement")
    assert beacon.fields["pageview_id"] == api.of_type("pageview")[0]["id"]
    assert api.requests[before:] == ["POST /api/track/batch 200"]


def test_it_begins_anew_with_a_restored_page(site, api, tab, arrive, beacons):
    site.add("/", api.tag(), title="Home")
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    arrive(1)
    tab.wait_for_timeout(700)
    tab.goto(site.url + "/elsewhere")
    arrive(1, "engagement")
    tab.wait_for_timeout(1000)
    tab.go_back(wait_until="commit")
    arrive(2)
    tab.goto(site.url + "/elsewhere")
    assert [beacon.fields["seconds"] for beacon in beacons(1, "engagement")] == [1]


def test_it_does_not_tell_of_a_view_that_was_left_at_once(page, tab, beacons):
    tab.evaluate("performance.now = () => 0")
    tab.goto(page + "/elsewhere")
    beacons(0, "engagement")


def test_it_sends_the_view_again_with_its_time_if_that_is_not_answered(
    site, api, tab, arrive
):
    site.add("/", api.tag(), title="Home")
    site.add("/elsewhere", "")
    api.open.clear()
    tab.goto(site.url + "/")
    (view,) = arrive(1)
    tab.wait_for_timeout(700)
    tab.goto(site.url + "/elsewhere")
    again = arrive(2)[1]
    (engagement,) = arrive(1, "engagement")
    assert again.fields["id"] == view.fields["id"]
    assert engagement.fields["pageview_id"] == view.fields["id"]
    assert (again.is_batched, engagement.is_batched) == (True, True)
