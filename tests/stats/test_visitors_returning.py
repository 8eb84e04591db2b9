"""GET /api/analytics/visitors-returning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.conftest import Actor

RETURNING = "/api/analytics/visitors-returning"


@pytest.fixture
def known(create_project: Callable[..., Actor]) -> Actor:
    """Alice with cookies: a comes on three days, b on two, c on the last."""
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    for day, names in {2: "a", 3: "ab", 4: "abc"}.items():
        alice.installation.clock.at = datetime(2026, 3, day, 12)
        for name in names:
            alice.view("https://alice.example/", visitor_id=name)
    return alice


def test_it_answers_where_micrologs_fails(known: Actor) -> None:
    for name in (RETURNING, RETURNING + ".php"):
        answer = known.get(name + "?range=2d")
        assert answer.status == 200
        assert answer.json == {
            "success": True,
            "message": "Visitor retention fetched successfully",
            "data": {
                "range": {"from": "2026-03-03 00:00:00", "to": "2026-03-04 23:59:59"},
                "total_visitors": 3,
                "new_visitors": 2,
                "returning_visitors": 1,
                "new_pct": 66.7,
                "returning_pct": 33.3,
                "over_time": [
                    {"date": "2026-03-03", "new_visitors": 1, "returning_visitors": 1},
                    {"date": "2026-03-04", "new_visitors": 1, "returning_visitors": 2},
                ],
            },
        }


def test_its_daily_new_visitors_are_daily(known: Actor) -> None:
    # Micrologs counts whoever is new in the range as new on each of his days.
    days = known.get(RETURNING + "?range=3d").data["over_time"]
    assert [day["new_visitors"] for day in days] == [1, 1, 1]
    assert [day["returning_visitors"] for day in days] == [0, 1, 2]


def test_its_days_are_zero_filled(known: Actor) -> None:
    data = known.get(RETURNING + "?from=2026-02-27&to=2026-03-02").data
    assert [day["date"][-2:] for day in data["over_time"]] == ["27", "28", "01", "02"]
    assert data["over_time"][0] == {
        "date": "2026-02-27",
        "new_visitors": 0,
        "returning_visitors": 0,
    }


def test_it_is_zero_before_the_first_view(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    for name in (RETURNING, RETURNING + ".php"):
        data = alice.get(name + "?range=1d").data
        assert data["over_time"] == [
            {"date": "2026-03-04", "new_visitors": 0, "returning_visitors": 0}
        ]
        del data["range"], data["over_time"]
        assert set(data.values()) == {0}


def test_it_is_null_and_not_knowable_without_cookies(alice: Actor) -> None:
    alice.view()
    data = alice.get(RETURNING + "?range=1d").data
    assert data == {
        "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
        "total_visitors": 1,
        "new_visitors": None,
        "returning_visitors": None,
        "new_pct": None,
        "returning_pct": None,
        "knowable": False,
        "over_time": [],
    }


def test_it_is_0_with_a_note_for_micrologs_clients_without_cookies(
    alice: Actor,
) -> None:
    alice.view()
    data = alice.get(RETURNING + ".php?range=1d").data
    assert data.pop("note") == (
        "Returning visitors cannot be known in a cookieless project: every visitor"
        " counts as new."
    )
    assert data == {
        "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
        "total_visitors": 1,
        "new_visitors": 1,
        "returning_visitors": 0,
        "new_pct": 100,
        "returning_pct": 0,
        "over_time": [
            {"date": "2026-03-04", "new_visitors": 1, "returning_visitors": 0}
        ],
    }


def test_it_asks_under_a_filter_too_when_the_first_view_ever_was(known: Actor) -> None:
    known.view("https://alice.example/sale", visitor_id="b")
    # b's first view ever, of another page, was on the day before.
    today = known.get(RETURNING + "?range=1d&filter[page]=/sale").data
    assert (today["new_visitors"], today["returning_visitors"]) == (0, 1)
    both = known.get(RETURNING + "?range=2d&filter[page]=/sale").data
    assert (both["new_visitors"], both["returning_visitors"]) == (1, 0)
    assert both["over_time"] == [
        {"date": "2026-03-03", "new_visitors": 0, "returning_visitors": 0},
        {"date": "2026-03-04", "new_visitors": 0, "returning_visitors": 1},
    ]


def test_it_takes_an_interval(known: Actor) -> None:
    query = "?from=2026-02-28&to=2026-03-04&interval="
    weeks = known.get(RETURNING + query + "week").data["over_time"]
    assert weeks == [
        {"date": "2026-02-28", "new_visitors": 0, "returning_visitors": 0},
        {"date": "2026-03-02", "new_visitors": 3, "returning_visitors": 0},
    ]
    hours = known.get(RETURNING + "?range=1d&interval=hour").data["over_time"]
    assert len(hours) == 24
    assert hours[12] == {
        "date": "2026-03-04 12:00:00",
        "new_visitors": 1,
        "returning_visitors": 2,
    }


def test_it_shows_a_project_only_its_own_rows(known: Actor, charlie: Actor) -> None:
    assert charlie.get(RETURNING).data["total_visitors"] == 0
