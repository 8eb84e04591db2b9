"""Every page × every kind of caller, and what nobody should send: never a 500."""

from __future__ import annotations

import pytest

from app import front, routes
from app.web import create_flask_with_pages
from tests.conftest import SECRET, Actor, Installation
from tests.pages.browser import Browser
from tests.test_hostile_input import INJECTIONS
from tests.wsgi import BROWSER, call

# What a stranger gets, and what the owner gets who is signed in.
PAGES = {
    ("GET", "/sign-in"): (200, 200),
    ("POST", "/sign-in"): (403, 403),
    ("GET", "/sign-out"): (303, 303),
    ("POST", "/sign-out"): (403, 403),
    ("GET", "/numbers"): (303, 200),
    ("GET", "/doctor"): (303, 200),
    ("GET", "/doctor/echo"): (403, 403),
    ("POST", "/doctor/echo"): (403, 403),
    ("GET", "/setup"): (410, 410),
    ("POST", "/setup"): (410, 410),
    ("GET", "/panel/style"): (200, 200),
    ("GET", "/panel/icon"): (200, 200),
    ("GET", "/panel/probe"): (200, 200),
}
IDS = [" ".join(page) for page in PAGES]
PRIVATE = b"alice.example"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What reaches the database is tested on both in test_numbers.py."""
    return sqlite_url


def _dispatcher(application: front.Application) -> object:
    return application._dispatcher


def test_it_knows_every_page(installation: Installation) -> None:
    dispatcher = _dispatcher(installation.application)
    flask = create_flask_with_pages(dispatcher, "")  # type: ignore[arg-type]
    snippets = (installation.config.snippet_path, "/snippet/")
    found = {
        (method, rule.rule)
        for rule in flask.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if routes.find(rule.rule) is None and not rule.rule.startswith(snippets)
    }
    assert found == set(PAGES)


@pytest.mark.parametrize(("method", "path"), PAGES, ids=IDS)
def test_it_lets_in_the_owner_alone(
    installation: Installation, alice: Actor, method: str, path: str
) -> None:
    alice.view()
    stranger, owner = (
        Browser(installation.application, HTTP_HOST="127.0.0.1:1") for _ in range(2)
    )
    owner.sign_in(SECRET)
    for browser, expected in zip((stranger, owner), PAGES[method, path]):
        answer = browser._ask(method, path, b"" if method == "POST" else None, {})
        assert answer.status == expected, path
        if browser is stranger:
            assert PRIVATE not in answer.body
    # A key of the API opens no page: a browser would send it along by itself.
    for name, key in (("X-Admin-Key", SECRET), ("X-API-Key", alice.secret_key)):
        answer = call(
            installation.application, method, path, headers={**BROWSER, name: key}
        )
        assert answer.status == PAGES[method, path][0]


@pytest.mark.parametrize(("method", "path"), PAGES, ids=IDS)
def test_it_takes_or_refuses_anything(
    installation: Installation, alice: Actor, method: str, path: str
) -> None:
    owner = Browser(installation.application, HTTP_HOST="127.0.0.1:1")
    owner.sign_in(SECRET)
    kept = dict(owner.cookies)
    texts = [*INJECTIONS, "\xff", "x" * 9000, "\x00", "%", "=&=&;", "\U0001f600"]
    for text in texts:
        # A web server hands headers over as latin-1, and without line ends.
        clean = text.replace("\r\n", " ").encode().decode("latin-1")
        for query in (clean, f"project={clean}", f"to={clean}&ticket={clean}"):
            if path == "/doctor" and query != clean:
                continue  # it takes no query, and looks at much each time
            owner.cookies = dict(kept)
            body = text.encode() if method == "POST" else None
            answer = owner._ask(method, f"{path}?{query}", body, {})
            assert answer.status in (200, 303, 400, 403, 404, 410, 413, 429), answer
            assert b"<script>alert" not in answer.body
            for name, value in answer.headers.items():
                assert "\n" not in name + value
                assert "\r" not in name + value
        for header in ("Cookie", "Referer", "X-Forwarded-Proto", "X-Forwarded-For"):
            answer = call(
                installation.application, method, path, headers={header: clean}
            )
            assert answer.status == PAGES[method, path][0], (header, text)
