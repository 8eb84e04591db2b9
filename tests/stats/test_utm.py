"""GET /api/analytics/utm."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor

UTM = "/api/analytics/utm"


def row(source: str, medium: str, campaign: str, views: int, visitors: int) -> Any:
    return {
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign,
        "pageviews": views,
        "unique_visitors": visitors,
    }


def land(alice: Actor, query: str, visitor: int) -> None:
    alice.view(f"https://alice.example/?{query}", address=f"192.0.2.{visitor}")


def test_it_answers_in_the_contracts_words(alice: Actor) -> None:
    spring = "utm_source=news&utm_medium=email&utm_campaign=Fr%C3%BChling&utm_term=t"
    land(alice, spring, 1)
    alice.view("https://alice.example/b", address="192.0.2.1")
    land(alice, spring, 2)
    land(alice, "utm_source=x&utm_campaign=c", 3)
    land(alice, "", 4)
    for name in (UTM, UTM + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "UTM data fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "count": 2,
                "campaigns": [
                    row("news", "email", "Frühling", 3, 2),
                    row("x", "", "c", 1, 1),
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (UTM, UTM + ".php"):
        data = alice.get(name).data
        assert (data["count"], data["campaigns"]) == (0, [])


def test_it_keeps_rows_without_a_campaign(alice: Actor) -> None:
    # Micrologs leaves them out.
    land(alice, "utm_source=news", 1)
    land(alice, "utm_medium=email", 2)
    for name in (UTM, UTM + ".php"):
        assert alice.get(name).data["campaigns"] == [
            row("", "email", "", 1, 1),
            row("news", "", "", 1, 1),
        ]


def test_it_reads_an_array_parameter_as_another_one(alice: Actor) -> None:
    land(alice, "utm_source[]=news", 1)
    assert alice.get(UTM).data["campaigns"] == []


def test_it_can_be_filtered_by_each_field(alice: Actor) -> None:
    land(alice, "utm_source=a&utm_medium=m&utm_term=t", 1)
    land(alice, "utm_source=b&utm_campaign=c&utm_content=d", 2)

    def sources(query: str) -> list[str]:
        rows = alice.get(f"{UTM}?{query}").data["campaigns"]
        return [entry["utm_source"] for entry in rows]

    assert sources("filter[utm_source]=a") == ["a"]
    assert sources("filter[utm_medium]=m") == ["a"]
    assert sources("filter[utm_term]=t") == ["a"]
    assert sources("filter[utm_campaign]=c") == ["b"]
    assert sources("filter[utm_content]=!") == ["b"]
    assert sources("filter[utm_campaign]=") == ["a"]


def test_it_shows_as_many_as_asked(alice: Actor) -> None:
    land(alice, "", 9)
    for number in range(3):
        land(alice, f"utm_source={number}", number)
    data = alice.get(UTM + "?limit=2&page=2").data
    assert (data["count"], data["campaigns"][0]["utm_source"]) == (1, "2")
