"""The demo site: every page is there, carries the real tag and asks nobody else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.pages import demo

KEY = "pk_alice"
PAGES = ["/", "/menu", "/visit", "/order"]
STEPS = ["/order/bread", "/order/cake", "/order/thanks"]
STATIC = Path(demo.__file__).parent / "static" / "demo"


class Page(HTMLParser):
    """The elements of a page, as (name, attributes), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def addresses(self) -> set[str]:
        """Return what the page links to, loads or submits to, fragments left out."""
        found = [a.get(k) for _, a in self.elements for k in ("href", "src", "action")]
        return {address for address in found if address and address[0] != "#"}

    def tag(self) -> dict[str, str | None]:
        (tag,) = [a for a in self.named("script") if "data-public-key" in a]
        return tag


def client(public_key: str = KEY, api_url: str = "") -> FlaskClient:
    app = Flask("demo_under_test", static_folder=None)
    app.register_blueprint(demo.blueprint(public_key, api_url))
    app.add_url_rule("/snippet/porthole.js", "snippet", lambda: "")
    return app.test_client()


def get(path: str, **options: str) -> Page:
    answer = client(**options).get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    return Page(answer.text)


def status(browser: FlaskClient, path: str) -> int:
    with browser.get(path) as answer:  # closed, as a static file stays open else
        return answer.status_code


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_it_carries_the_tag_and_shows_its_source(path):
    page = get(path)
    assert page.tag() == {
        "defer": None,
        "src": "/snippet/porthole.js",
        "data-public-key": KEY,
        "data-local": None,
    }
    source = (
        f'<script defer src="/snippet/porthole.js" data-public-key="{KEY}" data-local>'
    )
    assert source + "</script>" in page.text
    assert "demo page of Porthole" in page.text


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_it_can_be_read_by_everybody(path):
    page = get(path)
    assert page.named("html") == [{"lang": "en"}]
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.named(landmark)) == 1
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_it_works_under_a_strict_content_security_policy(path):
    page = get(path)
    assert all("src" in script for script in page.named("script"))
    assert page.named("style") == []
    for _, attributes in page.elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_it_links_only_to_what_exists(path):
    browser = client()
    for address in get(path).addresses():
        assert status(browser, address) == 200, address


def test_it_reaches_every_page_from_the_home_page():
    found, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        if path not in found and not path.startswith(("/demo/static/", "/snippet/")):
            found.add(path)
            waiting.extend(get(path).addresses())
    assert found == {*PAGES, *STEPS}


def test_it_gives_each_page_a_title_of_its_own():
    titles = {
        re.findall("<title>(.*?)</title>", client().get(path).text)[0]
        for path in PAGES + STEPS
    }
    assert len(titles) == len(PAGES + STEPS)


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_it_escapes_the_key_and_the_address(path):
    key = "\"'><script>alert(1)</script>&amp;"
    api_url = 'https://stats.example.com/"><b>'
    html = client(key, api_url).get(path).text
    page = Page(html)
    assert page.tag()["data-public-key"] == key
    assert page.tag()["data-api-url"] == api_url
    assert "<script>" not in html
    assert page.named("b") == []


def test_it_escapes_the_path_it_names():
    page = get("/order/<img src=x>")
    assert page.named("img") == []
    assert "/order/<img src=x>" in page.text


def test_it_names_an_api_address_only_if_there_is_one():
    tag = get("/", api_url="https://stats.example.com").tag()
    assert tag["data-api-url"] == "https://stats.example.com"
    assert "data-api-url" not in get("/").tag()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/order", "/order"),
        ("/order/bread", "/order/bread"),
        ("/order/cake", "/order/cake"),
        ("/order/thanks", "/order/thanks"),
        ("/order/a/step/unknown", "/order"),
    ],
)
def test_it_opens_the_order_page_at_the_step_asked_for(path, shown):
    steps = [a for a in get(path).named("section") if "data-path" in a]
    assert [a["data-path"] for a in steps] == ["/order", *STEPS]
    assert [a["data-path"] for a in steps if "hidden" not in a] == [shown]


def test_it_gives_each_step_the_title_it_has_after_a_reload():
    steps = [a for a in get("/order").named("section") if "data-path" in a]
    for step in steps:
        html = client().get(step["data-path"]).text
        assert f"<title>{step['data-title']}</title>" in html


def test_it_loads_the_steps_script_before_the_tag():
    sources = [script["src"] for script in get("/order").named("script")]
    assert sources == ["/demo/static/order.js", "/snippet/porthole.js"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/menu/nothing",
        "/orders",
        "/demo",
        "/demo/static/nothing.css",
        "/demo/static/../../demo.py",
    ],
)
def test_it_leaves_unknown_pages_unknown(path):
    assert client().get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_it_works_in_a_folder_of_a_site(path):
    browser = client()
    answer = browser.get(path, environ_overrides={"SCRIPT_NAME": "/sub"})
    page = Page(answer.text)
    assert page.tag()["src"] == "/sub/snippet/porthole.js"
    steps = [a["data-path"] for a in page.named("section") if "data-path" in a]
    for address in [*page.addresses(), *filter(None, steps)]:
        assert address.startswith("/sub/")
        assert status(browser, address[len("/sub") :]) == 200, address


@pytest.mark.parametrize("path", PAGES + STEPS)
def test_its_pages_ask_nobody_else(path):
    assert not re.search("https?://|//[a-z]", client().get(path).text)


@pytest.mark.parametrize("name", sorted(file.name for file in STATIC.iterdir()))
def test_its_files_are_served_and_ask_nobody_else(name):
    with client().get(f"/demo/static/{name}") as answer:
        assert answer.status_code == 200
        text = answer.text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import", text)
