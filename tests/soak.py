"""make soak: mixed traffic on a real server, and what its first and last fifth cost.

python -m tests.soak [--minutes 30]. Memory, connections, files and threads may not
grow; times only so much as a busy machine explains; no beacon may be lost.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pymysql

from app.config import ROOT
from tests import faults
from tests.mariadb_server import MariadbServer
from tests.sdk.live import request
from tests.wsgi import BROWSER

HOME = "https://alice.example/"
KEY = "soak-secret-soak-secret-soak-secret"
WORKERS = 3
BEACONS_SETTLED = ("pageview", "event", "audit")
REPORTS = (
    "/api/analytics/visitors?range=1d",
    "/api/analytics/pages?range=7d",
    "/api/analytics/errors?range=1d",
    "/api/analytics/events?range=1d",
    "/api/analytics/audits?range=1d",
    "/api/links/list",
    "/api/health",
)
MORE = {"memory MB": 12.0, "connections": 4, "open files": 8, "threads": 4}
"""By so much the last fifth may exceed the first."""
SLOWER = 4
"""And so many times as long it may take, and 50 ms: other programs run here too."""


class Server:
    """Porthole as `python -m app run` serves it, on a MariaDB of its own."""

    def __init__(self, mariadb: MariadbServer, folder: Path) -> None:
        mariadb.create_database("porthole")
        (folder / "config.ini").write_text(
            "[server]\ntrusted_proxies = 127.0.0.1\n"
            f"[database]\nurl = {mariadb.url('porthole', tcp=True)}\n"
            "timeout_seconds = 2\n"
            f"[security]\nadmin_key = {KEY}\nsecret = {KEY}\n"
        )
        self.mariadb = mariadb
        self.is_up = threading.Lock()
        self._environment = {**os.environ, "PORTHOLE_CONFIG": f"{folder}/config.ini"}
        self._said = (folder / "said").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "run", "--port", "0"],
            cwd=ROOT,
            env=self._environment,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        self.address = self._wait_for_address(folder / "said")
        made = subprocess.run(
            [sys.executable, "-m", "app", "project", "add", "Alice", "--json"]
            + ["--domain", "alice.example"],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            check=True,
        )
        self.keys: dict[str, Any] = json.loads(made.stdout)

    def _wait_for_address(self, said: Path) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(r"http://[\d.]+:\d+", said.read_text())
            if found and "Ctrl+C" in said.read_text():
                return found[0]
            assert self.process.poll() is None, said.read_text()
            time.sleep(0.05)
        raise AssertionError(said.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self._said.close()

    def sample(self) -> dict[str, float]:
        """Return what the server's process has now; connections if they can be told."""
        folder = Path("/proc", str(self.process.pid))
        status = dict(re.findall(r"(\w+):\s+(\d+)", (folder / "status").read_text()))
        found = {
            "memory MB": int(status["VmRSS"]) / 1000,
            "open files": len(list((folder / "fd").iterdir())),
            "threads": int(status["Threads"]),
        }
        if self.is_up.acquire(blocking=False):
            with_us = self.rows(
                "SELECT COUNT(*) AS n FROM information_schema.processlist"
                " WHERE db = 'porthole'"
            )
            self.is_up.release()
            found["connections"] = with_us[0]["n"] - 1
        return found

    def restart_database(self, away_seconds: float) -> None:
        """Kill the database, and start it again after so long."""
        with self.is_up:
            self.mariadb.kill()
            time.sleep(away_seconds)
            self.mariadb.start()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with self.mariadb.connect("porthole") as connection:
            cursor = connection.cursor(pymysql.cursors.DictCursor)
            cursor.execute(sql)
            return list(cursor.fetchall())


class Soak:
    """One run: ``samples`` and ``times`` are told by the part of it, 0.0 to 1.0."""

    def __init__(self, server: Server, seconds: float, rate: float) -> None:
        self.server = server
        self.seconds = seconds
        self.samples: list[tuple[float, dict[str, float]]] = []
        self.times: list[tuple[float, str, float]] = []
        self.acknowledged: dict[str, set[int]] = {k: set() for k in BEACONS_SETTLED}
        self.statuses: dict[tuple[str, int], int] = {}
        self.outages = 0
        self._rate = rate
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._start = time.monotonic()
        link = self._call("POST", "/api/links/create", {"destination_url": HOME})
        self._code = link.data["code"]

    def run(self) -> None:
        for number in range(-60, 0):  # what only the first requests cost
            self._send(-number)
        self.times.clear()
        for kind in self.acknowledged.values():
            kind.clear()
        self._numbers = count(1000)
        self._start = time.monotonic()
        with ThreadPoolExecutor(WORKERS + 2) as pool:
            work = [pool.submit(self._go_on) for _ in range(WORKERS)]
            work += [pool.submit(self._watch), pool.submit(self._break)]
            for future in work:
                future.result()
        self._wait_until_drained()

    def _part(self) -> float:
        return (time.monotonic() - self._start) / self.seconds

    def _go_on(self) -> None:
        while True:
            number = next(self._numbers)
            due = self._start + (number - 1000) / self._rate
            if due > self._start + self.seconds:
                return
            time.sleep(max(due - time.monotonic(), 0))
            self._send(number)

    def _watch(self) -> None:
        while self._part() < 1:
            part = self._part()
            self.samples.append((part, self.server.sample()))
            time.sleep(min(self.seconds / 100, 1))

    def _break(self) -> None:
        """Kill the database twice, long before the last fifth."""
        for at in (0.3, 0.45):
            time.sleep(max(at - self._part(), 0) * self.seconds)
            self.server.restart_database(min(self.seconds / 50, 20))
            self.outages += 1

    def _send(self, number: int) -> None:
        kinds = ("pageview", "event", "pageview", "engagement", "batch", "audit")
        kinds += ("pageview", "error", "redirect", "report")
        kind = kinds[number % len(kinds)]
        part, start = self._part(), time.monotonic()
        status = getattr(self, f"_{kind}")(number)
        took = time.monotonic() - start
        with self._lock:
            self.times.append((part, self._group(kind), took))
            key = (kind, status)
            self.statuses[key] = self.statuses.get(key, 0) + 1

    def _group(self, kind: str) -> str:
        return kind + "s" if kind in ("redirect", "report") else "beacons"

    def _pageview(self, number: int) -> int:
        body = {"url": f"{HOME}{number}", "id": f"v{number}"}
        return self._beacon("pageview", number, **body)

    def _event(self, number: int) -> int:
        body = {"name": f"event {number % 40}", "url": f"{HOME}{number}"}
        return self._beacon("event", number, props={"n": number % 7}, **body)

    def _engagement(self, number: int) -> int:
        body = {"pageview_id": f"v{number - 1}", "seconds": 5, "scroll": 60}
        return self._beacon("engagement", number, **body)

    def _error(self, number: int) -> int:
        body = {"message": f"x{number % 30} is undefined", "release": "1.0"}
        return self._beacon("error", number, **body)

    def _audit(self, number: int) -> int:
        return self._beacon("audit", number, action=f"login {number}")

    def _batch(self, number: int) -> int:
        beacons = [
            {"type": "pageview", "url": f"{HOME}{number}"},
            {"type": "event", "name": "batched", "url": f"{HOME}{number}"},
        ]
        answer = self._call(
            "POST", "/api/track/batch", self._body(beacons=beacons), number
        )
        for sent, result in zip(beacons, answer.data["results"]):
            self._note(sent["type"], number, result["status"])
        return answer.status

    def _redirect(self, number: int) -> int:
        return self._call("GET", f"/l/{self._code}", None, number).status

    def _report(self, number: int) -> int:
        path = REPORTS[number // 10 % len(REPORTS)]
        return self._call("GET", path, None, number).status

    def _beacon(self, kind: str, number: int, **body: Any) -> int:
        answer = self._call("POST", f"/api/track/{kind}", self._body(**body), number)
        self._note(kind, number, answer.status)
        return answer.status

    def _body(self, **body: Any) -> dict[str, Any]:
        return {"public_key": self.server.keys["public_key"], **body}

    def _note(self, kind: str, number: int, status: int) -> None:
        if kind in self.acknowledged and status in (200, 202):
            with self._lock:
                self.acknowledged[kind].add(number)

    def _call(self, method: str, path: str, body: Any, number: int = 0) -> Any:
        address = f"198.51.{number // 250 % 250}.{number % 250 + 1}"
        headers = {**BROWSER, "Host": "stats.example", "X-Forwarded-For": address}
        if not path.startswith(("/api/track", "/l/")):
            headers["X-API-Key"] = self.server.keys["secret_key"]
        return request(self.server.address, method, path, body, headers)

    def _wait_until_drained(self) -> None:
        deadline = time.monotonic() + 90
        while self._call("GET", "/api/health", None).body.count(b'"warn"') > 1:
            assert time.monotonic() < deadline, "the spool is not drained"
            time.sleep(0.2)

    def unexpected(self) -> dict[tuple[str, int], int]:
        """Return kinds and statuses that should not have been."""
        fine = {"redirect": (302, 503), "report": (200, 503)}
        return {
            (kind, status): number
            for (kind, status), number in self.statuses.items()
            if status not in fine.get(kind, (200, 202))
        }

    def fifths(self) -> dict[str, tuple[float, float]]:
        """Return each figure in the first and in the last fifth."""
        found: dict[str, tuple[float, float]] = {}
        for name in MORE:
            middle = statistics.median if name == "memory MB" else max
            found[name] = self._both(
                [(part, one[name]) for part, one in self.samples if name in one], middle
            )
        for group in ("beacons", "redirects", "reports"):
            times = [(part, 1000 * t) for part, kind, t in self.times if kind == group]
            found[f"{group}, median ms"] = self._both(times, statistics.median)
        return found

    def _both(self, values: list[tuple[float, float]], of: Any) -> tuple[float, float]:
        first = [value for part, value in values if part < 0.2]
        last = [value for part, value in values if 0.8 <= part]
        return of(first), of(last)

    def problems(self) -> list[str]:
        """Return what is not as it should be."""
        said = [f"{key}: {number}" for key, number in self.unexpected().items()]
        for name, (first, last) in self.fifths().items():
            most = first + MORE[name] if name in MORE else SLOWER * first + 50
            if last > most:
                said.append(f"{name}: {first:.1f} became {last:.1f}")
        for kind, numbers in self.acknowledged.items():
            stored = faults.stored_by(self.server.rows, kind)
            lost = len(numbers - set(stored))
            doubles = sum(stored.values()) - len(stored)
            if lost or doubles:
                said.append(f"{kind}: {lost} lost, {doubles} doubles")
        return said

    def lines(self) -> list[str]:
        """Return what was measured, in two columns."""
        said = [f"{'':22}{'first fifth':>12}{'last fifth':>12}"]
        for name, (first, last) in self.fifths().items():
            said.append(f"{name:22}{first:>12.1f}{last:>12.1f}")
        requests = sum(self.statuses.values())
        beacons = sum(map(len, self.acknowledged.values()))
        said.append(
            f"{requests} requests in {self.seconds:.0f} s, {self.outages} outages;"
            f" {beacons} beacons looked for"
        )
        return said


@contextmanager
def soaked(seconds: float, rate: float = 25) -> Iterator[Soak]:
    """Run for so long, with so many requests a second; gives what was found."""
    with tempfile.TemporaryDirectory() as folder, MariadbServer() as mariadb:
        server = Server(mariadb, Path(folder))
        try:
            soak = Soak(server, seconds, rate)
            soak.run()
            yield soak
        finally:
            server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Soak")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=25, help="requests a second")
    options = parser.parse_args()
    with soaked(60 * options.minutes, options.rate) as soak:
        problems = soak.problems()
        print("\n".join([*soak.lines(), *problems]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
