"""GET /api/analytics/errors-trend."""

from __future__ import annotations

from tests.conftest import Actor
from tests.errors.test_track_error import report, send_as_backend


def test_it_counts_exactly_and_fills_empty_days(alice: Actor) -> None:
    first = report(alice, count=3)["group_id"]
    alice.installation.clock.move(days=2)
    report(alice)
    send_as_backend(alice, message="Disk full")
    found = alice.get("/api/analytics/errors-trend?range=4d").data
    assert found["group_id"] is None
    assert (found["total_occurrences"], found["total_groups"]) == (5, 2)
    assert [tuple(day.values()) for day in found["over_time"]] == [
        ("2026-03-03", 0, 0),
        ("2026-03-04", 3, 1),
        ("2026-03-05", 0, 0),
        ("2026-03-06", 2, 2),
    ]
    top = found["top_groups"]
    assert [group["occurrences"] for group in top] == [4, 1]
    assert top[0]["id"] == first
    assert {"error_type", "message", "severity", "status"} <= set(top[0])


def test_it_is_there_for_one_group(alice: Actor) -> None:
    group_id = report(alice, count=3)["group_id"]
    send_as_backend(alice, message="Disk full")
    found = alice.get(f"/api/analytics/errors-trend?group_id={group_id}").data
    assert found["group_id"] == group_id
    assert (found["total_occurrences"], found["total_groups"]) == (3, 1)
    assert len(found["over_time"]) == 30


def test_it_knows_nothing_of_another_project(alice: Actor, charlie: Actor) -> None:
    group_id = report(alice)["group_id"]
    found = charlie.get(f"/api/analytics/errors-trend?group_id={group_id}").data
    assert found["total_occurrences"] == 0
    assert found["top_groups"] == []


def test_it_names_a_group_id_that_is_none(alice: Actor) -> None:
    answer = alice.get("/api/analytics/errors-trend?group_id=x")
    assert (answer.status, answer.json["field"]) == (400, "group_id")
    lenient = alice.get("/api/analytics/errors-trend.php?group_id=x")
    assert lenient.data["group_id"] is None
