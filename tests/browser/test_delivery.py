"""Nothing is lost because the API is away for a while, and nothing counts twice."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser


def ids(api, kind):
    return [fields["id"] for fields in api.of_type(kind)]


def names(found):
    return [beacon.fields["name"] for beacon in found]


@pytest.fixture
def page(site, api, tab, arrive):
    """A page that has been counted."""
    site.add("/", api.tag(), title="Home")
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    arrive(1)
    return site.url


def report(tab, name):
    """Send an event, and wait until the page knows how its request ended."""
    tab.evaluate(
        """async (name) => {
          const fetch = window.fetch;
          const ended = new Promise((end) => {
            window.fetch = (...values) => {
              window.fetch = fetch;
              const answer = fetch(...values);
              answer.then(end, end);
              return answer;
            };
          });
          porthole('event', name);
          await ended;
          await new Promise((end) => setTimeout(end, 50));
        }""",
        name,
    )


def keep(tab, name):
    """Report an event that has to wait."""
    tab.evaluate("(name) => porthole('event', name)", name)
    tab.wait_for_timeout(200)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_it_waits_as_long_as_it_is_told(page, api, tab, arrive, status):
    api.status, api.headers = status, {"Retry-After": "1"}
    tab.evaluate("porthole('event', 'refused')")
    (refused,) = arrive(1, "event")
    api.status, api.headers = "200 OK", {}
    keep(tab, "while it waits")
    requests = len(api.requests)
    found = arrive(3, "event")
    # Both moments are the server's own; timers may be a little early.
    assert found[1].arrived_at - refused.arrived_at >= 0.95
    assert names(found) == ["refused", "refused", "while it waits"]
    assert found[0].fields["id"] == found[1].fields["id"]
    assert found[1].fields["age"] >= 1
    assert api.requests[requests:] == ["POST /api/track/batch 200"]


def test_it_asks_nothing_before_its_time_but_leaves_nothing_behind(
    page, api, tab, beacons
):
    api.status, api.headers = "429 Too Many Requests", {"Retry-After": "60"}
    report(tab, "refused")
    requests = len(api.requests)
    keep(tab, "while it waits")
    assert len(api.requests) == requests
    api.status = "200 OK"
    tab.goto(page + "/elsewhere")
    assert names(beacons(3, "event")) == ["refused", "refused", "while it waits"]


def test_it_sends_again_what_a_batch_refuses(page, api, tab, arrive):
    api.refused_part, api.headers = 1, {"Retry-After": "1"}
    tab.evaluate("porthole('event', 'one'); porthole('event', 'two')")
    arrive(2, "event")
    api.refused_part = -1
    found = arrive(3, "event")
    assert names(found) == ["one", "two", "two"]
    assert found[1].fields["id"] == found[2].fields["id"]
    assert found[2].arrived_at - found[1].arrived_at >= 0.95


def test_it_sends_fifty_events_of_one_moment(page, api, tab, beacons):
    tab.evaluate(
        "() => { for (let n = 0; n < 50; n++) porthole('event', 'No. ' + n); }"
    )
    sent = beacons(50, "event")
    assert sorted(names(sent)) == sorted(f"No. {n}" for n in range(50))


@pytest.mark.parametrize("is_leaving", [False, True])
def test_it_divides_what_is_too_long_and_drops_what_nobody_would_take(
    page, api, tab, beacons, is_leaving
):
    tab.evaluate(
        """([next]) => {
          const long = '\u20ac'.repeat(9000);
          porthole('event', 'one', { long });
          porthole('event', 'far too long', { long: long.repeat(8) });
          porthole('event', 'two', { long });
          porthole('event', 'three', { long: 'x'.repeat(8000) });
          if (next) location.assign(next);
        }""",
        [page + "/elsewhere" if is_leaving else ""],
    )
    expected = ["one", "three", "two"]
    sent = beacons(3, "event")
    assert sorted(names(sent)) == expected
    assert 30_000 < api.longest_body <= 60_000


def test_it_waits_without_being_told_how_long(page, api, tab, arrive):
    api.status = "503 Service Unavailable"
    report(tab, "refused")
    requests = len(api.requests)
    keep(tab, "while it waits")
    assert len(api.requests) == requests


def test_it_sends_what_failed_with_what_comes_next(page, api, tab, beacons):
    api.stop()
    report(tab, "lost at first")
    api.start()
    requests = len(api.requests)
    tab.evaluate("porthole('event', 'next')")
    assert names(beacons(2, "event")) == ["lost at first", "next"]
    assert api.requests[requests:] == ["POST /api/track/batch 200"]


def test_it_sends_what_failed_when_the_network_is_back(page, api, tab, beacons):
    tab.context.set_offline(True)
    report(tab, "offline")
    beacons(0, "event")
    tab.context.set_offline(False)
    assert names(beacons(1, "event")) == ["offline"]


def test_it_sends_what_failed_at_the_end_at_the_latest(page, api, tab, beacons):
    api.stop()
    report(tab, "lost at first")
    api.start()
    tab.goto(page + "/elsewhere")
    assert names(beacons(1, "event")) == ["lost at first"]


def test_it_keeps_twenty(page, api, tab, beacons):
    api.stop()
    for number in range(3):
        tab.evaluate(
            """(start) => {
              for (let number = start; number < start + 10; number++) {
                porthole('event', 'No. ' + number);
              }
              porthole('flush');
            }""",
            number * 10,
        )
        tab.wait_for_timeout(100)
    api.start()
    tab.goto(page + "/elsewhere")
    tab.wait_for_timeout(200)
    assert 10 <= len(api.of_type("event")) <= 20


def test_it_sends_a_third_time_nothing_that_it_cannot_tell_of(page, api, tab, beacons):
    api.hears_pages = False
    for name in ("one", "two", "three"):
        report(tab, name)
    tab.goto(page + "/elsewhere")
    sent = names(beacons(6, "event"))
    assert sorted(sent) == sorted(["one", "two", "three"] * 2)
    assert len(set(ids(api, "event"))) == 3


def test_it_leaves_to_the_next_page_what_failed_if_a_cookie_is_allowed(
    site, api, tab, arrive, beacons
):
    api.headers = {"X-Porthole-Identity": "cookie"}
    key = f'data-public-key="{api.public_key}" data-api-url="{api.url}"'
    site.add_script("/own.js")
    tag = f'<script src="/own.js" {key} data-local data-identity="cookie"></script>'
    site.add("/", tag, title="Home")
    site.add("/two", tag, title="Two")
    tab.goto(site.url + "/")
    arrive(1)
    tab.wait_for_function("document.cookie")
    api.stop()
    report(tab, "lost at first")
    site.add("/away", "")
    tab.goto(site.url + "/away")
    kept = json.loads(tab.evaluate("sessionStorage.porthole"))
    assert [beacon.get("name") for beacon in kept if "name" in beacon] == [
        "lost at first"
    ]
    tab.wait_for_timeout(900)
    api.start()
    tab.goto(site.url + "/two")
    (event,) = beacons(1, "event")
    assert event.fields["age"] >= 1
    assert tab.evaluate("sessionStorage.length") == 0


def test_it_keeps_in_memory_only_without_a_cookie(page, api, tab):
    api.stop()
    report(tab, "lost")
    tab.goto(page + "/elsewhere")
    assert tab.evaluate("sessionStorage.length + localStorage.length") == 0


def test_it_outlives_the_page_while_a_beacon_is_on_its_way(site, api, tab, arrive):
    site.add("/", api.tag(), title="Home")
    site.add("/elsewhere", "")
    api.open.clear()
    tab.goto(site.url + "/")
    arrive(1)
    tab.goto(site.url + "/elsewhere")
    api.open.set()
    tab.wait_for_timeout(200)
    assert len(set(ids(api, "pageview"))) == 1


def test_it_does_not_hold_the_page_up_while_the_api_hangs(site, api, tab, arrive):
    site.add("/", '<a href="/next">on</a>' + api.tag(), title="Home")
    site.add("/next", "", title="Next")
    api.open.clear()
    tab.goto(site.url + "/")
    arrive(1)
    tab.get_by_text("on").click()
    tab.wait_for_url("**/next")
    assert tab.title() == "Next"
    assert not api.open.is_set()


def test_it_sends_no_cookie_and_no_key_in_a_header(page, api, tab, arrive):
    (beacon,) = arrive(1)
    assert beacon.cookie == ""
    assert beacon.origin == page
    assert beacon.fields["public_key"] == api.public_key


def test_it_tells_no_time_to_come_when_the_clock_is_set_back(page, api, tab, beacons):
    tab.evaluate(
        """() => {
          porthole('event', 'before');
          const now = Date.now;
          Date.now = () => now() - 3600000;
        }"""
    )
    (event,) = beacons(1, "event")
    assert event.fields["age"] == 0
