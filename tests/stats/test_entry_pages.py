"""GET /api/analytics/entry-pages."""

from __future__ import annotations

from datetime import datetime

from tests.conftest import Actor, Clock

ENTRY_PAGES = "/api/analytics/entry-pages"


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a?x=1", page_title="A")
    alice.view("https://alice.example/b", page_title="B")
    alice.view("https://alice.example/a", address="192.0.2.1")
    alice.view("https://alice.example/b", address="192.0.2.2")
    for name in (ENTRY_PAGES, ENTRY_PAGES + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Entry pages fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "pages": [
                    {
                        "url": "https://alice.example/a",
                        "page_title": "A",
                        "visits": 2,
                        "unique_visitors": 2,
                        "bounce_rate": 50,
                    },
                    {
                        "url": "https://alice.example/b",
                        "page_title": "B",
                        "visits": 1,
                        "unique_visitors": 1,
                        "bounce_rate": 100,
                    },
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (ENTRY_PAGES, ENTRY_PAGES + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["pages"]) == (0, [])


def test_it_goes_by_the_time_of_views_not_of_beacons(alice: Actor) -> None:
    alice.view("https://alice.example/second")
    alice.view("https://alice.example/first", age=60)
    [page] = alice.get(ENTRY_PAGES).data["pages"]
    assert page["url"] == "https://alice.example/first"
    assert page["bounce_rate"] == 0


def test_it_counts_a_visit_on_the_day_it_began(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 3, 23, 50)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 0, 10)
    alice.view("https://alice.example/b")
    assert alice.get(ENTRY_PAGES + "?range=today").data["pages"] == []
    [page] = alice.get(ENTRY_PAGES + "?range=yesterday").data["pages"]
    assert page["url"] == "https://alice.example/a"


def test_it_shows_as_many_as_asked(alice: Actor) -> None:
    for number in range(3):
        alice.view(f"https://alice.example/{number}", address=f"192.0.2.{number}")
    data = alice.get(ENTRY_PAGES + "?limit=2&page=2").data
    assert [page["url"][-1] for page in data["pages"]] == ["2"]


def test_it_shows_under_a_page_filter_where_its_visits_began(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view("https://alice.example/c", address="192.0.2.1")
    [page] = alice.get(ENTRY_PAGES + "?filter[page]=/b").data["pages"]
    assert (page["url"][-2:], page["visits"]) == ("/a", 1)
