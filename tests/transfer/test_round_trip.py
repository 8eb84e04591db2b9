"""export and import porthole: everything comes along, whichever database it is."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from app import db
from app.commands import demo, transfer
from app.commands.demo_traffic import Traffic
from app.db import migrate
from app.projects import admin, admin_store
from app.routes import EITHER, PUBLIC, ROUTES, SECRET
from app.transfer import exporter, store
from tests.conftest import Actor, Installation
from tests.db.killer import Killed, dying
from tests.examples import EXAMPLES, send
from tests.mariadb_server import MariadbServer
from tests.projects.test_delete import _fill as fill_tables
from tests.transfer.conftest import Hosts


def fill(installation: Installation) -> list[Actor]:
    """Give two projects rows in every table; return them."""
    actors = []
    for name in ("Alice", "Charlie"):
        made = admin.create_project(
            installation.db,
            name,
            [f"{name.lower()}.example"],
            installation.clock(),
            timezone="Europe/Berlin",
        )
        actors.append(Actor(installation, **made))
        actors[-1].name, actors[-1].host = name, f"{name.lower()}.example"
        for route in ROUTES:
            if route.method == "POST" and route.caller in (PUBLIC, EITHER, SECRET):
                send(actors[-1], route, EXAMPLES[route.path](actors[-1]))
        fill_tables(actors[-1], actors[-1].host)
    title = "\U0001f600 \\ ' \" \x7f"
    assert actors[0].view("https://alice.example/ü", page_title=title).data["counted"]
    return actors


def dump(installation: Installation) -> dict[str, Any]:
    """Return every row of every table of projects, as text."""
    found = {}
    for name in (*store.TABLES, store.PROJECTS):
        rows = installation.rows(f"SELECT * FROM {name}")
        found[name] = sorted(str(sorted(row.items())) for row in rows)
    return found


def write(installation: Installation, path: Path, project_id: int | None = None) -> str:
    installation.db.close()
    return transfer.export(installation.db, installation.config, str(path), project_id)


def read(installation: Installation, path: Path) -> str:
    return transfer.import_porthole(installation.config, str(path))


def lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines()


def test_it_takes_everything_from_one_database_to_another(
    hosts: Hosts, mariadb: MariadbServer
) -> None:
    first = hosts.on_mariadb(mariadb)
    migrate.migrate(first.db)
    actors = fill(first)
    row = admin_store.get_project(first.db, actors[1].id)
    traffic = Traffic(1, row["timezone"], first.clock(), 3, 60)
    demo.fill(first.db, first.config.secret, row, traffic, lambda done: None)
    reports = [route for route in ROUTES if route.method == "GET"]
    reports = [route for route in reports if route.caller == SECRET]
    assert len(reports) > 20
    asked = {
        actor.id: {route.path: EXAMPLES[route.path](actor) for route in reports}
        for actor in actors
    }

    def answers(installation: Installation) -> list[tuple[str, bytes]]:
        found = []
        for actor in actors:
            there = actor.through(installation)
            for route in reports:
                fields = asked[actor.id][route.path]
                answer = send(there, route, fields)
                assert answer.status == 200, answer.body
                found.append((route.path, answer.body))
                if {"from", "to"} <= set(fields):
                    wider = {**fields, "from": "2026-02-20", "to": "2026-03-05"}
                    found.append((route.path, send(there, route, wider).body))
        return found

    before, rows = answers(first), dump(first)
    paths = [hosts.folder / f"{number}.gz" for number in range(3)]
    write(first, paths[0])
    for number, host in enumerate((hosts.on_sqlite(), hosts.on_mariadb(mariadb)), 1):
        assert read(host, paths[number - 1]).startswith("Imported 2 projects, ")
        assert dump(host) == rows
        assert answers(host) == before
        write(host, paths[number])
        assert lines(paths[number]) == lines(paths[0])
        # It goes on as if nothing had happened: a known visitor, a whole log.
        known = actors[0].through(host)
        assert known.view("https://alice.example/ü").data == {"counted": False}
        known.log()
        assert known.get("/api/audit/verify").data["valid"]
    filled = {name for name, found in rows.items() if found}
    empty = set(rows) - filled
    assert not {name for name in empty if "import" not in name}


def test_it_knows_every_table(hosts: Hosts) -> None:
    """A table is in the file, or it is said here that it is not."""
    host = hosts.on_sqlite()
    found = host.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    tables = {row["name"] for row in found if row["name"].startswith("ph_")}
    assert tables == {*store.TABLES, store.PROJECTS, *exporter.BESIDE}


def test_it_takes_one_project(hosts: Hosts) -> None:
    first, second = hosts.on_sqlite(), hosts.on_sqlite()
    _, charlie = fill(first)
    path = hosts.folder / "one.gz"
    assert write(first, path, charlie.id).startswith(f"Wrote {path}: 1 project, ")
    read(second, path)
    for name, rows in dump(first).items():
        owner = "'id'" if name == store.PROJECTS else "'project_id'"
        mine = [row for row in rows if f"({owner}, {charlie.id})" in row]
        assert dump(second)[name] == mine
    # And the other one after it.
    write(first, path, 1)
    read(second, path)
    assert dump(second) == dump(first)


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_it_goes_on_after_a_kill_at_any_slice(
    hosts: Hosts,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    first = hosts.on_sqlite()
    fill(first)
    path = hosts.folder / "all.gz"
    write(first, path)
    target = hosts.on_sqlite()
    if kind == "mariadb":
        target = hosts.on_mariadb(request.getfixturevalue("mariadb"))
        migrate.migrate(target.db)
    monkeypatch.setattr(store, "SLICE_ROWS", 7)
    connect = db.connect
    kills = 0
    while True:
        left = kills % 7 if kind == "sqlite" else kills * 4
        monkeypatch.setattr(
            db, "connect", lambda url, *_, left=left: dying(url, left, "commit")
        )
        try:
            read(target, path)
            break
        except Killed:
            kills += 1
            active = "SELECT id FROM ph_projects WHERE is_active = 1"
            # Until the last commit nobody is let in.
            if target.rows(active):
                assert dump(target) == dump(first)
        finally:
            monkeypatch.setattr(db, "connect", connect)
        assert kills < 1000
    assert kills > 3
    assert dump(target) == dump(first)
    assert read(target, path).startswith("All 2 projects, ")
    assert dump(target) == dump(first)
