"""The requests of Micrologs' own browser script, 1.1.0, against a live Porthole.

It asks for permission first (JSON and a header of its own), and listens to no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Actor
from tests.sdk.live import request, serve
from tests.wsgi import BROWSER

ORIGIN = "https://alice.example"


@pytest.fixture
def address(alice: Actor) -> Iterator[str]:
    with serve(alice.installation) as found:
        yield found


def send(address: str, actor: Actor, what: str, body: dict[str, Any]) -> Any:
    """Ask for permission, then send, as a browser does it for the script."""
    path = f"/api/track/{what}.php"
    asking = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-api-key",
    }
    allowed = request(address, "OPTIONS", path, None, asking)
    assert (allowed.status, allowed.body) == (200, b"")
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    granted = allowed.headers["Access-Control-Allow-Headers"].lower()
    assert "content-type" in granted
    assert "x-api-key" in granted
    headers = {
        **BROWSER,
        "Origin": ORIGIN,
        "Referer": ORIGIN + "/",
        "Content-Type": "application/json",
        "X-API-Key": actor.public_key,
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "cross-site",
    }
    answer = request(address, "POST", path, body, headers)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    return answer.data


def test_its_pageviews_are_counted(alice: Actor, address: str) -> None:
    view = {
        "url": ORIGIN + "/?utm_source=mail&utm_campaign=may",
        "page_title": "Home",
        "referrer": "https://www.google.com/",
        "visitor_id": "0b4e8a6e-6f0c-4c39-9e38-6a4f0cc3ffb7",
        "session_token": "7f2d6f6c-8b7f-4e35-a9d3-0b9a3b0a2c11",
        "fingerprint": "8f14e45fceea167a5a36dedd4bea2543",
        "screen_resolution": "1920x1080",
        "timezone": "Europe/Berlin",
        "utm_source": "mail",
        "utm_medium": "",
        "utm_campaign": "may",
        "utm_content": "",
        "utm_term": "",
    }
    assert send(address, alice, "pageview", view) == {"counted": True}
    assert send(address, alice, "pageview", view) == {"counted": False}
    assert alice.visitors()["total_pageviews"] == 1


def test_its_errors_are_grouped(alice: Actor, address: str) -> None:
    thrown = {
        "message": "Uncaught TypeError: cart is undefined",
        "error_type": "TypeError",
        "file": ORIGIN + "/shop.js",
        "line": 12,
        "stack": "TypeError: cart is undefined\n    at pay (https://a.example/s.js:1:2)",
        "url": ORIGIN + "/pay",
        "severity": "error",
        "environment": "production",
        "context": {},
    }
    by_hand = {name: thrown[name] for name in thrown if name not in ("line", "stack")}
    group_id = send(address, alice, "error", thrown)["group_id"]
    by_hand.update({"message": "Stock is empty", "error_type": "ManualError"})
    assert send(address, alice, "error", by_hand)["group_id"] != group_id


def test_its_audit_entries_are_kept(alice: Actor, address: str) -> None:
    entry = {"action": "order.paid", "actor": "anna", "context": {"order": 7}}
    assert send(address, alice, "audit", entry) == {"id": 1}
