"""POST /api/links/delete."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.links import deletion, link_store
from tests.conftest import Actor
from tests.links.calls import create, follow, total_clicks

DELETE = "/api/links/delete"


def _clicks(actor: Actor) -> int:
    [row] = actor.installation.rows("SELECT COUNT(*) AS n FROM ph_clicks")
    count: int = row["n"]
    return count


def _left(actor: Actor) -> list[tuple[str, str, str]]:
    rows = actor.installation.rows("SELECT code, destination_url, label FROM ph_links")
    return [tuple(row.values()) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_deletes_a_link_with_its_clicks(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(link_store, "SLICE_ROWS", 2)
    kept, gone = create(alice)["code"], create(alice, code="gone")["code"]
    follow(alice, kept)
    for _ in range(5):
        follow(alice, gone)
        alice.installation.clock.move(hours=9)
    answer = alice.post(DELETE + suffix, code=gone)
    assert answer.status == 200
    assert answer.data == {"code": gone}
    assert follow(alice, gone).status == 404
    assert total_clicks(alice, kept) == _clicks(alice) == 1
    assert alice.post(DELETE + suffix, code=gone).status == 404
    assert create(alice, code="gone")["total_clicks"] == 0


def test_it_goes_on_later_when_there_is_too_much_for_one_request(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = create(alice, code="many")["code"]
    for _ in range(5):
        follow(alice, code)
    with monkeypatch.context() as patch:
        patch.setattr(link_store, "SLICE_ROWS", 2)
        patch.setattr(deletion, "SECONDS_A_REQUEST", -1)
        assert alice.post(DELETE, code=code).status == 200
    assert _clicks(alice) == 3
    assert follow(alice, code).status == 404
    assert alice.get(f"/api/links/detail?code={code}").status == 404
    assert alice.get("/api/analytics/links").data["count"] == 0
    projects = alice.installation.as_admin("/api/projects/list").data["projects"]
    assert projects[0]["stats"]["total_links"] == 0
    assert alice.get("/api/links/list").data["count"] == 0
    assert _clicks(alice) == 0
    assert _left(alice) == [(code, "", "")]


def test_it_leaves_nothing_of_clicks_that_come_meanwhile(alice: Actor) -> None:
    code = create(alice)["code"]

    def call(number: int) -> int:
        if number == 20:
            return alice.post(DELETE, code=code).status
        return follow(alice, code, address=f"192.0.2.{number}").status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(call, range(60))) <= {200, 302, 404}
    assert _left(alice) == [(code, "", "")]
    assert _clicks(alice) == 0


def test_it_keeps_the_code_for_its_project(alice: Actor, charlie: Actor) -> None:
    """Where people find the old address, nobody else can put another destination."""
    create(alice, code="poster", max_clicks=5)
    assert follow(alice, "poster").status == 302
    assert alice.post(DELETE, code="poster").status == 200
    wanted = {"destination_url": "https://charlie.example/", "code": "poster"}
    answer = charlie.post("/api/links/create", **wanted)
    assert (answer.status, answer.json["field"]) == (409, "code")
    for _ in range(2):
        assert create(alice, code="poster")["max_clicks"] is None
        assert follow(alice, "poster").status == 302
        assert total_clicks(alice, "poster") == 1
        assert alice.post(DELETE, code="poster").status == 200
    assert charlie.post("/api/links/create", **wanted).status == 409
    # With the project the code is free.
    confirm = {"id": alice.id, "confirm": "Alice"}
    alice.installation.as_admin("/api/projects/delete", confirm)
    assert charlie.post("/api/links/create", **wanted).status == 200


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_refuses_in_the_contracts_words(
    alice: Actor, charlie: Actor, suffix: str
) -> None:
    for nothing in (None, "", " "):
        answer = alice.post(DELETE + suffix, code=nothing, x=1)
        assert answer.status == 400
    answer = alice.post(DELETE + suffix, code="")
    assert answer.json["message"] == "code is required"
    theirs = create(charlie)["code"]
    for code in (theirs, "nothing", "\u00fc"):
        answer = alice.post(DELETE + suffix, code=code)
        assert answer.status == 404
        assert answer.json == {"success": False, "message": "Link not found"}
    assert follow(charlie, theirs).status == 302
