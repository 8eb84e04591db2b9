"""GET /api/analytics/realtime."""

from __future__ import annotations

from tests.conftest import Actor

REALTIME = "/api/analytics/realtime"
HOME = "https://alice.example/"


def test_it_counts_who_is_there_now(alice: Actor, charlie: Actor) -> None:
    clock = alice.installation.clock
    alice.view(HOME, address="192.0.2.1", page_title="Home")
    clock.move(minutes=20)
    alice.view(HOME + "a", address="192.0.2.2")
    clock.move(minutes=6)
    alice.view(HOME, address="192.0.2.3")
    alice.view(HOME + "b", address="192.0.2.4")
    clock.move(minutes=1)
    alice.view(HOME + "b", address="192.0.2.3")
    clock.move(minutes=1)
    for path in (REALTIME, REALTIME + ".php"):
        assert alice.get(path).data == {
            "visitors_5_minutes": 2,
            "visitors_30_minutes": 4,
            "pages": [{"url": HOME + "b", "page_title": "", "unique_visitors": 2}],
        }
    assert charlie.get(REALTIME).data["visitors_30_minutes"] == 0
    clock.move(minutes=3)
    assert alice.get(REALTIME).data["visitors_30_minutes"] == 3


def test_it_takes_no_parameters(alice: Actor) -> None:
    answer = alice.get(REALTIME + "?range=1d")
    assert (answer.status, answer.json["field"]) == (400, "range")
    assert alice.get(REALTIME + ".php?range=1d").status == 200


def test_it_looks_over_midnight(alice: Actor) -> None:
    clock = alice.installation.clock
    clock.at = clock.at.replace(hour=23, minute=50)
    alice.view(HOME)
    clock.move(minutes=14)
    data = alice.get(REALTIME).data
    assert (data["visitors_5_minutes"], data["visitors_30_minutes"]) == (0, 1)
