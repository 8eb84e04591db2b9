"""POST /api/projects/toggle."""

from __future__ import annotations

from tests.conftest import Actor

TOGGLE = "/api/projects/toggle"


def _toggle(alice: Actor, **fields: object) -> tuple[int, str, object]:
    answer = alice.installation.as_admin(TOGGLE, {"id": alice.id, **fields})
    data = answer.json.get("data", {})
    return answer.status, answer.json["message"], data.get("is_active")


def test_it_flips_without_being_told_how(alice: Actor) -> None:
    assert _toggle(alice) == (200, 'Project "Alice" disabled successfully.', False)
    assert _toggle(alice) == (200, 'Project "Alice" enabled successfully.', True)


def test_it_sets_what_it_is_told(alice: Actor) -> None:
    for _ in range(2):
        assert _toggle(alice, is_active=False)[2] is False
    assert _toggle(alice, is_active=True)[2] is True


def test_it_turns_both_keys_off_at_once_in_every_process(alice: Actor) -> None:
    there = alice.installation.with_settings()
    other = alice.through(there)
    assert other.view("https://alice.example/").data["counted"]
    _toggle(alice)
    for actor in (alice, other):
        assert actor.view("https://alice.example/2").status == 401
        assert actor.get("/api/analytics/visitors").status == 401
    _toggle(alice)
    assert other.view("https://alice.example/2").data["counted"]


def test_it_refuses_what_makes_no_sense(alice: Actor) -> None:
    assert _toggle(alice, is_active=1)[:2] == (400, "is_active must be a boolean")
    assert _toggle(alice, id=99999)[:2] == (404, "Project not found")
