"""POST /api/track/engagement."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import NOON, Actor
from tests.visits.tables import assert_consistent, state
from tests.wsgi import Answer

HOME = "https://alice.example/"
TOLD = {"pageview_id": "a", "seconds": 40, "scroll": 75}


def told(actor: Actor) -> list[tuple[Any, Any]]:
    """Return the seconds and scroll of each pageview."""
    sql = "SELECT engaged_seconds, scroll FROM ph_pageviews WHERE project_id = {}"
    rows = actor.installation.rows(sql.format(actor.id) + " ORDER BY at")
    return [(row["engaged_seconds"], row["scroll"]) for row in rows]


def duration(actor: Actor) -> tuple[int, float]:
    """Return how long visits last on average, and the bounce rate."""
    data = actor.get("/api/analytics/sessions?range=7d").data
    return data["avg_duration_seconds"], data["bounce_rate"]


def test_it_gives_a_visit_of_one_page_a_duration(alice: Actor) -> None:
    alice.view(HOME, id="a")
    assert duration(alice) == (0, 100)
    alice.installation.clock.move(seconds=60)
    answer = alice.send("engagement", **TOLD)
    assert answer.json == {
        "success": True,
        "message": "OK",
        "data": {"counted": True},
    }
    assert told(alice) == [(40, 75)]
    # Until the page was left; it still is one page, a bounce.
    assert duration(alice) == (60, 100)
    assert_consistent(alice)


def test_it_only_grows(alice: Actor) -> None:
    alice.view(HOME, id="a")
    alice.installation.clock.move(seconds=60)
    for seconds, scroll in ((10, 50), (30, 20), (5, 60), (30, 60)):
        fields = {"pageview_id": "a", "seconds": seconds, "scroll": scroll}
        assert alice.send("engagement", **fields).data["counted"]
    assert told(alice) == [(30, 60)]
    before = state(alice)
    assert alice.send("engagement", **TOLD, age=55).data["counted"]
    assert told(alice) == [(30, 75)]
    assert state(alice)["visits"] == before["visits"]


def test_it_takes_no_more_time_than_has_passed(alice: Actor) -> None:
    alice.view(HOME, id="a")
    alice.installation.clock.move(seconds=60)
    alice.send("engagement", pageview_id="a", seconds=86400)
    assert told(alice) == [(60, 0)]
    assert duration(alice) == (60, 100)
    alice.send("engagement", pageview_id="a", seconds=10, age=3600)
    assert told(alice) == [(60, 0)]
    assert_consistent(alice)


def test_it_does_not_stretch_a_visit_over_a_pause_of_half_an_hour(alice: Actor) -> None:
    alice.view(HOME, id="a")
    alice.installation.clock.move(hours=3)
    alice.send("engagement", pageview_id="a", seconds=100)
    assert told(alice) == [(100, 0)]
    assert duration(alice) == (100, 100)


def test_it_stretches_a_visit_over_a_page_that_was_read_for_hours(alice: Actor) -> None:
    alice.view(HOME, id="a")
    alice.installation.clock.move(hours=3)
    alice.send("engagement", pageview_id="a", seconds=10000)
    assert duration(alice) == (10800, 100)
    alice.view(HOME + "b")
    assert duration(alice) == (10800, 0)
    assert_consistent(alice)


def test_it_never_makes_a_visit_longer_than_a_day(alice: Actor) -> None:
    alice.view(HOME)
    for number in range(4):
        alice.installation.clock.move(minutes=29)
        alice.view(HOME + str(number), id=str(number))
    alice.installation.clock.move(hours=23, minutes=59)
    alice.send("engagement", pageview_id="3", seconds=86400)
    assert duration(alice) == (86399, 0)
    assert_consistent(alice)


def test_it_finds_views_of_the_days_before(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Kathmandu")
    alice.view(HOME, id="a")
    alice.installation.clock.move(hours=30)
    assert alice.send("engagement", **TOLD).data["counted"]
    alice.installation.clock.move(hours=30)
    assert alice.send("engagement", **TOLD, age=40 * 3600).data["counted"]
    alice.installation.clock.move(hours=30)
    assert not alice.send("engagement", **TOLD).data["counted"]


def test_it_counts_whoever_tells_it(alice: Actor) -> None:
    """A phone may have another address when it leaves the page."""
    alice.view(HOME, id="a")
    alice.installation.clock.move(seconds=50)
    assert alice.send("engagement", **TOLD, address="198.51.100.3").data["counted"]
    assert duration(alice) == (50, 100)


def test_it_says_what_it_does_not_know(alice: Actor, charlie: Actor) -> None:
    charlie.view("https://charlie.example/", id="a")
    answer = alice.send("engagement", **TOLD)
    assert (answer.status, answer.data) == (200, {"counted": False})
    assert answer.headers["X-Porthole-Ignored"] == "unknown pageview"
    assert told(charlie) == [(None, None)]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({"DNT": "1"}, "dnt"), ({"User-Agent": "Googlebot"}, "bot: robot: googlebot")],
)
def test_it_counts_nobody_who_is_not_counted(
    alice: Actor, headers: dict[str, str], reason: str
) -> None:
    alice.view(HOME, id="a")
    answer = alice.send("engagement", headers, **TOLD)
    assert answer.status == 204
    assert answer.headers["X-Porthole-Ignored"] == reason
    assert told(alice) == [(None, None)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pageview_id", None),
        ("pageview_id", ""),
        ("pageview_id", []),
        ("seconds", -1),
        ("seconds", 86401),
        ("seconds", "5"),
        ("seconds", True),
        ("scroll", 101),
        ("scroll", 0.5),
        ("age", 172801),
        ("colour", "blue"),
    ],
)
def test_it_names_the_field_that_it_cannot_take(
    alice: Actor, field: str, value: object
) -> None:
    alice.view(HOME, id="a")
    answer = alice.send("engagement", **{**TOLD, field: value})
    assert (answer.status, answer.json["field"]) == (400, field)


def test_it_loses_nothing_of_what_is_told_at_once(alice: Actor) -> None:
    """Views and engagements of one visitor round midnight, in any order."""
    alice.installation.clock.at = NOON.replace(hour=23, minute=50)
    for number in range(10):
        alice.view(f"{HOME}{number}", id=str(number))
    alice.installation.clock.move(minutes=45)

    def send(number: int) -> Answer:
        if number % 2:
            told = {"pageview_id": str(number // 2), "seconds": 100 * number}
            return alice.send("engagement", age=60 * (25 - number), **told)
        return alice.view(f"{HOME}new/{number}")

    with ThreadPoolExecutor(8) as pool:
        assert {answer.status for answer in pool.map(send, range(20))} == {200}
    seconds = [seconds for seconds, _ in told(alice) if seconds is not None]
    assert sorted(seconds) == [100 * number for number in range(1, 20, 2)]
    data = alice.visitors("range=2d")
    assert (data["total_sessions"], data["unique_visitors"]) == (1, 1)
    assert_consistent(alice)
