"""Migrations: cut off anywhere, imported by hand, or of another Porthole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
import pytest
from pymysql.constants import CLIENT

from app import db
from app.__main__ import main
from app.db import migrate
from tests.conftest import Actor, Installation
from tests.db.killer import Killed, dying
from tests.mariadb_server import MariadbServer

SECOND = """\
-- A later schema.
CREATE TABLE IF NOT EXISTS ph_labels (
  project_id INT UNSIGNED NOT NULL,
  id BIGINT NOT NULL,
  label VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (project_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

ALTER TABLE ph_pages
  ADD COLUMN views INT UNSIGNED NOT NULL DEFAULT 0 AFTER title,
  ADD COLUMN label VARCHAR(20) COLLATE utf8mb4_bin NOT NULL DEFAULT '';

ALTER TABLE ph_pages
  ADD KEY label (project_id, label);

-- Not to be done twice.
UPDATE ph_pages
SET views = views + 1;

ALTER TABLE ph_visitors
  ADD KEY active (project_id, last_day);

ALTER TABLE ph_visitors
  DROP KEY active;

UPDATE ph_settings
SET value = CASE name WHEN 'schema_version' THEN '2' ELSE value + 1 END
WHERE name IN ('schema_version', 'cache_version');
"""
STATEMENTS = 7


@pytest.fixture(params=["sqlite", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a schema, which is thrown away."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    server = request.getfixturevalue("mariadb")
    return _fresh(server)


def _fresh(server: MariadbServer) -> str:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS migrated")
    server.create_database("migrated")
    return server.url("migrated")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The schema of today and a later one."""
    path = tmp_path / "sql"
    path.mkdir()
    first = Path(migrate.FOLDER, "001_initial.sql")
    (path / first.name).write_text(first.read_text())
    (path / "002_labels.sql").write_text(SECOND)
    return str(path)


@pytest.fixture
def database(url: str) -> Iterator[db.Database]:
    made = db.connect(url, 5)
    yield made
    made.close()


def _add_page(database: db.Database) -> None:
    sql = (
        "INSERT INTO ph_pages (project_id, id, scheme, host, path, title, titled_at)"
        " VALUES (1, 1, 'https', 'a', '/', '', '2026-03-04 12:00:00')"
    )
    database.transaction(lambda: database.run(sql))


def _state(database: db.Database) -> Any:
    """Return what the later schema is to be recognised by."""
    page = database.read(lambda: database.one("SELECT * FROM ph_pages"))
    columns = database.columns("SELECT * FROM ph_pages LIMIT 0")
    return (
        migrate.version(database),
        page and (page["views"], page["label"]),
        sorted(columns),
        database.columns("SELECT * FROM ph_labels LIMIT 0"),
    )


def _take_back(database: db.Database, folder: str) -> None:
    """Go back to the schema of today, with one page."""
    database.close()
    database.define("DROP TABLE IF EXISTS ph_labels, ph_pages, ph_visitors")
    for statement in migrate._statements(f"{folder}/001_initial.sql"):
        if re.search(r"EXISTS ph_(pages|visitors) ", statement):
            database.define(statement)
    for sql in (
        "DELETE FROM ph_settings WHERE name = 'migration_step'",
        "UPDATE ph_settings SET value = '1' WHERE name = 'schema_version'",
    ):
        database.transaction(partial(database.run, sql))
    _add_page(database)


def test_it_goes_on_after_a_kill_at_any_statement(
    url: str, folder: str, database: db.Database
) -> None:
    migrate.migrate(database, folder, until=1)
    database.close()  # which brings all of it into the one file
    path = Path(url[len("sqlite:///") :])
    before = path.read_bytes() if url.startswith("sqlite") else b""
    kills = 0
    while True:
        if before:
            database.close()
            path.write_bytes(before)
            _add_page(database)
        else:
            _take_back(database, folder)
        killed = dying(url, kills, "define")
        try:
            migrate.migrate(killed, folder)
            break
        except Killed:
            kills += 1
        finally:
            killed.close()
        migrate.migrate(database, folder)
        version, page, columns, labels = _state(database)
        assert (version, page, labels) == (2, (1, ""), ["project_id", "id", "label"])
        assert {"views", "label"} < set(columns)
    # Before each statement, and between it and the note that it is done.
    assert kills == STATEMENTS * 2


def test_it_makes_the_first_schema_after_a_kill_at_any_statement(url: str) -> None:
    # MariaDB takes long to make a table.
    step = 7 if url.startswith("mysql") else 1
    for fatal in range(0, 1000, step):
        killed = dying(url, fatal, "define")
        try:
            migrate.migrate(killed)
            break
        except Killed:
            pass
        finally:
            killed.close()
    assert fatal > 20
    database = db.connect(url, 5)
    assert migrate.version(database) == migrate.SCHEMA
    assert migrate.migrate(database) == []
    database.close()


def test_it_finishes_what_was_imported_by_hand_in_part(
    url: str, folder: str, database: db.Database
) -> None:
    migrate.migrate(database, folder, until=1)
    _add_page(database)
    for statement in migrate._statements(f"{folder}/002_labels.sql")[:3]:
        database.define(statement)
    assert migrate.migrate(database, folder) == ["002_labels.sql"]
    assert _state(database)[:2] == (2, (1, ""))


def test_it_takes_an_import_by_hand_for_its_own(mariadb: MariadbServer) -> None:
    """phpMyAdmin sends the file as it is; twice does no harm."""
    database = db.connect(_fresh(mariadb), 5)
    text = Path(migrate.FOLDER, "001_initial.sql").read_text()
    for _ in range(2):
        with pymysql.connect(
            unix_socket=mariadb.socket,
            user="root",
            database="migrated",
            client_flag=CLIENT.MULTI_STATEMENTS,
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(text)
            while cursor.nextset():
                pass
            connection.commit()
    assert migrate.version(database) == migrate.SCHEMA
    assert migrate.migrate(database) == []
    database.close()


def test_every_file_says_its_number_at_the_end() -> None:
    files = sorted(Path(migrate.FOLDER).glob("*.sql"))
    numbers = [int(path.name[:3]) for path in files]
    assert numbers == list(range(1, migrate.SCHEMA + 1))
    for number, path in zip(numbers, files):
        last = migrate._statements(str(path))[-1]
        if number == 1:
            assert last.endswith("VALUES ('schema_version', '1')")
        else:
            # Processes that know the projects ask again, and find the new schema.
            assert re.sub(r"\s+", " ", last) == (
                "UPDATE ph_settings SET value = CASE name WHEN 'schema_version'"
                f" THEN '{number}' ELSE value + 1 END"
                " WHERE name IN ('schema_version', 'cache_version')"
            )


@pytest.fixture
def set_version(installation: Installation) -> Iterator[Any]:
    """Sets the schema's version as a migration does, and back at the end."""
    database = installation.db
    both = (
        "UPDATE ph_settings SET value = CASE name WHEN 'schema_version'"
        " THEN %(version)s ELSE value + 1 END"
        " WHERE name IN ('schema_version', 'cache_version')"
    )

    def set_to(version: str) -> None:
        database.transaction(lambda: database.run(both, {"version": version}))

    yield set_to
    set_to(str(migrate.SCHEMA))


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (
            "999",
            "The database has schema 999; this Porthole knows 1."
            " Upload the newer Porthole again.",
        ),
        (
            "0",
            "The database has schema 0; this Porthole needs 1. Run: python -m app"
            " migrate (or import the newer files of sql/ in phpMyAdmin)",
        ),
    ],
)
def test_it_writes_nothing_under_a_schema_that_is_not_its_own(
    alice: Actor, set_version: Any, version: str, sentence: str
) -> None:
    call = alice.installation.call
    assert alice.view().data["counted"]
    alice.log()
    set_version(version)
    # The project is known to this process, which finds out as it writes.
    for answer in (alice.view("https://alice.example/2"), alice.log()):
        assert (answer.status, answer.data) == (202, {"queued": True})
    answers = [
        alice.get("/api/analytics/visitors"),
        alice.installation.as_admin("/api/projects/list"),
        call("POST", "/api/projects/verify", {"key": alice.public_key}),
    ]
    for answer in answers:
        assert (answer.status, answer.json["message"]) == (503, sentence)
        assert answer.headers["Retry-After"] == "30"
    health = call("GET", "/api/health")
    assert health.status == 503
    assert health.json["checks"]["schema"]["status"] == "fail"
    set_version(str(migrate.SCHEMA))
    assert alice.view("https://alice.example/3").data["counted"]
    assert alice.visitors("range=1d")["total_pageviews"] == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["project", "list"],
        ["check"],
        ["audit", "verify"],
        ["export", "-"],
        ["demo"],
        ["import", "micrologs", "--from", "mysql://nobody@no.invalid/none"],
    ],
)
def test_commands_refuse_a_newer_schema(
    arguments: list[str],
    alice: Actor,
    set_version: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", alice.installation.config.path)
    set_version("999")
    assert main(arguments) == 1
    assert "porthole: The database has schema 999" in capsys.readouterr().err
