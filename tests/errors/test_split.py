"""POST /api/errors/split."""

from __future__ import annotations

import pytest

from tests.conftest import Actor
from tests.errors.test_merge import counts, decide
from tests.errors.test_track_error import detail, listed, send_as_backend

MESSAGES = ("Job 12 of shop failed", "Job 13 of shop failed", "Job 14 of shop failed")


@pytest.fixture
def group_id(alice: Actor) -> int:
    """A group of three kinds: one message with other numbers."""
    found = {send_as_backend(alice, message=text)["group_id"] for text in MESSAGES}
    assert len(found) == 1
    return found.pop()


def kinds(actor: Actor, group_id: int) -> dict[str, int]:
    rows = detail(actor, group_id)["kinds"]
    return {row["message"]: row["id"] for row in rows}


def test_it_treats_one_as_several_now_and_later(alice: Actor, group_id: int) -> None:
    chosen = kinds(alice, group_id)[MESSAGES[1]]
    answer = decide(alice, "split", id=group_id, kinds=[chosen])
    new_id = answer.data["new_group_id"]
    assert send_as_backend(alice, message=MESSAGES[1])["group_id"] == new_id
    assert send_as_backend(alice, message=MESSAGES[2])["group_id"] == group_id
    assert detail(alice, new_id)["group"]["occurrence_count"] == 2
    assert detail(alice, group_id)["group"]["occurrence_count"] == 3
    assert len(listed(alice)["errors"]) == 2
    told = {event["message"] for event in detail(alice, new_id)["events"]}
    assert told == {MESSAGES[1]}


def test_it_can_be_undone_with_what_came_since(alice: Actor, group_id: int) -> None:
    chosen = kinds(alice, group_id)[MESSAGES[1]]
    done = decide(alice, "split", id=group_id, kinds=[chosen]).data
    send_as_backend(alice, message=MESSAGES[1], count=5)
    assert decide(alice, "undo", change_id=done["change_id"]).status == 200
    [group] = listed(alice)["errors"]
    assert (group["id"], group["occurrence_count"]) == (group_id, 8)
    assert send_as_backend(alice, message=MESSAGES[1])["group_id"] == group_id
    assert detail(alice, done["new_group_id"])["group"]["id"] == group_id


def test_what_is_split_off_can_be_merged_elsewhere(alice: Actor, group_id: int) -> None:
    other = send_as_backend(alice, message="Disk full")["group_id"]
    chosen = kinds(alice, group_id)[MESSAGES[1]]
    new_id = decide(alice, "split", id=group_id, kinds=[chosen]).data["new_group_id"]
    merge = decide(alice, "merge", into=other, ids=[new_id]).data
    assert send_as_backend(alice, message=MESSAGES[1])["group_id"] == other
    assert counts(alice)["Disk full"] == 3
    decide(alice, "undo", change_id=merge["change_id"])
    assert send_as_backend(alice, message=MESSAGES[1])["group_id"] == new_id
    assert counts(alice)["Disk full"] == 1


def test_it_refuses_what_cannot_be(alice: Actor, charlie: Actor, group_id: int) -> None:
    everything = list(kinds(alice, group_id).values())
    for wrong in (everything, [7], [], "x", [everything[0], "y"]):
        answer = decide(alice, "split", id=group_id, kinds=wrong)
        assert (answer.status, answer.json["field"]) == (400, "kinds")
    assert decide(alice, "split", id=7, kinds=[1]).status == 404
    assert decide(charlie, "split", id=group_id, kinds=everything[:1]).status == 404


def test_it_keeps_the_number_of_kinds_in_bounds(alice: Actor) -> None:
    for number in range(60):
        sent = send_as_backend(alice, message=f"Job {number} of shop failed")
    found = detail(alice, sent["group_id"])
    assert len(found["kinds"]) == 51
    assert found["group"]["occurrence_count"] == 60
    assert found["kinds"][0]["occurrence_count"] == 10
