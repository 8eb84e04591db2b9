"""POST /api/links/edit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow

EDIT = "/api/links/edit"


def test_it_answers_in_the_contracts_words(alice: Actor) -> None:
    made = create(alice, label="Old")
    follow(alice, made["code"])
    answer = alice.post(EDIT + ".php", code=made["code"], is_active=False)
    assert answer.data == {
        "id": made["id"],
        "code": made["code"],
        "short_url": f"http://stats.example/api/redirect.php?c={made['code']}",
        "destination_url": SHOP,
        "label": "Old",
        "is_active": False,
        "created_at": "2026-03-04 12:00:00",
    }


def test_it_changes_what_is_given_and_nothing_else(alice: Actor) -> None:
    link = create(alice, label="Old", max_clicks=5, expires_at="2030-01-01 00:00:00")
    code = link["code"]
    changes: list[dict[str, Any]] = [
        {"destination_url": "https://other.example/"},
        {"label": "New"},
        {"label": ""},
        {"is_active": False},
        {"expires_at": "2031-01-01 00:00:00"},
        {"expires_at": None},
        {"max_clicks": 6},
        {"max_clicks": None},
        {"label": "Both", "is_active": True, "destination_url": None},
    ]
    for change in changes:
        given = {name: value for name, value in change.items() if value is not None}
        cleared = {"expires_at": None, "max_clicks": None}
        link.update({name: cleared[name] for name in change if name in cleared})
        link.update(given)
        assert alice.post(EDIT, code=code, **change).data == link
        assert alice.get(f"/api/links/detail?code={code}").data == link
    assert follow(alice, code).headers["Location"] == "https://other.example/"


def test_it_loses_no_change_when_two_come_at_once(alice: Actor) -> None:
    code = create(alice)["code"]

    def change(number: int) -> int:
        field = [{"label": "New"}, {"max_clicks": 7}][number % 2]
        return alice.post(EDIT, code=code, **field).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, range(16))) == {200}
    found = alice.get(f"/api/links/detail?code={code}").data
    assert (found["label"], found["max_clicks"]) == ("New", 7)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"code": None}, "code is required"),
    ({"code": ""}, "code is required"),
    ({}, "Nothing to update. Provide destination_url, label, or is_active."),
    ({"destination_url": ""}, "destination_url cannot be empty"),
    ({"destination_url": "javascript:1"}, "destination_url is not a valid URL"),
    ({"is_active": "yes"}, "is_active must be a boolean"),
    ({"is_active": 1}, "is_active must be a boolean"),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_it_refuses_in_the_contracts_words(
    alice: Actor, fields: dict[str, Any], message: str
) -> None:
    link = create(alice)
    answer = alice.post(EDIT + ".php", **{"code": link["code"], "x": 1, **fields})
    assert answer.status == 400
    assert answer.json["message"] == message
    assert alice.get("/api/links/list").data["links"] == [link]


def test_it_takes_no_field_it_does_not_know(alice: Actor) -> None:
    code = create(alice)["code"]
    for name in ("clicks", "utm_source", "id"):
        answer = alice.post(EDIT, code=code, label="x", **{name: 1})
        assert answer.status == 400
        assert answer.json["field"] == name


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_knows_only_ones_own(alice: Actor, charlie: Actor, suffix: str) -> None:
    theirs = create(charlie)
    for code in (theirs["code"], "nothing", "\u00fc", "x" * 5000):
        answer = alice.post(EDIT + suffix, code=code, label="mine")
        assert answer.status == 404
        assert answer.json == {"success": False, "message": "Link not found"}
    assert charlie.get("/api/links/list").data["links"] == [theirs]
