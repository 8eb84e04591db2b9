"""Which address a view has: fragment, query, canonical link; and routers' habits."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def urls(found):
    return [beacon.fields["url"] for beacon in found]


@pytest.fixture
def open_app(site, api, tab, arrive):
    """Opens a single page whose tag has these attributes."""

    def open_(attributes, address="/app", content=""):
        site.add("/app", content + api.tag(f"defer {attributes}"), title="App")
        tab.goto(site.url + address)
        arrive(1)

    return open_


@pytest.mark.parametrize(
    ("attributes", "sent"),
    [
        ("", "/app?utm_source=x"),
        ('data-query="page"', "/app?utm_source=x&page=2"),
        ('data-query="page|q.*"', "/app?utm_source=x&page=2&query=a"),
        ('data-query=".*"', "/app?utm_source=x&page=2&query=a&token=secret"),
    ],
)
def test_it_sends_the_query_that_is_to_be_kept(
    open_app, site, beacons, attributes, sent
):
    open_app(attributes, "/app?utm_source=x&page=2&query=a&token=secret#part")
    assert urls(beacons(1)) == [site.url + sent]


def test_it_sends_nothing_of_the_query_of_the_page_before(open_app, site, tab, beacons):
    site.add("/from", f'<a href="{site.url}/app">on</a>')
    open_app("")
    tab.goto(site.url + "/from?token=secret")
    tab.get_by_text("on").click()
    assert beacons(2)[1].fields["referrer"] == site.url + "/from"


def test_it_sends_no_query_that_is_called_undefined(open_app, site, beacons):
    open_app("", "/app?undefined=1&=2&null=3")
    assert urls(beacons(1)) == [site.url + "/app"]


def test_it_cleans_the_query_of_a_route_in_the_fragment(open_app, site, beacons):
    open_app('data-hash data-query="page"', "/app?a=1#/one?token=secret&page=2")
    assert urls(beacons(1)) == [site.url + "/app#/one?page=2"]


def test_it_leaves_an_address_that_the_page_names_as_it_is(
    open_app, site, tab, beacons
):
    open_app("data-canonical", content='<link rel="canonical" href="/real">')
    tab.evaluate("porthole('pageview', { pageUrl: '/dialog' })")
    assert urls(beacons(2)) == [site.url + "/real", site.url + "/dialog"]


def test_it_says_what_is_wrong_with_a_pattern(site, api, tab, beacons, console):
    site.add("/", api.tag('defer data-query="("'))
    tab.goto(site.url + "/")
    beacons(0)
    assert "porthole: SyntaxError" in console[0]


def test_it_counts_routes_in_the_fragment_if_told(open_app, site, tab, arrive, beacons):
    open_app("data-hash", "/app#/one")
    for number, change in enumerate(
        (
            "location.hash = '/two'",
            "history.pushState({}, '', '#/three')",
            "history.replaceState({}, '', '#/four')",
            "history.back()",
        ),
        2,
    ):
        tab.evaluate(change)
        arrive(number)
    paths = ["#/one", "#/two", "#/three", "#/four", "#/two"]
    assert urls(beacons(5)) == [site.url + "/app" + path for path in paths]
    assert beacons(5)[2].fields["referrer"] == site.url + "/app#/two"


def test_it_names_the_canonical_address_if_told(open_app, site, tab, arrive, beacons):
    link = '<link rel="canonical" href="/real?ref=x">'
    open_app("data-canonical", "/app?utm_source=x&session=1", link)
    tab.evaluate("porthole('event', 'seen')")
    assert urls(beacons(1)) == [site.url + "/real?utm_source=x"]
    (event,) = beacons(1, "event")
    assert event.fields["url"] == site.url + "/real?utm_source=x"
    tab.evaluate(
        """() => {
          history.pushState({}, '', '/next');
          document.querySelector('link').href = '/next-real';
        }"""
    )
    found = beacons(2)
    assert found[1].fields["url"] == site.url + "/next-real"
    assert found[1].fields["referrer"] == site.url + "/real?utm_source=x"


def test_it_leaves_the_canonical_address_alone_if_not_told(
    open_app, site, tab, beacons
):
    open_app("", content='<link rel="canonical" href="/real">')
    assert urls(beacons(1)) == [site.url + "/app"]


def test_it_counts_a_view_that_the_page_calls(open_app, site, tab, arrive, beacons):
    open_app('data-facade="analytics"')
    tab.evaluate("porthole('pageview', { pageUrl: '/v?x=1', pageTitle: 'Virtual' })")
    arrive(2)
    tab.evaluate("analytics.trackView({ pageUrl: '/other', pageTitle: 'Other' })")
    arrive(3)
    tab.evaluate("porthole('pageview')")
    found = beacons(4)
    assert urls(found)[1:] == [site.url + p for p in ("/v", "/other", "/app")]
    titles = [beacon.fields["page_title"] for beacon in found]
    assert titles == ["App", "Virtual", "Other", "App"]


# What three kinds of routers do when a link is followed.
ROUTERS = {
    "pushes, then sets the title": """(path) => {
      history.pushState({ at: path }, '', path);
      requestAnimationFrame(() => { document.title = path; });
    }""",
    "pushes, then replaces with its state and scroll": """(path) => {
      document.title = path;
      history.pushState({}, '', path);
      history.replaceState({ key: 1, scroll: scrollY }, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    }""",
    "replaces the path": """(path) => {
      history.replaceState({}, '', path);
      document.title = path;
    }""",
    "sets the fragment": """(path) => {
      location.hash = path;
      document.title = path;
    }""",
}


@pytest.mark.parametrize("router", list(ROUTERS))
def test_it_counts_each_route_once(open_app, tab, arrive, beacons, router):
    open_app("data-hash")
    for number, path in enumerate(("/one", "/two"), 2):
        tab.evaluate(ROUTERS[router], path)
        arrive(number)
    titles = [beacon.fields["page_title"] for beacon in beacons(3)]
    assert titles == ["App", "/one", "/two"]
