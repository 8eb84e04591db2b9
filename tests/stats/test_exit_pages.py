"""GET /api/analytics/exit-pages."""

from __future__ import annotations

from datetime import datetime

from tests.conftest import Actor, Clock

EXIT_PAGES = "/api/analytics/exit-pages"


def test_it_answers_under_both_names(alice: Actor, clock: Clock) -> None:
    alice.view("https://alice.example/a", page_title="A")
    clock.move(seconds=5)
    alice.view("https://alice.example/b?x=1", page_title="B")
    alice.view("https://alice.example/a", address="192.0.2.1")
    alice.view("https://alice.example/b", address="192.0.2.2")
    for name in (EXIT_PAGES, EXIT_PAGES + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Exit pages fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "pages": [
                    {
                        "url": "https://alice.example/b",
                        "page_title": "B",
                        "visits": 2,
                        "unique_visitors": 2,
                        "bounce_rate": 50,
                    },
                    {
                        "url": "https://alice.example/a",
                        "page_title": "A",
                        "visits": 1,
                        "unique_visitors": 1,
                        "bounce_rate": 100,
                    },
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (EXIT_PAGES, EXIT_PAGES + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["pages"]) == (0, [])


def test_it_goes_by_the_time_of_views_not_of_beacons(alice: Actor) -> None:
    alice.view("https://alice.example/last")
    alice.view("https://alice.example/first", age=60)
    [page] = alice.get(EXIT_PAGES).data["pages"]
    assert page["url"] == "https://alice.example/last"
    assert page["bounce_rate"] == 0


def test_it_counts_a_visit_on_the_day_it_began(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 3, 23, 50)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 0, 10)
    alice.view("https://alice.example/b")
    assert alice.get(EXIT_PAGES + "?range=today").data["pages"] == []
    [page] = alice.get(EXIT_PAGES + "?range=yesterday").data["pages"]
    assert page["url"] == "https://alice.example/b"


def test_it_shows_as_many_as_asked(alice: Actor) -> None:
    for number in range(3):
        alice.view(f"https://alice.example/{number}", address=f"192.0.2.{number}")
    data = alice.get(EXIT_PAGES + "?limit=2&page=2").data
    assert [page["url"][-1] for page in data["pages"]] == ["2"]
