"""POST /api/errors/undo."""

from __future__ import annotations

from tests.conftest import Actor
from tests.errors.test_merge import counts, decide
from tests.errors.test_track_error import detail, send_as_backend


def test_it_undoes_a_merge_with_what_came_since(alice: Actor) -> None:
    into = send_as_backend(alice, message="Disk full")["group_id"]
    other = send_as_backend(alice, message="No space left")["group_id"]
    done = decide(alice, "merge", into=into, ids=[other]).data
    send_as_backend(alice, message="No space left", count=3)
    [change] = detail(alice, into)["changes"]
    assert change["change_id"] == done["change_id"]
    assert change["action"] == "merge"
    answer = decide(alice, "undo", change_id=done["change_id"])
    assert answer.data["group_ids"] == sorted([into, other])
    assert counts(alice) == {"Disk full": 1, "No space left": 4}
    assert len(detail(alice, other)["events"]) == 2
    assert detail(alice, into)["changes"] == []
    assert send_as_backend(alice, message="No space left")["group_id"] == other


def test_it_is_done_once(alice: Actor, charlie: Actor) -> None:
    into = send_as_backend(alice, message="Disk full")["group_id"]
    other = send_as_backend(alice, message="No space left")["group_id"]
    change_id = decide(alice, "merge", into=into, ids=[other]).data["change_id"]
    assert decide(charlie, "undo", change_id=change_id).status == 404
    assert decide(alice, "undo", change_id=change_id).status == 200
    assert decide(alice, "undo", change_id=change_id).status == 409
    assert decide(alice, "undo", change_id=7).status == 404
    assert decide(alice, "undo", change_id="x").json["field"] == "change_id"
