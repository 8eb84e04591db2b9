"""GET /api/links/detail."""

from __future__ import annotations

import pytest

from tests.conftest import Actor
from tests.links.calls import create, follow

DETAIL = "/api/links/detail"


def test_it_shows_a_link_as_the_list_does(alice: Actor) -> None:
    code = create(alice)["code"]
    follow(alice, code)
    for suffix in ("", ".php"):
        shown = alice.get(f"{DETAIL}{suffix}?code={code}").data
        assert shown["total_clicks"] == 1
        assert alice.get(f"/api/links/list{suffix}").data["links"] == [shown]


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_wants_a_code(alice: Actor, suffix: str) -> None:
    for query in ("", "?code="):
        answer = alice.get(DETAIL + suffix + query)
        assert answer.status == 400
        assert answer.json["message"] == "code query parameter is required"


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_knows_only_ones_own(alice: Actor, charlie: Actor, suffix: str) -> None:
    theirs = create(charlie)["code"]
    for code in (theirs, theirs.swapcase(), "nothing", "%C3%BC", "x" * 5000):
        answer = alice.get(f"{DETAIL}{suffix}?code={code}")
        assert answer.status == 404
        assert answer.json == {"success": False, "message": "Link not found"}


def test_it_takes_no_other_parameter(alice: Actor) -> None:
    code = create(alice)["code"]
    assert alice.get(f"{DETAIL}?code={code}&x=1").json["field"] == "x"
    assert alice.get(f"{DETAIL}.php?code={code}&x=1").status == 200
