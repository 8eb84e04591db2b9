"""python -m app setup and migrate."""

from __future__ import annotations

import os
import resource
import stat
import tempfile
from pathlib import Path

import pytest

from app import config, db
from app.__main__ import main
from app.commands import setup
from app.db import migrate
from tests import mariadb_server

EXAMPLE = (Path(__file__).parents[2] / "config.example.ini").read_text()
PASSWORD = "correct-horse-battery"

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.ini will be."""
    path = tmp_path / "config.ini"
    monkeypatch.setenv("PORTHOLE_CONFIG", str(path))
    return path


@pytest.fixture
def mariadb_empty_url(mariadb: mariadb_server.MariadbServer) -> str:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS fresh")
    mariadb.create_database("fresh")
    return mariadb.url("fresh")


@pytest.fixture(params=["sqlite", "mariadb"])
def empty_url(
    request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database without a schema, named in the environment."""
    url = f"sqlite:///{path.parent / 'fresh.sqlite'}"
    if request.param == "mariadb":
        url = request.getfixturevalue("mariadb_empty_url")
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", url)
    return url


def fail(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one sentence with which a command fails."""
    assert main(list(arguments)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("porthole: ")
    assert said.err.count("\n") == 1, said.err
    return said.err[len("porthole: ") : -1]


def version(url: str) -> int:
    database = db.connect(url, 5)
    try:
        return migrate.version(database)
    finally:
        database.close()


def test_it_makes_config_and_schema(
    path: Path, empty_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Wrote {path} with new secrets; only you can read it.",
        "Applied sql/001_initial.sql.",
    ]
    assert version(empty_url) == 1


def test_it_does_no_harm_the_second_time(
    path: Path, empty_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["setup"])
    text = path.read_text()
    capsys.readouterr()
    assert main(["setup"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Kept {path}.",
        "The schema is up to date.",
    ]
    assert path.read_text() == text


def test_it_keeps_files_from_everybody_else(path: Path) -> None:
    mask = os.umask(0)
    try:
        main(["setup"])
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((path.parent / "var").stat().st_mode) == 0o700


def test_it_leaves_a_folder_that_is_there_as_it_is(path: Path) -> None:
    (path.parent / "var").mkdir(mode=0o750)
    assert main(["setup"]) == 0
    assert stat.S_IMODE((path.parent / "var").stat().st_mode) == 0o750


def test_it_fills_in_the_secrets_of_a_copied_example(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = EXAMPLE.replace("timeout_seconds = 5", "timeout_seconds = 7")
    path.write_bytes(("\ufeff" + text).replace("\n", "\r\n").encode())
    assert main(["setup"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"Filled in the secrets that {path} lacked."
    settings = config.load(str(path), {})
    assert settings.timeout_seconds == 7
    assert len(settings.secret) == len(settings.admin_key) == 64
    assert settings.secret.decode() != settings.admin_key
    changed = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    kept = text.replace("\n", "\r\n").splitlines(keepends=True)
    assert [line for line in changed if line not in kept] == [
        f"admin_key = {settings.admin_key}\r\n",
        f"secret = {settings.secret.decode()}\r\n",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_never_replaces_a_secret(path: Path) -> None:
    given = "s" * 40
    path.write_text(f"[security]\nadmin_key =\nsecret = {given}\n")
    assert main(["setup"]) == 0
    assert config.load(str(path), {}).secret.decode() == given


def test_migrate_applies_the_schema(
    path: Path, empty_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.create_config(str(path))
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "Applied sql/001_initial.sql.\n"
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "The schema is up to date.\n"
    assert version(empty_url) == 1


def test_migrate_does_not_make_a_config(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fail(capsys, "migrate") == (
        f"{path} is missing. Copy config.example.ini to it and fill it in, or run:"
        " python -m app setup, or open /setup in a browser"
    )
    assert not path.exists()


def test_it_leaves_a_newer_schema_alone(
    path: Path, settings: config.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    database = db.connect(settings.database_url, 5)
    newer = "UPDATE ph_settings SET value = '999' WHERE name = 'schema_version'"
    older = "UPDATE ph_settings SET value = '1' WHERE name = 'schema_version'"
    database.transaction(lambda: database.run(newer))
    try:
        for command in ("setup", "migrate"):
            assert fail(capsys, command) == (
                "The database has schema 999; this Porthole knows 1."
                " Upload the newer Porthole again."
            )
    finally:
        database.transaction(lambda: database.run(older))
        database.close()


def test_it_says_that_the_account_may_not_make_tables(
    path: Path,
    mariadb: mariadb_server.MariadbServer,
    mariadb_empty_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE USER reader IDENTIFIED BY '{PASSWORD}'")
        cursor.execute("GRANT SELECT ON fresh.* TO reader")
    url = mariadb_empty_url.replace("root@", f"reader:{PASSWORD}@")
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", url)
    said = fail(capsys, "setup")
    assert said.startswith("The database refuses the schema: ")
    assert "CREATE command denied" in said
    assert PASSWORD not in said


@pytest.mark.parametrize(
    "account", [f"nobody:{PASSWORD}@127.0.0.1:1", f"nobody:{PASSWORD}@no.invalid"]
)
def test_it_says_that_there_is_no_database(
    account: str,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", f"mysql://{account}/porthole")
    for command in ("setup", "migrate"):
        said = fail(capsys, command)
        assert said.startswith("The database cannot be used: ")
        assert "Can't connect to MySQL server on" in said
        assert PASSWORD not in said


def test_it_says_that_the_password_is_wrong(
    path: Path,
    mariadb: mariadb_server.MariadbServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = mariadb.url("fresh").replace("root@", f"nobody:{PASSWORD}@")
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", url)
    said = fail(capsys, "setup")
    assert "Access denied" in said
    assert PASSWORD not in said


def test_it_says_where_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nowhere" / "config.ini"
    monkeypatch.setenv("PORTHOLE_CONFIG", str(path))
    said = fail(capsys, "setup")
    assert said.startswith(f"Cannot write {path}: ")
    assert "No such file or directory" in said


def test_it_leaves_no_half_of_a_file_on_a_full_disk(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        status = main(["setup"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status == 1
    assert capsys.readouterr().err.startswith(f"porthole: Cannot write {path}: ")
    assert list(path.parent.iterdir()) == []


def test_it_says_that_var_is_no_folder(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path.parent / "var").write_text("")
    said = fail(capsys, "setup")
    assert said.startswith(f"Cannot make the folder {path.parent / 'var'}: ")


def test_it_says_that_config_is_a_folder(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.mkdir()
    for command in ("setup", "migrate", "run"):
        assert fail(capsys, command).startswith(f"{path} cannot be read: ")


@pytest.mark.parametrize("command", ["setup", "migrate"])
def test_it_says_that_config_cannot_be_read(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not in tmp_path, which nobody but root may enter when root runs the tests.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = Path(folder, "config.ini")
        monkeypatch.setenv("PORTHOLE_CONFIG", str(path))
        setup.create_config(str(path))
        path.chmod(0)
        me = os.geteuid()
        if me == 0:
            os.seteuid(NOBODY)
        try:
            said = fail(capsys, command)
        finally:
            os.seteuid(me)
    assert said == f"{path} cannot be read: [Errno 13] Permission denied: '{path}'"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_it_says_that_config_is_not_utf_8(
    encoding: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(f"; Zürich\n{EXAMPLE}".encode(encoding))
    for command in ("setup", "migrate", "run"):
        assert fail(capsys, command).startswith(f"{path} cannot be read: ")


@pytest.mark.parametrize("command", ["setup", "migrate", "run"])
def test_it_names_the_bad_setting(
    command: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.create_config(str(path))
    text = path.read_text().replace("hot_door = yes", "hot_door = sometimes")
    path.write_text(text)
    assert fail(capsys, command) == (
        f"{path}: [server] hot_door = 'sometimes': give yes or no"
    )


def test_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("run", "setup", "migrate", "project"))
