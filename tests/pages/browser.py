"""A browser without a window: keeps cookies, reads forms and sends them."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.wsgi import BROWSER, Answer, call

VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "path", "circle"}


class Page(HTMLParser):
    """What a page has: its elements, and its text without the tags."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.html = answer.body.decode()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.pieces: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.pieces))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of its forms."""
        return {
            str(field["name"]): str(field.get("value", ""))
            for field in self.named("input")
            if field.get("type") == "hidden"
        }


class Browser:
    """One person's browser, in front of a WSGI application."""

    def __init__(self, application: Any, **environ: Any) -> None:
        self.application = application
        self.environ = environ
        self.cookies: dict[str, str] = {}
        self.answer = Answer("204", [], b"")

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        """Send a form as it is given."""
        return self._ask("POST", path, urlencode(form).encode(), headers)

    def send(self, path: str, **fields: str) -> Answer:
        """Fill in the form of the page that is open, and send it."""
        return self.post(path, {**self.page.hidden(), **fields})

    @property
    def page(self) -> Page:
        return Page(self.answer)

    def sign_in(self, key: str, to: str = "numbers") -> Answer:
        self.get(f"/sign-in?to={to}")
        return self.send("/sign-in", admin_key=key)

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        sent = {**BROWSER, **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        self.answer = call(
            self.application, method, path, body, headers=sent, **self.environ
        )
        self.take_cookies()
        return self.answer

    def take_cookies(self) -> None:
        """Keep and forget cookies as the answer says."""
        for name, cookie in SimpleCookie(
            self.answer.headers.get("Set-Cookie", "")
        ).items():
            self.cookies.pop(name, None)
            if cookie.value and cookie["max-age"] != "0":
                self.cookies[name] = cookie.value


def assert_strict(answer: Answer) -> Page:
    """Check what holds for each page: it keeps to a strict CSP, and can be read."""
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    page = Page(answer)
    assert page.open == [], "something is not closed"
    assert page.named("html") == [{"lang": "en"}]
    assert len(page.named("h1")) == len(page.named("main")) == 1
    assert page.named("style") == []
    assert all("src" in script for script in page.named("script"))
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    labels = {a.get("for") for a in page.named("label")}
    for tag, attributes in page.elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        kind = attributes.get("type")
        if tag == "select" or (tag == "input" and kind != "hidden"):
            shown = "hidden" not in attributes
            assert not shown or attributes.get("id") in labels, attributes
    for tag in ("script", "link", "img"):
        for attributes in page.named(tag):
            loaded = str(attributes.get("src") or attributes.get("href"))
            assert loaded.startswith("/"), loaded
    return page


def visible(answer: Answer) -> str:
    """Return the text of an answer, without tags."""
    return unescape(Page(answer).text)
