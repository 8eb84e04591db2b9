"""POST /api/projects/regenerate-keys."""

from __future__ import annotations

from tests.conftest import Actor

REGENERATE = "/api/projects/regenerate-keys"


def test_it_makes_only_the_keys_that_are_asked_for(alice: Actor) -> None:
    admin = alice.installation.as_admin
    answer = admin(REGENERATE, {"id": alice.id, "rotate_secret": False})
    assert answer.status == 200
    assert set(answer.data) == {"id", "name", "public_key"}
    assert answer.json["message"] == (
        "Keys rotated successfully (public_key). Old keys are invalidated immediately."
        " Update your snippet and callers now."
    )
    assert alice.view().status == 401
    alice.public_key = answer.data["public_key"]
    assert alice.view().data["counted"]
    assert alice.visitors()["total_pageviews"] == 1

    answer = admin(REGENERATE, {"id": alice.id, "rotate_public": False})
    assert set(answer.data) == {"id", "name", "secret_key"}
    assert alice.get("/api/analytics/visitors").status == 401
    alice.secret_key = answer.data["secret_key"]
    assert alice.visitors()["total_pageviews"] == 1

    both = admin(REGENERATE, {"id": alice.id})
    assert set(both.data) > {"public_key", "secret_key"}
    assert "(secret_key, public_key)" in both.json["message"]


def test_it_refuses_to_do_nothing(alice: Actor) -> None:
    nothing = {"id": alice.id, "rotate_public": False, "rotate_secret": False}
    answer = alice.installation.as_admin(REGENERATE, nothing)
    assert answer.status == 400
    assert answer.json["message"] == (
        "Nothing to rotate. Set rotate_secret and/or rotate_public to true."
    )
    odd = {"id": alice.id, "rotate_public": "yes"}
    assert alice.installation.as_admin(REGENERATE, odd).json["field"] == "rotate_public"
    missing = {"id": 99999, "rotate_public": True}
    assert alice.installation.as_admin(REGENERATE, missing).status == 404
