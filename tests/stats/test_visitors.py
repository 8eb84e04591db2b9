"""GET /api/analytics/visitors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.conftest import Actor

VISITORS = "/api/analytics/visitors"


def test_it_answers_in_the_contracts_words(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view("https://alice.example/a", address="192.0.2.1")
    for name in (VISITORS, VISITORS + ".php"):
        answer = alice.get(name + "?range=2d")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json == {
            "success": True,
            "message": "Visitor analytics fetched successfully",
            "data": {
                "range": {"from": "2026-03-03 00:00:00", "to": "2026-03-04 23:59:59"},
                "unique_visitors": 2,
                "total_pageviews": 3,
                "total_sessions": 2,
                "bounce_rate": 50,
                "over_time": [
                    {"date": "2026-03-03", "pageviews": 0, "unique_visitors": 0},
                    {"date": "2026-03-04", "pageviews": 3, "unique_visitors": 2},
                ],
            },
        }


def test_it_is_zero_before_the_first_view(alice: Actor) -> None:
    data = alice.visitors()
    assert data["bounce_rate"] == data["unique_visitors"] == 0
    assert len(data["over_time"]) == 30


def test_it_counts_each_visitor_once_in_any_range(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    clock = alice.installation.clock
    seen = {1: "abc", 2: "a", 3: "b", 5: "ab", 9: "c"}
    for day, names in seen.items():
        clock.at = datetime(2026, 3, day, 12)
        for name in names:
            alice.view("https://alice.example/", visitor_id=name)
    for first in range(1, 11):
        for last in range(first, 11):
            query = f"range=custom&from=2026-03-{first:02}&to=2026-03-{last:02}"
            names = "".join(seen.get(day, "") for day in range(first, last + 1))
            data = alice.visitors(query)
            assert data["unique_visitors"] == len(set(names)), query
            assert data["total_sessions"] == len(names), query


def test_it_counts_in_the_projects_time_zone(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="America/New_York")
    alice.installation.clock.at = datetime(2026, 3, 5, 3, 0)  # 22:00 on the 4th there
    alice.view("https://alice.example/")
    data = alice.visitors("range=1d")
    assert data["range"]["from"] == "2026-03-04 00:00:00"
    assert data["over_time"][0]["pageviews"] == 1


def test_it_shows_a_project_only_its_own_rows(alice: Actor, charlie: Actor) -> None:
    alice.view("https://alice.example/")
    assert charlie.visitors()["total_pageviews"] == 0
    assert alice.visitors()["total_pageviews"] == 1


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", 30),
        ("range=1d", 1),
        ("range=7d", 7),
        ("range=365d", 365),
        ("range=custom&from=2026-02-28&to=2026-03-01", 2),
        ("range=custom&from=2025-03-04&to=2026-03-04", 366),
    ],
)
def test_it_takes_each_form_of_range(alice: Actor, query: str, days: int) -> None:
    for name in (VISITORS, VISITORS + ".php"):
        data = alice.get(f"{name}?{query}").data
        assert len(data["over_time"]) == days


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("range=custom", "from", "Invalid date format. Use YYYY-MM-DD"),
        ("range=custom&from=2026-03-01", "to", "Invalid date format. Use YYYY-MM-DD"),
        (
            "range=custom&from=2026-02-30&to=2026-03-01",
            "from",
            "Invalid date format. Use YYYY-MM-DD",
        ),
        (
            "range=custom&from=20260301&to=2026-03-01",
            "from",
            "Invalid date format. Use YYYY-MM-DD",
        ),
        (
            "range=custom&from=2026-W10-3&to=2026-03-05",
            "from",
            "Invalid date format. Use YYYY-MM-DD",
        ),
        (
            "range=custom&from=0001-01-01&to=0001-01-02",
            "from",
            "Invalid date format. Use YYYY-MM-DD",
        ),
        (
            "range=custom&from=2026-03-02&to=2026-03-01",
            "from",
            "'from' must be before 'to'",
        ),
        (
            "range=custom&from=2025-03-03&to=2026-03-04",
            "from",
            "Custom date range cannot exceed 365 days",
        ),
    ],
)
def test_it_refuses_a_custom_range_in_both_dialects(
    alice: Actor, query: str, field: str, message: str
) -> None:
    for name in (VISITORS, VISITORS + ".php"):
        answer = alice.get(f"{name}?{query}")
        assert answer.status == 400
        assert answer.json == {"success": False, "message": message, "field": field}


@pytest.mark.parametrize(
    ("query", "field", "days"),
    [
        ("range=30", "range", 30),
        ("range=abc", "range", 1),
        ("range=0d", "range", 1),
        ("range=366d", "range", 365),
        ("range=999999999999d", "range", 365),
        ("range=-5d", "range", 5),
        ("range=%D9%A3d", "range", 1),
        ("range=7d&limit=0", "limit", 7),
        ("range=7d&limits=5", "limits", 7),
        ("range=7d&from=2026-03-01", "from", 7),
    ],
)
def test_it_is_strict_where_micrologs_clamps(
    alice: Actor, query: str, field: str, days: int
) -> None:
    answer = alice.get(f"{VISITORS}?{query}")
    assert answer.status == 400
    assert answer.json["field"] == field
    clamped = alice.get(f"{VISITORS}.php?{query}")
    assert len(clamped.data["over_time"]) == days


def test_it_says_what_a_range_may_be(alice: Actor) -> None:
    message = alice.get(VISITORS + "?range=week").json["message"]
    assert message == (
        "range must be one of: 1d to 365d, today, yesterday, month, year, all, custom"
    )
    message = alice.get(VISITORS + "?rage=7d").json["message"]
    assert message == (
        "rage is not a parameter; accepted: range, from, to, compare, interval, limit,"
        " page, format, filter[…]"
    )


def test_it_wants_the_secret_key(alice: Actor, charlie: Actor) -> None:
    def ask(key: str | None) -> tuple[int, str]:
        headers = {} if key is None else {"X-API-Key": key}
        answer = alice.installation.call("GET", VISITORS, headers=headers)
        return answer.status, answer.json["message"]

    assert ask(None) == (401, "API key is required")
    assert ask(alice.public_key) == (401, "Invalid API key")
    assert ask("f" * 64) == (401, "Invalid API key")
    assert alice.installation.call("POST", VISITORS, {}).status == 405
