"""GET /api/analytics/browsers."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor
from tests.wsgi import CHROME, FIREFOX

BROWSERS = "/api/analytics/browsers"


def row(browser: str, version: str, visits: int, views: int, visitors: int) -> Any:
    counts = {"visits": visits, "pageviews": views, "unique_visitors": visitors}
    return {"browser": browser, "browser_version": version, **counts}


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view(address="192.0.2.1")
    alice.view(headers={"User-Agent": FIREFOX})
    for name in (BROWSERS, BROWSERS + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Browsers fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "browsers": [
                    row("Chrome", "140", 2, 3, 2),
                    row("Firefox", "140", 1, 1, 1),
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (BROWSERS, BROWSERS + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["browsers"]) == (0, [])


def test_it_tells_versions_apart(alice: Actor) -> None:
    for version in ("139", "140"):
        alice.view(headers={"User-Agent": CHROME.replace("140", version)})
    assert alice.get(BROWSERS).data["browsers"] == [
        row("Chrome", "139", 1, 1, 1),
        row("Chrome", "140", 1, 1, 1),
    ]


def test_it_can_be_filtered(alice: Actor) -> None:
    alice.view()
    alice.view(headers={"User-Agent": FIREFOX})
    query = "?filter[browser]=~FIRE&filter[browser_version]=14*"
    data = alice.get(BROWSERS + query).data
    assert data["browsers"] == [row("Firefox", "140", 1, 1, 1)]
