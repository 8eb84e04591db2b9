"""GET /api/analytics/locations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.client.mmdb import write_mmdb
from tests.conftest import Actor

LOCATIONS = "/api/analytics/locations"
ZURICH, GENEVA, BERLIN, NOWHERE = (
    "192.0.2.1",
    "192.0.2.129",
    "198.51.100.1",
    "203.0.113.1",
)


def record(code: str, country: str, region: str, city: str) -> dict[str, Any]:
    """Return what a city file says about a network."""
    return {
        "country": {"iso_code": code, "names": {"en": country}},
        "subdivisions": [{"names": {"en": region}}],
        "city": {"names": {"en": city}},
    }


@pytest.fixture
def placed(alice: Actor, tmp_path: Path) -> Actor:
    """Alice, with a file that knows three places."""
    path = write_mmdb(
        tmp_path / "places.mmdb",
        {
            "192.0.2.0/25": record("CH", "Switzerland", "Zurich", "Zürich"),
            "192.0.2.128/25": record("CH", "Switzerland", "Geneva", "Geneva"),
            "198.51.100.0/24": record("DE", "Germany", "Berlin", "Berlin"),
        },
    )
    alice.installation = alice.installation.with_settings(geoip=str(path))
    return alice


def test_it_answers_in_the_contracts_words(placed: Actor) -> None:
    placed.view("https://alice.example/a", address=ZURICH)
    placed.view("https://alice.example/b", address=ZURICH)
    placed.view("https://alice.example/a", address=GENEVA)
    placed.view("https://alice.example/a", address=BERLIN)
    swiss = {"country": "Switzerland", "country_code": "CH"}
    german = {"country": "Germany", "country_code": "DE"}
    for name in (LOCATIONS, LOCATIONS + ".php"):
        answer = placed.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Locations fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "by_country": [
                    {**swiss, "pageviews": 3, "unique_visitors": 2},
                    {**german, "pageviews": 1, "unique_visitors": 1},
                ],
                "by_region": [
                    {**swiss, "region": "Zurich", "pageviews": 2},
                    {**german, "region": "Berlin", "pageviews": 1},
                    {**swiss, "region": "Geneva", "pageviews": 1},
                ],
                "by_city": [
                    _city("Zürich", "Zurich", "CH", 2),
                    _city("Berlin", "Berlin", "DE", 1),
                    _city("Geneva", "Geneva", "CH", 1),
                ],
            },
        }


def _city(city: str, region: str, code: str, pageviews: int) -> dict[str, Any]:
    names = {"city": city, "region": region, "country_code": code}
    return {**names, "pageviews": pageviews}


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (LOCATIONS, LOCATIONS + ".php"):
        data = alice.get(name).data
        del data["range"]
        assert data == {"by_country": [], "by_region": [], "by_city": []}


def test_it_loses_no_view_without_a_place_to_an_inner_join(placed: Actor) -> None:
    placed.view("https://alice.example/a", address=NOWHERE)
    placed.view("https://alice.example/b", address=NOWHERE)
    placed.view("https://alice.example/a", address=BERLIN)
    data = placed.get(LOCATIONS).data
    none = {"country": "", "country_code": ""}
    assert data["by_country"][0] == {**none, "pageviews": 2, "unique_visitors": 1}
    for rows in (data["by_country"], data["by_region"], data["by_city"]):
        assert sum(row["pageviews"] for row in rows) == 3


def test_it_can_be_filtered_by_place(placed: Actor) -> None:
    for address in (ZURICH, GENEVA, BERLIN, NOWHERE):
        placed.view("https://alice.example/a", address=address)

    def cities(query: str) -> list[str]:
        rows = placed.get(f"{LOCATIONS}?{query}").data["by_city"]
        return [row["city"] for row in rows]

    assert cities("filter[country]=CH") == ["Geneva", "Zürich"]
    assert cities("filter[country_name]=~germ") == ["Berlin"]
    assert cities("filter[city]=Z%C3%BCrich") == ["Zürich"]
    assert cities("filter[city]=~Z%C3%BCR") == ["Zürich"]
    assert cities("filter[region]=Z*|") == ["", "Zürich"]
    assert cities("filter[country]=") == [""]
    assert cities("limit=1&page=2") == ["Berlin"]
