"""What SQLite lets anybody write into a column, whatever its type."""

from __future__ import annotations

import pytest

from tests.audit.log import change, problem, verified
from tests.conftest import Actor


@pytest.fixture
def log(alice: Actor, database_url: str) -> Actor:
    if not database_url.startswith("sqlite"):
        pytest.skip("its columns take nothing but their type")
    for number in range(4):
        alice.log(f"action {number}", actor="anna", context={"n": number})
    return alice


@pytest.mark.parametrize(
    "edit",
    [
        "at = 'garbage'",
        "at = '0000-00-00 00:00:00'",
        "at = X'ff'",
        "day = 'garbage'",
        "day = X'ff'",
        "day = '0000-00-00'",
        "action = X'ff'",
        "actor = X'ff'",
        "context = X'ff'",
        "context = '{'",
        "salt = X'ff'",
        "hash = X'ff'",
        "erased_by = 'x'",
    ],
)
def test_it_names_the_entry_and_shows_the_others(log: Actor, edit: str) -> None:
    change(log, f"UPDATE ph_audit SET {edit} WHERE project_id = {log.id} AND seq = 2")
    assert problem(log) == ("changed", 2)
    for query in ("range=7d", "range=all", "range=7d&format=csv", "range=7d&text=x"):
        assert log.get(f"/api/analytics/audits?{query}").status == 200, query
    rows = log.get("/api/analytics/audits?range=7d").data["logs"]
    assert {row["id"] for row in rows} >= {1, 3, 4}
    for row in rows:
        if row["id"] == 2 and "= X" in edit or "garbage" in edit:
            column = edit.split(" ")[0].replace("at", "created_at")
            assert row.get(column) is None or row["id"] != 2


@pytest.mark.parametrize("seq", ["2.5", "'x'", "-0.5"])
def test_it_finds_a_row_without_a_number(log: Actor, seq: str) -> None:
    change(
        log, f"UPDATE ph_audit SET seq = {seq} WHERE project_id = {log.id} AND seq = 3"
    )
    assert verified(log)["valid"] is False
