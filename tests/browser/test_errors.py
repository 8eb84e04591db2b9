"""Errors of the page: noticed, told apart, counted; the site's own handlers stay."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

THROW = "(text) => { setTimeout(() => { throw new TypeError(text) }) }"


@pytest.fixture
def tab(failing_tab):
    """These pages throw by intention."""
    return failing_tab


@pytest.fixture
def open_page(site, api, tab, arrive):
    def open_(attributes="", content=""):
        site.add("/page", content + api.tag(f"defer {attributes}"), title="Page")
        tab.goto(site.url + "/page")
        arrive(1)

    return open_


def test_it_reports_an_error_nobody_caught(open_page, site, tab, beacons):
    broken = "<button onclick=\"throw new TypeError('It broke')\">x</button>"
    open_page('data-release="1.2" data-environment="staging"', broken)
    tab.get_by_role("button").click()
    (beacon,) = beacons(1, "error")
    fields = beacon.fields
    assert (fields["error_type"], fields["message"]) == ("TypeError", "It broke")
    assert fields["file"].startswith(site.url)
    assert isinstance(fields["line"], int)
    assert "TypeError: It broke" in fields["stack"]
    assert fields["url"] == site.url + "/page"
    assert (fields["release"], fields["environment"]) == ("1.2", "staging")
    assert beacon.path == "/api/track/error"


@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        ("new RangeError('Too far')", "RangeError", "Too far"),
        ("'a text'", "Error", "a text"),
        ("{ name: 'Mine', message: 'of mine' }", "Mine", "of mine"),
    ],
)
def test_it_reports_a_promise_nobody_caught(
    open_page, tab, beacons, reason, kind, message
):
    open_page()
    tab.evaluate("(reason) => { Promise.reject(eval('(' + reason + ')')) }", reason)
    (beacon,) = beacons(1, "error")
    assert (beacon.fields["error_type"], beacon.fields["message"]) == (kind, message)


def test_it_leaves_the_sites_handlers_alone(open_page, tab, beacons):
    handlers = """<script>
      seen = [];
      onerror = (message) => { seen.push('onerror'); };
      onunhandledrejection = () => { seen.push('onunhandledrejection'); };
      addEventListener('error', () => seen.push('listener'));
    </script>"""
    open_page(content=handlers)
    tab.evaluate(THROW, "It broke")
    tab.evaluate("() => { Promise.reject(new Error('No')) }")
    beacons(2, "error")
    assert tab.evaluate("seen.sort()") == [
        "listener",
        "onerror",
        "onunhandledrejection",
    ]


def test_it_counts_repeats_and_sends_them_at_the_end(
    open_page, site, tab, arrive, beacons
):
    open_page()
    for _ in range(5):
        tab.evaluate("() => { porthole('error', 'Again') }")
    (first,) = beacons(1, "error")
    assert "count" not in first.fields
    site.add("/elsewhere", "")
    tab.goto(site.url + "/elsewhere")
    last = beacons(2, "error")[1]
    assert last.fields["count"] == 4
    assert last.fields["message"] == "Again"
    assert last.fields["id"] != first.fields["id"]


def test_it_reports_ten_errors_a_page(open_page, tab, beacons):
    open_page()
    tab.evaluate(
        """() => {
          for (let n = 0; n < 30; n++) porthole('error', 'No. ' + n);
        }"""
    )
    found = beacons(10, "error")
    assert [b.fields["message"] for b in found] == [f"No. {n}" for n in range(10)]


def test_it_marks_an_error_of_a_foreign_script(open_page, api, tab, beacons):
    tab.route(
        "https://cdn.example/x.js",
        lambda route: route.fulfill(
            body="throw new Error('hidden from us')", content_type="text/javascript"
        ),
    )
    open_page()
    tab.evaluate(
        """() => {
          const script = document.createElement('script');
          script.src = 'https://cdn.example/x.js';
          document.head.append(script);
        }"""
    )
    (beacon,) = beacons(1, "error")
    assert beacon.fields["error_type"] == "CrossOrigin"
    assert beacon.fields["message"] == "Script error."


@pytest.mark.parametrize("auto", ["", "resources"])
def test_it_reports_what_does_not_load_if_told(open_page, site, tab, beacons, auto):
    open_page(f'data-auto="{auto}"')
    tab.evaluate(
        """() => {
          const image = new Image();
          image.src = '/missing.png';
          document.body.append(image);
        }"""
    )
    found = [
        (b.fields["error_type"], b.fields["message"], b.fields["file"])
        for b in beacons(1 if auto else 0, "error")
    ]
    address = site.url + "/missing.png"
    assert found == ([("ResourceError", address, address)] if auto else [])


def test_it_reports_no_error_if_told_not_to(open_page, tab, beacons):
    open_page("data-no-errors")
    tab.evaluate(THROW, "It broke")
    beacons(0, "error")
    tab.evaluate("() => { porthole('error', new Error('Called')) }")
    beacons(1, "error")


def test_it_survives_whatever_is_thrown(open_page, tab, beacons):
    open_page()
    tab.evaluate(
        """() => {
          const all = [null, undefined, Symbol('x'), { stack: 7 }, Object.create(null)];
          for (const thrown of all) {
            setTimeout(() => { throw thrown });
            Promise.reject(thrown);
          }
        }"""
    )
    tab.evaluate("porthole('event', 'still here')")
    beacons(1, "event")


def test_it_cuts_what_is_long(open_page, tab, beacons):
    open_page()
    tab.evaluate("() => { porthole('error', new Error('x'.repeat(100000))) }")
    (beacon,) = beacons(1, "error")
    assert len(beacon.fields["message"]) == len(beacon.fields["stack"]) == 2000


@pytest.mark.parametrize(("attributes", "kept"), [("", ""), ('data-query="v"', "?v=1")])
def test_it_sends_no_address_with_what_is_not_to_be_kept(
    open_page, site, tab, beacons, attributes, kept
):
    open_page(attributes + ' data-auto="resources"')
    site.add_raw(
        "/x.js",
        [b"function f() { throw new Error('at /api/me?token=s3cret') }\nf()"],
        Content_Type="text/javascript",
    )
    tab.evaluate(
        """() => {
          const script = document.createElement('script');
          script.src = '/x.js?v=1&token=s3cret#s3cret';
          const image = new Image();
          image.src = '/missing.png?token=s3cret&v=1';
          document.body.append(script, image);
        }"""
    )
    found = {b.fields["error_type"]: b.fields for b in beacons(2, "error")}
    assert "s3cret" not in str(found)
    error, resource = found["Error"], found["ResourceError"]
    assert error["message"] == "at /api/me"
    assert error["file"] == f"{site.url}/x.js{kept}"
    assert f"{site.url}/x.js{kept}:1:" in error["stack"]
    assert resource["file"] == f"{site.url}/missing.png{kept}"
