"""What goes wrong inside is in our own log, and nothing of it at the door."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.conftest import SECRET, Actor


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """The log does not depend on the database."""
    return sqlite_url


def test_it_answers_a_fault_with_an_id_that_is_in_the_log(alice: Actor) -> None:
    database = alice.installation.db
    change = "ALTER TABLE ph_visitor_days RENAME COLUMN slot TO other"
    database.transaction(lambda: database.run(change))
    answer = alice.view(
        "https://alice.example/private-path",
        headers={"X-API-Key": alice.public_key},
        address="203.0.113.99",
        page_title="private-title",
    )
    assert answer.status == 500
    found = re.fullmatch(
        r"Server error\. It is in the log as ([0-9a-f]{8})\.", answer.json["message"]
    )
    assert found is not None
    path = Path(alice.installation.config.var) / "log" / "porthole.log"
    text = path.read_text()
    assert found[1] in text
    assert "OperationalError" in text
    assert "record.py" in text
    for private in (
        "203.0.113.99",
        "private-",
        alice.public_key,
        alice.secret_key,
        SECRET,
    ):
        assert private not in text
        assert private not in answer.body.decode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for inside in ("OperationalError", "record.py", "slot"):
        assert inside not in answer.body.decode()


def test_it_logs_that_the_database_is_away_without_its_password(
    alice: Actor,
) -> None:
    away = alice.installation.with_settings(
        database_url="mysql://nobody:hunter2@127.0.0.1:1/none", timeout_seconds=1
    )
    there = alice.through(away)
    assert there.view().status == 202
    text = (Path(away.config.var) / "log" / "porthole.log").read_text()
    assert "the database is away" in text
    assert "hunter2" not in text
    assert "203.0.113.7" not in text


def test_it_writes_nothing_about_what_goes_well(alice: Actor) -> None:
    assert alice.view().status == 200
    assert alice.view(headers={"Origin": "https://charlie.example"}).status == 403
    assert alice.get("/api/analytics/visitors?range=x").status == 400
    assert not (Path(alice.installation.config.var) / "log").exists()
