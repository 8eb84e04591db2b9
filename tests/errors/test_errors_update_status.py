"""POST /api/track/errors-update-status."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Actor
from tests.errors.test_track_error import detail, report, send_as_backend
from tests.wsgi import Answer


def update(actor: Actor, suffix: str = "", **body: Any) -> Answer:
    return actor.installation.call(
        "POST",
        "/api/track/errors-update-status" + suffix,
        body,
        headers={"X-API-Key": actor.secret_key},
    )


def test_it_counts_what_changed_and_what_is_missing(alice: Actor) -> None:
    first = report(alice)["group_id"]
    second = send_as_backend(alice)["group_id"]
    answer = update(alice, ids=[first, str(second), first, 7], status="investigating")
    ids = sorted([first, second])
    assert answer.data == {
        "updated": 2,
        "ids": ids,
        "status": "investigating",
        "not_found": [7],
    }
    assert answer.json["message"] == (
        "2 error group(s) marked as investigating. 1 ID(s) not found and were skipped."
    )
    again = update(alice, id=first, status="investigating")
    assert again.data == {"updated": 0, "ids": [first], "status": "investigating"}


def test_it_opens_a_resolved_group_again_and_says_when_it_regressed(
    alice: Actor,
) -> None:
    group_id = report(alice, release="1.0")["group_id"]
    clock = alice.installation.clock
    clock.move(minutes=10)
    update(alice, id=group_id, status="resolved")
    clock.move(minutes=10)
    report(alice, release="1.0", age=900)
    assert detail(alice, group_id)["group"]["status"] == "resolved"
    report(alice, release="1.1")
    group = detail(alice, group_id)["group"]
    assert group["status"] == "open"
    assert group["regressed_at"] == "2026-03-04 12:20:00"
    assert group["regressed_release"] == "1.1"
    assert group["regressions"] == 1


def test_it_opens_again_in_the_very_second(alice: Actor) -> None:
    group_id = report(alice)["group_id"]
    assert update(alice, ids=None, id=group_id, status="resolved").status == 200
    report(alice)
    assert detail(alice, group_id)["group"]["status"] == "open"


@pytest.mark.parametrize("status", ["ignored", "investigating"])
def test_it_leaves_other_groups_as_they_are(alice: Actor, status: str) -> None:
    group_id = report(alice)["group_id"]
    update(alice, id=group_id, status=status)
    alice.installation.clock.move(minutes=10)
    report(alice)
    group = detail(alice, group_id)["group"]
    assert (group["status"], group["regressions"]) == (status, 0)
    assert group["occurrence_count"] == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"ids": [1], "status": "done"},
            "status is required and must be one of: open, investigating, resolved,"
            " ignored",
        ),
        ({"status": "open"}, "ids (array) or id (integer) is required"),
        ({"status": "open", "ids": []}, "No valid IDs provided"),
        ({"status": "open", "ids": ["x", -1, None, 2**70]}, "No valid IDs provided"),
        (
            {"status": "open", "ids": list(range(1, 102))},
            "Maximum 100 IDs per request",
        ),
    ],
)
def test_it_refuses_in_micrologs_words(
    alice: Actor, body: dict[str, Any], message: str
) -> None:
    for suffix in ("", ".php"):
        answer = update(alice, suffix, **body)
        assert (answer.status, answer.json["message"]) == (400, message)


def test_it_touches_no_other_project(alice: Actor, charlie: Actor) -> None:
    theirs = report(charlie)["group_id"]
    answer = update(alice, ids=[theirs], status="ignored")
    assert answer.status == 404
    assert answer.json["message"] == "No matching error groups found for this project"
    assert detail(charlie, theirs)["group"]["status"] == "open"
