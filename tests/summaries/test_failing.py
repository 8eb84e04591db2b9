"""A project whose chores fail, beside one whose do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.summaries import chores
from app.summaries.rounds import Round
from tests.conftest import Actor
from tests.summaries.days import days_made

ZONE = "UPDATE ph_projects SET timezone = %(timezone)s WHERE id = %(id)s"


@pytest.fixture
def failing(alice: Actor, charlie: Actor) -> Iterator[Actor]:
    """The first project has a time zone that this host does not know."""
    for actor in (alice, charlie):
        assert actor.view(f"https://{actor.host}/").status == 200
    alice.installation.clock.move(days=5)
    _set_zone(alice, "Moon/Crater")
    yield alice
    _set_zone(alice, "UTC")


def _set_zone(actor: Actor, name: str) -> None:
    db = actor.installation.db
    db.transaction(lambda: db.run(ZONE, {"timezone": name, "id": actor.id}))


def _come_by(actor: Actor) -> None:
    """Let enough requests come by for a round over all projects."""
    for _ in range(30):
        assert actor.installation.call("GET", "/api/health").status == 200
        actor.installation.clock.move(seconds=11)


def _said(actor: Actor, as_admin: bool = False) -> dict[str, str]:
    installation = actor.installation
    path = "/api/health"
    ask = (
        installation.as_admin
        if as_admin
        else lambda path: installation.call("GET", path)
    )
    found: dict[str, str] = ask(path).json["checks"]["summaries"]
    return found


def _days_of(actor: Actor) -> int:
    sql = (
        f"SELECT COUNT(*) AS n FROM ph_days WHERE project_id = {actor.id} AND parts > 0"
    )
    [row] = actor.installation.rows(sql)
    return int(row["n"])


def test_it_keeps_no_other_project_from_its_turn(
    failing: Actor, charlie: Actor
) -> None:
    _come_by(failing)
    assert (_days_of(failing), _days_of(charlie)) == (0, 3)
    log = Path(failing.installation.config.var, "log", "porthole.log").read_text()
    assert f"the closed days of project {failing.id}: " in log
    # Once a round, and not with each request.
    assert log.count("the closed days") < 3


def test_it_is_told_until_it_is_mended(failing: Actor, charlie: Actor) -> None:
    assert _said(failing)["status"] == "ok"
    _come_by(failing)
    stranger, admin = _said(failing), _said(failing, as_admin=True)
    assert stranger["status"] == admin["status"] == "warn"
    assert f"project {failing.id} (" not in stranger["message"]
    assert f"project {failing.id} (" in admin["message"]
    assert f"project {charlie.id} (" not in admin["message"]
    _set_zone(failing, "UTC")
    failing.installation.clock.move(minutes=11)
    _come_by(failing)
    assert _said(failing)["status"] == "ok"
    assert _days_of(failing) == 3


def test_prune_does_the_rest_and_says_why(
    failing: Actor,
    charlie: Actor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("app.clock.now", failing.installation.clock)
    monkeypatch.setenv("PORTHOLE_CONFIG", failing.installation.config.path)
    _come_by(failing)
    failing.installation.clock.move(days=1)
    capsys.readouterr()
    assert main(["prune"]) == 1
    told = capsys.readouterr()
    assert told.out == f"{charlie.id} (Charlie): 1 days summed up\n"
    assert told.err.startswith(f"porthole: project {failing.id} failed: ")
    assert "Moon/Crater" in told.err
    assert _said(failing)["status"] == "warn"
    _set_zone(failing, "UTC")
    assert main(["prune"]) == 0
    assert "Nothing is left to do." in capsys.readouterr().out
    assert _said(failing)["status"] == "ok"


def test_a_slice_without_time_does_one_thing(alice: Actor, charlie: Actor) -> None:
    for actor in (alice, charlie):
        assert actor.view(f"https://{actor.host}/").status == 200
    installation = alice.installation
    installation.clock.move(days=40)
    before, turn, slices = _done(alice), Round(), 0
    while True:
        now = installation.clock()
        done = chores.run(installation.db, 7, now, -1, turn=turn)
        after = _done(alice)
        changed = [key for key in after if after[key] != before.get(key)]
        kinds = [kind for kind, _, _ in changed]
        assert len(kinds) == len(set(kinds)), "one part of a day, and one of a month"
        before, slices = after, slices + 1
        if done.is_complete:
            break
        assert turn.after in (0, alice.id, charlie.id)
    assert days_made(alice) > 70
    assert slices > days_made(alice)


def _done(alice: Actor) -> dict[tuple[Any, ...], Any]:
    """Return how far each day and month is, whatever there is to see of it."""
    rows = alice.installation.rows
    found: dict[tuple[Any, ...], Any] = {}
    for row in rows("SELECT project_id, day, parts, is_pruned FROM ph_days"):
        found["day", row["project_id"], row["day"]] = (row["parts"], row["is_pruned"])
    for row in rows("SELECT project_id, month, parts FROM ph_months"):
        found["month", row["project_id"], row["month"]] = row["parts"]
    return found
