"""GET /api/analytics/sessions."""

from __future__ import annotations

from datetime import datetime

from tests.conftest import Actor, Clock

SESSIONS = "/api/analytics/sessions"


def test_it_answers_in_the_contracts_words(alice: Actor, clock: Clock) -> None:
    alice.view("https://alice.example/a")
    clock.move(minutes=10)
    alice.view("https://alice.example/b")
    clock.move(minutes=10)
    alice.view("https://alice.example/c")
    alice.view("https://alice.example/a", address="192.0.2.1")
    for name in (SESSIONS, SESSIONS + ".php"):
        answer = alice.get(name + "?range=2d")
        assert answer.json == {
            "success": True,
            "message": "Session analytics fetched successfully",
            "data": {
                "range": {"from": "2026-03-03 00:00:00", "to": "2026-03-04 23:59:59"},
                "total_sessions": 2,
                "bounce_rate": 50,
                "avg_duration_seconds": 600,
                "avg_duration_engaged": 1200,
                "avg_pages_per_session": 2,
                "over_time": [
                    {"date": "2026-03-03", "sessions": 0, "avg_duration_seconds": 0},
                    {"date": "2026-03-04", "sessions": 2, "avg_duration_seconds": 600},
                ],
            },
        }


def test_it_is_zero_before_the_first_view(alice: Actor) -> None:
    for name in (SESSIONS, SESSIONS + ".php"):
        data = alice.get(name).data
        # Micrologs leaves days without visits out.
        assert len(data["over_time"]) == 30
        del data["range"], data["over_time"]
        assert set(data.values()) == {0}


def test_it_rounds_ratios(alice: Actor) -> None:
    for number, pages in enumerate(("ab", "a", "a")):
        for page in pages:
            address = f"192.0.2.{number}"
            alice.view(f"https://alice.example/{page}", address=address)
    data = alice.get(SESSIONS + "?range=1d").data
    assert data["bounce_rate"] == 66.7
    assert data["avg_pages_per_session"] == 1.33


def test_it_shares_no_visit_between_projects_with_the_same_session_token(
    alice: Actor, charlie: Actor
) -> None:
    # In Micrologs the second project has no session.
    alice.view("https://alice.example/", session_token="same")
    charlie.view("https://charlie.example/", session_token="same")
    for actor in (alice, charlie):
        assert actor.get(SESSIONS).data["total_sessions"] == 1


def test_it_counts_a_visit_on_the_day_it_began(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 3, 23, 50)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 0, 10)
    alice.view("https://alice.example/b")
    before, today = alice.get(SESSIONS + "?range=2d").data["over_time"]
    assert (before["sessions"], before["avg_duration_seconds"]) == (1, 1200)
    assert (today["sessions"], today["avg_duration_seconds"]) == (0, 0)
    assert alice.get(SESSIONS + "?range=1d").data["total_sessions"] == 0


def test_it_counts_a_visit_once_when_its_beacon_is_retried(alice: Actor) -> None:
    for _ in range(2):
        alice.view("https://alice.example/a", id="one")
    data = alice.get(SESSIONS).data
    assert (data["total_sessions"], data["bounce_rate"]) == (1, 100)


def test_it_takes_an_interval(alice: Actor, clock: Clock) -> None:
    alice.view("https://alice.example/a")
    clock.move(minutes=20)
    alice.view("https://alice.example/b")
    hours = alice.get(SESSIONS + "?range=1d&interval=hour").data["over_time"]
    assert [hour["sessions"] for hour in hours] == [0] * 12 + [1] + [0] * 11
    assert hours[12]["date"] == "2026-03-04 12:00:00"
    assert hours[12]["avg_duration_seconds"] == 1200
