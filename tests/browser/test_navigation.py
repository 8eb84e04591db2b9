"""Views of a site on another origin: pages, and the routes of a single page."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.browser


def urls(found):
    return [beacon.fields["url"] for beacon in found]


def titles(found):
    return [beacon.fields["page_title"] for beacon in found]


@pytest.fixture
def app_page(site, api, tab, arrive):
    """A single page at /, which has been counted."""
    site.add("/", api.tag('defer data-query="page|q"'), title="Home")
    tab.goto(site.url + "/")
    arrive(1)
    return site.url


def test_it_sends_one_simple_request_a_page(site, api, tab, arrive, beacons, console):
    for number, path in enumerate(("/", "/two", "/three"), 1):
        site.add(path, api.tag(), title=path)
        tab.goto(site.url + path)
        arrive(number)
    found = beacons(3)
    assert urls(found) == [site.url + path for path in ("/", "/two", "/three")]
    assert titles(found) == ["/", "/two", "/three"]
    assert {beacon.content_type for beacon in found} == {"text/plain;charset=UTF-8"}
    assert len({beacon.fields["id"] for beacon in found}) == 3
    assert {beacon.path for beacon in found} == {"/api/track/pageview"}
    assert console == []


def test_it_tells_what_the_report_needs(site, api, tab, beacons):
    site.add("/from", f'<a href="{site.url}/?utm_source=x#part">on</a>')
    site.add("/", api.tag(), title="Größe")
    tab.goto(site.url + "/from")
    tab.get_by_text("on").click()
    (beacon,) = beacons(1)
    screen = tab.evaluate("screen.width + 'x' + screen.height")
    zone = tab.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert 20 <= len(beacon.fields.pop("id")) <= 64
    assert beacon.fields == {
        "age": 0,
        "public_key": api.public_key,
        "url": site.url + "/?utm_source=x",
        "page_title": "Größe",
        "referrer": site.url + "/from",
        "screen_resolution": screen,
        "timezone": zone,
    }


def test_it_counts_pushed_and_restored_addresses(app_page, tab, arrive, beacons):
    tab.evaluate("history.pushState({}, '', '/two')")
    arrive(2)
    tab.evaluate("history.pushState({}, '', '/three?page=1')")
    arrive(3)
    tab.go_back()
    arrive(4)
    tab.go_forward()
    paths = ["/", "/two", "/three?page=1", "/two", "/three?page=1"]
    assert urls(beacons(5)) == [app_page + path for path in paths]


def test_it_counts_a_replaced_path(app_page, tab, beacons):
    tab.evaluate("history.replaceState({}, '', '/two')")
    assert urls(beacons(2)) == [app_page + "/", app_page + "/two"]


def test_it_does_not_count_a_replaced_query(app_page, tab, arrive, beacons):
    for query in ("?q=b", "?q=br", "?q=bread"):
        tab.evaluate("(query) => history.replaceState({}, '', query)", query)
    tab.evaluate("history.pushState({}, '', '?q=bread')")
    beacons(1)
    tab.evaluate("history.pushState({}, '', '/loaf')")
    arrive(2)
    tab.go_back()
    found = beacons(3)
    assert urls(found)[1:] == [app_page + "/loaf", app_page + "/?q=bread"]
    assert found[1].fields["referrer"] == app_page + "/?q=bread"


def test_it_keeps_the_campaign_that_a_site_takes_out(site, api, tab, beacons):
    script = "<script>history.replaceState({}, '', location.pathname)</script>"
    site.add("/", api.tag("") + script)
    tab.goto(site.url + "/?utm_source=letter")
    assert urls(beacons(1)) == [site.url + "/?utm_source=letter"]


def test_it_does_not_count_the_same_page_again(app_page, tab, beacons):
    for change in (
        "location.hash = 'part'",
        "history.pushState({}, '', '#other')",
        "history.replaceState({}, '', '#another')",
        "history.pushState({}, '', '/')",
        "history.replaceState({}, '', location.href)",
        "history.pushState({}, '')",
        "dispatchEvent(new PopStateEvent('popstate'))",
        "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: false}))",
    ):
        tab.evaluate(change)
    for _ in range(4):
        tab.go_back()
    assert tab.url == app_page + "/"
    beacons(1)


def test_it_waits_for_the_router_to_set_the_title(app_page, tab, beacons):
    tab.evaluate(
        """() => {
          history.pushState({}, '', '/two');
          setTimeout(() => { document.title = 'Two'; }, 30);
        }"""
    )
    assert titles(beacons(2)) == ["Home", "Two"]


def test_it_waits_for_the_title_of_a_page_that_is_still_coming(site, api, tab, beacons):
    def pieces():
        yield f"<!doctype html>{api.tag('')}{' ' * 4096}".encode()
        time.sleep(0.05)
        yield b"<title>Late</title>"

    site.add_raw("/", pieces())
    tab.goto(site.url + "/")
    assert titles(beacons(1)) == ["Late"]


def test_it_names_the_route_before_as_the_referrer(app_page, tab, arrive, beacons):
    tab.evaluate("history.pushState({}, '', '/two')")
    arrive(2)
    tab.evaluate("history.pushState({}, '', '/three')")
    referrers = [beacon.fields["referrer"] for beacon in beacons(3)]
    assert referrers == ["", app_page + "/", app_page + "/two"]


def test_it_counts_routes_passed_quickly(app_page, tab, beacons):
    tab.evaluate(
        """() => {
          history.pushState({}, '', '/two');
          history.pushState({}, '', '/three');
        }"""
    )
    # The two are on their way together, and any may be the first there.
    found = [app_page + path for path in ("/", "/three", "/two")]
    assert sorted(urls(beacons(3))) == found


@pytest.mark.parametrize(
    "missing",
    ["", "navigator.sendBeacon = undefined", "navigator.sendBeacon = () => false"],
)
def test_it_counts_a_route_left_at_once(app_page, site, tab, beacons, missing):
    site.add("/elsewhere", "")
    with tab.expect_navigation(url="**/elsewhere"):
        tab.evaluate(
            """(missing) => {
              eval(missing);
              history.pushState({}, '', '/two');
              location.assign('/elsewhere');
            }""",
            missing,
        )
    found = beacons(2)
    assert urls(found) == [app_page + "/", app_page + "/two"]
    assert [beacon.counted for beacon in found] == [True, True]


def test_it_leaves_the_sites_own_history_functions_working(
    site, api, tab, arrive, beacons
):
    wrap = """<script>
      {
        const original = history.pushState;
        history.pushState = function (state, unused, url) {
          calls.push(['NAME', this === history, state, url]);
          original.apply(this, arguments);
          return 'NAME';
        };
      }
    </script>"""
    before, after = wrap.replace("NAME", "before"), wrap.replace("NAME", "after")
    site.add("/", f"<script>calls = []</script>{before}{api.tag('')}{after}")
    tab.goto(site.url + "/")
    arrive(1)
    assert tab.evaluate("history.pushState({a: 1}, '', '/two')") == "after"
    beacons(2)
    assert tab.evaluate("calls") == [
        ["after", True, {"a": 1}, "/two"],
        ["before", True, {"a": 1}, "/two"],
    ]
    assert tab.evaluate("history.state") == {"a": 1}


def test_it_lets_history_refuse_what_it_refuses(app_page, tab, beacons):
    name = tab.evaluate(
        """() => {
          try {
            history.pushState({}, '', 'https://other.example/');
          } catch (error) {
            return error.name;
          }
        }"""
    )
    assert name == "SecurityError"
    beacons(1)
