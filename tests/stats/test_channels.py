"""GET /api/analytics/channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.conftest import Actor, Clock

CHANNELS = "/api/analytics/channels"


def row(channel: str, visits: int, views: int, visitors: int) -> dict[str, Any]:
    return {
        "channel": channel,
        "visits": visits,
        "pageviews": views,
        "unique_visitors": visitors,
    }


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a", referrer="https://www.google.com/")
    alice.view("https://alice.example/b")
    alice.view(address="192.0.2.1", referrer="https://www.google.com/")
    alice.view(address="192.0.2.2")
    for name in (CHANNELS, CHANNELS + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Channels fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "channels": [row("organic_search", 2, 3, 2), row("direct", 1, 1, 1)],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (CHANNELS, CHANNELS + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["channels"]) == (0, [])


CAME_FROM = {
    "direct": ("https://alice.example/", ""),
    "organic_search": ("https://duckduckgo.com/", ""),
    "paid_search": ("https://www.google.com/", "utm_source=google&utm_medium=cpc"),
    "social": ("https://t.co/x", ""),
    "paid_social": ("", "utm_source=facebook&utm_medium=paid_social"),
    "email": ("https://mail.google.com/", ""),
    "referral": ("https://www.netflix.com/", ""),
    "display": ("", "utm_source=network&utm_medium=display"),
    "affiliate": ("", "utm_source=friend&utm_medium=affiliate"),
    "ai_assistant": ("https://chatgpt.com/", ""),
}


def test_it_names_each_channel(alice: Actor) -> None:
    for number, (referrer, query) in enumerate(CAME_FROM.values()):
        address = f"192.0.2.{number}"
        alice.view(f"https://alice.example/?{query}", {}, address, referrer=referrer)
        alice.view("https://alice.example/b", {}, address)
    found = alice.get(CHANNELS).data["channels"]
    assert found == [row(channel, 1, 2, 1) for channel in sorted(CAME_FROM)]
    for channel in CAME_FROM:
        filtered = alice.visitors(f"filter[channel]={channel}")
        assert (filtered["total_sessions"], filtered["total_pageviews"]) == (1, 2)


def test_it_counts_a_visit_only_on_the_day_it_began(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 3, 23, 50)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 0, 10)
    alice.view("https://alice.example/b")
    before = alice.get(CHANNELS + "?range=yesterday").data["channels"]
    assert before == [row("direct", 1, 1, 1)]
    today = alice.get(CHANNELS + "?range=today").data["channels"]
    assert today == [row("direct", 0, 1, 1)]
    assert alice.visitors("range=today")["total_sessions"] == 0


def test_it_shows_as_many_as_asked(alice: Actor) -> None:
    alice.view(address="192.0.2.1")
    alice.view(address="192.0.2.2", referrer="https://blog.example/")
    data = alice.get(CHANNELS + "?limit=1&page=2").data
    assert data["channels"] == [row("referral", 1, 1, 1)]
