"""POST /api/errors/merge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Actor
from tests.errors.test_track_error import detail, listed, send_as_backend
from tests.wsgi import Answer


def decide(actor: Actor, what: str, **body: Any) -> Answer:
    return actor.installation.call(
        "POST", f"/api/errors/{what}", body, headers={"X-API-Key": actor.secret_key}
    )


def counts(actor: Actor) -> dict[str, int]:
    """Return the occurrences of each group by its message, as each report has them."""
    found = {}
    for group in listed(actor)["errors"]:
        there = detail(actor, group["id"])
        trend = actor.get(f"/api/analytics/errors-trend?group_id={group['id']}").data
        assert group["occurrence_count"] == trend["total_occurrences"]
        assert (
            sum(day["occurrences"] for day in there["over_time"])
            == (group["occurrence_count"])
        )
        assert (
            sum(kind["occurrence_count"] for kind in there["kinds"])
            == (group["occurrence_count"])
        )
        found[group["message"]] = group["occurrence_count"]
    return found


def test_it_treats_groups_as_one_now_and_later(alice: Actor) -> None:
    into = send_as_backend(alice, message="Disk full")["group_id"]
    other = send_as_backend(alice, message="No space left", count=4)["group_id"]
    answer = decide(alice, "merge", into=into, ids=[other])
    assert answer.data["group_id"] == into
    assert answer.data["merged"] == [other]
    assert send_as_backend(alice, message="No space left")["group_id"] == into
    assert counts(alice) == {"Disk full": 6}
    assert len(detail(alice, into)["events"]) == 3
    assert detail(alice, other)["group"]["id"] == into


def test_it_brings_the_other_words_of_one_fault_along(alice: Actor) -> None:
    chrome = {
        "error_type": "TypeError",
        "message": "Cannot read properties of undefined (reading 'total')",
        "stack": "TypeError: Cannot read properties of undefined (reading 'total')\n"
        "    at showCart (https://alice.example/shop.js:10:23)\n"
        "    at openCart (https://alice.example/shop.js:40:5)",
    }
    firefox = {
        "error_type": "TypeError",
        "message": "cart is undefined",
        "stack": "showCart@https://alice.example/shop.js:10:23\n"
        "openCart@https://alice.example/shop.js:40:5\n",
    }
    into = send_as_backend(alice, message="Disk full")["group_id"]
    other = send_as_backend(alice, **chrome)["group_id"]
    decide(alice, "merge", into=into, ids=[other])
    assert send_as_backend(alice, **chrome)["group_id"] == into
    assert send_as_backend(alice, **firefox)["group_id"] == into


def test_it_merges_what_is_merged_and_undoes_step_by_step(alice: Actor) -> None:
    names = ("one thing", "another thing", "third matter")
    first, second, third = (
        send_as_backend(alice, message=name)["group_id"] for name in names
    )
    inner = decide(alice, "merge", into=second, ids=[first]).data["change_id"]
    outer = decide(alice, "merge", into=third, ids=[first]).data["change_id"]
    assert counts(alice) == {"third matter": 3}
    assert decide(alice, "undo", change_id=inner).status == 200
    assert counts(alice) == {"one thing": 1, "third matter": 2}
    assert decide(alice, "undo", change_id=outer).status == 200
    assert counts(alice) == dict.fromkeys(names, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": [1]}, "into"),
        ({"into": "x", "ids": [1]}, "into"),
        ({"into": 1}, "ids"),
        ({"into": 1, "ids": [1]}, "ids"),
        ({"into": 1, "ids": [1], "why": "x"}, "why"),
    ],
)
def test_it_names_the_field_that_is_wrong(
    alice: Actor, body: dict[str, Any], field: str
) -> None:
    answer = decide(alice, "merge", **body)
    assert (answer.status, answer.json["field"]) == (400, field)


def test_it_touches_no_other_project(alice: Actor, charlie: Actor) -> None:
    mine = send_as_backend(alice)["group_id"]
    theirs = send_as_backend(charlie)["group_id"]
    assert decide(alice, "merge", into=mine, ids=[theirs]).status == 404
    assert decide(alice, "merge", into=theirs, ids=[mine]).status == 404
    assert counts(charlie) == {"Payment failed": 1}
