"""A beacon that is stored while another process sums its day and deletes rows."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from app import db
from app.summaries import chores, prune_store
from app.summaries.due import LONGEST, Due
from app.summaries.pruning import Pruning
from tests.conftest import Actor
from tests.db.proxy import StallingProxy
from tests.mariadb_server import MariadbServer
from tests.spool.outage import drain, during_outage
from tests.summaries.days import close_days

DAYS = 7
SPAN = "from=2026-03-04&to=2026-03-04"
WAITING = """
SELECT trx_id
FROM information_schema.innodb_trx
WHERE trx_state = 'LOCK WAIT'
"""


def _have_a_beacon_wait(alice: Actor) -> None:
    """Have one counted and one in the spool, both of a day that is to be deleted."""
    installation = alice.installation
    alice.view("https://alice.example/a")
    assert during_outage(alice).view("https://alice.example/b").status == 202
    installation.clock.move(days=DAYS + 5)
    # So that nobody but the test sees after closed days.
    Due(installation.config.var).set(installation.clock() + LONGEST)


def _see_after_days(alice: Actor) -> bool:
    """Return whether nothing is left to do."""
    database = db.connect(alice.installation.config.database_url, 5)
    done = chores.run(database, DAYS, alice.installation.clock(), 60)
    database.close()
    return done.is_complete


def _is_done_or_waits(alice: Actor, work: Future[bool]) -> bool:
    found = alice.installation.rows(WAITING)
    return work.done() or bool(found)


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
@pytest.mark.parametrize("has_stats", [False, True])
def test_it_counts_a_beacon_that_was_first(
    alice: Actor, mariadb: MariadbServer, has_stats: bool
) -> None:
    _have_a_beacon_wait(alice)
    if has_stats:
        close_days(alice)
    proxy = StallingProxy(mariadb.port, b"INSERT INTO ph_late")
    url = f"mysql://root@127.0.0.1:{proxy.port}/porthole"
    there = alice.installation.with_settings(database_url=url)
    with ThreadPoolExecutor(2) as pool:
        drained = pool.submit(drain, alice.through(there))
        assert proxy.stalled.wait(60)
        seen_after = pool.submit(_see_after_days, alice)
        while not _is_done_or_waits(alice, seen_after):
            time.sleep(0.2)  # the table stays as it is if it is read more often
        proxy.go_on.set()
        drained.result(60)
        seen_after.result(60)
    proxy.close()
    assert _see_after_days(alice)
    assert alice.installation.rows("SELECT id FROM ph_pageviews") == []
    assert alice.visitors(SPAN)["total_pageviews"] == 2


def test_it_counts_what_is_older_than_all_that_is_deleted(
    alice: Actor, tmp_path: Path
) -> None:
    """Another host's spool is drained after the stats of all days were made."""
    installation, clock = alice.installation, alice.installation.clock
    there = {"var": str(tmp_path / "there")}
    assert during_outage(alice, **there).view("https://alice.example/a").status == 202
    clock.move(days=10)
    alice.view("https://alice.example/b")
    clock.move(days=DAYS + 5)
    assert _see_after_days(alice)
    drain(alice.through(installation.with_settings(**there)))
    [project] = prune_store.list_projects(installation.db)
    Pruning(installation.db, project, DAYS, clock()).run(lambda: False)
    assert _see_after_days(alice)
    assert installation.rows("SELECT id FROM ph_pageviews") == []
    assert alice.visitors(SPAN)["total_pageviews"] == 1
