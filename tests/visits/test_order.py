"""Beacons that arrive late, and in any order, leave the same tables."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Actor
from tests.visits.tables import assert_consistent, state

Beacon = tuple[datetime, str, str, int]
"""(when, address, path, seconds): a view of the path, or how long it was looked at"""


def _make_beacons(seed: int, start: datetime) -> list[Beacon]:
    """Return two local days of a few people who come and go, midnight included."""
    dice = random.Random(seed)
    beacons = []
    for person in range(3):
        at = start + timedelta(minutes=dice.randrange(60))
        while at < start + timedelta(hours=40):
            # Never the same URL within five minutes: which of the two counts would
            # depend on the order, and the sum would not.
            path = f"/{person}/{len(beacons)}"
            address = f"198.51.100.{person}"
            beacons.append((at, address, path, 0))
            for _ in range(dice.choice([0, 0, 1, 1, 2])):
                left = timedelta(seconds=dice.choice([5, 900, 1795, 2400, 5000]))
                seconds = round(left.total_seconds() * dice.choice([1, 0.9, 0.1]))
                beacons.append((at + left, address, path, max(seconds, 1)))
            pause = dice.choice([40, 300, 1500, 1790, 1810, 7200, 20000])
            at += timedelta(seconds=pause + dice.randrange(5))
    return sorted(beacons)


def _send(actor: Actor, beacon: Beacon, age: float = 0) -> None:
    _, address, path, seconds = beacon
    if seconds:
        told = {"pageview_id": path, "seconds": seconds, "scroll": seconds % 100}
        answer = actor.send("engagement", address=address, age=int(age), **told)
        assert answer.data == {"counted": True}, answer.body
        return
    referrer = "https://example.org/" if path.endswith("0") else ""
    answer = actor.view(
        f"https://alice.example{path}",
        address=address,
        visitor_id=address,
        referrer=referrer,
        id=path,
        age=int(age),
    )
    assert answer.data == {"counted": True}, answer.body


def _play_in_order(actor: Actor, beacons: list[Beacon]) -> dict[str, Any]:
    for beacon in beacons:
        actor.installation.clock.at = beacon[0]
        _send(actor, beacon)
    assert_consistent(actor)
    return state(actor)


def _play_late(actor: Actor, beacons: list[Beacon]) -> dict[str, Any]:
    now = max(beacons)[0] + timedelta(hours=1)
    actor.installation.clock.at = now
    for beacon in beacons:
        _send(actor, beacon, (now - beacon[0]).total_seconds())
    assert_consistent(actor)
    return state(actor)


def _shuffled(beacons: list[Beacon], seed: int) -> list[Beacon]:
    """Return them in another order, a view before what is told of it."""
    others = beacons.copy()
    random.Random(seed).shuffle(others)
    first = {beacon[2]: others.index(beacon) for beacon in others if not beacon[3]}
    for place, beacon in enumerate(others):
        view = first[beacon[2]]
        if view > place:
            others[place], others[view] = others[view], beacon
            first[beacon[2]] = place
    return others


@pytest.mark.parametrize("identity", ["cookieless", "cookie"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
@pytest.mark.parametrize("seed", range(4))
def test_it_does_not_matter_in_which_order_beacons_arrive(
    create_project: Callable[..., Actor], identity: str, zone: str, seed: int
) -> None:
    def project(name: str) -> Actor:
        return create_project(name, ["alice.example"], identity=identity, timezone=zone)

    beacons = _make_beacons(seed, datetime(2026, 3, 4, 11, 0))
    expected = _play_in_order(project("In order"), beacons)
    shuffled = _play_late(project("Shuffled"), _shuffled(beacons, seed))
    for name, rows in expected.items():
        assert shuffled[name] == rows, name


def test_it_joins_two_visits_when_it_turns_out_that_the_page_was_read_on(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"])
    clock = alice.installation.clock
    clock.at = datetime(2026, 3, 4, 23, 50)
    alice.view("https://alice.example/a", id="a")
    clock.move(minutes=50)
    alice.view("https://alice.example/b")
    assert alice.visitors("range=2d")["total_sessions"] == 2
    told = {"pageview_id": "a", "seconds": 25 * 60, "scroll": 90, "age": 25 * 60}
    assert alice.send("engagement", **told).data == {"counted": True}
    data = alice.visitors("range=2d")
    assert (data["total_sessions"], data["unique_visitors"]) == (1, 1)
    assert_consistent(alice)


def test_it_joins_two_visits_when_the_view_between_them_arrives(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"])
    clock = alice.installation.clock
    alice.view("https://alice.example/a")
    clock.move(minutes=50)
    alice.view("https://alice.example/c")
    assert alice.visitors("range=1d")["total_sessions"] == 2
    alice.view("https://alice.example/b", age=25 * 60)
    data = alice.visitors("range=1d")
    assert (data["total_sessions"], data["total_pageviews"]) == (1, 3)
    assert data["bounce_rate"] == 0
    assert_consistent(alice)


def test_it_gives_a_visit_across_midnight_back_to_its_visitor(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"])
    clock = alice.installation.clock
    clock.at = datetime(2026, 3, 5, 0, 10)
    alice.view("https://alice.example/after")
    alice.view("https://alice.example/before", age=20 * 60)
    data = alice.visitors("range=2d")
    assert data["unique_visitors"] == 1
    assert data["total_sessions"] == 1
    assert [day["unique_visitors"] for day in data["over_time"]] == [1, 1]
    assert [day["pageviews"] for day in data["over_time"]] == [1, 1]
    assert_consistent(alice)


def test_it_moves_a_visit_over_every_day_that_it_touches(
    create_project: Callable[..., Actor],
) -> None:
    """In the night of 29 March 2026 Berlin's day has 23 hours."""
    alice = create_project("Alice", ["alice.example"], timezone="Europe/Berlin")
    clock = alice.installation.clock
    clock.at = datetime(2026, 3, 28, 22, 50)  # 23:50
    alice.view("https://alice.example/first")
    clock.at = datetime(2026, 3, 28, 23, 25)  # 0:25 on the 29th
    while clock.at <= datetime(2026, 3, 29, 22, 15):  # 0:15 on the 30th
        alice.view(f"https://alice.example/{clock.at:%H%M}")
        clock.move(minutes=25)
    late = clock.at - datetime(2026, 3, 28, 23, 10)  # 0:10 on the 29th
    answer = alice.view("https://alice.example/between", age=int(late.total_seconds()))
    assert answer.data["counted"]
    assert_consistent(alice)


def test_it_finds_a_person_who_comes_twice_at_midnight_at_once(
    create_project: Callable[..., Actor],
) -> None:
    """Two ids, two beacons written together: still one visitor with one visit."""
    alice = create_project("Alice", ["alice.example"])
    alice.installation.clock.at = datetime(2026, 3, 5, 0, 5)
    alice.view("https://alice.example/salt", address="192.0.2.1")
    alice.view("https://alice.example/salt", address="192.0.2.1", age=600)
    people = 40

    def send(number: int) -> int:
        address = f"198.51.100.{number // 2}"
        age = 600 if number % 2 else 0
        path = f"https://alice.example/{number % 2}"
        return alice.view(path, address=address, age=age).status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(2 * people))) == [200] * 2 * people
    data = alice.visitors("range=2d")
    assert data["unique_visitors"] == people + 1
    assert data["total_sessions"] == people + 1
    assert_consistent(alice)


def test_it_counts_on_after_a_clock_that_was_months_ahead(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    clock = alice.installation.clock
    for month, day in ((5, 1), (7, 1), (5, 2), (5, 3), (5, 5)):
        clock.at = datetime(2026, month, day, 12)
        alice.view("https://alice.example/", visitor_id="v")
    assert alice.visitors("range=7d")["unique_visitors"] == 1
    assert alice.visitors("range=1d")["unique_visitors"] == 1
    assert_consistent(alice)
