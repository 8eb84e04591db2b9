"""A page counts when a person sees it: not before, and once more when it returns."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

# Neither a background tab nor a prerender can be had from Playwright, so the two
# properties say there is one, and reveal() does what the browser does at its end.
UNSEEN = {
    "hidden tab": """
      let isHidden = true;
      Object.defineProperty(document, 'hidden', { get: () => isHidden });
      window.reveal = () => {
        isHidden = false;
        document.dispatchEvent(new Event('visibilitychange'));
      };
    """,
    "prerender": """
      let prerendering = true;
      Object.defineProperty(document, 'prerendering', { get: () => prerendering });
      window.reveal = () => {
        prerendering = false;
        document.dispatchEvent(new Event('prerenderingchange'));
      };
    """,
}


def urls(found):
    return [beacon.fields["url"] for beacon in found]


@pytest.fixture(params=list(UNSEEN))
def unseen_page(request, site, api, tab, beacons):
    """A page that has loaded where nobody sees it."""
    site.add("/", api.tag('defer data-identity="cookie"'))
    tab.add_init_script(UNSEEN[request.param])
    tab.goto(site.url + "/")
    beacons(0)
    assert tab.evaluate("document.cookie") == ""
    return site.url


def test_it_counts_a_page_once_it_is_seen(unseen_page, tab, arrive, beacons):
    tab.evaluate("reveal()")
    arrive(1)
    tab.evaluate("reveal()")
    tab.evaluate("history.pushState({}, '', '/two')")
    assert urls(beacons(2)) == [unseen_page + "/", unseen_page + "/two"]


def test_it_counts_only_the_route_that_is_seen(unseen_page, tab, beacons):
    tab.evaluate("history.pushState({}, '', '/two')")
    beacons(0)
    tab.evaluate("reveal()")
    assert urls(beacons(1)) == [unseen_page + "/two"]


def test_it_does_not_count_a_page_that_nobody_saw(unseen_page, site, tab, beacons):
    site.add("/other", "")
    tab.goto(site.url + "/other")
    beacons(0)


def test_it_does_not_count_a_tab_that_is_looked_at_again(
    site, api, tab, arrive, beacons
):
    site.add("/", api.tag())
    tab.goto(site.url + "/")
    arrive(1)
    tab.evaluate(
        """() => {
          for (const value of [true, false]) {
            Object.defineProperty(document, 'hidden', { value, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
          }
        }"""
    )
    beacons(1)


def test_it_counts_a_page_from_the_back_forward_cache(site, api, tab, arrive, beacons):
    site.add("/", api.tag())
    site.add("/two", api.tag())
    tab.goto(site.url + "/")
    arrive(1)
    tab.evaluate("window.kept = true")
    tab.goto(site.url + "/two")
    arrive(2)
    tab.go_back(wait_until="commit")
    assert urls(beacons(3)) == [site.url + path for path in ("/", "/two", "/")]
    assert len({beacon.fields["id"] for beacon in api.beacons}) == 3
    if not tab.evaluate("window.kept"):
        pytest.skip("This Chromium, short of memory, has loaded the page again.")


def test_it_counts_a_restored_page_that_has_said_good_bye(
    site, api, tab, arrive, beacons
):
    bye = (
        "<script>addEventListener('pagehide', () => porthole('event', 'bye'))</script>"
    )
    site.add("/", api.tag("") + bye, title="Home")
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    arrive(1)
    tab.goto(site.url + "/elsewhere")
    arrive(1, "event")
    tab.go_back(wait_until="commit")
    assert urls(beacons(2)) == [site.url + "/"] * 2


def test_it_counts_a_restored_page_once_whichever_event_is_first(
    site, api, tab, arrive, beacons
):
    site.add("/", api.tag())
    tab.goto(site.url + "/")
    tab.evaluate("history.pushState({}, '', '/two')")
    arrive(2)
    tab.evaluate(
        """() => {
          const leave = () => dispatchEvent(new PageTransitionEvent('pagehide'));
          leave();
          const original = History.prototype.replaceState;
          original.call(history, {}, '', '/');
          dispatchEvent(new PopStateEvent('popstate'));
          dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
        }"""
    )
    arrive(3)
    tab.evaluate(
        """() => {
          dispatchEvent(new PageTransitionEvent('pagehide'));
          dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
          dispatchEvent(new PopStateEvent('popstate'));
        }"""
    )
    beacons(4)
