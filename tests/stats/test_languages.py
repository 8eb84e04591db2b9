"""GET /api/analytics/languages."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor

LANGUAGES = "/api/analytics/languages"


def row(language: str, visits: int, views: int, visitors: int) -> Any:
    counts = {"visits": visits, "pageviews": views, "unique_visitors": visitors}
    return {"language": language, **counts}


def test_it_answers_under_both_names(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view(address="192.0.2.1")
    alice.view(headers={"Accept-Language": "fr"}, address="192.0.2.2")
    for name in (LANGUAGES, LANGUAGES + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Languages fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "languages": [row("de-CH", 2, 3, 2), row("fr", 1, 1, 1)],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (LANGUAGES, LANGUAGES + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["languages"]) == (0, [])


def test_it_takes_the_first_language_only(alice: Actor) -> None:
    header = {"Accept-Language": "pt-BR;q=0.9, en;q=0.8"}
    alice.view(headers=header)
    assert alice.get(LANGUAGES).data["languages"] == [row("pt-BR", 1, 1, 1)]


def test_it_shows_any_language_under_an_empty_name(alice: Actor) -> None:
    alice.view(headers={"Accept-Language": "*"})
    assert alice.get(LANGUAGES).data["languages"] == [row("", 1, 1, 1)]


def test_it_can_be_filtered(alice: Actor) -> None:
    alice.view()
    alice.view(headers={"Accept-Language": "fr"}, address="192.0.2.2")
    data = alice.get(LANGUAGES + "?filter[language]=de*").data
    assert data["languages"] == [row("de-CH", 1, 1, 1)]
