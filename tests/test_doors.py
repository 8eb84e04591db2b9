"""The short way without Flask and the long way with it give the same answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Actor
from tests.wsgi import BROWSER

PAGEVIEW = "/api/track/pageview"
ENGAGEMENT = "/api/track/engagement"
BODY = {"url": "https://alice.example/", "visitor_id": "v", "session_token": "s"}
AUDIT = "/api/track/audit"
ENTRY = {"action": "login", "actor": "anna", "context": {"n": [1]}, "id": "beacon"}
OWN = {**BROWSER, "Origin": "https://alice.example"}

URLS = (
    "https://shop.example",
    "https://shop.example?a=[1]&b=\u00fc#\u00fc",
    "http://[2001:db8::1]:8080/a;b/%2f/%zz/'(x)!*~|",
    "https://b\u00fccher.example:443/a//b?c=d?e#f#g",
)
REQUESTS: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", PAGEVIEW, BODY, OWN),
    ("POST", PAGEVIEW, BODY, OWN),  # a duplicate now
    ("POST", PAGEVIEW + ".php", {**BODY, "url": "https://alice.example/2"}, OWN),
    ("POST", PAGEVIEW + ".php", {"url": "https://alice.example/2"}, OWN),
    ("POST", PAGEVIEW, {**BODY, "url": 1}, OWN),
    ("POST", PAGEVIEW, BODY, {**BROWSER, "Origin": "https://charlie.example"}),
    ("POST", PAGEVIEW, BODY, {**BROWSER, "User-Agent": "Googlebot"}),
    ("POST", PAGEVIEW, BODY, {**BROWSER, "DNT": "1"}),
    ("POST", PAGEVIEW, BODY, {**BROWSER, "X-API-Key": "0" * 32}),
    ("POST", PAGEVIEW, b"{", BROWSER),
    ("POST", PAGEVIEW, b"x" * 70000, BROWSER),
    ("POST", ENGAGEMENT, {"pageview_id": "a", "seconds": 5}, OWN),
    ("POST", ENGAGEMENT, {"pageview_id": "a", "seconds": -5}, OWN),
    ("POST", ENGAGEMENT, {"pageview_id": "a"}, {**BROWSER, "DNT": "1"}),
    ("POST", "/api/track/event", {"name": "signup", "props": {"a": 1}}, OWN),
    ("POST", "/api/track/event", {"name": ""}, OWN),
    ("POST", "/api/track/identify", {"user_id": "7", "visitor_id": "v"}, OWN),
    ("POST", "/api/track/batch", {"beacons": [{"type": "pageview", **BODY}, {}]}, OWN),
    ("POST", "/api/track/batch", {"beacons": []}, OWN),
    ("OPTIONS", PAGEVIEW, None, {"Origin": "https://anywhere.example"}),
    ("OPTIONS", PAGEVIEW + ".php", None, {}),
    ("GET", PAGEVIEW, None, {}),
    ("PUT", PAGEVIEW, BODY, OWN),
    ("DELETE", PAGEVIEW + ".php", None, {}),
    ("HEAD", PAGEVIEW, None, {}),
    ("BREW", PAGEVIEW, None, {}),
    ("POST", AUDIT + ".php", ENTRY, OWN),
    ("POST", AUDIT, {**ENTRY, "context": 5}, OWN),
    ("GET", AUDIT, None, {}),
    *(("GET", f"/l/link{number}", None, BROWSER) for number in range(len(URLS))),
    ("GET", "/l/link0", None, {"User-Agent": "Twitterbot"}),
    ("HEAD", "/l/link0", None, BROWSER),
    ("GET", "/l/nothing", None, BROWSER),
    ("GET", "/l/\xc3\xbc", None, BROWSER),
    ("POST", "/l/link0", None, BROWSER),
    ("BREW", "/l/link0", None, BROWSER),
    ("OPTIONS", "/l/link0", None, BROWSER),
    ("GET", "/l/", None, BROWSER),
    ("GET", "/l/link0/", None, BROWSER),
    ("GET", "/l/link0.php", None, BROWSER),
    ("GET", "/api/redirect?c=link0", None, BROWSER),
    ("POST", "/api/redirect?c=link0", None, BROWSER),
    ("POST", "/api/redirect.php?c=link0", None, BROWSER),
    ("BREW", "/api/redirect.php?c=link0", None, BROWSER),
    ("GET", "/api/redirect.php", None, BROWSER),
]


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_it_answers_the_same_through_both_doors(
    create_project: Callable[..., Actor], number: int
) -> None:
    method, path, body, headers = REQUESTS[number]
    alice = create_project("Alice", ["alice.example"])
    twin = create_project("Twin", ["alice.example"])
    long_way = alice.installation.with_settings(hot_door=False)
    answers = []
    for door, actor in ((alice.installation, alice), (long_way, twin)):
        keyed = {"X-API-Key": actor.public_key, **headers}
        for link, url in enumerate(URLS if not path.startswith(PAGEVIEW) else ()):
            # Codes are the installation's: made once, for both.
            made = {"code": f"link{link}", "destination_url": url}
            secret = {"X-API-Key": alice.secret_key}
            door.call("POST", "/api/links/create", made, headers=secret)
        if number == 1:
            door.call(*REQUESTS[0][:3], headers=keyed)
        answer = door.call(method, path, body, headers=keyed)
        answers.append((answer.status, answer.headers, answer.body))
    assert answers[0] == answers[1]


def test_it_answers_unknown_paths_in_the_envelope(alice: Actor) -> None:
    for path in (
        "/api/nothing",
        "/nothing",
        "/api/track/pageview.php.php",
        "/snippet/",
    ):
        answer = alice.installation.call("GET", path)
        assert answer.status == 404
        assert answer.json == {"success": False, "message": "Not found"}
