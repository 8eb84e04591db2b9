"""GET /api/analytics/timezones."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor

TIMEZONES = "/api/analytics/timezones"


def row(timezone: str, visits: int, views: int, visitors: int) -> Any:
    counts = {"visits": visits, "pageviews": views, "unique_visitors": visitors}
    return {"timezone": timezone, **counts}


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a", timezone="Europe/Berlin")
    alice.view("https://alice.example/b", timezone="Europe/Berlin")
    alice.view(address="192.0.2.1", timezone="Europe/Berlin")
    alice.view(address="192.0.2.2", timezone="Asia/Kathmandu")
    for name in (TIMEZONES, TIMEZONES + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Timezones fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "timezones": [
                    row("Europe/Berlin", 2, 3, 2),
                    row("Asia/Kathmandu", 1, 1, 1),
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (TIMEZONES, TIMEZONES + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["timezones"]) == (0, [])


def test_it_shows_what_did_not_say_it_under_an_empty_name(alice: Actor) -> None:
    alice.view()
    assert alice.get(TIMEZONES).data["timezones"] == [row("", 1, 1, 1)]
    assert alice.get(TIMEZONES + "?filter[timezone]=").data["count"] == 1


def test_it_can_be_filtered(alice: Actor) -> None:
    alice.view(address="192.0.2.1", timezone="Europe/Berlin")
    alice.view(address="192.0.2.2", timezone="Asia/Kathmandu")
    data = alice.get(TIMEZONES + "?filter[timezone]=!Europe/Berlin").data
    assert data["timezones"] == [row("Asia/Kathmandu", 1, 1, 1)]
