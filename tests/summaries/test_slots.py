"""The slots of a closed day's visitors: gathered, whoever else writes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app import db as databases
from app.clock import NULL_DAY
from app.db import Database
from app.summaries import slots_store, store
from app.visits.store import COUNT_VISITOR_DAY
from tests.commands.micrologs import Small, import_from
from tests.conftest import Actor
from tests.mariadb_server import MariadbServer
from tests.spool.outage import drain, during_outage
from tests.summaries.days import Crowd, ask, close_days, recounted
from tests.visits.tables import assert_consistent

DAY = date(2026, 3, 4)
DAY_BEFORE = DAY - timedelta(days=1)
WAITING = """
SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'
"""


@pytest.fixture
def cookie(create_project: Callable[..., Actor]) -> Actor:
    return create_project("Alice", ["alice.example"], identity="cookie")


def _slots(actor: Actor) -> list[dict[str, Any]]:
    """Return how many rows there are for each day and the one before it."""
    return actor.installation.rows(
        "SELECT day, prev_day, COUNT(*) AS slots, SUM(visitors) AS visitors"
        " FROM ph_visitor_days GROUP BY day, prev_day ORDER BY day, prev_day"
    )


def test_it_leaves_one_row_for_each_previous_day(cookie: Actor) -> None:
    Crowd(cookie).views(120)
    assert max(row["slots"] for row in _slots(cookie)) > 1
    before = [(row["day"], row["prev_day"], row["visitors"]) for row in _slots(cookie)]
    cookie.installation.clock.move(days=4)
    expected = ask(cookie, "range=30d")
    close_days(cookie)
    found = _slots(cookie)
    assert {row["slots"] for row in found} == {1}
    assert before == [(row["day"], row["prev_day"], row["visitors"]) for row in found]
    assert_consistent(cookie)
    assert ask(cookie, "range=30d") == expected == recounted(cookie, "range=30d")


def test_it_gathers_again_what_comes_late(cookie: Actor) -> None:
    crowd, away = Crowd(cookie, 3), during_outage(cookie)
    crowd.views(60)
    crowd.views(60, away)
    cookie.installation.clock.move(days=4)
    close_days(cookie)
    drain(cookie)
    assert_consistent(cookie)
    assert ask(cookie, "range=30d") == recounted(cookie, "range=30d")
    close_days(cookie)
    assert {row["slots"] for row in _slots(cookie)} == {1}
    assert_consistent(cookie)


def test_it_leaves_no_row_that_says_nothing(cookie: Actor) -> None:
    database = cookie.installation.db
    for slot, change in ((0, 2), (3, -3), (5, 1)):
        database.transaction(
            lambda slot=slot, change=change: _count(  # type: ignore[misc]
                database, cookie, NULL_DAY, slot, change
            )
        )
    database.transaction(lambda: slots_store.gather(database, cookie.id, DAY))
    assert _slots(cookie) == []


def _count(
    database: Database, actor: Actor, prev_day: date, slot: int, change: int
) -> None:
    key = {"project_id": actor.id, "day": DAY, "prev_day": prev_day}
    database.run(COUNT_VISITOR_DAY, {**key, "slot": slot, "change": change})


class Writer:
    """A connection of its own, in a transaction that a test commits."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.db = databases.connect(actor.installation.config.database_url, 5)

    def count(self, prev_day: date, slot: int, change: int = 1) -> None:
        _count(self.db, self._actor, prev_day, slot, change)

    def commit(self) -> None:
        self.db.transaction(lambda: None)


@contextmanager
def _writers(actor: Actor, count: int) -> Iterator[list[Writer]]:
    writers = [Writer(actor) for _ in range(count)]
    try:
        yield writers
    finally:
        for writer in writers:
            writer.db.close()


def _wait_for_lock(server: MariadbServer) -> None:
    """Wait until somebody waits for a lock."""
    with server.connect() as connection, connection.cursor() as cursor:
        deadline = time.monotonic() + 20
        while not cursor.execute(WAITING):
            assert time.monotonic() < deadline
            # The server refreshes that table only so often.
            time.sleep(0.15)


class TestWithAnother:
    """On MariaDB: in SQLite nobody writes beside another."""

    @pytest.fixture
    def database_url(self, empty_mariadb_url: str) -> str:
        return empty_mariadb_url

    def test_it_waits_for_nobody_who_may_wait_for_it(
        self, alice: Actor, mariadb: MariadbServer
    ) -> None:
        tries = []
        with _writers(alice, 4) as (first, late, new, gathering):
            for prev_day in (NULL_DAY, DAY_BEFORE):
                for slot in (1, 2, 3):
                    first.count(prev_day, slot)
            first.commit()
            late.count(DAY_BEFORE, 3)

            def gather() -> None:
                tries.append(1)
                slots_store.gather(gathering.db, alice.id, DAY)

            with ThreadPoolExecutor(2) as pool:
                done = pool.submit(gathering.db.transaction, gather)
                _wait_for_lock(mariadb)
                # Before those that it has read, and it does not know of them.
                new.count(NULL_DAY, 0)
                new.count(NULL_DAY, 7)
                further = pool.submit(new.count, DAY_BEFORE, 1)
                late.commit()
                done.result(20)
                further.result(20)
            new.commit()
            assert tries == [1]
            found = _slots(alice)
            assert [row["visitors"] for row in found] == [5, 5]
            gathering.db.transaction(gather)
        assert [(row["slots"], row["visitors"]) for row in _slots(alice)] == [
            (1, 5),
            (1, 5),
        ]

    def test_an_import_waits_for_the_day_before_it_counts(
        self, alice: Actor, mariadb: MariadbServer
    ) -> None:
        with Small.made(mariadb, "micrologs_slots") as small:
            small.begin_anew()
            small.whole(1, datetime(2026, 3, 4, 12))
            import_from(small, alice, "UTC")
            [row] = alice.installation.rows("SELECT MAX(id) AS id FROM ph_projects")
            old = Actor(alice.installation, id=row["id"], public_key="", secret_key="")
            small.whole(2, datetime(2026, 3, 4, 13))
            tries = []
            with _writers(old, 1) as [closing]:
                store.begin(closing.db, old.id, DAY)

                def close() -> None:
                    tries.append(1)
                    store.lock_day(closing.db, old.id, DAY)
                    done.append(pool.submit(import_from, small, alice, "UTC"))
                    _wait_for_lock(mariadb)
                    store.make_totals(closing.db, old.id, DAY)

                done: list[Any] = []
                with ThreadPoolExecutor(1) as pool:
                    closing.db.transaction(close)
                    done[0].result(20)
            assert tries == [1]
            assert_consistent(old)
            assert sum(row["visitors"] for row in _slots(old)) == 2
