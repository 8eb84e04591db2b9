"""What one shared host has to carry: a day of 10,000 beacons through CGI.

Everything is on one core: the database, the programs, and who sends. The database user
may have 5 connections, and 20 programs may run; what comes then is refused. A day takes
a quarter of an hour: its peak hour, which has three times the average, goes by at 30
times its pace, and the others at 90, so that it is peak hour all day.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import cgi
from bench.beacons import RETURNING, Beacon, post, traffic
from bench.place import Place, cpu_seconds, drain, place
from bench.recount import recount
from bench.stream import Stream, failures
from bench.table import Line, all_but_5_percent, middle, none

BEACONS = 10_000
PROCESSES = 20
CONNECTIONS = 5
PEAK = 3
PEAK_PACE = 30
OTHER_PACE = 90
IDLE_RUNS = 50
ROUNDS = 25
PACE = 200
SECONDS = 60
COMMAND = "python -m bench card"


class Host:
    """Runs a CGI program for each beacon, ``PROCESSES`` at most at a time."""

    def __init__(self, place: Place, command: list[str], url: str) -> None:
        self._place = place
        self._command = command
        self._url = url
        self._room = threading.Semaphore(PROCESSES)
        self._threads: list[threading.Thread] = []
        self.runs: list[cgi.Run] = []
        self.accepted: list[str] = []
        self.refused: list[str] = []

    def take(self, beacon: Beacon) -> None:
        """Answer a beacon, or refuse it because too many are being answered."""
        if not self._room.acquire(blocking=False):
            self.refused.append("508")
            return
        thread = threading.Thread(target=self._answer, args=[beacon])
        thread.start()
        self._threads.append(thread)

    def wait(self) -> None:
        """Wait until all programs have ended."""
        while self._threads:
            self._threads.pop().join()

    def _answer(self, beacon: Beacon) -> None:
        environ = cgi.environ(self._place, beacon)
        environ["PORTHOLE_DATABASE_URL"] = self._url
        try:
            run = cgi.start(self._command, environ, beacon.body)
        finally:
            self._room.release()
        status = run.output.partition(b"\r\n")[0].decode().partition(" ")[2]
        self.runs.append(run)
        if status[:3] in ("200", "202"):
            self.accepted.append(beacon.id)
        else:
            self.refused.append(status)

    @property
    def queued(self) -> int:
        """How many beacons had to wait in the spool."""
        return sum(b'"queued"' in run.output for run in self.runs)


def arrivals(beacons: int) -> list[float]:
    """Return when each beacon comes, in seconds; fewer than a day's end sooner."""
    dice = random.Random(1)
    share = beacons / BEACONS
    before = 11 * 3600 / OTHER_PACE * share
    peak = 3600 / PEAK_PACE * share
    after = 12 * 3600 / OTHER_PACE * share
    in_peak = round(beacons * PEAK / 24)
    times = [before + dice.random() * peak for _ in range(in_peak)]
    for _ in range(beacons - in_peak):
        at = dice.random() * (before + after)
        times.append(at if at < before else at + peak)
    return sorted(times)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep us, and all that we start meanwhile, on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _limited(place: Place) -> str:
    """Return the URL of an account that may have few connections."""
    with place.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER card@localhost")
        cursor.execute(
            "GRANT ALL ON porthole.* TO card@localhost"
            f" WITH MAX_USER_CONNECTIONS {CONNECTIONS}"
        )
    return place.settings.database_url.replace("//root@", "//card@")


def a_day(beacons: int) -> list[Line]:
    """Return what the day cost, and what 20 programs at once did."""
    with (
        one_core(),
        place() as there,
        tempfile.TemporaryDirectory(prefix="porthole-card-") as folder,
    ):
        command = cgi.installed(Path(folder))
        idle = [cgi.start([cgi.PYTHON, "-c", "pass"], {}) for _ in range(IDLE_RUNS)]
        url = _limited(there)
        day, at_once = (Host(there, command, url) for _ in range(2))
        round_ = traffic(there, 1, RETURNING, beacons * 9 // 20)
        with there.serve() as served:
            for beacon in round_.before:
                post(served.port, beacon)
        database = there.server.process_id
        spent = -cpu_seconds(database)
        _live(day, round_.beacons[:beacons])
        spent += cpu_seconds(database)
        crowd = traffic(there, 2, RETURNING, PROCESSES * ROUNDS).beacons
        for number in range(ROUNDS):
            for beacon in crowd[number * PROCESSES : (number + 1) * PROCESSES]:
                at_once.take(beacon)
            at_once.wait()
        drain(there.path)
        known = [beacon.id for beacon in round_.before]
        found = recount(there, known + day.accepted + at_once.accepted)
    runs = day.runs
    cpu = sum(run.cpu_seconds for run in runs)
    nothing = middle([run.cpu_seconds for run in idle]) * len(runs)
    what = f"{len(runs)} CGI beacons on one core"
    answered = [run.answered_milliseconds for run in runs]
    slowest = max(run.answered_milliseconds for run in at_once.runs)
    return [
        Line(f"{what}: CPU / python3 -c pass", cpu, nothing, "s", 0, COMMAND),
        Line(f"{what}: the database's CPU", spent, 0, "s", 0, COMMAND),
        Line(f"{what}: median", middle(answered), 0, "ms", 0, COMMAND),
        Line(f"{what}: 95 %", all_but_5_percent(answered), 0, "ms", 0, COMMAND),
        Line(f"{what}: waited in the spool", day.queued, 0, "", 0, COMMAND),
        none(f"{what}: refused", len(day.refused), COMMAND),
        Line("20 CGI at once: the slowest", slowest, 0, "ms", 0, COMMAND),
        Line("20 CGI at once: in the spool", at_once.queued, 0, "", 0, COMMAND),
        none("20 CGI at once: refused", len(at_once.refused), COMMAND),
        *found.lines("CGI", COMMAND),
    ]


def _live(host: Host, beacons: list[Beacon]) -> None:
    start = time.monotonic()
    for at, beacon in zip(arrivals(len(beacons)), beacons):
        time.sleep(max(0.0, start + at - time.monotonic()))
        host.take(beacon)
    host.wait()


class Spent(NamedTuple):
    """What the server and the database have spent so far, or between two moments."""

    server: float
    database: float
    statements: float
    redo_log: float

    @classmethod
    def so_far(cls, place: Place, server: int) -> Spent:
        """Return it; ``server`` is the process of the plain server."""
        return cls(
            cpu_seconds(server),
            cpu_seconds(place.server.process_id),
            place.status("Questions"),
            place.status("Innodb_os_log_written"),
        )

    def lines(self, before: Spent, beacons: int) -> list[Line]:
        """Return what one of so many beacons cost."""
        cost = [(now - then) / beacons for now, then in zip(self, before)]
        units = ("ms", "ms", "statements", "KB")
        scales = (1000, 1000, 1, 0.001)
        whats = ("CPU of the server", "CPU of the database", "statements", "redo log")
        return [
            Line(f"a beacon: {what}", one * scale, 0, unit, 0, COMMAND)
            for what, one, scale, unit in zip(whats, cost, scales, units)
        ]


def a_burst(seconds: int) -> list[Line]:
    """Return what 200 beacons a second do to the plain server."""
    with place() as there, there.serve() as served:
        round_ = traffic(there, 3, RETURNING, PACE * seconds * 9 // 20)
        beacons = round_.beacons[: PACE * seconds]
        before = Spent.so_far(there, served.process_id)
        sent = Stream([served.port], beacons, PACE).send()
        costs = Spent.so_far(there, served.process_id).lines(before, len(sent))
        drain(there.path)
        found = recount(there, [one.id for one in sent if one.is_accepted])
    what = f"{PACE} beacons a second for {seconds} s"
    taken = [one.milliseconds for one in sent]
    queued = sum(one.said == "202" for one in sent)
    return [
        Line(f"{what}: median", middle(taken), 0, "ms", 0, COMMAND),
        Line(f"{what}: 95 %", all_but_5_percent(taken), 0, "ms", 0, COMMAND),
        Line(f"{what}: waited in the spool", queued, 0, "", 0, COMMAND),
        none(f"{what}: errors", len(failures(sent)), COMMAND),
        *found.lines("server", COMMAND),
        *costs,
    ]


def lines(beacons: int = BEACONS, seconds: int = SECONDS) -> list[Line]:
    """Return the lines of the table; fewer beacons are for trying it out."""
    return [*a_day(beacons), *a_burst(seconds)]
