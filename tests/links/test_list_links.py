"""GET /api/links/list."""

from __future__ import annotations

import pytest

from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow

LIST = "/api/links/list"


def test_it_lists_the_newest_first_in_the_contracts_words(alice: Actor) -> None:
    old = create(alice, label="Old")
    alice.installation.clock.move(milliseconds=5)
    new = create(alice, label="New", max_clicks=9, expires_at="2030-01-01 00:00:00")
    follow(alice, old["code"])
    data = alice.get(LIST + ".php").data
    assert data["count"] == 2
    assert [link["code"] for link in data["links"]] == [new["code"], old["code"]]
    assert data["links"][1] == {
        "id": old["id"],
        "code": old["code"],
        "short_url": f"http://stats.example/api/redirect.php?c={old['code']}",
        "destination_url": SHOP,
        "label": "Old",
        "is_active": True,
        "total_clicks": 1,
        "created_at": "2026-03-04 12:00:00",
    }
    assert alice.get(LIST).data["links"] == [new, {**old, "total_clicks": 1}]


def test_it_lists_only_ones_own(alice: Actor, charlie: Actor) -> None:
    create(charlie)
    assert alice.get(LIST).data == {"count": 0, "links": []}


def test_it_has_pages(alice: Actor) -> None:
    for number in range(3):
        alice.installation.clock.move(seconds=1)
        create(alice, label=str(number))

    def labels(query: str) -> list[str]:
        return [link["label"] for link in alice.get(LIST + query).data["links"]]

    assert labels("?limit=2") == ["2", "1"]
    assert labels("?limit=2&page=2") == ["0"]
    assert labels("?page=2") == []
    assert labels(".php?limit=1&page=2&x=y") == ["2", "1", "0"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "page=x", "code=a"])
def test_it_names_a_parameter_it_cannot_take(alice: Actor, query: str) -> None:
    answer = alice.get(f"{LIST}?{query}")
    assert answer.status == 400
    assert answer.json["field"] == query.partition("=")[0]


def test_projects_list_counts_links(alice: Actor, charlie: Actor) -> None:
    for _ in range(2):
        create(alice)
    data = alice.installation.as_admin("/api/projects/list").data
    assert [project["stats"]["total_links"] for project in data["projects"]] == [0, 2]
