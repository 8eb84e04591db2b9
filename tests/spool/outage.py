"""What tests of the spool share: an outage, and what waits."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Actor

AWAY = "sqlite:////dev/null/none"


def during_outage(actor: Actor, **settings: object) -> Actor:
    """Return the actor as seen by a process that cannot reach the database."""
    there = actor.installation.with_settings(database_url=AWAY, **settings)
    return actor.through(there)


def waiting(actor: Actor) -> list[Path]:
    """Return the files that wait."""
    folder = Path(actor.installation.config.var) / "spool" / "waiting"
    return sorted(folder.iterdir()) if folder.exists() else []


def drain(actor: Actor) -> None:
    """Have the spool drained by requests that come by."""
    for _ in range(200):
        if not waiting(actor):
            return
        assert actor.installation.call("GET", "/api/health").status == 200
    raise AssertionError(f"{waiting(actor)} is still there")


def log_of(actor: Actor) -> str:
    path = Path(actor.installation.config.var) / "log" / "porthole.log"
    return path.read_text() if path.exists() else ""
