"""POST /api/track/identify."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Actor
from tests.wsgi import Answer

HOME = "https://alice.example/"


@pytest.fixture
def alice(create_project: Callable[..., Actor]) -> Actor:
    return create_project("Alice", ["alice.example"], identity="cookie")


def identify(alice: Actor, user_id: object, **fields: Any) -> Answer:
    values = {"visitor_id": "v", **fields}
    return alice.send("identify", user_id=user_id, **values)


def stored(alice: Actor) -> list[tuple[Any, ...]]:
    sql = "SELECT user_id, traits, first_at, last_at FROM ph_identities"
    rows = alice.installation.rows(f"{sql} WHERE project_id = {alice.id}")
    return [
        (row["user_id"], row["traits"], f"{row['first_at']:%H}", f"{row['last_at']:%H}")
        for row in rows
    ]


def visitors_of(alice: Actor, user: str) -> int:
    path = f"/api/analytics/visitors?filter[user]={user}"
    visitors: int = alice.get(path).data["unique_visitors"]
    return visitors


def test_it_says_which_user_a_visitor_is(alice: Actor) -> None:
    alice.view(HOME, visitor_id="v")
    alice.view(HOME, visitor_id="phone", address="192.0.2.1")
    alice.view(HOME, visitor_id="w", address="192.0.2.2")
    answer = identify(alice, "user-7", traits={"plan": "pro", "name": "Ä"})
    assert answer.json["data"] == {"identified": True}
    assert identify(alice, "user-7", visitor_id="phone").data["identified"]
    assert visitors_of(alice, "user-7") == 2
    assert visitors_of(alice, "!user-7") == 1
    assert visitors_of(alice, "") == 1
    assert visitors_of(alice, "user-*") == 2
    traits = stored(alice)[0][1] or stored(alice)[1][1]
    assert json.loads(traits) == {"plan": "pro", "name": "Ä"}


def test_it_holds_what_was_said_last(alice: Actor) -> None:
    assert identify(alice, "one", traits={"a": 1}).data["identified"]
    assert stored(alice) == [("one", '{"a":1}', "12", "12")]
    alice.installation.clock.move(hours=2)
    for _ in range(2):
        assert identify(alice, "one").data["identified"]
        assert stored(alice) == [("one", '{"a":1}', "12", "14")]
    identify(alice, "one", traits={"a": 2}, age=3600)
    assert stored(alice) == [("one", '{"a":1}', "12", "14")]
    identify(alice, "one", age=3 * 3600)
    assert stored(alice) == [("one", '{"a":1}', "11", "14")]
    identify(alice, "nobody", age=3600)
    assert stored(alice) == [("one", '{"a":1}', "11", "14")]
    alice.installation.clock.move(hours=1)
    identify(alice, "two")
    assert stored(alice) == [("two", None, "15", "15")]


def test_it_has_no_effect_where_visitors_are_not_known_again(
    create_project: Callable[..., Actor], alice: Actor
) -> None:
    cookieless = create_project("Cookieless", ["alice.example"])
    for answer in (identify(cookieless, "u"), identify(alice, "u", visitor_id=None)):
        assert (answer.status, answer.data) == (200, {"identified": False})
        assert answer.headers["X-Porthole-Ignored"] == "cookieless"
    assert stored(cookieless) == stored(alice) == []


def test_it_keeps_projects_apart(alice: Actor, charlie: Actor) -> None:
    alice.view(HOME, visitor_id="v")
    identify(alice, "u")
    assert visitors_of(charlie, "u") == 0
    assert visitors_of(alice, "u") == 1


def test_it_heeds_do_not_track(alice: Actor) -> None:
    answer = alice.send("identify", {"DNT": "1"}, user_id="u", visitor_id="v")
    assert answer.status == 204
    assert stored(alice) == []


def test_it_takes_a_number_for_an_id(alice: Actor) -> None:
    assert identify(alice, 42).data["identified"]
    assert stored(alice)[0][0] == "42"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", None),
        ("user_id", ""),
        ("user_id", "é" * 61),
        ("user_id", 10**130),
        ("user_id", True),
        ("user_id", 1.5),
        ("traits", []),
        ("traits", "x"),
        ("traits", {"text": "x" * 8192}),
        ("visitor_id", 5),
        ("age", "1"),
        ("colour", "blue"),
    ],
)
def test_it_names_the_field_that_it_cannot_take(
    alice: Actor, field: str, value: object
) -> None:
    answer = alice.send("identify", **{"user_id": "u", "visitor_id": "v", field: value})
    assert (answer.status, answer.json["field"]) == (400, field)
    assert stored(alice) == []


def test_it_is_in_force_at_once_that_a_key_is_not_valid_any_more(alice: Actor) -> None:
    assert identify(alice, "u").data["identified"]
    alice.installation.as_admin("/api/projects/toggle", {"id": alice.id})
    assert identify(alice, "other").status == 401
    assert stored(alice)[0][0] == "u"
