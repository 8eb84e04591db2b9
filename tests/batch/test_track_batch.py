"""POST /api/track/batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.events import store as events_store
from tests.conftest import Actor
from tests.mariadb_server import MariadbServer
from tests.visits.tables import assert_consistent, state
from tests.wsgi import Answer

HOME = "https://alice.example/"
VISIT = [
    {"type": "pageview", "url": HOME, "id": "a", "age": 600},
    {"type": "event", "name": "signup", "id": "e", "age": 500, "props": {"a": 1}},
    {"type": "engagement", "pageview_id": "a", "seconds": 300, "age": 200},
]


def batch(actor: Actor, beacons: Any, headers: Any = None, **more: Any) -> Answer:
    return actor.send("batch", headers, beacons=beacons, **more)


def results(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.data["results"]
    return found


def statuses(answer: Answer) -> list[int]:
    return [result["status"] for result in results(answer)]


def backend(actor: Actor) -> dict[str, str]:
    return {"X-API-Key": actor.secret_key, "User-Agent": "Python-urllib/3.11"}


def test_it_answers_each_beacon_in_order(alice: Actor) -> None:
    broken = {"type": "event", "name": 5}
    answer = batch(alice, [*VISIT[:2], broken, "no", {"type": "party"}, VISIT[2]])
    found = results(answer)
    assert found[:3] == [
        {"status": 200, "data": {"counted": True}},
        {"status": 200, "data": {"counted": True}},
        {"status": 400, "message": "name must be a text", "field": "name"},
    ]
    assert [(one["status"], one["field"]) for one in found[3:5]] == [
        (400, "beacons"),
        (400, "type"),
    ]
    assert found[5] == {"status": 200, "data": {"counted": True}}
    data = alice.get("/api/analytics/sessions?range=1d").data
    assert (data["total_sessions"], data["avg_duration_seconds"]) == (1, 400)
    assert_consistent(alice)


def test_it_changes_nothing_when_it_is_sent_again(alice: Actor) -> None:
    assert statuses(batch(alice, VISIT)) == [200, 200, 200]
    before = state(alice)
    found = results(batch(alice, VISIT))
    assert [one["data"]["counted"] for one in found] == [False, False, True]
    assert [one.get("ignored") for one in found] == ["duplicate", "duplicate", None]
    assert state(alice) == before


def test_it_says_why_a_beacon_is_not_counted(alice: Actor) -> None:
    found = results(batch(alice, VISIT, {"DNT": "1"}))
    assert found == [{"status": 204, "ignored": "dnt"}] * 3
    drops = alice.installation.rows("SELECT SUM(beacons) AS n FROM ph_drops")
    assert int(drops[0]["n"]) == 3
    unknown = {"type": "engagement", "pageview_id": "x", "seconds": 1}
    assert results(batch(alice, [unknown])) == [
        {"status": 200, "data": {"counted": False}, "ignored": "unknown pageview"}
    ]


def test_it_is_open_to_each_beacon_as_its_own_route_is(alice: Actor) -> None:
    answer = batch(alice, VISIT, backend(alice))
    assert statuses(answer) == [401, 200, 401]
    assert results(answer)[0]["message"] == "Invalid API key"
    assert alice.visitors("range=1d")["total_pageviews"] == 0


def test_it_takes_the_batchs_key_for_all(alice: Actor, charlie: Actor) -> None:
    theirs = {**VISIT[0], "public_key": charlie.public_key}
    assert statuses(batch(alice, [theirs])) == [200]
    assert alice.visitors("range=1d")["total_pageviews"] == 1
    in_header = {"X-API-Key": alice.public_key}
    theirs = {"type": "event", "name": "n", "public_key": charlie.public_key}
    assert statuses(batch(alice, [theirs], in_header, public_key=None)) == [200]
    assert batch(alice, VISIT, public_key="0" * 32).status == 401
    assert charlie.visitors("range=1d")["total_pageviews"] == 0


@pytest.mark.parametrize("beacons", [None, [], {}, "x", 5, [VISIT[0]] * 51], ids=str)
def test_it_wants_a_list_of_1_to_50(alice: Actor, beacons: Any) -> None:
    answer = batch(alice, beacons)
    assert (answer.status, answer.json["field"]) == (400, "beacons")


@pytest.mark.parametrize(
    "kind",
    ["batch", "../projects/list", "pageview.php", "", None, 5, [], {}, "PAGEVIEW"],
    ids=str,
)
def test_it_refuses_other_types(alice: Actor, kind: Any) -> None:
    [result] = results(batch(alice, [{"type": kind, "beacons": VISIT}]))
    assert (result["status"], result["field"]) == (400, "type")
    assert result["message"].startswith("type must be one of: pageview, event, ")


def test_it_refuses_other_fields(alice: Actor) -> None:
    answer = batch(alice, VISIT, url=HOME)
    assert (answer.status, answer.json["field"]) == (400, "url")


def test_it_speaks_micrologs_under_its_name(alice: Actor) -> None:
    body = {"public_key": alice.public_key, "beacons": VISIT[:1], "more": 1}
    answer = alice.installation.call("POST", "/api/track/batch.php", body)
    [result] = results(answer)
    assert (result["status"], result["field"]) == (400, "visitor_id")


def test_it_counts_each_beacon_against_the_limit_of_its_route(alice: Actor) -> None:
    events = [{"type": "event", "name": "n"}] * 50
    for _ in range(6):
        assert set(statuses(batch(alice, events))) == {200}
    views = {"type": "pageview", "url": HOME}
    found = results(batch(alice, [*events[:2], views]))
    assert [one["status"] for one in found] == [429, 429, 200]
    assert "Try again in" in found[0]["message"]
    assert alice.send("event", name="n").status == 429
    # A backend's key has room for all it sends.
    assert set(statuses(batch(alice, events, backend(alice)))) == {200}


def test_it_goes_on_when_the_project_is_changed_meanwhile(alice: Actor) -> None:
    assert statuses(batch(alice, VISIT)) == [200, 200, 200]
    other = alice.installation.with_settings()
    for key in ({}, backend(alice)):
        edit = {"id": alice.id, "name": "New"}
        headers = {"X-Admin-Key": alice.installation.config.admin_key}
        assert other.call("POST", "/api/projects/edit", edit, headers=headers).status
        more = [{"type": "event", "name": "n", "id": f"{number}"} for number in "ab"]
        assert statuses(batch(alice, more, key)) == [200, 200]


def _break_at(
    monkeypatch: pytest.MonkeyPatch, number: int, action: Callable[[], Any]
) -> None:
    """Have something happen before the event with that number is written."""
    lock = events_store.lock_visitor
    left = [number]

    def lock_later(db: Any, values: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            action()
        return lock(db, values)

    monkeypatch.setattr(events_store, "lock_visitor", lock_later)


def _events(prefix: str = "") -> list[dict[str, str]]:
    return [
        {"type": "event", "name": "n", "id": f"{prefix}{number}"} for number in range(4)
    ]


def _count(alice: Actor) -> int:
    rows = alice.installation.rows("SELECT COUNT(*) AS n FROM ph_events")
    count: int = rows[0]["n"]
    return count


@pytest.mark.parametrize("with_secret_key", [False, True])
def test_it_stops_at_the_beacon_before_which_the_project_was_turned_off(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, with_secret_key: bool
) -> None:
    if "sqlite" in alice.installation.config.database_url:
        pytest.skip("the change would wait for the transaction it is made in")
    other = alice.installation.with_settings()

    def turn_off() -> None:
        headers = {"X-Admin-Key": alice.installation.config.admin_key}
        body = {"id": alice.id}
        assert other.call("POST", "/api/projects/toggle", body, headers=headers).status

    _break_at(monkeypatch, 3, turn_off)
    headers = backend(alice) if with_secret_key else None
    assert statuses(batch(alice, _events(), headers)) == [200, 200, 401, 401]
    assert _count(alice) == 2


def test_it_keeps_what_is_done_when_something_fails(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    _break_at(monkeypatch, 2, fail)
    found = results(batch(alice, _events()))
    assert [one["status"] for one in found] == [200, 500, 200, 200]
    assert "in the log as" in found[1]["message"]
    assert _count(alice) == 3


def test_it_keeps_what_is_done_when_the_database_goes_away(
    alice: Actor, mariadb: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = alice.installation.config.database_url
    if database.startswith("sqlite"):
        pytest.skip("a file does not go away")

    def go_away() -> None:
        from app.db import DatabaseAway

        raise DatabaseAway("gone")

    _break_at(monkeypatch, 3, go_away)
    found = results(batch(alice, _events()))
    assert found[2:] == [{"status": 202, "data": {"queued": True}}] * 2
    assert _count(alice) == 2
    # What was not done is sent again, with what was.
    assert statuses(batch(alice, _events())) == [200] * 4
    assert alice.get("/api/analytics/events?range=1d").status == 200
    assert _count(alice) == 4


def test_it_carries_every_kind_of_beacon(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    others = [
        {"type": "identify", "user_id": "u", "visitor_id": "v"},
        {"type": "error", "message": "Broken", "id": "1", "visitor_id": "v"},
        {"type": "audit", "action": "login", "id": "2"},
    ]
    for _ in range(2):
        found = results(batch(alice, [*VISIT, *others]))
        assert [one["status"] for one in found] == [200] * 6, found
        assert found[3]["data"] == {"identified": True}
        assert found[4]["data"]["group_id"]
        assert found[5]["data"]["id"] == 1
    assert statuses(batch(alice, others, backend(alice))) == [401, 200, 200]
    assert alice.get("/api/analytics/audits").data["count"] == 1
    assert alice.get("/api/analytics/errors-trend").data["total_occurrences"] == 1
