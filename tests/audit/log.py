"""The audit log as tests look at it."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor


def logs(actor: Actor, query: str = "range=7d") -> list[tuple[str, str, Any]]:
    """Return action, actor and context of the entries, newest first."""
    answer = actor.get(f"/api/analytics/audits?{query}")
    assert answer.status == 200, answer.body
    return [
        (row["action"], row["actor"], row["context"]) for row in answer.data["logs"]
    ]


def verified(actor: Actor, query: str = "") -> dict[str, Any]:
    """Return what verify says."""
    answer = actor.get("/api/audit/verify" + (query and "?" + query))
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.data
    return found


def problem(actor: Actor, query: str = "") -> tuple[str, int]:
    """Return kind and number of the first thing that verify finds wrong."""
    found = verified(actor, query)
    assert found["valid"] is False, found
    assert found["first_problem"]["message"]
    return found["first_problem"]["kind"], found["first_problem"]["seq"]


def table(actor: Actor) -> list[dict[str, Any]]:
    """Return the rows as the database has them."""
    sql = f"SELECT * FROM ph_audit WHERE project_id = {actor.id} ORDER BY seq"
    return actor.installation.rows(sql)


def change(actor: Actor, *statements: str) -> None:
    """Do in the database what nobody should."""
    database = actor.installation.db

    def work() -> None:
        for statement in statements:
            database.run(statement)

    database.transaction(work)
