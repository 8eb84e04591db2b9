"""Merges, splits and undoing in any order, alone and while reports come in."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from app.errors import record
from tests.conftest import Actor
from tests.errors.test_errors_update_status import update
from tests.errors.test_merge import decide
from tests.errors.test_track_error import detail, listed, report, send_as_backend

MESSAGES = ["Disk full", "No space left", "Basket is locked"]
MESSAGES += [f"Job {number} of shop failed" for number in range(5)]


def assert_whole(actor: Actor, expected: int) -> None:
    """Check that every report is counted once, and every group can be found."""
    groups = listed(actor)["errors"]
    assert sum(group["occurrence_count"] for group in groups) == expected
    for sql in (
        "SELECT SUM(occurrence_count) AS n FROM ph_error_kinds",
        "SELECT SUM(occurrences) AS n FROM ph_error_days",
    ):
        assert actor.installation.rows(sql)[0]["n"] == expected, sql
    for group in groups:
        there = detail(actor, group["id"])
        assert there["group"]["id"] == group["id"]
        kinds = sum(kind["occurrence_count"] for kind in there["kinds"])
        assert kinds == group["occurrence_count"]
    for row in actor.installation.rows("SELECT id FROM ph_error_groups"):
        assert detail(actor, row["id"])["group"]["occurrence_count"] > 0


class Owner:
    """Decides at random, and remembers what he can undo."""

    def __init__(self, actor: Actor, seed: int) -> None:
        self.actor = actor
        self.chance = random.Random(seed)
        self.changes: list[int] = []

    def decide(self) -> None:
        groups = [group["id"] for group in listed(self.actor)["errors"]]
        what = self.chance.choice(["merge", "split", "undo"])
        if what == "merge" and len(groups) > 1:
            into, *ids = self.chance.sample(groups, min(len(groups), 3))
            self._note(decide(self.actor, "merge", into=into, ids=ids))
        elif what == "split":
            group_id = self.chance.choice(groups)
            kinds = [kind["id"] for kind in detail(self.actor, group_id)["kinds"]]
            some = self.chance.sample(kinds, max(len(kinds) // 2, 1))
            self._note(decide(self.actor, "split", id=group_id, kinds=some))
        elif self.changes:
            self.undo(self.chance.choice(self.changes))

    def undo(self, change_id: int) -> None:
        answer = decide(self.actor, "undo", change_id=change_id)
        assert answer.status == 200, answer.body
        self.changes.remove(change_id)

    def _note(self, answer: Any) -> None:
        assert answer.status in (200, 400), answer.body
        if answer.status == 200:
            self.changes.append(answer.data["change_id"])


@pytest.mark.parametrize("seed", range(4))
def test_it_loses_nothing_in_any_order(alice: Actor, seed: int) -> None:
    owner = Owner(alice, seed)
    homes = {}
    for text in MESSAGES:
        homes[text] = send_as_backend(alice, message=text)["group_id"]
    reports = len(MESSAGES)
    for _ in range(25):
        owner.decide()
        send_as_backend(alice, message=owner.chance.choice(MESSAGES))
        reports += 1
    assert_whole(alice, reports)
    owner.chance.shuffle(owner.changes)
    for change_id in list(owner.changes):
        owner.undo(change_id)
    assert_whole(alice, reports)
    for text, group_id in homes.items():
        assert send_as_backend(alice, message=text)["group_id"] == group_id


def test_it_loses_nothing_while_reports_come_in(alice: Actor) -> None:
    for text in MESSAGES:
        send_as_backend(alice, message=text)
    failed: list[object] = []

    def tell(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            try:
                send_as_backend(alice, message=chance.choice(MESSAGES))
            except AssertionError as error:
                failed.append(error)

    threads = [threading.Thread(target=tell, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    owner = Owner(alice, 1)
    while any(thread.is_alive() for thread in threads):
        owner.decide()
    assert failed == []
    assert_whole(alice, len(MESSAGES) + 120)
    for change_id in reversed(owner.changes[:]):
        owner.undo(change_id)
    assert_whole(alice, len(MESSAGES) + 120)


def test_what_leaves_a_resolved_group_opens_again(alice: Actor) -> None:
    texts = ["Job 0 of shop failed", "Job 1 of shop failed"]
    for text in texts:
        group_id = send_as_backend(alice, message=text)["group_id"]
    update(alice, id=group_id, status="resolved")
    chosen = detail(alice, group_id)["kinds"][0]
    split = decide(alice, "split", id=group_id, kinds=[chosen["id"]]).data
    new_id = split["new_group_id"]
    assert detail(alice, new_id)["group"]["status"] == "resolved"
    assert send_as_backend(alice, message=chosen["message"])["group_id"] == new_id
    group = detail(alice, new_id)["group"]
    assert (group["status"], group["regressions"]) == ("open", 1)
    assert detail(alice, group_id)["group"]["status"] == "resolved"


def test_the_rest_of_many_kinds_can_be_split_off(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "MAX_KINDS", 3)
    for number in range(6):
        sent = send_as_backend(alice, message=f"Job {number} of shop failed")
    rest = detail(alice, sent["group_id"])["kinds"][0]
    assert rest["occurrence_count"] == 3
    split = decide(alice, "split", id=sent["group_id"], kinds=[rest["id"]]).data
    again = send_as_backend(alice, message="Job 77 of shop failed")
    assert again["group_id"] == split["new_group_id"]
    assert_whole(alice, 7)
    other = send_as_backend(alice, message="Disk full")["group_id"]
    change = decide(alice, "merge", into=split["new_group_id"], ids=[other]).data
    send_as_backend(alice, message="Disk full")
    decide(alice, "undo", change_id=change["change_id"])
    assert detail(alice, other)["group"]["occurrence_count"] == 2
    assert_whole(alice, 9)


def test_a_merged_group_has_the_liveliest_state(alice: Actor) -> None:
    into = send_as_backend(alice, message="Disk full", severity="info")["group_id"]
    other = send_as_backend(alice, message="No space left")["group_id"]
    update(alice, id=into, status="resolved")
    decide(alice, "merge", into=into, ids=[other])
    group = detail(alice, into)["group"]
    assert (group["status"], group["severity"]) == ("open", "critical")
    answer = update(alice, id=other, status="ignored")
    assert answer.data["ids"] == [other]
    assert detail(alice, into)["group"]["status"] == "ignored"


def test_it_keeps_environments_apart(alice: Actor) -> None:
    into = send_as_backend(alice, environment="production")["group_id"]
    other = send_as_backend(alice, environment="staging")["group_id"]
    answer = decide(alice, "merge", into=into, ids=[other])
    assert (answer.status, answer.json["field"]) == (400, "ids")


def test_it_bounds_the_number_of_groups(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "MAX_GROUPS", 3)
    words = ["apple", "bread", "crane", "dream", "eagle"]
    ids = [report(alice, message=f"The {w} is lost", stack="") for w in words]
    assert len({sent["group_id"] for sent in ids}) == 4
    assert ids[3] == ids[4]
    group = detail(alice, ids[4]["group_id"])["group"]
    assert group["title"] == "Too many different errors"
    assert group["occurrence_count"] == 2
    assert report(alice, message="The apple is lost", stack="") == ids[0]
