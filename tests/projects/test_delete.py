"""POST /api/projects/delete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.config import ROOT
from app.projects import deletion, deletion_store
from tests.conftest import Actor
from tests.errors.test_merge import decide
from tests.errors.test_track_error import report
from tests.examples import make_link
from tests.summaries.days import fill_stats
from tests.wsgi import BROWSER

DELETE = "/api/projects/delete"


def _count_rows(actor: Actor) -> dict[str, int]:
    tables = _tables_of_projects()
    found = {}
    for table in tables:
        sql = f"SELECT COUNT(*) AS n FROM {table} WHERE project_id = {actor.id}"
        found[table] = actor.installation.rows(sql)[0]["n"]
    return found


def _tables_of_projects() -> list[str]:
    text = "\n".join(path.read_text() for path in Path(ROOT, "sql").glob("*.sql"))
    bodies = re.findall(r"EXISTS (\w+) \((.*?)\) ENGINE", text, re.DOTALL)
    return [name for name, body in bodies if "project_id" in body]


def _fill(actor: Actor, host: str) -> None:
    fill_stats(actor)
    for number in range(3):
        actor.view(
            f"https://{host}/{number}?utm_source=x",
            address=f"192.0.2.{number}",
            referrer="https://other.example/",
        )
    actor.view(f"https://{host}/", headers={"DNT": "1"})
    for number in range(3):
        group_id = report(actor, id=str(number), release=str(number))["group_id"]
    other = report(actor, message="Disk full", error_type="OSError")["group_id"]
    decide(actor, "merge", into=group_id, ids=[other])
    actor.log()
    cookie = {"id": actor.id, "identity": "cookie"}
    assert actor.installation.as_admin("/api/projects/edit", cookie).status == 200
    for number in range(3):
        actor.send("event", name=f"name {number}", props={"plan": "pro"})
        actor.send("identify", user_id="user", visitor_id=str(number))
    code = make_link(actor)
    for number in range(3):
        path = f"/l/{code}"
        address = f"192.0.2.{number}"
        actor.installation.call("GET", path, headers=BROWSER, address=address)


def test_it_knows_every_table() -> None:
    assert sorted(deletion_store.OWNED_TABLES) == sorted(_tables_of_projects())


def test_it_leaves_nothing_behind_and_touches_nobody_else(
    alice: Actor, charlie: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion_store, "SLICE_ROWS", 2)
    _fill(alice, "alice.example")
    _fill(charlie, "charlie.example")
    before = _count_rows(charlie)
    imports = {"ph_imports", "ph_error_imports", "ph_link_imports"}
    empty = {"ph_places", "ph_networks", *imports}
    assert {table for table, count in before.items() if not count} == empty
    body = {"id": alice.id, "confirm": "Alice"}
    answer = alice.installation.as_admin(DELETE, body)
    assert answer.status == 200
    assert answer.data == {"id": alice.id, "name": "Alice"}
    assert set(_count_rows(alice).values()) == {0}
    assert _count_rows(charlie) == before
    heads = Path(alice.installation.config.var, "audit")
    assert [path.name for path in heads.iterdir()] == [str(charlie.id)]
    # The empty row waits for beacons that were under way.
    projects = alice.installation.rows("SELECT name FROM ph_projects ORDER BY name")
    assert projects == [{"name": "Alice"}, {"name": "Charlie"}]
    alice.installation.clock.move(minutes=6)
    listed = alice.installation.as_admin("/api/projects/list").data
    assert [project["name"] for project in listed["projects"]] == ["Charlie"]
    projects = alice.installation.rows("SELECT name FROM ph_projects")
    assert projects == [{"name": "Charlie"}]
    assert alice.view("https://alice.example/again").status == 401
    assert alice.installation.as_admin(DELETE, body).status == 404


def test_it_goes_on_later_when_there_is_too_much_for_one_request(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(alice, "alice.example")
    monkeypatch.setattr(deletion, "SECONDS_A_REQUEST", -1)
    body = {"id": alice.id, "confirm": "Alice"}
    assert alice.installation.as_admin(DELETE, body).status == 200
    assert any(_count_rows(alice).values())
    assert alice.view("https://alice.example/again").status == 401
    assert alice.installation.as_admin("/api/projects/list").data["count"] == 0
    assert alice.installation.as_admin(DELETE, body).status == 404
    monkeypatch.undo()
    alice.installation.clock.move(minutes=6)
    assert alice.installation.as_admin("/api/projects/list").data["count"] == 0
    assert not any(_count_rows(alice).values())
    assert alice.installation.rows("SELECT id FROM ph_projects") == []


def test_it_sweeps_what_a_beacon_under_way_still_wrote(alice: Actor) -> None:
    other = alice.installation.with_settings()
    there = alice.through(other)
    assert there.view("https://alice.example/").data["counted"]
    body = {"id": alice.id, "confirm": " Alice "}
    assert alice.installation.as_admin(DELETE, body).status == 200
    # A process that knows the project still, on a day that wants a new salt.
    alice.installation.clock.move(days=1)
    assert there.view("https://alice.example/2").status == 401
    assert not any(_count_rows(alice).values())
    database = alice.installation.db
    late = "INSERT INTO ph_salts (project_id, day, salt) VALUES (%(id)s, %(day)s, 'x')"
    values = {"id": alice.id, "day": "2026-03-04"}
    database.transaction(lambda: database.run(late, values))
    alice.installation.as_admin("/api/projects/list")
    assert not any(_count_rows(alice).values())


@pytest.mark.parametrize("confirm", [None, "", "alice", 5, ["Alice"]])
def test_it_wants_the_exact_name(alice: Actor, confirm: object) -> None:
    body = {"id": alice.id, "confirm": confirm}
    answer = alice.installation.as_admin(DELETE, body)
    assert answer.status == 400
    assert answer.json["message"] == (
        'Confirmation failed. Pass "confirm": "Alice"'
        " to permanently delete this project."
    )
    assert alice.view().data["counted"]
