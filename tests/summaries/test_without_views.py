"""Retention where there are no pageviews as old as what is to be deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.__main__ import main
from app.spool.store import give_lease_back, take_lease
from app.summaries.chores import LEASE_NAME
from tests.conftest import Actor
from tests.errors.test_track_error import report
from tests.examples import make_link
from tests.wsgi import BROWSER

DAYS = 10


def _click(alice: Actor) -> None:
    code = make_link(alice)
    alice.installation.call("GET", f"/l/{code}", headers=BROWSER)


def _keep_days(alice: Actor) -> None:
    """Have retention set, and the request that does so not delete anything yet."""
    db, now = alice.installation.db, alice.installation.clock()
    assert take_lease(db, LEASE_NAME, "test", now)
    edit = {"id": alice.id, "retention_days": DAYS}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    give_lease_back(db, LEASE_NAME, "test")
    db.rest()


@pytest.mark.parametrize("has_views", [False, True], ids=["alone", "before views"])
@pytest.mark.parametrize(
    ("happen", "table"),
    [(_click, "ph_clicks"), (report, "ph_error_visitors")],
    ids=["click", "error"],
)
def test_it_deletes_them_all_the_same(
    alice: Actor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    happen: Callable[[Actor], object],
    table: str,
    has_views: bool,
) -> None:
    clock = alice.installation.clock
    monkeypatch.setattr("app.clock.now", clock)
    monkeypatch.setenv("PORTHOLE_CONFIG", alice.installation.config.path)
    happen(alice)
    clock.move(days=60)
    if has_views:
        alice.view()
    clock.move(days=5)
    _keep_days(alice)
    assert main(["prune", "--dry-run"]) == 0
    would = capsys.readouterr().out
    assert f"1 rows of {table} would be deleted" in would
    assert main(["prune"]) == 0
    done = capsys.readouterr().out
    assert done == would.replace("would be ", "") + "Nothing is left to do.\n"
    assert alice.installation.rows(f"SELECT day FROM {table}") == []
