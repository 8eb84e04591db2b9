"""Who is not counted: who does not want to be, and who works on the site."""

from __future__ import annotations

import time

import pytest

from app import web
from tests.browser.conftest import LONGEST_WAIT_SECONDS

pytestmark = pytest.mark.browser

CALLS = "porthole('event', 'x'); porthole.error('x'); porthole('pageview')"


def is_silent(tab, beacons, console):
    tab.evaluate(CALLS)
    tab.evaluate("history.pushState({}, '', '?x')")
    tab.evaluate("setTimeout(() => { Promise.reject(new Error('not ours')) })")
    beacons(0)
    return console == [] and tab.context.cookies() == []


@pytest.fixture
def tab(failing_tab):
    return failing_tab


@pytest.mark.parametrize(
    "wish",
    [
        "Object.defineProperty(navigator, 'doNotTrack', { value: '1' })",
        "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })",
        "localStorage.porthole_ignore = 'true'",
    ],
)
def test_it_is_silent_if_the_visitor_wishes(site, api, tab, beacons, console, wish):
    tab.add_init_script(wish)
    site.add("/", api.tag('defer data-identity="cookie"'))
    tab.goto(site.url + "/")
    assert is_silent(tab, beacons, console)
    assert api.requests == []


@pytest.mark.parametrize("name", ["doNotTrack", "globalPrivacyControl"])
def test_it_leaves_the_wish_to_the_project_if_told(site, api, tab, beacons, name):
    tab.add_init_script(f"Object.defineProperty(navigator, '{name}', {{ value: '1' }})")
    site.add("/", api.tag("defer data-ignore-dnt"))
    tab.goto(site.url + "/")
    beacons(1)


def test_it_is_not_taken_in_by_the_wish_to_be_tracked(site, api, tab, beacons):
    tab.add_init_script("Object.defineProperty(navigator, 'doNotTrack', {value: '0'})")
    site.add("/", api.tag())
    tab.goto(site.url + "/")
    beacons(1)


@pytest.fixture
def sent_from(tab):
    """Opens a page of a host whose answers are made up; returns what it sent.

    It waits for so many requests, and whether more come.
    """

    def open_(host, expected):
        sent = []

        def answer(route):
            path = route.request.url.partition(host)[2]
            if path == "/":
                html = '<script src="/w/page.js" data-public-key="k"></script>'
                route.fulfill(body=html, content_type="text/html")
            elif path == "/w/page.js":
                route.fulfill(body=web.snippet(), content_type="text/javascript")
            else:
                sent.append(path)
                route.fulfill(body="{}")

        tab.route("**/*", answer)
        tab.route("**/favicon.ico", lambda route: route.fulfill(body=""))
        tab.goto(f"http://{host}/")
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while len(sent) < expected and time.monotonic() < deadline:
            tab.wait_for_timeout(10)
        tab.wait_for_timeout(150)
        return sent

    return open_


def test_it_is_silent_on_a_local_page(sent_from, tab, beacons, console):
    for host in ("localhost", "127.0.0.1", "127.9.9.9", "[::1]", "shop.localhost"):
        assert sent_from(host, 0) == [], host
    assert is_silent(tab, beacons, console)


def test_it_is_silent_in_a_file(api, tab, beacons, console, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(api.tag().replace(" data-local", ""))
    tab.goto(path.as_uri())
    assert is_silent(tab, beacons, console)


def test_it_counts_elsewhere(sent_from):
    for host in ("localhost.example", "shop.example", "10.127.0.1"):
        assert sent_from(host, 1) == ["/w/pageview"], host
