"""What is left in the browser: nothing, unless the tag permits one cookie."""

from __future__ import annotations

import time

import pytest

from app import web

pytestmark = pytest.mark.browser

ALLOWED = {"X-Porthole-Identity": "cookie"}

YEAR_SECONDS = 365 * 24 * 3600

STORED = """async () => ({
  cookie: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  name: window.name,
})"""
NOTHING = {
    "cookie": "",
    "local": 0,
    "session": 0,
    "databases": 0,
    "caches": 0,
    "name": "",
}


@pytest.mark.parametrize("attributes", ["", 'data-identity="cookieless"'])
def test_it_stores_nothing_by_default(site, api, tab, arrive, beacons, attributes):
    site.add("/", api.tag("defer " + attributes))
    tab.goto(site.url + "/")
    arrive(1)
    tab.evaluate("history.pushState({}, '', '/two')")
    found = beacons(2)
    assert tab.evaluate(STORED) == NOTHING
    assert tab.context.cookies() == []
    assert not any("visitor_id" in beacon.fields for beacon in found)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        (("defer", "micrologs.js"), "_ml_vid"),
        (('defer data-identity="cookie"', "porthole.js"), "_ph_vid"),
        (('defer data-identity="cookie"', "micrologs.js"), "_ml_vid"),
    ],
)
def test_it_keeps_one_cookie_if_tag_and_project_permit_it(
    site, api, tab, arrive, beacons, tag, name
):
    api.headers = ALLOWED
    for number, path in enumerate(("/", "/two", "/folder/page"), 1):
        site.add(path, api.tag(*tag))
        tab.goto(site.url + path)
        arrive(number)
        tab.wait_for_function("document.cookie")
    found = beacons(3)
    (cookie,) = tab.context.cookies()
    assert (cookie["name"], cookie["path"]) == (name, "/")
    assert (cookie["domain"], cookie["sameSite"]) == ("localhost", "Lax")
    assert abs(cookie["expires"] - time.time() - YEAR_SECONDS) < 60
    assert {beacon.fields["visitor_id"] for beacon in found} == {cookie["value"]}
    assert len(cookie["value"]) >= 24
    assert tab.evaluate(STORED) == {
        **NOTHING,
        "cookie": f"{name}={cookie['value']}",
    }


@pytest.mark.parametrize("name", ["porthole.js", "micrologs.js"])
def test_it_keeps_no_cookie_if_the_project_has_none(site, api, tab, beacons, name):
    site.add("/", api.tag('defer data-identity="cookie"', name))
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert beacon.fields["visitor_id"]
    assert tab.evaluate(STORED) == NOTHING


def test_it_ends_the_cookie_of_a_project_that_has_none_any_more(
    site, api, tab, beacons
):
    known = {"name": "_ph_vid", "value": "known", "url": site.url}
    tab.context.add_cookies([known])
    site.add("/", api.tag('defer data-identity="cookie"'))
    tab.goto(site.url + "/")
    beacons(1)
    assert tab.context.cookies() == []


def test_it_renews_the_cookie_of_a_known_visitor(site, api, tab, beacons):
    api.headers = ALLOWED
    known = {"url": site.url, "value": "6b1f5c1e-2f3c-4c6e-9a43-7d2f0c9d8e11"}
    soon = time.time() + 3600
    others = [("x_ml_vid", "no"), ("_ml_vid", known["value"]), ("_ml_vidx", "no")]
    tab.context.add_cookies(
        [
            {**known, "name": name, "value": value, "expires": soon}
            for name, value in others
        ]
    )
    site.add("/", api.tag(name="micrologs.js"))
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert beacon.fields["visitor_id"] == known["value"]
    (cookie,) = [c for c in tab.context.cookies() if c["name"] == "_ml_vid"]
    assert cookie["expires"] > soon + YEAR_SECONDS / 2


def test_its_cookie_is_secure_on_a_secure_page(tab):
    html = (
        '<script src="/snippet/porthole.js" data-public-key="k" data-identity="cookie">'
    )
    sent = []

    def answer(route):
        sent.append(route.request)
        path = route.request.url.partition("shop.example")[2]
        if path.startswith("/snippet/"):
            route.fulfill(body=web.snippet(), content_type="text/javascript")
        else:
            body = html + "</script>"
            route.fulfill(body=body, content_type="text/html", headers=ALLOWED)

    tab.route("https://shop.example/**", answer)
    with tab.expect_response("**/api/track/pageview"):
        tab.goto("https://shop.example/")
    tab.wait_for_function("document.cookie")
    (cookie,) = tab.context.cookies()
    assert cookie["secure"] is True
    assert sent[-1].post_data_json["visitor_id"] == cookie["value"]


def test_it_gives_no_id_where_cookies_are_not_kept(site, api, tab, beacons):
    tab.add_init_script(
        "Object.defineProperty(navigator, 'cookieEnabled', { value: false })"
    )
    site.add("/", api.tag('defer data-identity="cookie"'))
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert "visitor_id" not in beacon.fields


def test_it_forgets_the_visitor_when_told(site, api, tab, arrive, beacons):
    api.headers = ALLOWED
    site.add("/", api.tag('defer data-identity="cookie"'))
    tab.goto(site.url + "/")
    arrive(1)
    tab.wait_for_function("document.cookie")
    tab.evaluate("porthole('identify', 42, { plan: 'pro' })")
    (named,) = arrive(1, "identify")
    first = tab.context.cookies()[0]["value"]
    assert named.fields["user_id"] == "42"
    assert named.fields["traits"] == {"plan": "pro"}
    assert named.fields["visitor_id"] == first
    tab.evaluate("porthole('reset')")
    assert tab.context.cookies() == []
    tab.evaluate("porthole('event', 'after')")
    (event,) = beacons(1, "event")
    assert event.fields["visitor_id"] not in ("", first)


def test_it_counts_where_reading_cookies_is_forbidden(site, api, tab, beacons):
    tag = api.tag('defer data-identity="cookie"')
    site.add("/", tag, Content_Security_Policy="sandbox allow-scripts")
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert beacon.counted
    assert "visitor_id" not in beacon.fields
