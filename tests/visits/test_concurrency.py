"""Many at once: no error, nothing lost, nothing double."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.conftest import NOON, Actor
from tests.visits.tables import VISITOR_DAYS, assert_consistent

THREADS = 8


def _send_all(send: Callable[[int], int], count: int) -> list[int]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(send, range(count)))


def test_it_counts_every_view_of_one_visitor_sent_at_once(alice: Actor) -> None:
    def send(number: int) -> int:
        return alice.view(f"https://alice.example/{number}").status

    assert _send_all(send, 80) == [200] * 80
    data = alice.visitors("range=1d")
    assert data["total_pageviews"] == 80
    assert data["total_sessions"] == 1
    assert data["unique_visitors"] == 1
    assert_consistent(alice)


def test_it_counts_the_same_beacon_sent_at_once_once(alice: Actor) -> None:
    def send(number: int) -> int:
        answer = alice.view("https://alice.example/", id="same", address="192.0.2.9")
        assert answer.status == 200
        return int(answer.data["counted"])

    assert sum(_send_all(send, 40)) == 1
    assert alice.visitors("range=1d")["total_pageviews"] == 1
    assert_consistent(alice)


def test_it_counts_every_view_of_many_new_visitors(alice: Actor) -> None:
    def send(number: int) -> int:
        address = f"198.51.100.{number % 60}"
        return alice.view(f"https://alice.example/{number}", address=address).status

    assert _send_all(send, 180) == [200] * 180
    data = alice.visitors("range=1d")
    assert data["total_pageviews"] == 180
    assert data["total_sessions"] == 60
    assert data["unique_visitors"] == 60
    assert data["bounce_rate"] == 0
    assert_consistent(alice)


def test_it_counts_every_late_view_of_days_without_stats(alice: Actor) -> None:
    def send(number: int) -> int:
        # Some on either side of a midnight, to which three days are marked in common.
        age = 3600 * (38 + number % 4)
        return alice.view(address=f"198.51.100.{number}", age=age).status

    alice.installation.clock.move(hours=27)
    assert _send_all(send, 80) == [200] * 80
    assert alice.visitors("range=7d")["total_pageviews"] == 80
    rows = alice.installation.rows("SELECT DISTINCT day FROM ph_late")
    assert [str(row["day"]) for row in rows] == ["2026-03-02", "2026-03-03"]
    assert_consistent(alice)


def test_it_counts_days_right_when_old_and_new_views_arrive_at_once(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    alice.installation.clock.at = NOON + timedelta(days=1)

    def send(number: int) -> int:
        # Every visitor has one view today and one yesterday, in either order.
        return alice.view(
            f"https://alice.example/{number}",
            visitor_id=str(number % 20),
            age=86400 if (number // 20 + number) % 2 else 0,
        ).status

    assert _send_all(send, 40) == [200] * 40
    data = alice.visitors("range=2d")
    assert data["unique_visitors"] == 20
    assert [day["unique_visitors"] for day in data["over_time"]] == [20, 20]
    rows = alice.installation.rows(VISITOR_DAYS.format(id=alice.id))
    assert sorted(row["visitors"] for row in rows) == [20, 20]
    assert_consistent(alice)
