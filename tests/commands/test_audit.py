"""python -m app audit verify."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.__main__ import main
from tests.audit.log import change
from tests.conftest import Actor


@pytest.fixture(autouse=True)
def _shell(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", alice.installation.config.path)


def _break(actor: Actor) -> None:
    change(actor, f"DELETE FROM ph_audit WHERE project_id = {actor.id} AND seq = 2")


def test_it_says_of_each_project_that_all_is_right(
    alice: Actor, charlie: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        made = alice.log().data
    alice.post("/api/audit/erase", seqs=[1])
    newest = alice.get("/api/audit/verify").data["head"]
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr()
    assert said.out == (
        f"Alice (project {alice.id}): 4 entries (1 erased), all right;"
        f" head 4 {newest['hash']}\n"
        f"Charlie (project {charlie.id}): 0 entries, all right; head 0\n"
    )
    assert said.err == ""
    receipt = ["--seq", "3", "--hash", made["hash"].upper()]
    assert main(["audit", "verify", "--project", str(alice.id), *receipt]) == 0


def test_it_says_what_is_wrong_and_fails(
    alice: Actor, charlie: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        alice.log()
    _break(alice)
    assert main(["audit", "verify"]) == 1
    said = capsys.readouterr()
    title = f"Alice (project {alice.id})"
    assert f"{title}: 1 entries are right, then removed\n" in said.out
    assert said.err == f"porthole: {title}: removed. Entry 2 is missing.\n"
    assert main(["audit", "verify", "--project", str(charlie.id)]) == 0
    wrong = ["--project", str(charlie.id), "--seq", "1", "--hash", "0" * 64]
    assert main(["audit", "verify", *wrong]) == 1


def test_it_fails_where_the_kept_head_cannot_be_read(
    alice: Actor, charlie: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.log()
    charlie.log()
    Path(alice.installation.config.var, "audit", str(alice.id)).write_text("broken")
    assert main(["audit", "verify"]) == 1
    said = capsys.readouterr()
    assert f"Alice (project {alice.id}): 1 entries, all right" in said.out
    assert said.err == (
        f"porthole: Alice (project {alice.id}): The file var/audit/{alice.id} cannot be"
        " read (it holds something else): nothing tells whether the newest entries are"
        " all here.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--project", "99"], "There is no project 99."),
        (["--project", str(10**30)], "There is no project"),
        (["--seq", "1"], "A receipt wants --project, --seq and --hash"),
        (["--hash", "x"], "A receipt wants --project, --seq and --hash"),
    ],
)
def test_it_says_what_it_cannot_take(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["audit", "verify", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_it_has_nothing_to_do_without_projects(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    confirm = {"id": alice.id, "confirm": "Alice"}
    alice.installation.as_admin("/api/projects/delete", confirm)
    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "There is no project to verify.\n"
