"""GET /api/analytics/errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Actor
from tests.errors.test_track_error import detail, listed, report, send_as_backend

KEYS = {
    "id": int,
    "error_type": str,
    "message": str,
    "file": str,
    "severity": str,
    "environment": str,
    "status": str,
    "occurrence_count": int,
    "first_seen": str,
    "last_seen": str,
}


@pytest.fixture
def busy_alice(alice: Actor) -> Actor:
    """Alice with four groups, one minute apart."""
    clock = alice.installation.clock
    send_as_backend(alice, message="Disk full", release="1.0", severity="critical")
    clock.move(minutes=1)
    send_as_backend(
        alice, message="No such user", environment="production", severity="error"
    )
    clock.move(minutes=1)
    send_as_backend(alice, message="Cache is cold", severity="info", release="2.0")
    clock.move(minutes=1)
    report(alice)
    return alice


def messages(actor: Actor, query: str) -> list[str]:
    return [group["message"] for group in listed(actor, "?" + query)["errors"]]


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_has_the_contracts_keys_and_types(busy_alice: Actor, suffix: str) -> None:
    found = busy_alice.get("/api/analytics/errors" + suffix).data
    assert found["summary"] == {
        "total": 4,
        "open": 4,
        "investigating": 0,
        "resolved": 0,
        "ignored": 0,
        "critical": 1,
        "error": 2,
    }
    assert found["count"] == len(found["errors"]) == 4
    for group in found["errors"]:
        assert {name: type(group[name]) for name in KEYS} == KEYS
    assert found["errors"][0]["line"] == 10


def test_it_lists_the_last_seen_first(busy_alice: Actor) -> None:
    assert messages(busy_alice, "")[1:] == [
        "Cache is cold",
        "No such user",
        "Disk full",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity=critical", ["Disk full"]),
        ("environment=staging", ["Cache is cold", "Disk full"]),
        ("status=resolved", ["No such user"]),
        ("release=1.0", ["Disk full"]),
        ("release=2.0", ["Cache is cold"]),
        ("release=9", []),
        ("text=FULL", ["Disk full"]),
        ("text=%25", []),
        ("text=no+such", ["No such user"]),
        ("text=a&severity=info", ["Cache is cold"]),
        ("limit=1", ["Cannot read properties of undefined (reading 'total')"]),
        ("limit=1&page=4", ["Disk full"]),
    ],
)
def test_it_filters_and_pages(
    busy_alice: Actor, query: str, expected: list[str]
) -> None:
    group_id = listed(busy_alice, "?text=such")["errors"][0]["id"]
    _set_status(busy_alice, group_id, "resolved")
    assert messages(busy_alice, query) == expected
    assert listed(busy_alice, "?" + query)["summary"]["total"] == 4


def test_it_shows_only_what_was_seen_in_the_range(busy_alice: Actor) -> None:
    busy_alice.installation.clock.move(days=10)
    assert messages(busy_alice, "range=7d") == []
    assert len(messages(busy_alice, "range=11d")) == 4
    assert len(messages(busy_alice, "range=all")) == 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("severity=bad", "severity"),
        ("environment=prod", "environment"),
        ("limit=0", "limit"),
        ("colour=red", "colour"),
        ("filter[page]=/", "filter[page]"),
    ],
)
def test_it_names_the_parameter_that_is_wrong(
    alice: Actor, query: str, field: str
) -> None:
    answer = alice.get("/api/analytics/errors?" + query)
    assert answer.status == 400
    assert answer.json["field"] == field
    lenient = alice.get("/api/analytics/errors.php?" + query)
    assert lenient.status == 200


def test_it_tells_how_many_people_met_it(alice: Actor) -> None:
    for number in range(4):
        alice.view("https://alice.example/cart", address=f"203.0.113.{number}")
    for number in (1, 1, 2):
        group_id = report(alice, address=f"203.0.113.{number}")["group_id"]
    report(alice, address="198.51.100.9")
    [group] = listed(alice)["errors"]
    assert (group["people"], group["people_pct"]) == (3, 50)
    assert detail(alice, group_id)["group"]["people"] == 3
    alice.installation.clock.move(days=3)
    [group] = listed(alice, "?range=4d")["errors"]
    assert group["people"] == 3
    assert detail(alice, group_id)["group"]["people_pct"] == 50


def test_its_share_of_people_is_of_those_who_came_that_day(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    for name in ("bob", "carl"):
        alice.view("https://alice.example/", visitor_id=name)
    alice.installation.clock.move(days=3)
    alice.view("https://alice.example/", visitor_id="dora")
    for name in ("bob", "carl", "dora"):
        report(alice, visitor_id=name)
    [group] = listed(alice, "?range=1d")["errors"]
    assert (group["people"], group["people_pct"]) == (3, 100)


def test_it_filters_releases_by_the_range(alice: Actor) -> None:
    report(alice, release="1.0")
    alice.installation.clock.move(days=20)
    report(alice, release="1.1")
    assert len(messages(alice, "range=7d&release=1.1")) == 1
    assert messages(alice, "range=7d&release=1.0") == []
    assert len(messages(alice, "range=30d&release=1.0")) == 1


def test_it_is_there_as_csv(busy_alice: Actor) -> None:
    answer = busy_alice.get("/api/analytics/errors?format=csv")
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("id,error_type,message,file,line,")


def test_it_compares_with_the_days_before(alice: Actor) -> None:
    report(alice)
    alice.installation.clock.move(days=3)
    found: Any = listed(alice, "?range=2d&compare=previous")
    assert found["summary"]["total"] == 0
    assert found["compare"]["summary"]["total"] == 1


def test_it_counts_in_the_list_of_projects(alice: Actor, charlie: Actor) -> None:
    report(alice, count=7)
    projects = alice.installation.as_admin("/api/projects/list").data["projects"]
    totals = {row["id"]: row["stats"]["total_errors"] for row in projects}
    assert totals == {alice.id: 7, charlie.id: 0}


def _set_status(actor: Actor, group_id: int, status: str) -> None:
    answer = actor.installation.call(
        "POST",
        "/api/track/errors-update-status",
        {"id": group_id, "status": status},
        headers={"X-API-Key": actor.secret_key},
    )
    assert answer.status == 200, answer.body
