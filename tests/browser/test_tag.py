"""The tag: how it may be written, and what it says when it is written wrongly."""

from __future__ import annotations

import base64
import hashlib

import pytest

from app import web

pytestmark = pytest.mark.browser

INSERT = """<script>
  const tag = document.createElement('script');
  tag.type = '{type}';
  tag.src = '{url}/snippet/porthole.js';
  tag.dataset.publicKey = '{key}';
  tag.dataset.local = '';
  {where};
</script>"""


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ("", "porthole.js"),
        ("defer", "porthole.js?v=1/2"),
        ("async", "micrologs.js"),
        ('type="module"', "porthole.js"),
    ],
)
def test_it_works_however_it_is_loaded(
    site, api, tab, beacons, console, attributes, name
):
    site.add("/", api.tag(attributes, name), title="Home")
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert beacon.counted
    assert beacon.path == "/api/track/pageview"
    assert beacon.fields["page_title"] == "Home"
    assert console == []


@pytest.mark.parametrize("type", ["text/javascript", "module"])
@pytest.mark.parametrize(
    "where",
    [
        "document.head.appendChild(tag)",
        "addEventListener('load', () => document.body.appendChild(tag))",
    ],
)
def test_it_works_when_a_script_inserts_it(
    site, api, tab, beacons, console, type, where
):
    insert = INSERT.format(type=type, url=api.url, key=api.public_key, where=where)
    site.add("/", insert)
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert beacon.counted
    assert console == []


@pytest.mark.parametrize(
    ("api_url", "path"),
    [
        ("{}/stats", "/stats/api/track/pageview"),
        ("{}/stats/", "/stats/api/track/pageview"),
        ("{}/", "/api/track/pageview"),
        ("", "/api/track/pageview"),
    ],
)
def test_it_sends_to_data_api_url(site, api, tab, beacons, api_url, path):
    address = api_url.format(api.url)
    site.add("/", api.tag(f'defer data-api-url="{address}"'))
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert (beacon.path, beacon.counted) == (path, True)


def test_it_sends_to_the_folder_it_came_from(site, api, tab, beacons):
    tag = api.tag().replace("/snippet/", "/stats/snippet/")
    site.add("/", tag)
    tab.goto(site.url + "/")
    (beacon,) = beacons(1)
    assert (beacon.path, beacon.counted) == ("/stats/api/track/pageview", True)


def test_it_sends_to_the_pages_own_server(api, tab, beacons):
    html = '<script src="/own.js" data-local data-public-key="k" data-api-url="/">'
    html += "</script>"
    tab.route("**/page", lambda page: page.fulfill(body=html, content_type="text/html"))
    tab.route("**/own.js", lambda script: script.fulfill(body=web.snippet()))
    tab.goto(api.url + "/page")
    assert beacons(1)[0].path == "/api/track/pageview"


def test_it_works_as_a_copy_if_told_where_porthole_is(site, api, tab, beacons):
    site.add_script("/own.js")
    key = f'data-local data-public-key="{api.public_key}"'
    site.add("/", f'<script src="/own.js" {key} data-api-url="{api.url}"></script>')
    tab.goto(site.url + "/")
    assert beacons(1)[0].counted


@pytest.mark.parametrize("path", ["/w/page.js", "/assets/x.js?v=2"])
def test_it_sends_to_its_own_folder_under_a_neutral_name(site, api, tab, beacons, path):
    site.add("/", api.tag(name=path))
    tab.goto(site.url + "/")
    folder = path.rpartition("/")[0]
    assert beacons(1)[0].path == folder + "/pageview"


def test_it_works_with_the_hash_of_what_is_served(site, api, tab, beacons, console):
    digest = base64.b64encode(hashlib.sha384(web.snippet().encode()).digest()).decode()
    site.add("/", api.tag(f'crossorigin integrity="sha384-{digest}"'))
    tab.goto(site.url + "/")
    beacons(1)
    assert console == []


@pytest.mark.parametrize(
    "attributes", ["defer", 'type="module"', 'defer data-public-key=""']
)
def test_it_says_that_the_key_is_missing(site, api, tab, beacons, console, attributes):
    source = f'src="{api.url}/snippet/porthole.js"'
    site.add("/", f"<script {attributes} {source}></script>")
    tab.goto(site.url + "/")
    tab.evaluate("history.pushState({}, '', '/two')")
    beacons(0)
    assert console == ["porthole: no data-public-key"]


@pytest.mark.parametrize("second", ["porthole.js", "micrologs.js"])
def test_it_counts_once_if_included_twice(
    site, api, tab, arrive, beacons, console, second
):
    site.add("/", api.tag() + api.tag(name=second))
    tab.goto(site.url + "/")
    arrive(1)
    tab.evaluate("history.pushState({}, '', '/two')")
    beacons(2)
    assert console == []


def test_it_works_under_a_strict_content_security_policy(
    site, api, tab, arrive, beacons, console
):
    policy = f"default-src 'none'; script-src {api.url}; connect-src {api.url}"
    trusted = "; require-trusted-types-for 'script'; trusted-types 'none'"
    tag = api.tag('defer data-identity="cookie"')
    site.add("/", tag, Content_Security_Policy=policy + trusted)
    tab.goto(site.url + "/")
    arrive(1)
    tab.evaluate("history.pushState({}, '', '/two')")
    found = beacons(2)
    assert [beacon.counted for beacon in found] == [True, True]
    assert console == []


def test_it_works_where_no_referrer_is_sent(site, api, tab, beacons):
    site.add("/", api.tag(), Referrer_Policy="no-referrer")
    site.add("/elsewhere", "")
    tab.goto(site.url + "/")
    tab.evaluate("history.pushState({}, '', '/two'); location.assign('/elsewhere')")
    assert [beacon.counted for beacon in beacons(2)] == [True, True]
