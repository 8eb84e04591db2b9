"""Who drains the spool, what stops him, and python -m app drain."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app import __main__ as commands
from app.config import ROOT
from app.dispatch import Dispatcher
from app.events import record
from tests import faults
from tests.conftest import SECRET, Actor, Installation
from tests.spool.outage import AWAY, drain, during_outage, log_of, waiting
from tests.visits.tables import assert_consistent

HOME = "https://alice.example/"


def _fill(alice: Actor, count: int) -> None:
    away = during_outage(alice)
    for number in range(count):
        address = f"198.51.100.{number % 7}"
        assert away.view(f"{HOME}{number}", address=address).status == 202


def _run(alice: Actor, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("PORTHOLE_CONFIG", alice.installation.config.path)
    return commands.main(["drain", *arguments])


def _views(alice: Actor) -> int:
    rows = alice.installation.rows("SELECT COUNT(*) AS n FROM ph_pageviews")
    count: int = rows[0]["n"]
    return count


def test_it_drains_all_at_once_on_command(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice, 60)
    during_outage(alice).view("no page")
    assert _run(alice, monkeypatch) == 0
    said = "61 beacons drained, 1 refused with 400 Bad Request\n"
    assert capsys.readouterr().out == said
    assert _views(alice) == 60
    assert waiting(alice) == []
    assert _run(alice, monkeypatch) == 0
    assert capsys.readouterr().out == "0 beacons drained\n"
    assert_consistent(alice)


def test_it_says_that_the_database_is_still_away(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice, 1)
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", AWAY)
    assert _run(alice, monkeypatch) == 1
    assert "The database cannot be used. So far: 0 bea" in capsys.readouterr().err
    assert len(waiting(alice)) == 1


def test_it_takes_no_longer_than_it_may(alice: Actor) -> None:
    _fill(alice, 100)
    dispatcher = Dispatcher(alice.installation.config, alice.installation.clock)
    done = dispatcher.drain(0.0)
    dispatcher.close()
    assert done is not None
    assert (done.beacons, done.is_complete) == (1, False)
    assert _views(alice) == 1
    drain(alice)
    assert _views(alice) == 100


def test_it_drains_each_beacon_once_when_many_try(alice: Actor) -> None:
    """Also when the lease does not keep them apart: the row of the file does."""
    _fill(alice, 60)
    start = alice.installation.clock.at

    def drain_as(number: int) -> None:
        # Each finds that the others' lease has long ended.
        config = alice.installation.config
        late = start.replace(year=start.year + number)
        dispatcher = Dispatcher(config, lambda: late)
        for _ in range(60):
            dispatcher.drain(0.02)
            dispatcher._drain_after = 0
        dispatcher.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(drain_as, range(4)))
    drain(alice)
    assert _views(alice) == 60
    assert_consistent(alice)
    assert log_of(alice).count("error") == 0


@pytest.mark.parametrize(
    ("seconds", "is_free"),
    [(0, False), (29, False), (30, True), (86_400, True), (-5, False), (-3600, True)],
)
def test_it_lets_one_drain_until_he_is_thought_dead(
    alice: Actor, seconds: int, is_free: bool
) -> None:
    _fill(alice, 1)
    now = alice.installation.clock.at.isoformat(" ")
    ends = alice.installation.clock.at.replace(second=30).isoformat(" ")
    alice.installation.db.define(
        f"INSERT INTO ph_leases (name, holder, ends_at)"
        f" VALUES ('spool', 'somebody', '{ends}')"
    )
    alice.installation.db.define("COMMIT") if "mysql" in _url(alice) else None
    alice.installation.clock.move(seconds=seconds)
    alice.installation.call("GET", "/api/health")
    assert bool(waiting(alice)) != is_free, now


def _url(alice: Actor) -> str:
    url: str = alice.installation.config.database_url
    return url


def test_it_sets_aside_what_nobody_can_store(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away = during_outage(alice)
    away.view(HOME + "before")
    away.send("event", name="poison")
    away.view(HOME + "after")
    with monkeypatch.context() as patch:
        patch.setattr(record, "record_event", lambda *arguments: 1 / 0)
        drain(alice)
    assert _views(alice) == 2
    assert "ZeroDivisionError" in log_of(alice)
    assert "1 set aside" in log_of(alice)
    check = alice.installation.call("GET", "/api/health").json["checks"]["spool"]
    assert check["status"] == "warn"
    assert check["message"].endswith("After an update: python -m app drain --again")
    assert _run(alice, monkeypatch) == 0
    assert alice.installation.rows("SELECT id FROM ph_events") == []
    capsys.readouterr()
    assert _run(alice, monkeypatch, "--again") == 0
    assert capsys.readouterr().out == "1 beacons drained\n"
    assert len(alice.installation.rows("SELECT id FROM ph_events")) == 1
    check = alice.installation.call("GET", "/api/health").json["checks"]["spool"]
    assert check["status"] == "ok"


def test_it_skips_what_is_no_beacon(alice: Actor) -> None:
    _fill(alice, 3)
    [path] = waiting(alice)
    content = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"x" + content[0] + content[1] + b"\0\xff\n" + content[2][:-9])
    drain(alice)
    assert _views(alice) == 1
    assert "1 beacons drained, 3 torn" in log_of(alice)


@pytest.mark.faults
def test_it_refuses_beacons_when_it_is_full(
    alice: Actor, installation: Installation
) -> None:
    away = during_outage(alice, spool_max_bytes=5_000)
    statuses = []
    for number in range(20):
        answer = away.view(f"{HOME}{number}")
        statuses.append(answer.status)
    assert answer.headers["Retry-After"] == "30"
    assert answer.json["message"].startswith("The database cannot be used right now")
    taken = statuses.count(202)
    assert statuses == [202] * taken + [503] * (20 - taken)
    assert 2 < taken < 15
    check = away.installation.call("GET", "/api/health").json["checks"]["spool"]
    assert check["message"].startswith("THE SPOOL IS FULL: beacons are refused")
    assert "the spool takes no beacon: it is full" in log_of(alice)
    # What is refused within a batch says so too.
    batch = away.send("batch", beacons=[{"type": "pageview", "url": HOME}] * 2)
    assert [one["status"] for one in batch.data["results"]] == [503, 503]
    drain(alice)
    faults.settle(alice, "the spool is full", {"pageview": range(taken)})


def test_it_refuses_beacons_where_nothing_can_be_written(
    alice: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    away = during_outage(alice, var=str(tmp_path / "a-file"))
    answer = away.view(HOME)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    check = away.installation.call("GET", "/api/health").json["checks"]["spool"]
    assert check["status"] == "warn"
    assert check["message"].startswith("It cannot be written")
    assert str(tmp_path) not in check["message"]


SEND_UNTIL_FULL = """
import json, resource, sys
from datetime import datetime
from app import config, front
from tests.wsgi import BROWSER, call

path, database, key, at = sys.argv[1:]
settings = config.load(path, {"PORTHOLE_DATABASE_URL": database})
application = front.Application(settings, lambda: datetime.fromisoformat(at))
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
statuses = []
for number in range(20):
    body = {"public_key": key, "url": f"https://alice.example/{number}"}
    answer = call(application, "POST", "/api/track/pageview", body, headers=BROWSER)
    statuses.append(answer.status)
print(json.dumps(statuses))
"""


@pytest.mark.faults
def test_it_keeps_what_it_took_before_the_disk_was_full(alice: Actor) -> None:
    """The system writes a part of a beacon, and then nothing more."""
    config, at = alice.installation.config, alice.installation.clock.at.isoformat()
    done = subprocess.run(
        [sys.executable, "-c", SEND_UNTIL_FULL]
        + [config.path, AWAY, alice.public_key, at],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    statuses = json.loads(done.stdout)
    taken = statuses.count(202)
    assert statuses == [202] * taken + [503] * (20 - taken)
    assert 2 < taken < 15
    assert [path.stat().st_size for path in waiting(alice)] == [4000]
    # There is room again.
    assert during_outage(alice).view(f"{HOME}{taken}").status == 202
    drain(alice)
    fault = "the disk is full in the middle of a beacon"
    faults.settle(alice, fault, {"pageview": range(taken + 1)})
    assert "1 torn" in log_of(alice)


@pytest.mark.faults
def test_it_refuses_beacons_when_the_disk_is_full(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = during_outage(alice)
    assert away.view(HOME + "1").status == 202
    fsync = os.fsync

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = away.view(HOME + "2", id="2")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    monkeypatch.setattr(os, "fsync", fsync)
    assert away.view(HOME + "2", id="2").status == 202
    drain(alice)
    faults.settle(
        alice, "the disk is full when a beacon is to be synced", {"pageview": (1, 2)}
    )


def test_it_can_be_turned_off(alice: Actor) -> None:
    away = during_outage(alice, spool_max_bytes=0)
    assert away.view(HOME).status == 503
    check = away.installation.call("GET", "/api/health").json["checks"]["spool"]
    assert check["message"].startswith("It is turned off")


def test_it_drains_after_the_answer(alice: Actor) -> None:
    """A visitor's page does not wait for what others sent."""
    from tests.wsgi import BROWSER

    _fill(alice, 5)
    seen: list[Any] = []
    application = alice.installation.application

    def watched(environ: Any, start_response: Any) -> Any:
        chunks = application(environ, start_response)
        seen.append((b"".join(chunks), len(waiting(alice))))
        return chunks

    alice.installation.application = watched  # type: ignore[assignment]
    answer = alice.view(HOME + "live", headers=BROWSER)
    alice.installation.application = application
    assert answer.status == 200
    assert [left for _, left in seen] == [1]
    assert waiting(alice) == []
    assert _views(alice) == 6


@pytest.mark.parametrize("hours", [-5, 5])
def test_it_is_right_though_the_clock_jumps(alice: Actor, hours: int) -> None:
    _fill(alice, 5)
    alice.installation.clock.move(hours=hours)
    _fill(alice, 5)
    drain(alice)
    # The same pages by the same visitors, hours apart.
    assert _views(alice) == 10
    assert_consistent(alice)


def test_it_has_a_setting(alice: Actor) -> None:
    config = Path(alice.installation.config.path)
    assert SECRET in config.read_text()
    assert alice.installation.config.spool_max_bytes == 50_000_000
