"""Whatever goes wrong on the way, the page does not notice."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

# What Chromium itself writes about a request that fails; no page can prevent it.
BROWSERS_OWN = (
    "Failed to load resource:",
    "Access to fetch at ",
)


def words_of_the_page(console):
    return [text for text in console if not text.startswith(BROWSERS_OWN)]


def visit(site, tab):
    """Open the page, go to a route of it, and leave from another."""
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    tab.wait_for_timeout(120)
    tab.evaluate("history.pushState({}, '', '/two')")
    tab.wait_for_timeout(120)
    tab.evaluate("history.pushState({}, '', '/three')")
    tab.goto(site.url + "/elsewhere")
    tab.wait_for_timeout(100)


@pytest.mark.parametrize(
    "answer", ["500 Internal Server Error", "302 Found", "403 Forbidden", "204 Nothing"]
)
def test_it_sends_nothing_again_that_was_answered(
    site, api, tab, beacons, console, answer
):
    site.add("/", api.tag())
    api.status = answer
    visit(site, tab)
    beacons(3)
    assert words_of_the_page(console) == []


def test_it_is_quiet_when_porthole_is_down(site, api, tab, console):
    key = f'data-public-key="{api.public_key}"'
    api_url = f'data-api-url="{api.url}"'
    site.add_script("/own.js")
    site.add("/", f'<script src="/own.js" {key} {api_url} data-local></script>')
    api.stop()
    visit(site, tab)
    assert "ERR_CONNECTION_REFUSED" in "".join(console)
    assert words_of_the_page(console) == []


def test_it_is_quiet_when_the_script_does_not_come(site, api, tab, console):
    api.stop()
    site.add("/", api.tag())
    visit(site, tab)
    assert words_of_the_page(console) == []


def test_it_is_quiet_when_a_policy_forbids_the_request(
    site, api, tab, beacons, console
):
    policy = f"script-src {api.url}; connect-src 'none'"
    site.add("/", api.tag(), Content_Security_Policy=policy)
    visit(site, tab)
    beacons(0)
    assert not [text for text in console if "porthole:" in text]


@pytest.mark.parametrize(
    "fetch",
    [
        "delete window.fetch",
        "window.fetch = () => { throw new Error('mine') }",
    ],
)
def test_it_sends_at_the_end_what_the_sites_fetch_did_not(
    site, api, tab, beacons, fetch
):
    tab.add_init_script(fetch)
    site.add("/", api.tag(), title="Home")
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    tab.goto(site.url + "/elsewhere")
    assert beacons(1)[0].fields["page_title"] == "Home"


@pytest.mark.parametrize(
    "result", ["undefined", "{ then() { throw new Error('mine') } }"]
)
def test_it_sends_once_whatever_the_sites_fetch_returns(
    site, api, tab, beacons, console, result
):
    tab.add_init_script(
        "const original = fetch;"
        "window.fetch = (...all) => { original(...all); return RESULT; };".replace(
            "RESULT", result
        )
    )
    site.add("/", api.tag())
    tab.goto(site.url + "/")
    beacons(1)
    assert console == []


def test_it_gives_up_when_nothing_can_send(site, api, tab, beacons):
    tab.add_init_script(
        "window.fetch = navigator.sendBeacon = () => { throw new Error('mine') }"
    )
    site.add("/", api.tag())
    visit(site, tab)
    beacons(0)


@pytest.mark.parametrize(
    "lock",
    [
        "Object.freeze(history)",
        "Object.defineProperty(history, 'pushState', { value: null })",
    ],
)
def test_it_counts_where_history_is_locked(site, api, tab, beacons, lock):
    tab.add_init_script(lock)
    site.add("/", api.tag())
    tab.goto(site.url + "/")
    beacons(1)


def test_it_leaves_one_name_and_no_timer_behind(site, api, tab, beacons):
    tab.add_init_script(
        """
        const waiting = window.waiting = new Set();
        const { setTimeout: set, clearTimeout: clear } = window;
        window.setTimeout = (action, delay) => {
          const id = set(() => { waiting.delete(id); action(); }, delay);
          waiting.add(id);
          return id;
        };
        window.clearTimeout = (id) => { waiting.delete(id); clear(id); };
        window.setInterval = () => { throw new Error('no interval is needed'); };
        window.before = new Set([...Object.getOwnPropertyNames(window), 'before']);
        """
    )
    site.add("/", api.tag())
    tab.goto(site.url + "/")
    for path in ("/two", "/three", "/four"):
        tab.evaluate("(path) => history.pushState({}, '', path)", path)
    beacons(4)
    assert tab.evaluate("waiting.size") == 0
    added = "Object.getOwnPropertyNames(window).filter((name) => !before.has(name))"
    assert tab.evaluate(added) == ["porthole"]
