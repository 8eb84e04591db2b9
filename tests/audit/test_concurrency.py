"""Many writers at once, and lost answers: one chain without gaps, nothing double."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app import heads
from tests import mariadb_server
from tests.audit.log import table, verified
from tests.conftest import Actor
from tests.db.proxy import CommitLosingProxy
from tests.mariadb_server import MariadbServer

THREADS = 8


def _all(work: Callable[[int], Any], count: int) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(count)))


def test_it_makes_one_chain_of_what_many_write(alice: Actor) -> None:
    twin = alice.through(alice.installation.with_settings())

    def send(number: int) -> int:
        actor = (alice, twin)[number % 2]
        answer = actor.log(str(number), context={"n": number})
        assert answer.status == 200, answer.body
        return int(answer.data["id"])

    assert sorted(_all(send, 200)) == list(range(1, 201))
    found = verified(alice)
    assert (found["valid"], found["entries"]) == (True, 200)
    newest = (200, found["head"]["hash"])
    assert heads.read(alice.installation.config.var, alice.id) == {
        alice.public_key: newest
    }


def test_it_stores_the_same_beacon_sent_at_once_once(alice: Actor) -> None:
    answers = _all(lambda number: alice.log(id="same").data, 40)
    assert answers == answers[:1] * 40
    assert verified(alice)["entries"] == 1


def test_it_writes_while_others_erase_and_verify(alice: Actor) -> None:
    for _ in range(20):
        alice.log(actor="anna")

    def work(number: int) -> bool:
        if number % 4 == 0:
            seqs = [number // 4 + 1, 20 - number // 4]
            return alice.post("/api/audit/erase", seqs=seqs).status == 200
        if number % 4 == 1:
            return bool(verified(alice)["valid"])
        return alice.log().status == 200

    assert all(_all(work, 40))
    found = verified(alice)
    assert (found["valid"], found["erased"]) == (True, 20)


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
@pytest.mark.parametrize("garbles", [False, True])
def test_it_writes_once_when_the_answer_to_commit_is_lost(
    alice: Actor, mariadb: MariadbServer, garbles: bool
) -> None:
    alice.log()
    for send in (
        lambda actor: actor.log(),
        lambda actor: actor.log(id="beacon"),
        lambda actor: actor.post("/api/audit/erase", seqs=[1, 2]),
    ):
        proxy = CommitLosingProxy(mariadb.port, garbles)
        try:
            url = f"mysql://root@127.0.0.1:{proxy.port}/porthole"
            there = alice.installation.with_settings(database_url=url)
            twin = alice.through(there)
            answer = send(twin)
            assert answer.status == 200
            twin.installation.close()
        finally:
            proxy.close()
        assert proxy.lost == 1
    assert answer.data["seqs"] == [1, 2]
    assert answer.data["recorded_as"] == [4]
    assert [row["seq"] for row in table(alice)] == [1, 2, 3, 4]
    assert verified(alice)["valid"]


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_it_takes_4_commands(alice: Actor, mariadb: MariadbServer) -> None:
    """Lock the head, insert the entry, move the head, commit."""

    body = {"public_key": alice.public_key, "action": "login"}

    def send() -> int:
        call = alice.installation.call
        return call("POST", "/api/track/audit", body).status

    assert send() == 200
    with mariadb.connect() as monitor:
        before = mariadb_server.commands(monitor)
        assert send() == 200
        # The second question is one of them.
        assert mariadb_server.commands(monitor) - before - 1 == 4
