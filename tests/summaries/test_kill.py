"""prune killed at every step: no report is wrong, no day goes without its stats."""

from __future__ import annotations

import shutil
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from app.summaries import chores, prune_store
from tests.conftest import Actor
from tests.db.killer import Killed, dying
from tests.summaries.days import Crowd, ask

CALLS = ("execute", "execute_many", "begin", "commit")
DAYS = 7
REPORTS = ("visitors", "pages", "channels", "events", "exit-pages", "hours")
MOST_STEPS = {"sqlite": 60, "mysql": 400}
"""By so many edges at most does one try get on before it is killed."""
SPAN = "from=2026-03-01&to=2026-03-20"


def _fill(alice: Actor) -> None:
    Crowd(alice, 2).views(40)
    alice.installation.clock.move(days=DAYS + 2)
    Crowd(alice, 4).views(8)
    edit = {"id": alice.id, "retention_days": DAYS}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200


def _run(alice: Actor, url: str, fatal: int) -> bool:
    """Return whether nothing is left to do; who was killed has a lease for a while."""
    database = dying(url, fatal, *CALLS)
    now = alice.installation.clock()
    alice.installation.clock.move(seconds=31)
    try:
        return chores.run(database, 0, now, 60).is_complete
    except Killed:
        return False
    finally:
        database.close()


def _assert_right(alice: Actor, expected: dict[str, object]) -> None:
    assert ask(alice, SPAN, REPORTS) == expected
    [lost] = alice.installation.rows(
        "SELECT COUNT(*) AS n FROM ph_days WHERE is_pruned = 1 AND parts < 21"
    )
    assert lost["n"] == 0


def test_it_goes_on_where_it_was_killed(alice: Actor) -> None:
    _fill(alice)
    url = alice.installation.config.database_url
    steps = MOST_STEPS[url.partition(":")[0]]
    expected = ask(alice, SPAN, REPORTS)
    for run in count(1):
        is_done = _run(alice, url, 20 + run * 7 % steps)
        if run % 5 == 0 or is_done:
            _assert_right(alice, expected)
        if is_done:
            break
    assert run > 3
    for table in prune_store.TABLES:
        last = alice.installation.clock().date() - timedelta(days=DAYS + 2)
        sql = f"SELECT day FROM {table} WHERE day <= '{last}'"
        assert alice.installation.rows(sql) == []
    alice.installation.clock.move(days=1)
    assert _run(alice, url, 10**6)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_may_be_killed_at_any_step(alice: Actor, tmp_path: Path) -> None:
    """Each step once, always from the same beginning."""
    _fill(alice)
    expected = ask(alice, SPAN, REPORTS)
    # What a first run has made stands for all of its days.
    url = alice.installation.config.database_url
    _run(alice, url, 700)
    alice.installation.close()
    path = Path(url[len("sqlite:///") :])
    kept = tmp_path / "kept.sqlite"
    shutil.copy(path, kept)
    for fatal in count(0):
        is_done = _run(alice, url, fatal)
        if not is_done and fatal % 4 == 0:
            _assert_right(alice, expected)
        if is_done:
            break
        assert _run(alice, url, 10**6)
        _assert_right(alice, expected)
        alice.installation.close()
        shutil.copy(kept, path)
    assert fatal > 50
