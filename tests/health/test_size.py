"""GET /api/health: how large the database is, and when it is full."""

from __future__ import annotations

import re

import pytest

from tests.conftest import SECRET, Actor, Installation

HEALTH = "/api/health"
SOON = "THE DATABASE WILL SOON BE FULL."
NEARLY = "THE DATABASE IS NEARLY FULL."
ROOM = "There is room."
UNKNOWN = "Nobody has set how much room there is."
TOO_FEW = "How fast it grows is told by 3 days' samples, 3 days apart; so far there are"


def _size(installation: Installation, as_admin: bool = True) -> tuple[str, str]:
    """Return status and message."""
    headers = {"X-Admin-Key": SECRET} if as_admin else {}
    answer = installation.call("GET", HEALTH, headers=headers)
    assert answer.status == 200
    check = answer.json["checks"]["size"]
    return check["status"], check["message"]


def _measured(installation: Installation) -> float:
    return float(re.findall(r"It has ([\d.]+) MB", _size(installation)[1])[0])


def _store(installation: Installation, sql: str) -> None:
    installation.db.define(sql)
    if "mysql" in installation.config.database_url:
        installation.db.define("COMMIT")


def _samples(installation: Installation, *megabytes: float) -> None:
    """Store what was measured on the days up to today, half an hour ago."""
    rows = []
    for days, size in enumerate(reversed(megabytes)):
        day = f"2026-03-{4 - days:02}" if days < 4 else f"2026-02-{32 - days:02}"
        rows.append(f"('{day}', '{day} 11:30:00', {int(size * 1_000_000)})")
    values = ", ".join(rows)
    _store(installation, f"INSERT INTO ph_sizes (day, at, bytes) VALUES {values}")


def test_it_measures_and_says_what_it_cannot_tell_yet(alice: Actor) -> None:
    here = alice.installation
    status, message = _size(here)
    assert status == "ok"
    figures = r"It has \d+\.\d MB; what it may have is not in \[database\] max_mb\."
    assert re.fullmatch(f"{UNKNOWN} {figures} {TOO_FEW} 1\\.", message)
    assert 0.2 < _measured(here) < 20
    assert _size(here, as_admin=False) == ("ok", UNKNOWN)


def test_it_measures_what_is_stored(alice: Actor) -> None:
    here = alice.installation
    before = _measured(here)
    rows = [f"({alice.id}, {n}, '{n}', '{'x' * 9000}')" for n in range(100)]
    columns = "project_id, id, name, properties"
    values = ", ".join(rows)
    _store(here, f"INSERT INTO ph_event_names ({columns}) VALUES {values}")
    if "mysql" in here.config.database_url:
        here.rows("ANALYZE TABLE ph_event_names")
    here.clock.move(minutes=59)
    assert _measured(here) == before
    here.clock.move(minutes=2)
    assert _measured(here) - before > 0.8


def test_it_keeps_one_sample_a_day_for_two_months(alice: Actor) -> None:
    here = alice.installation

    def days() -> list[str]:
        rows = here.rows("SELECT at FROM ph_sizes ORDER BY day")
        return [str(row["at"]) for row in rows]

    for hours in (0, 2, 24):
        here.clock.move(hours=hours)
        _size(here)
    assert days() == ["2026-03-04 14:00:00", "2026-03-05 14:00:00"]
    here.clock.move(days=60)
    _size(here)
    assert days() == ["2026-03-05 14:00:00", "2026-05-04 14:00:00"]
    # A clock that was wrong leaves nothing.
    here.clock.move(days=-30)
    _size(here)
    assert days() == ["2026-03-05 14:00:00", "2026-04-04 14:00:00"]


@pytest.mark.parametrize(
    ("megabytes", "max_mb", "said", "share", "forecast"),
    [
        (
            (700, 710, 720, 730),
            1000,
            SOON,
            "730.0 MB of 1,000.0 MB (73.0 %)",
            "In the last 3 days it grew by 30.0 MB: full in 27 days at this rate",
        ),
        (
            (700, 701, 702, 703),
            1000,
            ROOM,
            "703.0 MB of 1,000.0 MB (70.3 %)",
            "In the last 3 days it grew by 3.0 MB: full in 297 days at this rate",
        ),
        (
            (950, 950, 950, 950),
            1000,
            NEARLY,
            "950.0 MB of 1,000.0 MB (95.0 %)",
            "In the last 3 days it did not grow",
        ),
        (
            (1100, 1150),
            1000,
            NEARLY,
            "1,150.0 MB of 1,000.0 MB (115.0 %)",
            f"{TOO_FEW} 2",
        ),
        (
            (800, 700, 700, 700),
            1000,
            ROOM,
            "700.0 MB of 1,000.0 MB (70.0 %)",
            "In the last 3 days it did not grow",
        ),
        (
            (100, 101, 102, 103, 104, 105),
            0,
            UNKNOWN,
            "105.0 MB; what it may have is not in [database] max_mb",
            "In the last 5 days it grew by 5.0 MB",
        ),
    ],
)
def test_it_tells_when_it_is_full_from_how_it_grew(
    installation: Installation,
    megabytes: tuple[float, ...],
    max_mb: int,
    said: str,
    share: str,
    forecast: str,
) -> None:
    _samples(installation, *megabytes)
    there = installation.with_settings(database_max_bytes=max_mb * 1_000_000)
    status = "warn" if said in (SOON, NEARLY) else "ok"
    assert _size(there) == (status, f"{said} It has {share}. {forecast}.")
    # A stranger is told no figures.
    assert _size(there, as_admin=False) == (status, said)
