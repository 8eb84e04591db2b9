"""The snippet and the real Porthole together."""

from __future__ import annotations

import pytest

from app import routes
from tests.browser.servers import Porthole
from tests.wsgi import call

pytestmark = pytest.mark.browser


def needs(*names):
    """Skip until Porthole has these calls; from then on the test runs."""
    missing = [name for name in names if not routes.find("/api/track/" + name)]
    return pytest.mark.skipif(bool(missing), reason=f"no such call yet: {missing}")


@pytest.fixture
def api(sqlite_url, tmp_path):
    """Porthole with a project that knows its visitors by a cookie."""
    service = Porthole(
        tmp_path / "porthole.sqlite", ["localhost", "127.0.0.1"], "cookie"
    )
    yield service
    service.stop()


@pytest.fixture
def open_page(site, api, tab, arrive):
    def open_(path="/", number=1, attributes="defer", name="/w/page.js"):
        site.add(path, api.tag(attributes, name), title=path)
        tab.goto(site.url + path)
        arrive(number)

    return open_


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/w/page.js", "/w/pageview"),
        ("porthole.js", "/api/track/pageview"),
        ("micrologs.js", "/api/track/pageview"),
    ],
)
def test_it_counts_a_visit_of_three_pages(
    open_page, api, tab, beacons, console, name, path
):
    for number, page in enumerate(("/", "/two", "/three"), 1):
        open_page(page, number, name=name)
        # A view whose answer is still out when the page is left is sent once more.
        tab.wait_for_timeout(300)
    found = beacons(3)
    assert [(b.method, b.path, b.status) for b in found] == [("POST", path, 200)] * 3
    data = api.visitors()
    assert (data["total_pageviews"], data["total_sessions"]) == (3, 1)
    assert not [text for text in console if "porthole:" in text]


def test_it_knows_a_visitor_by_the_cookie_that_the_project_allows(
    open_page, api, tab, beacons
):
    open_page(attributes='defer data-identity="cookie"')
    tab.wait_for_function("document.cookie")
    open_page("/two", 2, attributes='defer data-identity="cookie"')
    assert len({beacon.fields["visitor_id"] for beacon in beacons(2)}) == 1


@pytest.mark.parametrize("identity", ["cookieless"])
def test_it_keeps_no_cookie_for_a_cookieless_project(
    porthole, site, tab, identity, sqlite_url
):
    site.add("/", porthole.tag('defer data-identity="cookie"'))
    with tab.expect_response("**/api/track/pageview"):
        tab.goto(site.url + "/")
    tab.wait_for_timeout(100)
    assert tab.context.cookies() == []


def test_a_page_of_a_foreign_domain_cannot_read_the_answer(
    open_page, site, api, tab, beacons, console
):
    stranger = api.create_stranger()
    tag = api.tag().replace(api.public_key, stranger)
    site.add("/", tag)
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert beacon.status == 403
    assert not [text for text in console if "porthole:" in text]


def test_it_leaves_do_not_track_to_the_project(open_page, api, tab, beacons):
    tab.set_extra_http_headers({"DNT": "1"})
    open_page()
    assert beacons(1)[0].status == 204
    assert api.visitors()["total_pageviews"] == 0


@needs("event")
def test_it_has_an_event_counted(open_page, tab, beacons):
    open_page()
    tab.evaluate("porthole('event', 'order', { total: 29.99 })")
    (event,) = beacons(1, "event")
    assert (event.status, event.counted) == (200, True)


@needs("engagement")
def test_it_has_the_time_on_a_page_counted(open_page, site, tab, beacons):
    open_page()
    tab.wait_for_timeout(1100)
    site.add("/elsewhere", "")
    tab.goto(site.url + "/elsewhere")
    (engagement,) = beacons(1, "engagement")
    assert engagement.fields["seconds"] in (1, 2)
    assert (engagement.status, engagement.counted) == (200, True)


@needs("identify")
def test_it_has_a_visitor_identified(open_page, tab, beacons):
    open_page(attributes='defer data-identity="cookie"')
    tab.evaluate("porthole('identify', 'user_1', { plan: 'pro' })")
    assert beacons(1, "identify")[0].status == 200


@needs("error")
def test_it_has_an_error_taken(open_page, tab, beacons):
    open_page(attributes='defer data-environment="staging" data-release="1.2"')
    tab.evaluate("() => { porthole('error', new TypeError('It broke'), { a: 1 }) }")
    assert beacons(1, "error")[0].status == 200


@needs("audit")
def test_it_has_an_audit_entry_taken(open_page, tab, beacons):
    open_page()
    tab.evaluate("porthole('audit', 'order.paid', 'me@example.com', { order: 7 })")
    assert beacons(1, "audit")[0].status == 200


@needs("batch", "event")
def test_it_has_a_batch_taken(open_page, api, tab, beacons):
    open_page()
    tab.evaluate("porthole('event', 'one'); porthole('event', 'two')")
    beacons(2, "event")
    assert api.requests[-1] == "POST /w/batch 200"


def test_the_neutral_folder_has_the_calls_and_nothing_else(api):
    for path in ("/w/", "/w/visitors", "/w/../api/projects/list", "/w/pageview/"):
        assert call(api.application, "GET", path).status == 404
