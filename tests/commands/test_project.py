"""python -m app project add, list and rotate-keys."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import config
from app.__main__ import main
from tests.conftest import Installation
from tests.wsgi import BROWSER

ROOT = Path(__file__).parents[2]
PASSWORD = "correct-horse-battery"
PUBLIC_KEY = r"[0-9a-f]{32}"
SECRET_KEY = r"[0-9a-f]{64}"


class Shell:
    """Where the commands are typed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def run(self, *arguments: str) -> str:
        """Return what ``project`` with these arguments prints."""
        status = main(["project", *arguments])
        said = self.capsys.readouterr()
        assert (status, said.err) == (0, "")
        return said.out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def fail(self, *arguments: str) -> str:
        """Return the sentence with which ``project`` refuses them."""
        status = main(["project", *arguments])
        said = self.capsys.readouterr()
        assert (status, said.out) == (1, "")
        assert said.err.count("\n") == 1, said.err
        assert said.err.startswith("porthole: ")
        return said.err[len("porthole: ") : -1]


@pytest.fixture
def shell(
    settings: config.Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    monkeypatch.setenv("PORTHOLE_CONFIG", settings.path)
    return Shell(capsys)


def test_it_adds_a_project(shell: Shell) -> None:
    said = shell.run("add", "Alice's shop", "--domain", "alice.example")
    assert re.fullmatch(
        rf"id          \d+\npublic key  {PUBLIC_KEY}\nsecret key  {SECRET_KEY}\n"
        r"The secret key is shown only now; Porthole keeps a hash of it\.\n",
        said,
    )


def test_it_adds_a_project_in_json(shell: Shell) -> None:
    made = shell.json(
        *("add", "Älice", "--domain", "https://www.alice.example/shop"),
        *("--domain", "alice.test", "--timezone", "Europe/Berlin"),
        *("--identity", "cookie"),
    )
    assert made.keys() == {
        "id",
        "name",
        "allowed_domains",
        "public_key",
        "secret_key",
    }
    assert made["name"] == "Älice"
    assert made["allowed_domains"] == ["alice.example", "alice.test"]
    assert re.fullmatch(PUBLIC_KEY, made["public_key"])
    assert re.fullmatch(SECRET_KEY, made["secret_key"])
    assert shell.json("list") == [
        {
            "id": made["id"],
            "name": "Älice",
            "public_key": made["public_key"],
            "allowed_domains": ["alice.example", "alice.test"],
            "timezone": "Europe/Berlin",
            "identity": "cookie",
            "is_active": True,
        }
    ]


def test_it_is_cookieless_and_utc_unless_asked(shell: Shell) -> None:
    shell.run("add", "Alice", "--domain", "alice.example")
    (project,) = shell.json("list")
    assert (project["identity"], project["timezone"]) == ("cookieless", "UTC")


def test_its_keys_work_at_once(shell: Shell, installation: Installation) -> None:
    made = shell.json("add", "Alice", "--domain", "alice.example")
    body = {"public_key": made["public_key"], "url": "https://alice.example/"}
    sent = {**BROWSER, "Origin": "https://alice.example"}
    counted = installation.call("POST", "/api/track/pageview", body, headers=sent)
    assert counted.status == 200
    read = installation.call(
        "GET", "/api/analytics/visitors", headers={"X-API-Key": made["secret_key"]}
    )
    assert read.status == 200


def test_it_lists_projects(shell: Shell) -> None:
    assert shell.run("list").startswith("No project yet: python -m app project add")
    assert shell.json("list") == []
    alice = shell.json("add", "Alice", "--domain", "alice.example")
    charlie = shell.json("add", "Charlie", "--domain", "charlie.example")
    said = shell.run("list")
    assert said.splitlines() == [
        f"{alice['id']:>4}  Alice  (alice.example; UTC, cookieless)",
        f"      public key {alice['public_key']}",
        f"{charlie['id']:>4}  Charlie  (charlie.example; UTC, cookieless)",
        f"      public key {charlie['public_key']}",
    ]


def test_it_never_lists_a_secret_key(shell: Shell, settings: config.Config) -> None:
    shell.run("add", "Alice", "--domain", "alice.example")
    assert not re.search(SECRET_KEY, shell.run("list"))
    assert not re.search(SECRET_KEY, shell.run("list", "--json"))


def test_it_says_nothing_if_nobody_reads_on(settings: config.Config) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "app", "project", "list"],
        cwd=ROOT,
        env={**os.environ, "PORTHOLE_CONFIG": settings.path},
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_it_rotates_keys(shell: Shell, installation: Installation) -> None:
    made = shell.json("add", "Alice", "--domain", "alice.example")
    stranger = shell.json("add", "Charlie", "--domain", "charlie.example")

    def status(secret_key: str) -> int:
        headers = {"X-API-Key": secret_key}
        path = "/api/analytics/visitors"
        return installation.call("GET", path, headers=headers).status

    assert status(made["secret_key"]) == 200
    rotated = shell.json("rotate-keys", str(made["id"]))
    assert rotated.keys() == {"id", "public_key", "secret_key"}
    assert status(made["secret_key"]) == 401
    assert status(rotated["secret_key"]) == 200
    assert status(stranger["secret_key"]) == 200
    keys = [project["public_key"] for project in shell.json("list")]
    assert keys == [rotated["public_key"], stranger["public_key"]]


def test_it_rotates_keys_for_a_person(shell: Shell) -> None:
    made = shell.json("add", "Alice", "--domain", "alice.example")
    said = shell.run("rotate-keys", str(made["id"]))
    assert f"id          {made['id']}\n" in said
    assert "The secret key is shown only now" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("Alice", "--domain", "alice.example", "--timezone", "Europe/Atlantis"),
            "timezone 'Europe/Atlantis' is unknown; give a name such as Europe/Berlin",
        ),
        (
            ("Alice", "--domain", "alice.example", "--timezone", "../../etc/passwd"),
            "timezone '../../etc/passwd' is unknown; give a name such as Europe/Berlin",
        ),
        (("Alice", "--domain", "not a domain"), "'not a domain' is not a domain"),
        (("Alice", "--domain", " "), "No valid domains provided"),
        (("", "--domain", "alice.example"), "name is required"),
        (
            ("A" * 101, "--domain", "alice.example"),
            "name must be 100 characters or less",
        ),
    ],
)
def test_it_refuses_in_one_sentence(
    arguments: tuple[str, ...], sentence: str, shell: Shell
) -> None:
    assert shell.fail("add", *arguments) == sentence
    assert shell.json("list") == []


@pytest.mark.parametrize("unknown", ["7", "0", "-1", "4294967296", "9" * 30])
def test_it_knows_no_such_project(unknown: str, shell: Shell) -> None:
    assert shell.fail("rotate-keys", "--", unknown) == (
        f"There is no project {unknown}. See: python -m app project list"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["project"],
        ["project", "add", "Alice"],
        ["project", "add", "Alice", "--domain", "a.example", "--identity", "face"],
        ["project", "rotate-keys", "Alice"],
        ["project", "delete", "1"],
    ],
)
def test_it_explains_its_arguments(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: python -m app project" in capsys.readouterr().err


def test_it_says_that_the_database_is_empty(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert shell.fail("list") == "The database is empty. Run: python -m app setup"


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("add", "Alice", "--domain", "alice.example"), ("rotate-keys", "1")],
)
def test_it_says_that_the_database_is_away(
    arguments: tuple[str, ...], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"mysql://nobody:{PASSWORD}@127.0.0.1:1,127.0.0.1:2/porthole"
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", url)
    said = shell.fail(*arguments)
    assert said.startswith("The database cannot be used: ")
    assert said.count("Can't connect to MySQL server on '127.0.0.1'") == 1
    assert PASSWORD not in said


def test_it_says_where_sqlite_cannot_write(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "porthole.sqlite"
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", f"sqlite:///{path}")
    said = shell.fail("list")
    assert said.startswith(f"The database cannot be used: {path}: ")


def run_process(
    config_path: str, *arguments: str, python: tuple[str, ...] = (), url: str = ""
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PORTHOLE_CONFIG": config_path}
    if url:
        env["PORTHOLE_DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, *python, "-m", "app", "project", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )


def test_it_runs_as_a_process(settings: config.Config) -> None:
    new = ("add", "Alice", "--domain", "alice.example", "--json")
    added = run_process(settings.path, *new)
    assert (added.returncode, added.stderr) == (0, "")
    assert json.loads(added.stdout)["name"] == "Alice"
    refused = run_process(settings.path, "rotate-keys", "777777")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("porthole: There is no project 777777.")


def test_it_says_that_the_socket_is_not_there(settings: config.Config) -> None:
    url = f"mysql://nobody:{PASSWORD}@localhost/porthole?unix_socket=/nowhere"
    done = run_process(settings.path, "list", url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("porthole: The database cannot be used: ")
    assert done.stderr.count("\n") == 1
    assert PASSWORD not in done.stderr


def test_it_says_which_package_is_missing(settings: config.Config) -> None:
    # Without the site module Python sees its own packages only.
    url = f"mysql://nobody:{PASSWORD}@127.0.0.1:1/porthole"
    done = run_process(settings.path, "list", python=("-S",), url=url)
    assert done.returncode == 1
    assert done.stderr == (
        "porthole: A package is missing (No module named 'pymysql')."
        f" Run: {sys.executable} -m pip install -r requirements.txt\n"
    )
