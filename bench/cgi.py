"""A beacon as a CGI program: a process each, beside an idle interpreter."""

from __future__ import annotations

import os
import shutil
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.beacons import Beacon, Traffic, traffic
from bench.place import ROOT, Place, place
from bench.table import Line, middle

ROUNDS = 60
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin") or "python3"
# As the release starts it: without site-packages, the current folder and the user's.
OPTIONS = ("-IS",)
COMMAND = "python -m bench cgi"
MEASURED_RUNS = 5
# A process counts what its parent had when it was started: so that is a small one.
SMALL_PARENT = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
print("", os.wait4(process, 0)[2].ru_maxrss)
"""


class Run(NamedTuple):
    """What one process cost and said; it may go on after its answer."""

    milliseconds: float
    cpu_seconds: float
    answered_milliseconds: float
    output: bytes


def run(command: list[str], environ: dict[str, str], body: bytes = b"") -> Run:
    """Run a command to its end, see ``start``.

    :raise RuntimeError: a CGI program refused the beacon.
    """
    done = start(command, environ, body)
    if body and b'"counted":true' not in done.output:
        raise RuntimeError(done.output.decode())
    return done


def start(command: list[str], environ: dict[str, str], body: bytes = b"") -> Run:
    """Run a command to its end; the body, of up to 64 KB, is its standard input.

    :raise RuntimeError: it failed.
    """
    reading, writing = os.pipe()
    os.write(writing, body)
    os.close(writing)
    answer, said = os.pipe()
    begun = time.perf_counter()
    process = os.posix_spawn(
        command[0],
        command,
        environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, reading, 0),
            (os.POSIX_SPAWN_DUP2, said, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    os.close(said)
    os.close(reading)
    output = b"".join(iter(lambda: os.read(answer, 4096), b""))
    answered = time.perf_counter() - begun
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begun
    os.close(answer)
    if status:
        raise RuntimeError(output.decode())
    cpu = usage.ru_utime + usage.ru_stime
    return Run(seconds * 1000, cpu, answered * 1000, output)


def peak_megabytes(command: list[str], environ: dict[str, str], body: bytes) -> float:
    """Return the most memory that a CGI program had at a time.

    :raise RuntimeError: it refused the beacon.
    """
    done = run([PYTHON, *OPTIONS, "-c", SMALL_PARENT, *command], environ, body)
    return int(done.output.split()[-1]) / 1024


def environ(place: Place, beacon: Beacon, hot_door: str = "yes") -> dict[str, str]:
    """Return a CGI request's variables."""
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "stats.example",
        "SERVER_PORT": "80",
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/app.cgi",
        "PATH_INFO": "/api/track/pageview",
        "QUERY_STRING": "",
        "REMOTE_ADDR": beacon.address,
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": str(len(beacon.body)),
        "PORTHOLE_CONFIG": place.path,
        "PORTHOLE_SERVER_HOT_DOOR": hot_door,
        **{
            "HTTP_" + name.upper().replace("-", "_"): value
            for name, value in beacon.headers().items()
            if name not in ("Content-Type", "X-Forwarded-For")
        },
    }


def installed(folder: Path) -> list[str]:
    """Lay Porthole out as the release does; return its command."""
    program = folder / "porthole"
    program.mkdir()
    for name in ("app", "sql", "snippet"):
        (program / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "passenger_wsgi.py", program)
    (program / "vendor").symlink_to(sysconfig.get_paths()["purelib"])
    shutil.copy(ROOT / "public_html" / "app.cgi", folder)
    return [PYTHON, *OPTIONS, str(folder / "app.cgi")]


def lines() -> list[Line]:
    """Return the lines of the table; the processes take turns."""
    idle: list[Run] = []
    hot: list[Run] = []
    flask: list[Run] = []
    with place() as there, tempfile.TemporaryDirectory() as folder:
        command = installed(Path(folder))
        rounds = _known(traffic(there, 1, 1.0))
        for number in range(ROUNDS):
            idle.append(run([PYTHON, "-c", "pass"], {}))
            first, second = rounds[2 * number], rounds[2 * number + 1]
            hot.append(run(command, environ(there, first), first.body))
            closed = environ(there, second, "no")
            flask.append(run(command, closed, second.body))
        peak = max(
            peak_megabytes(command, environ(there, beacon), beacon.body)
            for beacon in rounds[2 * ROUNDS :][:MEASURED_RUNS]
        )
    ours = middle([one.milliseconds for one in hot])
    nothing = middle([one.milliseconds for one in idle])
    door = middle([one.milliseconds for one in flask])
    return [
        Line("CGI beacon / python3 -c pass", ours, nothing, "ms", 4, COMMAND),
        Line("CGI beacon / the same through Flask", ours, door, "ms", 0.25, COMMAND),
        Line("peak memory of a CGI beacon", peak, 0, "MB", 30, COMMAND),
    ]


def _known(round_: Traffic) -> list[Beacon]:
    """Return beacons whose browser and place are known from the first one on."""
    return round_.beacons
