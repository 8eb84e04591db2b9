"""GET /api/analytics/hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.conftest import Actor, Clock

HOURS = "/api/analytics/hours"
WEDNESDAY = 2


def busy(alice: Actor, query: str) -> list[dict[str, Any]]:
    """Return the hours in which there was anything."""
    hours = alice.get(f"{HOURS}?{query}").data["hours"]
    return [hour for hour in hours if hour["pageviews"] or hour["visits"]]


def cell(weekday: int, hour: int, views: int, visits: int, visitors: int) -> Any:
    return {
        "weekday": weekday,
        "hour": hour,
        "pageviews": views,
        "visits": visits,
        "unique_visitors": visitors,
    }


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view(address="192.0.2.1")
    for name in (HOURS, HOURS + ".php"):
        answer = alice.get(name + "?range=1d")
        week = [
            cell(weekday, hour, 0, 0, 0) for weekday in range(7) for hour in range(24)
        ]
        week[WEDNESDAY * 24 + 12] = cell(WEDNESDAY, 12, 3, 2, 2)
        assert answer.json == {
            "success": True,
            "message": "Hours fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "hours": week,
            },
        }


def test_it_is_zero_before_the_first_view(alice: Actor) -> None:
    for name in (HOURS, HOURS + ".php"):
        hours = alice.get(name).data["hours"]
        assert len(hours) == 7 * 24
        assert {hour["pageviews"] for hour in hours} == {0}


def test_it_sums_the_same_hour_of_several_weeks(alice: Actor, clock: Clock) -> None:
    for day in (25, 28):
        clock.at = datetime(2026, 2, day, 9)
        alice.view()
    clock.at = datetime(2026, 3, 4, 9)
    alice.view()
    assert busy(alice, "range=30d") == [
        cell(WEDNESDAY, 9, 2, 2, 2),
        cell(5, 9, 1, 1, 1),
    ]


def test_it_counts_a_visit_in_the_hour_it_began(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 3, 23, 50)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 0, 10)
    alice.view("https://alice.example/b")
    assert busy(alice, "range=2d") == [cell(1, 23, 1, 1, 1), cell(2, 0, 1, 0, 1)]
    assert busy(alice, "range=today") == [cell(2, 0, 1, 0, 1)]


def test_it_knows_the_projects_hours(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Kathmandu")
    alice.view()  # 12:00 UTC is 17:45 there
    alice.installation.clock.at = datetime(2026, 3, 4, 18, 30)  # Thursday 00:15 there
    alice.view()
    assert busy(alice, "range=2d") == [cell(2, 17, 1, 1, 1), cell(3, 0, 1, 1, 1)]


def test_it_has_every_hour_of_a_day_of_23_and_of_25(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Europe/Berlin")
    clock = alice.installation.clock
    clock.at = datetime(2026, 3, 29, 1, 0)  # 03:00; an hour before it was 01:00
    alice.view("https://alice.example/a", age=3600)
    alice.view("https://alice.example/b")
    assert busy(alice, "range=1d") == [cell(6, 1, 1, 1, 1), cell(6, 3, 1, 1, 1)]
    clock.at = datetime(2026, 10, 25, 1, 30)  # 02:30; an hour before it was that too
    alice.view("https://alice.example/a", age=3600)
    alice.view("https://alice.example/b")
    assert busy(alice, "range=1d") == [cell(6, 2, 2, 2, 1)]


def test_it_takes_a_page_filter(alice: Actor, clock: Clock) -> None:
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 13, 0)
    alice.view("https://alice.example/b")
    assert busy(alice, "filter[page]=/b") == [cell(2, 13, 1, 1, 1)]
