"""A flood of one error costs a counter, not a disk."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import Actor
from tests.errors.test_track_error import listed

PROCESSES = 4


def flood(actor: Actor, reports: int) -> dict[str, Any]:
    """Report from several processes at once; return what the tables have then."""
    command = [sys.executable, "-m", "tests.errors.flood"]
    command += [actor.installation.config.path, actor.secret_key]
    running = [
        subprocess.Popen([*command, str(reports // PROCESSES)])
        for _ in range(PROCESSES)
    ]
    assert [process.wait() for process in running] == [0] * PROCESSES
    [sizes] = actor.installation.rows(
        "SELECT COUNT(*) AS kept, SUM(LENGTH(stack)) AS bytes FROM ph_occurrences"
    )
    for table in ("ph_error_kinds", "ph_error_keys", "ph_error_groups"):
        [row] = actor.installation.rows(f"SELECT COUNT(*) AS n FROM {table}")
        sizes[table] = row["n"]
    return sizes


@pytest.mark.long
def test_it_counts_exactly_and_grows_no_more(alice: Actor) -> None:
    is_mariadb = alice.installation.config.database_url.startswith("mysql")
    # The whole of it takes a minute.
    half = 10_000 if is_mariadb and os.environ.get("CI") == "true" else 1000
    before = flood(alice, half)
    after = flood(alice, half)
    alice.installation.clock.move(days=30000)
    [group] = listed(alice, "?range=all")["errors"]
    assert group["occurrence_count"] == 2 * half
    assert before["kept"] == 200
    assert after == before
