"""GET /api/analytics/os."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor
from tests.wsgi import FIREFOX

SYSTEMS = "/api/analytics/os"

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) {WEBKIT}"
    " Version/17.1 Mobile/15E148 Safari/604.1"
)


def row(os: str, version: str, visits: int, views: int, visitors: int) -> Any:
    counts = {"visits": visits, "pageviews": views, "unique_visitors": visitors}
    return {"os": os, "os_version": version, **counts}


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view(address="192.0.2.1")
    alice.view(headers={"User-Agent": FIREFOX})
    for name in (SYSTEMS, SYSTEMS + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Os fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "os": [row("Linux", "", 2, 3, 2), row("Windows", "10", 1, 1, 1)],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (SYSTEMS, SYSTEMS + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["os"]) == (0, [])


def test_an_iphone_is_ios_not_macos(alice: Actor) -> None:
    alice.view(headers={"User-Agent": IPHONE})
    for name in (SYSTEMS, SYSTEMS + ".php"):
        assert alice.get(name).data["os"] == [row("iOS", "17.1.2", 1, 1, 1)]


def test_it_can_be_filtered(alice: Actor) -> None:
    alice.view()
    alice.view(headers={"User-Agent": IPHONE})
    data = alice.get(SYSTEMS + "?filter[os]=iOS&filter[os_version]=17.*").data
    assert data["os"] == [row("iOS", "17.1.2", 1, 1, 1)]
