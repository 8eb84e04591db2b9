"""What export and import porthole refuse, and what they keep."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.commands import transfer
from app.db import migrate
from app.projects import admin
from app.transfer import exporter, file, importer, store
from tests.conftest import Actor, Installation
from tests.db.killer import Killed, dying
from tests.db.test_migrate import SECOND
from tests.mariadb_server import MariadbServer
from tests.transfer.conftest import Hosts
from tests.transfer.test_round_trip import dump, fill, lines, read, write

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs a command of an installation; returns status, stdout and stderr."""

    def run_command(host: Installation, *arguments: str) -> tuple[int, Any, str]:
        monkeypatch.setenv("PORTHOLE_CONFIG", host.config.path)
        status = main(list(arguments))
        said = capfdbinary.readouterr()
        return status, said.out, said.err.decode()

    return run_command


@pytest.fixture
def exported(hosts: Hosts) -> Path:
    """A file with two projects."""
    host = hosts.on_sqlite()
    fill(host)
    path = hosts.folder / "all.gz"
    write(host, path)
    return path


def rewrite(path: Path, change: Callable[[list[Any]], None]) -> None:
    """Change lines of a file, and make its last line right again."""
    values = [json.loads(line) for line in lines(path)[:-1]]
    change(values)
    text = "".join(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        for value in values
    ).encode()
    rows = sum(isinstance(value, list) for value in values)
    end = {"rows": rows, "sha256": hashlib.sha256(text).hexdigest()}
    path.write_bytes(gzip.compress(text + json.dumps(end).encode() + b"\n"))


def test_it_exports_on_the_command_line(hosts: Hosts, run: Run) -> None:
    host, other = hosts.on_sqlite(), hosts.on_sqlite()
    fill(host)
    path = hosts.folder / "all.gz"
    path.write_text("an older one, which anybody may read")
    path.chmod(0o644)
    mask = os.umask(0)
    try:
        status, said, _ = run(host, "export", str(path))
    finally:
        os.umask(mask)
    assert status == 0
    assert said.startswith(f"Wrote {path}: 2 projects, ".encode())
    assert b"For a backup to keep, add --without-salts." in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in hosts.folder.glob("*.part")] == []
    status, raw, error = run(host, "export", "-")
    assert (status, raw) == (0, path.read_bytes())
    assert error.startswith("2 projects, ")
    status, said, error = run(other, "import", "porthole", str(path))
    assert (status, error) == (0, "")
    assert said.startswith(b"Imported 2 projects, ")
    assert dump(other) == dump(host)
    status, said, _ = run(other, "import", "porthole", str(path))
    assert said.endswith(f" of {path} are here already.\n".encode())


def test_it_keeps_no_secret_in_the_file(exported: Path, hosts: Hosts) -> None:
    text = gzip.decompress(exported.read_bytes()).decode()
    settings = hosts.made[0].config
    assert settings.secret.decode() not in text
    assert settings.admin_key not in text
    assert exporter.fingerprint(settings.secret) in text


def test_it_takes_no_salts_along_that_are_to_be_forgotten(
    hosts: Hosts, run: Run
) -> None:
    host = hosts.on_sqlite()
    fill(host)
    path = hosts.folder / "all.gz"

    def salts() -> set[str]:
        write(host, path)
        return salts_in_file()

    def salts_in_file() -> set[str]:
        values = [json.loads(line) for line in lines(path)[1:-1]]
        found, table = set(), ""
        for value in values:
            if isinstance(value, dict):
                table = value["table"]
            elif table == "ph_salts":
                found.add(value[0])
        return found

    assert salts() == {"2026-03-04"}
    assert run(host, "export", "--without-salts", str(path))[0] == 0
    assert salts_in_file() == set()
    host.clock.move(days=2)
    assert salts() == {"2026-03-04"}
    host.clock.move(days=1)
    assert salts() == set()


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.7, 0.999])
def test_it_refuses_a_file_that_is_cut_off(
    exported: Path, hosts: Hosts, run: Run, kept: float
) -> None:
    raw = exported.read_bytes()
    exported.write_bytes(raw[: int(len(raw) * kept)])
    refused(hosts, run, exported, "is cut off")


def test_it_refuses_a_file_without_its_last_line(
    exported: Path, hosts: Hosts, run: Run
) -> None:
    text = b"\n".join(lines(exported)[:-1]) + b"\n"
    exported.write_bytes(gzip.compress(text))
    refused(hosts, run, exported, "is cut off: its last line is missing")


@pytest.mark.parametrize("place", [12, 500, -6])
def test_it_refuses_a_file_with_a_wrong_byte(
    exported: Path, hosts: Hosts, run: Run, place: int
) -> None:
    raw = bytearray(exported.read_bytes())
    raw[place] ^= 0x55
    exported.write_bytes(raw)
    refused(hosts, run, exported, "")


def swap(values: list[bytes]) -> None:
    values[5], values[6] = values[6], values[5]


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop(6),
        lambda values: values.insert(6, values[6]),
        lambda values: values.append(values[6]),
        lambda values: values.insert(6, b"7"),
        lambda values: values.insert(6, b"{}"),
        lambda values: values.insert(6, b"\xff"),
        swap,
    ],
)
def test_it_refuses_lines_that_nobody_wrote(
    exported: Path, hosts: Hosts, run: Run, change: Callable[[list[bytes]], None]
) -> None:
    text = lines(exported)
    change(text)
    exported.write_bytes(gzip.compress(b"\n".join(text) + b"\n"))
    refused(hosts, run, exported, "is broken")


def refused(hosts: Hosts, run: Run, path: Path, why: str) -> str:
    """See that nothing of the file is imported; return the sentence."""
    host = hosts.on_sqlite()
    before = dump(host)
    status, said, error = run(host, "import", "porthole", str(path))
    assert (status, said) == (1, b"")
    assert error.startswith("porthole: ")
    assert error.count("\n") == 1
    assert why in error
    assert dump(host) == before
    return error


@pytest.mark.parametrize(
    "text",
    [b"hello", gzip.compress(b'{"kind": "x"}\n')],
    ids=["a text", "another gzip"],
)
def test_it_refuses_what_is_no_export(hosts: Hosts, run: Run, text: bytes) -> None:
    path = hosts.folder / "x.gz"
    path.write_bytes(text)
    refused(hosts, run, path, f"{path} is no export of Porthole.")


def test_it_refuses_what_is_no_file(hosts: Hosts, run: Run) -> None:
    refused(
        hosts, run, hosts.folder / "none.gz", "none.gz cannot be read: No such file"
    )
    refused(hosts, run, hosts.folder, "cannot be read: Is a directory")


def test_it_refuses_a_newer_schema_or_format(
    exported: Path, hosts: Hosts, run: Run
) -> None:
    rewrite(exported, lambda values: values[0].update(schema=7))
    refused(hosts, run, exported, "The file has schema 7; this Porthole knows 1.")
    rewrite(exported, lambda values: values[0].update(format=2))
    refused(hosts, run, exported, "a format that this one does not know")


def test_it_refuses_a_database_of_another_schema(
    exported: Path, hosts: Hosts, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "SCHEMA", 2)
    rewrite(exported, lambda values: values[0].update(schema=2))
    refused(hosts, run, exported, "The file has schema 2, the database 1.")


def test_it_makes_the_schema_in_an_empty_database(exported: Path, hosts: Hosts) -> None:
    host = hosts.on(f"sqlite:///{hosts.folder / 'empty.sqlite'}")
    read(host, exported)
    assert dump(host) == dump(hosts.made[0])


def test_it_brings_an_older_file_up_to_date(
    exported: Path, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(migrate.FOLDER, hosts.folder / "sql")
    (hosts.folder / "sql" / "002_labels.sql").write_text(SECOND)
    monkeypatch.setattr(migrate, "FOLDER", str(hosts.folder / "sql"))
    monkeypatch.setattr(migrate, "SCHEMA", 2)
    host = hosts.on(f"sqlite:///{hosts.folder / 'empty.sqlite'}")
    read(host, exported)
    assert migrate.version(host.db) == 2
    pages = host.rows("SELECT id, views FROM ph_pages ORDER BY id")
    before = hosts.made[0].rows("SELECT id, 1 AS views FROM ph_pages ORDER BY id")
    assert pages == before


def test_it_refuses_tables_that_are_not_there(
    exported: Path, hosts: Hosts, run: Run
) -> None:
    def rename(values: list[Any]) -> None:
        part = next(value for value in values[2:] if isinstance(value, dict))
        part["table"] = "ph_settings"

    rewrite(exported, rename)
    refused(hosts, run, exported, "they differ in ph_settings")


def test_it_refuses_an_id_or_key_that_is_taken(
    exported: Path, hosts: Hosts, run: Run
) -> None:
    host = hosts.on_sqlite()
    fill(host)
    before = dump(host)
    status, _, error = run(host, "import", "porthole", str(exported))
    assert status == 1
    assert error == (
        "porthole: Project 1 (Alice) has the id or a key of project 1 (Alice) of the"
        " file. Nothing was imported. Delete the one here first, or import into an"
        " empty installation.\n"
    )
    assert dump(host) == before
    delete = {"id": 1, "confirm": "Alice"}
    assert host.as_admin("/api/projects/delete", delete).status == 200
    _, _, error = run(host, "import", "porthole", str(exported))
    assert "is being deleted. Import again in a few minutes." in error
    host.as_admin("/api/projects/delete", {"id": 2, "confirm": "Charlie"})
    host.clock.move(minutes=6)
    status, said, _ = run(host, "import", "porthole", str(exported))
    assert status == 0
    assert dump(host) == dump(hosts.made[0])


def test_it_refuses_a_code_that_another_project_has(
    exported: Path, hosts: Hosts, run: Run
) -> None:
    write(hosts.made[0], exported, project_id=2)
    host = hosts.on_sqlite()
    made = admin.create_project(host.db, "Other", ["other.example"], host.clock())
    actor = Actor(host, **made)
    url = "https://other.example/"
    actor.post("/api/links/create", code="link-2", destination_url=url)
    before = dump(host)
    status, _, error = run(host, "import", "porthole", str(exported))
    assert status == 1
    assert "link-2 of project 2 is taken here (ph_links). Nothing was" in error
    assert dump(host) == before


def test_it_can_be_imported_again_once_all_of_it_was_deleted(
    exported: Path, hosts: Hosts, run: Run
) -> None:
    host = hosts.on_sqlite()
    read(host, exported)
    for project_id, name in ((1, "Alice"), (2, "Charlie")):
        delete = {"id": project_id, "confirm": name}
        assert host.as_admin("/api/projects/delete", delete).status == 200
        if project_id == 1:
            status, _, error = run(host, "import", "porthole", str(exported))
            assert status == 1
            assert "This file was imported, and project 1 (Alice) deleted" in error
    host.clock.move(minutes=6)
    assert read(host, exported).startswith("Imported 2 projects, ")
    assert dump(host) == dump(hosts.made[0])


def test_it_stops_if_a_project_is_deleted_meanwhile(
    exported: Path, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = hosts.on_sqlite()
    contents = file.read(str(exported), lambda done: None)

    def meddle(done: int) -> None:
        delete = {"id": 2, "confirm": "Charlie"}
        host.as_admin("/api/projects/delete", delete)

    with pytest.raises(importer.Problem, match="Project 2 was turned on or deleted"):
        importer.import_file(host.db, host.config, str(exported), contents, meddle)


def test_it_warns_of_another_secret(exported: Path, hosts: Hosts, run: Run) -> None:
    host = hosts.on_sqlite(secret="another-secret-another-secret-another")
    status, said, error = run(host, "import", "porthole", str(exported))
    assert status == 0
    assert said.startswith(b"Imported 2 projects, ")
    assert error.startswith("porthole: WARNING: the secret in config.ini is not")
    assert dump(host) == dump(hosts.made[0])


def test_it_names_a_project_that_is_not_there(hosts: Hosts, run: Run) -> None:
    host = hosts.on_sqlite()
    path = hosts.folder / "none.gz"
    status, _, error = run(host, "export", "--project", "7", str(path))
    assert status == 1
    assert error == (
        "porthole: There is no project 7. See: python -m app project list\n"
    )
    assert list(hosts.folder.glob("none*")) == []


def test_it_keeps_the_older_file_when_it_fails(hosts: Hosts, run: Run) -> None:
    host = hosts.on_sqlite()
    fill(host)
    path = hosts.folder / "all.gz"
    path.write_bytes(b"older")
    dies = dying(host.config.database_url, 9, "execute")
    with pytest.raises(Killed):
        transfer.export(dies, host.config, str(path))
    assert path.read_bytes() == b"older"
    assert list(hosts.folder.glob("*.part")) == []
    nowhere = hosts.folder / "none" / "x.gz"
    for place, why in (
        (nowhere, "cannot be written: No such file or directory"),
        (hosts.folder, "is no file."),
    ):
        status, _, error = run(host, "export", str(place))
        assert (status, error) == (1, f"porthole: {place} {why}\n")


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_it_exports_one_moment_however_long_it_takes(
    hosts: Hosts,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    host = hosts.on_sqlite()
    if kind == "mariadb":
        host = hosts.on_mariadb(request.getfixturevalue("mariadb"))
        migrate.migrate(host.db)
    alice, _ = fill(host)
    path, again = hosts.folder / "1.gz", hosts.folder / "2.gz"
    write(host, again)
    monkeypatch.setattr(store, "SLICE_ROWS", 4)
    sent = []

    def meddle(done: int, total: int) -> None:
        if len(sent) < 3:
            host.clock.move(minutes=10)
            sent.append(alice.view(f"https://alice.example/meanwhile/{done}"))

    host.db.close()
    with path.open("wb") as raw:
        task = exporter.Export(host.db, host.config.secret, host.clock())
        task.run(file.Writer(raw), meddle)
    assert [answer.data for answer in sent] == [{"counted": True}] * 3
    assert lines(path) == lines(again)
    write(host, again)
    assert lines(path) != lines(again)


def test_its_statements_use_the_primary_key(
    hosts: Hosts, mariadb: MariadbServer
) -> None:
    """Else an export would begin at the front for each slice."""
    host = hosts.on_mariadb(mariadb)
    migrate.migrate(host.db)
    fill(host)
    for name, table in store.get_tables(host.db, store.TABLES).items():
        if table.is_shared:
            continue
        for same in range(len(table.key)):
            sql = store._list_slice(table, same, True)
            [row] = host.rows(f"SELECT * FROM {name} LIMIT 1") or [None]
            if row is None:
                continue
            found = host.db.read(lambda: host.db.all("EXPLAIN " + sql, row))  # noqa: B023
            host.db.rest()
            assert found[0]["key"] == "PRIMARY", sql
            assert "filesort" not in (found[0]["Extra"] or ""), sql
