"""POST /api/track/error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.errors import sampling
from tests.conftest import Actor
from tests.wsgi import BROWSER, Answer

STACK = """TypeError: Cannot read properties of undefined (reading 'total')
    at showCart (https://alice.example/assets/shop.js:10:23)
    at HTMLButtonElement.onClick (https://alice.example/assets/shop.js:40:5)"""
REPORT = {
    "message": "Cannot read properties of undefined (reading 'total')",
    "error_type": "TypeError",
    "file": "https://alice.example/assets/shop.js",
    "line": 10,
    "stack": STACK,
    "url": "https://alice.example/cart?id=7",
}
SDK = {
    "message": "Payment failed",
    "error_type": "ManualError",
    "severity": "critical",
    "file": "",
    "line": None,
    "stack": None,
    "url": "",
    "environment": "staging",
    "context": None,
}


def report(actor: Actor, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    """Report as a page does; return the answer's data."""
    answer = send(actor, headers, **fields)
    assert answer.status == 200, answer.body
    return answer.data


def send(
    actor: Actor,
    headers: dict[str, str] | None = None,
    path: str = "/api/track/error",
    address: str = "203.0.113.7",
    **fields: Any,
) -> Answer:
    body = {"public_key": actor.public_key, **REPORT, **fields}
    sent = {**BROWSER, **(headers or {})}
    return actor.installation.call("POST", path, body, headers=sent, address=address)


def send_as_backend(actor: Actor, path: str = "/api/track/error", **fields: Any) -> Any:
    answer = actor.installation.call(
        "POST", path, {**SDK, **fields}, headers={"X-API-Key": actor.secret_key}
    )
    assert answer.status == 200, answer.body
    return answer.data


def detail(actor: Actor, group_id: int) -> Any:
    answer = actor.get(f"/api/analytics/error-detail?id={group_id}")
    assert answer.status == 200, answer.body
    return answer.data


def listed(actor: Actor, query: str = "") -> Any:
    answer = actor.get("/api/analytics/errors" + query)
    assert answer.status == 200, answer.body
    return answer.data


def test_it_answers_with_a_group_that_javascript_can_hold(alice: Actor) -> None:
    group_id = report(alice)["group_id"]
    assert 0 < group_id < 2**53
    assert report(alice) == {"group_id": group_id}
    [group] = listed(alice)["errors"]
    assert group["id"] == group_id
    assert group["occurrence_count"] == 2


def test_it_keeps_what_was_reported(alice: Actor) -> None:
    alice.view("https://alice.example/cart")
    context = {"user": {"id": 7}, "tags": ["a", None, 1.5]}
    sent = report(alice, context=context, release="2.4.0", severity="critical")
    [event] = detail(alice, sent["group_id"])["events"]
    [visit] = alice.installation.rows("SELECT id FROM ph_visits")
    assert event["stack_trace"] == STACK
    assert event["url"] == REPORT["url"]
    assert event["environment"] == "production"
    assert event["release"] == "2.4.0"
    assert event["severity"] == "critical"
    assert event["context"] == context
    assert event["created_at"] == "2026-03-04 12:00:00"
    assert event["visit_id"] == str(visit["id"])
    assert event["device"]["browser"] == "Chrome"
    assert event["device"]["type"] == "desktop"
    assert event["location"] == {"country": None, "country_code": None, "city": None}


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_takes_what_the_published_clients_send(alice: Actor, suffix: str) -> None:
    sent = send_as_backend(alice, "/api/track/error" + suffix)
    found = detail(alice, sent["group_id"])
    assert found["group"]["environment"] == "staging"
    assert found["group"]["severity"] == "critical"
    assert found["group"]["line"] is None
    [event] = found["events"]
    # A backend's request says nothing about the person.
    assert event["device"] == {"type": None, "os": None, "browser": None}
    assert found["group"]["people"] == 0


def test_it_is_lenient_where_micrologs_is(alice: Actor) -> None:
    sent = send(
        alice,
        path="/api/track/error.php",
        severity="fatal",
        environment=["x"],
        line="many",
        context="text",
    )
    assert sent.status == 200
    [group] = listed(alice)["errors"]
    assert (group["severity"], group["environment"]) == ("error", "production")
    assert group["line"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", ""),
        ("message", None),
        ("message", 7),
        ("error_type", []),
        ("severity", "fatal"),
        ("environment", "prod"),
        ("line", "10"),
        ("line", -1),
        ("line", 2**40),
        ("context", "text"),
        ("context", {"a": "x" * 9000}),
        ("count", 0),
        ("count", 1001),
        ("age", 48 * 3600 + 1),
        ("release", {}),
        ("stack", ["a"]),
    ],
)
def test_it_names_the_field_that_is_wrong(
    alice: Actor, field: str, value: object
) -> None:
    answer = send(alice, **{field: value})
    assert answer.status == 400, answer.body
    assert answer.json["field"] == field
    assert alice.installation.rows("SELECT id FROM ph_error_groups") == []


def test_it_refuses_a_missing_message_in_micrologs_words(alice: Actor) -> None:
    answer = send(alice, path="/api/track/error.php", message=None)
    assert answer.status == 400
    assert answer.json["message"] == "message is required"


def test_it_keeps_environments_apart(alice: Actor) -> None:
    there = report(alice)["group_id"]
    assert report(alice, environment="staging")["group_id"] != there


def test_it_counts_a_repeat_once(alice: Actor) -> None:
    first = send(alice, id="one")
    again = send(alice, id="one")
    alice.installation.clock.move(hours=13)
    late = send(alice, id="one", age=13 * 3600)
    assert first.data == again.data == late.data
    assert again.headers["X-Porthole-Ignored"] == "duplicate"
    assert "X-Porthole-Ignored" not in first.headers
    [group] = listed(alice)["errors"]
    assert group["occurrence_count"] == 1


def test_it_forgets_the_ids_of_beacons_after_some_days(alice: Actor) -> None:
    for number in range(8):
        send(alice, id=f"day {number}")
        alice.installation.clock.move(days=1)
    rows = alice.installation.rows("SELECT day FROM ph_error_beacons")
    assert len(rows) == 5


def test_it_counts_how_often_it_happened(alice: Actor) -> None:
    group_id = report(alice, count=40)["group_id"]
    report(alice, count=2)
    found = detail(alice, group_id)
    assert found["group"]["occurrence_count"] == 42
    assert sum(day["occurrences"] for day in found["over_time"]) == 42


def test_it_puts_a_late_report_on_its_day(alice: Actor) -> None:
    group_id = report(alice, age=36 * 3600)["group_id"]
    report(alice)
    counts = {
        day["date"]: day["occurrences"] for day in detail(alice, group_id)["over_time"]
    }
    assert (counts["2026-03-03"], counts["2026-03-04"]) == (1, 1)
    [group] = listed(alice)["errors"]
    assert group["first_seen"] == "2026-03-03 00:00:00"
    assert group["last_seen"] == "2026-03-04 12:00:00"


def test_it_keeps_first_newest_and_a_sample(alice: Actor) -> None:
    group_id = 0
    for number in range(330):
        alice.installation.clock.move(seconds=1)
        group_id = send_as_backend(alice, context={"n": number})["group_id"]
    rows = alice.installation.rows("SELECT slot, context FROM ph_occurrences")
    kept = {row["slot"]: int(row["context"][5:-1]) for row in rows}
    assert len(kept) <= sampling.SLOTS == 200
    assert [kept[slot] for slot in range(50)] == list(range(50))
    assert sorted(kept[slot] for slot in range(50, 150)) == list(range(230, 330))
    assert all(50 <= kept[slot] < 330 for slot in kept if slot >= 150)
    found = detail(alice, group_id)
    assert found["group"]["occurrence_count"] == 330
    assert [event["context"]["n"] for event in found["events"]] == list(
        range(329, 229, -1)
    )


def test_it_takes_a_fair_sample() -> None:
    taken = [0] * 4
    for _ in range(300):
        kept: dict[int, int] = {}
        for number in range(450):
            for slot in sampling.slots(number):
                if slot >= sampling.FIRST + sampling.NEWEST:
                    kept[slot] = number
        for number in kept.values():
            taken[(number - 50) // 100] += 1
    mean = sum(taken) / 4
    assert all(abs(count - mean) < 0.12 * mean for count in taken), taken


def test_it_stores_no_visitor_who_asks_not_to_be_counted(alice: Actor) -> None:
    group_id = report(alice, headers={"DNT": "1"})["group_id"]
    found = detail(alice, group_id)
    assert found["group"]["people"] == 0
    assert found["events"][0]["device"]["browser"] == "Chrome"
    assert alice.installation.rows("SELECT * FROM ph_error_visitors") == []


def test_it_refuses_pages_of_other_domains(alice: Actor) -> None:
    answer = send(alice, headers={"Origin": "https://evil.example"})
    assert answer.status == 403


def test_it_never_mixes_projects(alice: Actor, charlie: Actor) -> None:
    mine = report(alice, id="same")["group_id"]
    theirs = report(charlie, id="same")["group_id"]
    assert mine != theirs
    assert charlie.get(f"/api/analytics/error-detail?id={mine}").status == 404
    assert listed(charlie)["errors"][0]["occurrence_count"] == 1


def test_it_limits_the_releases_it_remembers(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"project": alice.id}
    alice.installation.db.transaction(
        lambda: alice.installation.db.many(
            "INSERT INTO ph_releases (project_id, id, name)"
            " VALUES (%(project)s, %(id)s, 'x')",
            [{**values, "id": number} for number in range(1, 2001)],
        )
    )
    group_id = report(alice, release="one too many")["group_id"]
    assert detail(alice, group_id)["events"][0]["release"] is None
    assert report(alice)["group_id"] == group_id


def test_it_counts_exactly_when_many_report_at_once(
    alice: Actor, create_project: Callable[..., Actor]
) -> None:
    def work(number: int) -> None:
        for step in range(25):
            send_as_backend(alice, message=f"Payment failed {step % 3}", id=None)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = listed(alice)["errors"]
    assert sum(group["occurrence_count"] for group in found) == 200
    [days] = alice.installation.rows(
        "SELECT SUM(occurrences) AS n, COUNT(*) AS rows_ FROM ph_error_days"
    )
    assert days["n"] == 200
