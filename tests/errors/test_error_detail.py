"""GET /api/analytics/error-detail."""

from __future__ import annotations

import pytest

from tests.conftest import Actor
from tests.errors.test_track_error import detail, report, send_as_backend


def test_it_says_why_the_reports_are_one_group(alice: Actor) -> None:
    first = report(alice, message="Cannot read properties of undefined (reading 'a')")
    why = detail(alice, first["group_id"])["why"]
    assert why
    assert all({"part", "value", "from"} <= set(reason) for reason in why)
    assert any("showCart" in reason["value"] for reason in why)


def test_it_tells_in_which_releases_it_occurred(alice: Actor) -> None:
    group_id = report(alice, release="1.0")["group_id"]
    alice.installation.clock.move(minutes=1)
    report(alice, release="1.1", count=5)
    found = detail(alice, group_id)
    assert found["releases"] == [
        {"release": "1.1", "occurrences": 5},
        {"release": "1.0", "occurrences": 1},
    ]
    assert found["group"]["first_release"] == "1.0"
    assert found["group"]["last_release"] == "1.1"


def test_it_tells_times_in_the_projects_zone(alice: Actor) -> None:
    alice.installation.as_admin(
        "/api/projects/edit", {"id": alice.id, "timezone": "Asia/Tokyo"}
    )
    group_id = report(alice)["group_id"]
    found = detail(alice, group_id)
    assert found["group"]["first_seen"] == "2026-03-04 21:00:00"
    assert found["events"][0]["created_at"] == "2026-03-04 21:00:00"


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_refuses_what_is_no_group(alice: Actor, charlie: Actor, suffix: str) -> None:
    path = "/api/analytics/error-detail" + suffix
    missing = alice.get(path)
    assert (missing.status, missing.json["message"]) == (400, "id is required")
    unknown = alice.get(path + "?id=7")
    assert unknown.status == 404
    assert unknown.json["message"] == "Error group not found"
    theirs = send_as_backend(charlie)["group_id"]
    assert alice.get(f"{path}?id={theirs}").status == 404


def test_its_events_are_there_as_csv(alice: Actor) -> None:
    group_id = report(alice)["group_id"]
    answer = alice.get(f"/api/analytics/error-detail?id={group_id}&format=csv")
    assert answer.body.decode("utf-8-sig").startswith("id,message,stack_trace,")
