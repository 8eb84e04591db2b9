"""POST /api/track/audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit.log import change, logs, table, verified
from tests.conftest import Actor
from tests.wsgi import BROWSER

AUDIT = "/api/track/audit"


def test_it_numbers_entries_and_gives_a_receipt(alice: Actor, charlie: Actor) -> None:
    first = alice.log("login", actor="anna", context={"from": ["mobile", 1, None]})
    assert first.status == 200
    assert first.json["message"] == "OK"
    assert first.data["id"] == 1
    assert len(first.data["hash"]) == 64
    assert charlie.log().data["id"] == 1
    assert alice.log("logout").data["id"] == 2
    assert logs(alice) == [
        ("logout", "", None),
        ("login", "anna", {"from": ["mobile", 1, None]}),
    ]
    assert verified(alice)["entries"] == 2


def test_it_answers_micrologs_as_micrologs_did(alice: Actor) -> None:
    # What its SDKs send.
    answer = alice.log("login", ".php", actor="", context=None)
    assert answer.json == {"success": True, "message": "OK", "data": {"id": 1}}
    missing = alice.post(AUDIT + ".php", actor="anna")
    assert missing.status == 400
    assert missing.json["message"] == "action is required"


@pytest.mark.parametrize(
    "context", [5, "text", True, {"x": "y" * 8192}, [[[]]] * 1 + [[]] * 3000]
)
def test_it_drops_a_context_that_micrologs_drops(alice: Actor, context: object) -> None:
    answer = alice.post(AUDIT, action="login", context=context)
    assert (answer.status, answer.json["field"]) == (400, "context")
    assert alice.log("login", ".php", context=context).status == 200
    assert logs(alice) == [("login", "", None)]


@pytest.mark.parametrize(
    "context", [{}, [], {"x": "y" * 8184}, {"n": 10**30, "z": "é\U0001f600\x00"}]
)
def test_it_gives_a_context_back_as_it_came(alice: Actor, context: object) -> None:
    assert alice.log(context=context).status == 200
    assert logs(alice) == [("login", "", context)]
    assert verified(alice)["valid"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"action":"a","context":{"x":1e999}}',
        b'{"action":"a","context":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
def test_it_refuses_a_context_that_could_not_be_read_again(
    alice: Actor, raw: bytes
) -> None:
    headers = {"X-API-Key": alice.secret_key}
    answer = alice.installation.call("POST", AUDIT, raw, headers=headers)
    assert (answer.status, answer.json["field"]) == (400, "context")


def test_it_takes_half_a_character(alice: Actor) -> None:
    raw = b'{"action":"a","context":{"\\ud800":"\\udfff!"}}'
    headers = {"X-API-Key": alice.secret_key}
    assert alice.installation.call("POST", AUDIT, raw, headers=headers).status == 200
    assert logs(alice) == [("a", "", {"\ufffd": "\ufffd!"})]
    assert verified(alice)["valid"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": None}, "action"),
        ({"action": " "}, "action"),
        ({"action": 5}, "action"),
        ({"action": "é" * 51}, "action"),
        ({"action": "audit.erased"}, "action"),
        ({"actor": ["anna"]}, "actor"),
        ({"actor": "x" * 256}, "actor"),
        ({"age": -1}, "age"),
        ({"age": 48 * 3600 + 1}, "age"),
        ({"id": 1.5}, "id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_it_names_what_it_cannot_take(
    alice: Actor, change: dict[str, object], field: str
) -> None:
    answer = alice.post(AUDIT, **{"action": "login", **change})
    assert answer.status == 400
    assert answer.json["field"] == field
    assert table(alice) == []


def test_it_cuts_what_micrologs_cut(alice: Actor) -> None:
    alice.log("é" * 60, ".php", actor="x" * 300, colour="red")
    assert logs(alice) == [("é" * 50, "x" * 255, None)]


def test_it_takes_either_key_and_no_account_of_bots_or_dnt(alice: Actor) -> None:
    body = {"public_key": alice.public_key, "action": "signup"}
    headers = {"User-Agent": "python-urllib/3.12", "DNT": "1", "Sec-GPC": "1"}
    call = alice.installation.call
    assert call("POST", AUDIT, body, headers=headers).data["id"] == 1
    own = {**BROWSER, "Origin": "https://alice.example"}
    answer = call("POST", AUDIT, {**body, "action": "x"}, headers=own)
    assert answer.data["id"] == 2
    assert answer.headers["Access-Control-Allow-Origin"] == "https://alice.example"
    foreign = {**BROWSER, "Origin": "https://charlie.example"}
    assert call("POST", AUDIT, body, headers=foreign).status == 403
    for name in ("ph_visitors", "ph_devices", "ph_salts"):
        assert alice.installation.rows(f"SELECT * FROM {name}") == []
    assert "203.0.113.7" not in repr(table(alice))


def test_it_stores_a_beacon_once(alice: Actor, charlie: Actor) -> None:
    first = alice.log("login", id="beacon").data
    alice.log("other")
    alice.installation.clock.move(hours=1)
    assert alice.log("login", id="beacon", age=3600).data == first
    assert charlie.log("login", id="beacon").data["hash"] != first["hash"]
    assert alice.log("login", id="another").data["id"] == 3
    assert verified(alice)["entries"] == 3


def test_it_takes_the_time_from_the_age(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Kathmandu")
    alice.log("late", age=2 * 86400)
    alice.log("now")
    assert [row["day"].day for row in table(alice)] == [2, 4]
    data = alice.get("/api/analytics/audits").data
    assert [row["created_at"] for row in data["logs"]] == [
        "2026-03-04 17:45:00",
        "2026-03-02 17:45:00",
    ]


def test_it_notices_that_the_project_is_gone(alice: Actor) -> None:
    twin = Actor(alice.installation.with_settings(), **_keys(alice))
    body = {"public_key": alice.public_key, "action": "a"}
    assert twin.installation.call("POST", AUDIT, body).status == 200
    alice.installation.as_admin(
        "/api/projects/delete", {"id": alice.id, "confirm": "Alice"}
    )
    assert twin.installation.call("POST", AUDIT, body).status == 401
    assert table(alice) == []


def test_it_goes_on_where_somebody_removed_the_head(alice: Actor) -> None:
    for number in range(3):
        alice.log(str(number))
    for statement in (
        "UPDATE ph_audit_heads SET seq = 1",
        "UPDATE ph_audit_heads SET hash = 'x'",
    ):
        change(alice, statement)
        assert alice.log().status == 200
        assert not verified(alice)["valid"], statement
        change(alice, "DELETE FROM ph_audit_heads")
        assert not verified(alice)["valid"]
        assert alice.log().status == 200
        assert verified(alice)["valid"], statement


def test_it_needs_no_folder_for_the_kept_head(alice: Actor) -> None:
    Path(alice.installation.config.var).mkdir(exist_ok=True)
    Path(alice.installation.config.var, "audit").write_text("in the way")
    assert alice.log().status == 200
    assert verified(alice)["kept_seq"] is None


def _keys(actor: Actor) -> dict[str, object]:
    keys = ("id", "public_key", "secret_key")
    return {name: getattr(actor, name) for name in keys}


def test_it_keeps_nothing_that_injects(alice: Actor, charlie: Actor) -> None:
    charlie.log("theirs")
    text = "'); DELETE FROM ph_audit; -- \\' OR 1=1 %s %(id)s"
    assert alice.log(text, actor=text, context={text: text}, id=text).status == 200
    assert json.dumps(logs(alice)) == json.dumps([(text, text, {text: text})])
    assert logs(charlie) == [("theirs", "", None)]
    assert verified(alice)["valid"]
