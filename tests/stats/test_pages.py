"""GET /api/analytics/pages."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor, Clock

PAGES = "/api/analytics/pages"


def listed(alice: Actor, query: str = "") -> dict[str, Any]:
    """Return pageviews and visitors by url."""
    pages = alice.get(PAGES + query).data["pages"]
    return {page["url"]: (page["pageviews"], page["unique_visitors"]) for page in pages}


def test_it_answers_in_the_contracts_words(alice: Actor) -> None:
    alice.view("https://alice.example/a", page_title="A ✓")
    alice.view("https://alice.example/b")
    alice.view("https://alice.example/a", address="192.0.2.1", page_title="A ✓")
    for name in (PAGES, PAGES + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Pages fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "pages": [
                    {
                        "url": "https://alice.example/a",
                        "page_title": "A ✓",
                        "pageviews": 2,
                        "unique_visitors": 2,
                    },
                    {
                        "url": "https://alice.example/b",
                        "page_title": "",
                        "pageviews": 1,
                        "unique_visitors": 1,
                    },
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (PAGES, PAGES + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["pages"]) == (0, [])


def test_it_groups_by_host_and_path_where_micrologs_splits(alice: Actor) -> None:
    alice.view("https://alice.example/a?id=1")
    alice.view("https://alice.example/a?id=2#part")
    alice.view("http://alice.example/a")
    alice.view("https://www.alice.example/a")
    alice.view("https://alice.example/A")
    assert sorted(pair[0] for pair in listed(alice).values()) == [1, 1, 3]
    assert {url.partition("://")[2] for url in listed(alice)} == {
        "alice.example/a",
        "alice.example/A",
        "www.alice.example/a",
    }


def test_it_shows_the_newest_title_in_one_row(alice: Actor, clock: Clock) -> None:
    # Micrologs has a row for each title, an SPA's stale ones among them.
    alice.view("https://alice.example/a", page_title="Old")
    clock.move(hours=2)
    alice.view("https://alice.example/a", page_title="New")
    alice.view(
        "https://alice.example/a", page_title="Late", age=3600, address="192.0.2.1"
    )
    [page] = alice.get(PAGES).data["pages"]
    assert page["page_title"] == "New"
    assert (page["pageviews"], page["unique_visitors"]) == (3, 2)


def test_it_shows_20_pages_or_as_many_as_asked(alice: Actor) -> None:
    for number in range(22):
        alice.view(f"https://alice.example/{number:02}")
    alice.view("https://alice.example/21", address="192.0.2.1")

    def paths(query: str, name: str = PAGES) -> list[str]:
        data = alice.get(f"{name}?{query}").data
        assert data["count"] == len(data["pages"])
        return [page["url"][-2:] for page in data["pages"]]

    first = ["21", *(f"{number:02}" for number in range(19))]
    assert paths("") == first
    assert paths("limit=2") == ["21", "00"]
    assert paths("limit=2&page=2") == ["01", "02"]
    assert paths("page=2") == ["19", "20"]
    assert paths("page=3") == []
    assert len(paths("limit=100")) == 22
    # Micrologs takes 1 to 100, and brings what is outside within.
    assert paths("", PAGES + ".php") == first
    assert paths("limit=0", PAGES + ".php") == ["21"]
    assert len(paths("limit=1000", PAGES + ".php")) == 22


def test_it_counts_a_visitor_of_a_page_once_in_a_visit(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.installation.clock.move(minutes=6)
    alice.view("https://alice.example/a")
    assert listed(alice) == {
        "https://alice.example/a": (2, 1),
        "https://alice.example/b": (1, 1),
    }


def test_it_shows_a_project_only_its_own_rows(alice: Actor, charlie: Actor) -> None:
    alice.view("https://alice.example/a")
    assert charlie.get(PAGES).data["pages"] == []
