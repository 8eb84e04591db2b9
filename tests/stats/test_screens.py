"""GET /api/analytics/screens."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor

SCREENS = "/api/analytics/screens"


def row(screen: str, visits: int, views: int, visitors: int) -> Any:
    counts = {"visits": visits, "pageviews": views, "unique_visitors": visitors}
    return {"screen": screen, **counts}


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a", screen_resolution="1920x1080")
    alice.view("https://alice.example/b", screen_resolution="1920x1080")
    alice.view(address="192.0.2.1", screen_resolution="1920x1080")
    alice.view(address="192.0.2.2", screen_resolution="390x844")
    for name in (SCREENS, SCREENS + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Screens fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "screens": [row("1920x1080", 2, 3, 2), row("390x844", 1, 1, 1)],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (SCREENS, SCREENS + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["screens"]) == (0, [])


def test_it_shows_what_did_not_say_it_under_an_empty_name(alice: Actor) -> None:
    alice.view()
    assert alice.get(SCREENS).data["screens"] == [row("", 1, 1, 1)]
    assert alice.get(SCREENS + "?filter[screen]=").data["count"] == 1


def test_it_can_be_filtered(alice: Actor) -> None:
    alice.view(address="192.0.2.1", screen_resolution="1920x1080")
    alice.view(address="192.0.2.2", screen_resolution="390x844")
    data = alice.get(SCREENS + "?filter[screen]=!1920x1080").data
    assert data["screens"] == [row("390x844", 1, 1, 1)]
