"""GET /api/analytics/summary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Actor

SUMMARY = "/api/analytics/summary"
FIGURES = (
    "visitors",
    "visits",
    "pageviews",
    "views_per_visit",
    "bounce_rate",
    "duration_seconds",
)


def figure(value: float, previous: float, change: float | None) -> dict[str, Any]:
    return {"value": value, "previous": previous, "change": change}


@pytest.fixture
def busy(alice: Actor) -> Actor:
    """Alice: one visit yesterday, three today, one on that Wednesday a year ago."""
    clock = alice.installation.clock
    clock.at = datetime(2025, 3, 5, 12)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 3, 12)
    alice.view("https://alice.example/a")
    clock.move(minutes=10)
    alice.view("https://alice.example/b")
    clock.at = datetime(2026, 3, 4, 12)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        alice.view("https://alice.example/a", address=address)
    clock.move(minutes=10)
    alice.view("https://alice.example/b", address="192.0.2.1")
    return alice


def test_it_answers_under_both_names(busy: Actor) -> None:
    for name in (SUMMARY, SUMMARY + ".php"):
        answer = busy.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Summary fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "visitors": figure(3, 1, 200),
                "visits": figure(3, 1, 200),
                "pageviews": figure(4, 2, 100),
                "views_per_visit": figure(1.33, 2, -33.5),
                "bounce_rate": figure(66.7, 0, None),
                "duration_seconds": figure(200, 600, -66.7),
            },
        }


def test_it_is_zero_before_the_first_view(alice: Actor) -> None:
    for name in (SUMMARY, SUMMARY + ".php"):
        data = alice.get(name).data
        del data["range"]
        assert tuple(data) == FIGURES
        assert all(shown == figure(0, 0, None) for shown in data.values())


def test_it_compares_with_the_same_weekday_a_year_ago(busy: Actor) -> None:
    data = busy.get(SUMMARY + "?range=today&compare=year").data
    assert data["visits"] == figure(3, 1, 200)
    assert data["bounce_rate"] == figure(66.7, 100, -33.3)
    assert data["compare"]["range"]["from"] == "2025-03-05 00:00:00"


def test_it_counts_each_visitor_once_in_the_range(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    for day in (2, 3, 4):
        alice.installation.clock.at = datetime(2026, 3, day, 12)
        alice.view(visitor_id="a")
    data = alice.get(SUMMARY + "?range=2d").data
    assert data["visitors"] == figure(1, 1, 0)
    assert data["visits"] == figure(2, 1, 100)


def test_it_agrees_with_the_other_reports(busy: Actor) -> None:
    summary = busy.get(SUMMARY + "?range=2d").data
    visitors = busy.visitors("range=2d")
    sessions = busy.get("/api/analytics/sessions?range=2d").data
    pages = busy.get("/api/analytics/pages?range=2d").data["pages"]
    assert summary["visitors"]["value"] == visitors["unique_visitors"]
    assert summary["visits"]["value"] == sessions["total_sessions"]
    assert summary["bounce_rate"]["value"] == sessions["bounce_rate"]
    assert summary["duration_seconds"]["value"] == sessions["avg_duration_seconds"]
    assert summary["views_per_visit"]["value"] == sessions["avg_pages_per_session"]
    assert summary["pageviews"]["value"] == sum(page["pageviews"] for page in pages)


def test_it_takes_a_filter_for_both_spans(busy: Actor) -> None:
    data = busy.get(SUMMARY + "?range=1d&filter[page]=/b").data
    assert data["pageviews"] == figure(1, 1, 0)
    assert data["visits"] == figure(1, 1, 0)
    assert data["duration_seconds"] == figure(600, 600, 0)


def test_its_csv_has_a_line_for_each_figure(busy: Actor) -> None:
    text = busy.get(SUMMARY + "?range=1d&format=csv").body.decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[0] == "figure,value,previous,change"
    assert lines[1] == "visitors,3,1,200"
    assert lines[5] == "bounce_rate,66.7,0,"
    assert [line.partition(",")[0] for line in lines[1:-1]] == list(FIGURES)
