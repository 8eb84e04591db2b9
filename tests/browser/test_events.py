"""Events: called, marked in the page, noticed by themselves, or in others' words."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

STUB = """<script>
  window.porthole = window.porthole ||
    function () { (porthole.q = porthole.q || []).push(arguments); };
</script>"""


def named(found):
    return [(b.fields["name"], b.fields.get("props")) for b in found]


@pytest.fixture
def open_page(site, api, tab, arrive):
    """Opens a page whose tag has these attributes, and whose links lead nowhere."""

    def open_(content="", attributes="defer", name="porthole.js"):
        stay = "<script>addEventListener('click', e => e.preventDefault())</script>"
        site.add("/page", content + api.tag(attributes, name) + stay, title="Page")
        tab.goto(site.url + "/page?secret=1")
        arrive(1)

    return open_


def test_it_sends_an_event_with_its_props(open_page, api, site, tab, beacons):
    open_page()
    tab.evaluate(
        "porthole('event', 'order', { total: 29.99, plan: 'pro', gift: true })"
    )
    (event,) = beacons(1, "event")
    assert named([event]) == [("order", {"total": 29.99, "plan": "pro", "gift": True})]
    assert event.fields["url"] == site.url + "/page"
    assert event.fields["id"]
    assert event.fields["age"] == 0
    assert event.path == "/api/track/event"


def test_it_sends_events_of_one_moment_together(open_page, api, tab, beacons):
    open_page()
    before = len(api.requests)
    tab.evaluate("porthole('event', 'one'); porthole('event', 'two')")
    assert named(beacons(2, "event")) == [("one", None), ("two", None)]
    assert api.requests[before:] == ["POST /api/track/batch 200"]


def test_it_takes_the_calls_made_before_it_came(open_page, api, tab, beacons):
    call = "<script>porthole('event', 'early', { a: 1 })</script>"
    open_page(STUB + call)
    assert named(beacons(1, "event")) == [("early", {"a": 1})]
    assert api.requests == ["POST /api/track/batch 200"]


def test_it_sends_the_others_if_one_cannot_be_sent(open_page, tab, beacons, console):
    open_page()
    tab.evaluate(
        """() => {
          const circle = {};
          circle.circle = circle;
          porthole('event', 'bad', circle);
          porthole('event', 'bad', { a: 1n });
          porthole('event', 'bad', { get a() { throw new Error('mine') } });
          porthole('event', 'good');
        }"""
    )
    assert named(beacons(1, "event")) == [("good", None)]
    assert [text.startswith("porthole:") for text in console] == [True] * 3


def test_it_says_that_it_does_not_know_a_call(open_page, tab, beacons, console):
    open_page()
    tab.evaluate("porthole('evnt', 'x')")
    beacons(0, "event")
    assert "porthole:" in console[0]


MARKED = """
  <button data-porthole-event="signup" data-porthole-props='{"plan":"pro"}'>
    <b>Sign up</b></button>
  <form data-porthole-event="search" onsubmit="return false">
    <input name="action"><button>Go</button></form>
"""


def test_it_sends_what_is_marked_in_the_page(open_page, tab, arrive, beacons):
    open_page(MARKED)
    tab.get_by_text("Sign up").click()
    arrive(1, "event")
    tab.locator("input").click()
    tab.get_by_text("Go").click()
    found = [("signup", {"plan": "pro"}), ("search", {})]
    tab.evaluate("document.querySelector('form').requestSubmit()")
    assert sorted(named(beacons(2, "event"))) == sorted(found)


LINKS = """
  <a href="https://other.example/a?token=1">outbound</a>
  <a href="/files/list.PDF?x=1"><span>downloads</span></a>
  <a href="/export" download="x.csv">download</a>
  <a href="mailto:me@example.com?subject=Hello">mailto</a>
  <a href="/inside">inside</a>
  <svg><a href="/svg"><text y="20">svg</text></a></svg>
  <form action="/send" onsubmit="return false">
    <input name="action"><button type="button">no</button></form>
"""
AUTO = "outbound downloads forms 404 mailto"


def test_it_notices_by_itself_what_it_is_told_to(open_page, site, tab, arrive, beacons):
    open_page(LINKS, f'defer data-auto="{AUTO}"')
    expected = [
        ("outbound", {"url": "https://other.example/a"}),
        ("downloads", {"url": site.url + "/files/list.PDF"}),
        ("downloads", {"url": site.url + "/export"}),
        ("mailto", {"url": "mailto:me@example.com"}),
    ]
    for number, text in enumerate(("outbound", "downloads", "download", "mailto"), 1):
        tab.get_by_text(text, exact=True).click()
        arrive(number, "event")
    for text in ("inside", "svg", "no"):
        tab.get_by_text(text, exact=True).click()
    tab.get_by_text("outbound").click(button="right")
    assert named(beacons(4, "event")) == expected
    tab.evaluate("document.querySelector('form').requestSubmit()")
    assert named(beacons(5, "event"))[4:] == [("forms", {"url": site.url + "/send"})]


def test_it_notices_nothing_by_itself_if_not_told(open_page, tab, beacons):
    open_page(LINKS)
    for text in ("outbound", "downloads", "mailto"):
        tab.get_by_text(text, exact=True).click()
    beacons(0, "event")


def test_it_sends_the_click_that_leaves_the_page(site, api, tab, beacons):
    site.add("/", '<a href="/next" data-porthole-event="go">on</a>' + api.tag())
    site.add("/next", "")
    tab.goto(site.url + "/")
    tab.get_by_text("on").click()
    tab.wait_for_url("**/next")
    assert named(beacons(1, "event")) == [("go", {})]


@pytest.mark.parametrize("auto", ["404", "outbound"])
def test_it_reports_a_page_that_is_missing_if_told(site, api, tab, beacons, auto):
    site.add("/gone", api.tag(f'defer data-auto="{auto}"'))
    site.missing.add("/gone")
    tab.goto(site.url + "/gone")
    beacons(1)
    expected = [("404", None)] if auto == "404" else []
    assert named(beacons(len(expected), "event")) == expected


def test_it_answers_to_the_calls_of_a_tracker(open_page, tab, arrive, beacons):
    open_page(attributes='defer data-facade="tracker"')
    tab.evaluate("tracker.event('purchase', { price: 1 })")
    tab.evaluate("tracker.identify('user_1', { plan: 'pro' })")
    tab.evaluate("tracker.flush()")
    tab.evaluate("tracker.reset()")
    assert named(beacons(1, "event")) == [("purchase", {"price": 1})]
    (identity,) = beacons(1, "identify")
    assert identity.fields["user_id"] == "user_1"


def test_it_drains_a_queue_and_answers_to_its_push(open_page, tab, arrive, beacons):
    early = "<script>collectorQueue = [{ event: 'early', data: { a: 1 } }]</script>"
    open_page(early, 'defer data-facade="collectorQueue"')
    arrive(1, "event")
    tab.evaluate("collectorQueue.push({ event: 'late', data: { b: 2 } })")
    assert named(beacons(2, "event")) == [("early", {"a": 1}), ("late", {"b": 2})]


def test_it_answers_to_track_interaction(open_page, tab, beacons):
    open_page(attributes='defer data-facade="analytics"')
    tab.evaluate("analytics.trackInteraction({ type: 'click', data: { id: 'x' } })")
    assert named(beacons(1, "event")) == [("click", {"id": "x"})]


def test_it_answers_to_the_calls_of_micrologs(open_page, tab, arrive, beacons):
    open_page(name="micrologs.js")
    tab.evaluate("Micrologs.error('It broke', { order: 7 }, 'warning')")
    tab.evaluate("Micrologs.audit('order.paid', 'me@example.com', { order: 7 })")
    (error,) = arrive(1, "error")
    (entry,) = arrive(1, "audit")
    assert error.fields["message"] == "It broke"
    assert error.fields["context"] == {"order": 7}
    assert error.fields["severity"] == "warning"
    assert entry.fields["action"] == "order.paid"
    assert entry.fields["actor"] == "me@example.com"
    assert entry.fields["context"] == {"order": 7}


def test_it_goes_on_where_the_browser_times_nothing(open_page, tab, beacons):
    tab.add_init_script("performance.getEntriesByType = () => []")
    open_page(attributes='defer data-auto="404"')
    tab.evaluate("history.pushState({}, '', '/two')")
    beacons(2)
