"""/sign-in and /sign-out: who gets to see the owner's pages, and for how long."""

from __future__ import annotations

import re

import pytest

from app.auth import WRONG_KEYS_A_MINUTE
from tests.conftest import SECRET, Installation
from tests.pages.browser import Browser, assert_strict

PAGES = ("/numbers", "/doctor")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Signing in asks no database."""
    return sqlite_url


@pytest.fixture
def browser(installation: Installation) -> Browser:
    return Browser(installation.application)


@pytest.mark.parametrize("path", PAGES)
def test_it_leads_a_stranger_to_the_form_and_back(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status == 303
    assert answer.headers["Location"] == f"/sign-in?to={path[1:]}"
    assert_strict(browser.get(answer.headers["Location"]))
    answer = browser.send("/sign-in", admin_key=SECRET)
    assert answer.status == 303
    assert answer.headers["Location"] == path
    assert_strict(browser.get(path))
    assert browser.answer.status == 200


def test_its_cookie_is_for_nobody_else(browser: Browser) -> None:
    browser.get("/sign-in")
    first = dict(browser.cookies)
    answer = browser.send("/sign-in", admin_key=SECRET)
    cookie = answer.headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=900"):
        assert word in cookie
    assert "Secure" not in cookie
    assert SECRET not in cookie
    assert browser.cookies != first, "what a stranger had before opens nothing now"


def test_its_cookie_stays_in_its_folder_and_on_https(
    installation: Installation,
) -> None:
    behind_tls = {"SCRIPT_NAME": "/sub", "wsgi.url_scheme": "https"}
    for browser in (
        Browser(installation.application, **behind_tls),
        Browser(
            installation.application,
            SCRIPT_NAME="/sub",
            HTTP_X_FORWARDED_PROTO="https",
        ),
    ):
        answer = browser.sign_in(SECRET)
        assert answer.headers["Location"] == "/sub/numbers"
        assert "; Secure" in answer.headers["Set-Cookie"]
        assert "Path=/sub;" in answer.headers["Set-Cookie"]


def test_neighbours_cannot_set_its_cookie(installation: Installation) -> None:
    """On https at the top of a host a browser takes such a name from nobody else."""
    browser = Browser(installation.application, **{"wsgi.url_scheme": "https"})
    cookie = browser.sign_in(SECRET).headers["Set-Cookie"]
    assert cookie.startswith("__Host-porthole_session=")
    assert "; Secure" in cookie
    assert "Path=/;" in cookie
    assert browser.get("/numbers").status == 200
    browser.cookies = {
        name.replace("__Host-", ""): value for name, value in browser.cookies.items()
    }
    assert browser.get("/numbers").status == 303


def test_it_ends_after_a_quarter_of_an_hour(
    browser: Browser, installation: Installation
) -> None:
    browser.sign_in(SECRET)
    installation.clock.move(minutes=14, seconds=59)
    assert browser.get("/numbers").status == 200
    installation.clock.move(seconds=2)
    assert browser.get("/numbers").status == 303


def test_it_ends_with_the_admin_key(installation: Installation) -> None:
    browser = Browser(installation.application)
    browser.sign_in(SECRET)
    for other in ({"admin_key": "x" * 40}, {"secret": b"y" * 40}):
        browser.application = installation.with_settings(**other).application
        assert browser.get("/numbers").status == 303


def test_it_signs_out(browser: Browser) -> None:
    browser.sign_in(SECRET)
    browser.get("/numbers")
    assert browser.send("/sign-out").headers["Location"] == "/sign-in"
    assert browser.get("/numbers").status == 303
    assert browser.get("/sign-out").status == 303


@pytest.mark.parametrize("key", ["", "wrong", "x" * 5000, "ä\ud83d\ude00", "\x00"])
def test_it_refuses_another_key(browser: Browser, key: str) -> None:
    text = key.encode("utf-16", "surrogatepass").decode("utf-16")
    answer = browser.sign_in(text)
    assert answer.status == 403
    assert "admin key" in assert_strict(answer).text
    assert browser.get("/numbers").status == 303


def test_it_makes_who_guesses_wait(
    browser: Browser, installation: Installation
) -> None:
    for _ in range(WRONG_KEYS_A_MINUTE):
        assert browser.sign_in("guess").status == 403
    answer = browser.sign_in("guess")
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert_strict(answer)
    # The same counter: guesses cannot go on at the API.
    guess = {"X-Admin-Key": "guess"}
    assert browser.get("/api/projects/list", **guess).status == 429
    assert browser.sign_in(SECRET).status == 303, "nobody can lock the owner out"


def test_it_takes_no_form_of_another_site(
    browser: Browser, installation: Installation
) -> None:
    stranger = Browser(installation.application)
    stranger.get("/sign-in")
    theirs = stranger.page.hidden()["form_token"]
    browser.get("/sign-in")
    ours = browser.page.hidden()["form_token"]
    for token in ("", "x", theirs, ours[:-1], ours + "x", "a.b.c", "é"):
        answer = browser.post("/sign-in", {"form_token": token, "admin_key": SECRET})
        assert answer.status == 403, token
        assert_strict(answer)
    browser.cookies.clear()
    assert browser.post(
        "/sign-in", {"form_token": ours, "admin_key": SECRET}
    ).status == (403)


def test_it_takes_no_form_that_is_too_old(
    browser: Browser, installation: Installation
) -> None:
    browser.get("/sign-in")
    installation.clock.move(minutes=16)
    assert browser.send("/sign-in", admin_key=SECRET).status == 403


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "admin", "admin-00.a.b", "stranger-00", "é", "a" * 9000, "..", '"'],
)
def test_it_takes_no_cookie_that_it_did_not_make(browser: Browser, cookie: str) -> None:
    browser.cookies = {"porthole_session": cookie.encode().decode("latin-1")}
    assert browser.get("/numbers").status == 303


def test_a_stranger_cannot_become_the_owner_by_his_own_cookie(browser: Browser) -> None:
    browser.get("/sign-in")
    kept = browser.cookies["porthole_session"]
    browser.cookies["porthole_session"] = kept.replace("stranger", "admin")
    assert browser.get("/numbers").status == 303


def test_it_leads_nowhere_else(browser: Browser) -> None:
    for wanted in ("https://evil.example", "//evil.example", "doctor/../x", "<b>"):
        browser.get(f"/sign-in?to={wanted}")
        assert browser.page.hidden()["to"] == "numbers"
        form = {**browser.page.hidden(), "to": wanted, "admin_key": SECRET}
        assert browser.post("/sign-in", form).headers["Location"] == "/numbers"


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": "x"}, 400),
        ({"CONTENT_LENGTH": "99999999"}, 413),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_it_refuses_a_body_that_it_cannot_read(
    installation: Installation, environ: dict[str, str], status: int
) -> None:
    browser = Browser(installation.application, **environ)
    assert browser.post("/sign-in", {"a": "b"}).status == status
    assert_strict(browser.answer)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&" * 500, b"a=b&" * 500, b"%", b"="])
def test_it_refuses_a_form_that_is_none(
    installation: Installation, body: bytes
) -> None:
    answer = installation.call("POST", "/sign-in", body)
    assert answer.status == 403


def test_its_files_are_served_without_an_ending(browser: Browser) -> None:
    """Some hosts look for *.css in the document root and never ask us."""
    browser.get("/sign-in")
    addresses = [str(link["href"]) for link in browser.page.named("link")]
    assert len(addresses) == 2
    for address in addresses:
        answer = browser.get(address)
        assert answer.status == 200
        assert "." not in address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        text = answer.body.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|url\(|@import", text)
    assert browser.get("/panel/nothing").status == 404
