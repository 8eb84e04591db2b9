"""python -m app check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock, config
from app.__main__ import main
from app.stats import reports
from tests.conftest import Actor, Installation
from tests.wsgi import FIREFOX


class Shell:
    """Where the command is typed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def check(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit status of ``check``, what it prints and what it says."""
        status = main(["check", *arguments])
        said = self.capsys.readouterr()
        return status, said.out, said.err


@pytest.fixture
def shell(
    settings: config.Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    monkeypatch.setenv("PORTHOLE_CONFIG", settings.path)
    return Shell(capsys)


@pytest.fixture
def busy_alice(create_project: Callable[..., Actor]) -> Actor:
    """A project with cookies and a few visits of the last days, midnights included."""
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    now = clock.now().replace(microsecond=0)
    alice.installation.clock.at = now - timedelta(days=4)
    for step in range(60):
        alice.installation.clock.move(minutes=27 if step % 5 else 300)
        alice.view(
            f"https://alice.example/{step % 7}",
            headers={"User-Agent": FIREFOX} if step % 2 else {},
            visitor_id=f"v{step % 3}",
            referrer="https://www.google.com/" if step % 4 == 0 else "",
        )
    return alice


def _line(text: str, name: str) -> list[str]:
    [found] = [line for line in text.splitlines() if line.startswith(f"{name}  ")]
    return found[len(name) :].split()


def _break(installation: Installation, statement: str) -> None:
    database = installation.db
    database.transaction(lambda: database.run(statement))
    database.rest()


def test_it_prints_each_reports_totals_beside_summarys(
    busy_alice: Actor, shell: Shell
) -> None:
    status, text, said = shell.check("--range", "7d")
    assert (status, said) == (0, "")
    data = busy_alice.visitors("range=all")
    views, visits = data["total_pageviews"], data["total_sessions"]
    assert (views, data["unique_visitors"]) == (60, 3)
    assert _line(text, "summary")[:3] == ["60", str(visits), "3"]
    assert _line(text, "visitors")[:3] == ["60", str(visits), "3"]
    assert _line(text, "pages")[:2] == ["60", ">="]
    assert _line(text, "entry-pages")[0] == str(visits)
    assert _line(text, "channels")[:2] == ["60", str(visits)]
    assert _line(text, "hours")[:2] == ["60", str(visits)]
    assert _line(text, "new and returning") == ["3"]
    assert text.startswith(f"Alice (project {busy_alice.id}), ")
    assert text.endswith("All agree.\n")


def test_it_checks_every_project_or_one(
    busy_alice: Actor, charlie: Actor, shell: Shell
) -> None:
    _, text, _ = shell.check()
    assert text.count("All agree.") == 2
    status, text, _ = shell.check("--project", str(charlie.id), "--range", "all")
    assert status == 0
    assert "Charlie" in text
    assert "Alice" not in text
    assert _line(text, "summary") == ["0"] * 6


def test_it_says_so_where_there_is_no_project(shell: Shell) -> None:
    assert shell.check() == (0, "There is no project to check.\n", "")


def test_it_adds_up_lists_that_are_longer_than_a_report_shows(
    busy_alice: Actor, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "ALL_ROWS", 2)
    status, text, _ = shell.check()
    assert status == 0
    assert _line(text, "pages")[0] == "60"


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        # Views without their visit: lists lose what a JOIN does not find.
        ("DELETE FROM ph_visits WHERE pageviews = 1", "by_os has "),
        # A day's visitors counted twice.
        (
            "UPDATE ph_visitor_days SET visitors = visitors * 2",
            "devices, by_device has 3 visitors, summary 6; ",
        ),
    ],
)
def test_it_fails_where_totals_disagree(
    busy_alice: Actor, shell: Shell, statement: str, wrong: str
) -> None:
    _break(busy_alice.installation, statement)
    status, text, said = shell.check("--range", "all")
    assert status == 1
    assert said.startswith("porthole: Alice: ")
    assert said.count("\n") == 1
    assert wrong in said
    assert "! " in text
    assert text.endswith("They disagree.\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--project", "99"],
            "There is no project 99. See: python -m app project list",
        ),
        (
            ["--project", str(2**80)],
            f"There is no project {2**80}. See: python -m app project list",
        ),
        (
            ["--range", "week"],
            "range must be one of: 1d to 365d, today, yesterday, month, year, all,"
            " custom",
        ),
    ],
)
def test_it_refuses_what_it_cannot_check(
    alice: Actor, shell: Shell, arguments: list[str], sentence: str
) -> None:
    assert shell.check(*arguments) == (1, "", f"porthole: {sentence}\n")
