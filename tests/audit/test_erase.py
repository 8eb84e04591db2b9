"""POST /api/audit/erase."""

from __future__ import annotations

from typing import Any

import pytest

from app.audit import erase, store
from tests.audit.log import change, logs, problem, table, verified
from tests.conftest import Actor

ERASE = "/api/audit/erase"


@pytest.fixture
def busy_alice(alice: Actor, charlie: Actor) -> Actor:
    for number in range(6):
        actor = "anna" if number % 2 else "bert"
        alice.log("mail anna@example.com", actor=actor, context={"ip": "192.0.2.1"})
    charlie.log("theirs", actor="anna", context={"n": 1})
    return alice


def _erase(project: Actor, **fields: Any) -> Any:
    answer = project.post(ERASE, **fields)
    assert answer.status == 200, answer.body
    return answer.data


def test_it_erases_what_is_personal_and_the_chain_stays(
    busy_alice: Actor, charlie: Actor
) -> None:
    before = table(busy_alice)
    assert _erase(busy_alice, seqs=[2, 5, 2, 99]) == {
        "erased": 2,
        "seqs": [2, 5],
        "recorded_as": [7],
        "not_found": [99],
    }
    found = verified(busy_alice)
    assert (found["valid"], found["entries"], found["erased"]) == (True, 7, 2)
    rows = table(busy_alice)
    for number in (1, 4):
        emptied = {"action": "", "actor": "", "context": None, "salt": ""}
        assert rows[number] == {**before[number], **emptied, "erased_by": 7}
    newest = busy_alice.get("/api/analytics/audits").data["logs"]
    assert newest[0] == {
        "id": 7,
        "action": "audit.erased",
        "actor": "",
        "context": {"count": 2, "seqs": [2, 5]},
        "created_at": "2026-03-04 12:00:00",
        "erased": False,
    }
    assert newest[2]["erased"] is True
    assert logs(charlie) == [("theirs", "anna", {"n": 1})]


def test_it_keeps_the_action_if_asked(busy_alice: Actor) -> None:
    _erase(busy_alice, seqs=[2], keep_action=True)
    assert logs(busy_alice)[5] == ("mail anna@example.com", "", None)
    assert verified(busy_alice)["erased"] == 1
    assert _erase(busy_alice, seqs=[2], keep_action=True)["erased"] == 0
    assert _erase(busy_alice, seqs=[2])["recorded_as"] == [8]
    assert logs(busy_alice)[6] == ("", "", None)
    found = verified(busy_alice)
    assert (found["valid"], found["erased"]) == (True, 1)
    actions = busy_alice.get("/api/analytics/audits").data["top_actions"]
    assert {"action": "audit.erased", "count": 2} in actions
    assert all(row["action"] for row in actions)


def test_it_erases_all_of_an_actor(
    busy_alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sliced = store.LIST_OF_ACTOR.replace("LIMIT 500", "LIMIT 2")
    assert sliced != store.LIST_OF_ACTOR
    monkeypatch.setattr(store, "LIST_OF_ACTOR", sliced)
    assert _erase(busy_alice, actor="anna") == {
        "erased": 3,
        "seqs": [2, 4, 6],
        "recorded_as": [7, 8],
        "complete": True,
    }
    assert verified(busy_alice)["erased"] == 3
    found = _erase(busy_alice, actor="anna")
    assert (found["erased"], found["recorded_as"]) == (0, [])
    assert "anna" not in repr([row["actor"] for row in table(busy_alice)])
    monkeypatch.setattr(erase, "SECONDS_A_REQUEST", -1)
    assert _erase(busy_alice, actor="bert")["complete"] is False


def test_it_leaves_entries_about_erasures(busy_alice: Actor) -> None:
    _erase(busy_alice, seqs=[1])
    answer = busy_alice.post(ERASE, seqs=[2, 7])
    assert (answer.status, answer.json["field"]) == (400, "seqs")
    assert verified(busy_alice)["erased"] == 1


def test_it_finds_an_erasure_that_nobody_recorded(busy_alice: Actor) -> None:
    _erase(busy_alice, seqs=[2])
    emptied = "action = '', actor = '', context = NULL, salt = '', erased_by = 7"
    mine = f"project_id = {busy_alice.id}"
    change(busy_alice, f"UPDATE ph_audit SET {emptied} WHERE {mine} AND seq = 4")
    assert problem(busy_alice) == ("changed", 4)
    change(busy_alice, f"UPDATE ph_audit SET erased_by = 5 WHERE {mine} AND seq = 4")
    assert problem(busy_alice) == ("changed", 4)


@pytest.mark.parametrize(
    "edit",
    [
        "action = 'forged'",
        "actor = 'forged'",
        "context = '[]'",
        "salt = 'x'",
    ],
)
@pytest.mark.parametrize("keep_action", [False, True])
def test_it_finds_what_was_written_into_an_erased_entry(
    busy_alice: Actor, edit: str, keep_action: bool
) -> None:
    _erase(busy_alice, seqs=[2], keep_action=keep_action)
    assert verified(busy_alice)["valid"]
    if keep_action and "action" in edit:
        edit = "action = ''"
    where = f"project_id = {busy_alice.id} AND seq = 2"
    change(busy_alice, f"UPDATE ph_audit SET {edit} WHERE {where}")
    assert problem(busy_alice) == ("changed", 2)


def test_it_leaves_a_repeated_beacon_erased(alice: Actor) -> None:
    first = alice.log(actor="anna", id="beacon").data
    _erase(alice, seqs=[1])
    assert alice.log(actor="anna", id="beacon").data == first
    assert logs(alice)[1] == ("", "", None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seqs": []}, "seqs"),
        ({"seqs": 1}, "seqs"),
        ({"seqs": [0]}, "seqs"),
        ({"seqs": [2**53]}, "seqs"),
        ({"seqs": [None]}, "seqs"),
        ({"seqs": ["1"]}, "seqs"),
        ({"seqs": list(range(1, 102))}, "seqs"),
        ({"actor": ""}, "seqs"),
        ({"actor": 5}, "actor"),
        ({"seqs": [1], "actor": "anna"}, "seqs"),
        ({"seqs": [1], "keep_action": "yes"}, "keep_action"),
        ({"seqs": [1], "colour": "red"}, "colour"),
    ],
)
def test_it_names_what_it_cannot_take(
    busy_alice: Actor, body: dict[str, object], field: str
) -> None:
    answer = busy_alice.post(ERASE, **body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert verified(busy_alice)["erased"] == 0


def test_it_takes_100_numbers_and_the_secret_key(busy_alice: Actor) -> None:
    assert _erase(busy_alice, seqs=list(range(1, 101)))["erased"] == 6
    headers = {"X-API-Key": busy_alice.public_key}
    call = busy_alice.installation.call
    assert call("POST", ERASE, {"seqs": [1]}, headers=headers).status == 401
