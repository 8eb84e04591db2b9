"""POST /api/projects/verify."""

from __future__ import annotations

import pytest

from tests.conftest import Actor

VERIFY = "/api/projects/verify"


def _verify(alice: Actor, key: object, path: str = VERIFY) -> object:
    answer = alice.installation.call("POST", path, {"key": key})
    assert (answer.status, answer.json["message"]) == (200, "Key verified")
    return answer.data


def test_it_tells_the_holder_of_a_secret_key_whose_it_is(alice: Actor) -> None:
    known = {"valid": True, "key_type": "secret", "project_name": "Alice"}
    assert _verify(alice, alice.secret_key) == {
        **known,
        "allowed_domains": ["alice.example"],
    }
    assert _verify(alice, alice.secret_key, VERIFY + ".php") == {
        **known,
        "allowed_domains": "alice.example",
    }


def test_it_tells_of_a_public_key_only_that_it_is_one(alice: Actor) -> None:
    assert _verify(alice, alice.public_key) == {"valid": True, "key_type": "public"}


@pytest.mark.parametrize("key", ["x", "0" * 32, "f" * 64, "é" * 64])
def test_it_knows_no_other_key(alice: Actor, key: str) -> None:
    assert _verify(alice, key) == {"valid": False}


def test_it_calls_the_keys_of_a_disabled_project_invalid(alice: Actor) -> None:
    alice.installation.as_admin("/api/projects/toggle", {"id": alice.id})
    for key in (alice.public_key, alice.secret_key, alice.secret_key.upper()):
        assert _verify(alice, key) == {"valid": False}


def test_it_asks_for_a_key(alice: Actor) -> None:
    for body in ({"key": ""}, {"key": None}, {"key": " "}):
        answer = alice.installation.call("POST", VERIFY, body)
        assert (answer.status, answer.json["message"]) == (400, "key is required")
    assert alice.installation.call("POST", VERIFY, {"key": 5}).json["field"] == "key"
