"""Every report over 7, 30 and 365 days of a year, beside counting raw rows.

The year has 10,000 pageviews a day, and two more have a quarter and a sixteenth of
that. Before measuring, `prune` makes what summaries there are, and the database is
started anew, so that its caches are cold.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from app import clock, front
from app.db import REPORT_SECONDS
from bench.place import ROOT, Place, place
from bench.table import Line, middle
from bench.year import Year
from tests.wsgi import call

DAYS = 365
PAGEVIEWS = 10_000
ROUNDS = 3
SLOW_MILLISECONDS = 5000
"""What takes longer is not asked again."""
HEADLINES = ("summary", "visitors")
REPORTS = (
    *HEADLINES,
    *("visitors-returning", "sessions", "pages", "entry-pages", "exit-pages"),
    *("referrers", "channels", "utm", "devices", "browsers", "os", "screens"),
    *("languages", "timezones", "locations", "hours", "engagement"),
)
FILTERS = ("page=/p/3", "country=DA", "browser=B 3", "channel=email")
MOST = {30: 150, 365: 500}
"""Milliseconds that a report may take, by days."""
MOST_OF_HEADLINES = {**MOST, 365: 50}
MOST_MEGABYTES = 800
GROWTH = {"summary": 2, "pages": 6, "devices": 6}
"""How many times as long a report may take with 16 times the pageviews."""
COMMAND = "python -m bench reports"
COUNT_DISTINCT = """
-- bench.reports.COUNT_DISTINCT
SELECT COUNT(*) AS pageviews, COUNT(DISTINCT visitor_id) AS visitors
FROM ph_pageviews
WHERE project_id = %(project_id)s AND day BETWEEN %(first)s AND %(last)s
"""


def fill(there: Place, days: int, pageviews: int) -> None:
    """Load the days, prune until nothing is left to do, start the database anew."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        Year(there, clock.now().date(), days, pageviews).load(there, Path(folder))
    there.prune()
    there.server.stop()
    there.server.start()


def milliseconds(there: Place, report: str, query: str) -> float:
    """Return what the report takes through the front door, the median of some.

    Infinity, if the server gives up first.
    """
    application = front.Application(there.settings)
    headers = {"X-API-Key": there.secret_key}
    taken: list[float] = []
    try:
        while len(taken) < ROUNDS and max(taken, default=0) < SLOW_MILLISECONDS:
            start = time.perf_counter()
            path = _path(report, query)
            answer = call(application, "GET", path, headers=headers)
            taken.append((time.perf_counter() - start) * 1000)
            if answer.status == 503 and taken[-1] >= REPORT_SECONDS * 1000:
                _end_queries(there)
                return math.inf
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {answer.body.decode()}")
    finally:
        application.close()
    return middle(taken)


def _end_queries(there: Place) -> None:
    """Have the database end what nobody waits for any more."""
    with there.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.processlist"
            " WHERE command = 'Query' AND id <> CONNECTION_ID()"
        )
        for (process_id,) in cursor.fetchall():
            cursor.execute("KILL %s", (process_id,))


def raw(there: Place, days: int) -> float:
    """Return the milliseconds that counting distinct visitors in raw rows takes."""
    database = there.connect()
    last = clock.now().date()
    span = {"first": last - timedelta(days=days - 1), "last": last}
    start = time.perf_counter()
    database.one(COUNT_DISTINCT, {"project_id": there.project_id, **span})
    taken = (time.perf_counter() - start) * 1000
    database.close()
    return taken


def megabytes(there: Place, report: str, query: str) -> float:
    """Return the peak memory of a process that answers the report, and ends."""
    wanted = (there.path, there.secret_key, _path(report, query))
    command = [sys.executable, "-m", "bench.one", *wanted]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    _end_queries(there)
    return int(done.stdout) * 1024 / 1e6


def lines(days: int = DAYS, pageviews: int = PAGEVIEWS) -> list[Line]:
    """Return the lines of the table."""
    grown = {times: _growing(days, pageviews * times // 16) for times in (1, 4)}
    with place() as there:
        fill(there, days, pageviews)
        size = there.megabytes()
        found = [line for span in _spans(days) for line in _lines(there, span)]
        peaks = {one: megabytes(there, one, _range(days)) for one in REPORTS}
        grown[16] = {one: milliseconds(there, one, _range(days)) for one in GROWTH}
    largest = max(peaks, key=lambda report: peaks[report])
    bytes_each = size * 1e6 / days / pageviews
    return [
        *found,
        *_growth(days, pageviews, grown),
        Line(f"{days} days on disk", size, 0, "MB", MOST_MEGABYTES, COMMAND),
        Line("database per pageview", bytes_each, 0, "bytes", 0, COMMAND),
        Line(
            f"peak memory of a report ({largest})", peaks[largest], 0, "MB", 0, COMMAND
        ),
    ]


def _spans(days: int) -> list[int]:
    return [span for span in (7, 30, 365) if span <= days]


def _lines(there: Place, days: int) -> list[Line]:
    """Return a line of each report, and of each filter."""
    beside = raw(there, days)
    found = []
    for report in REPORTS:
        most = (MOST_OF_HEADLINES if report in HEADLINES else MOST).get(days, 0)
        taken = milliseconds(there, report, _range(days))
        found.append(_line(report, days, taken, beside, most))
    for wanted in FILTERS:
        name, _, value = wanted.partition("=")
        query = f"{_range(days)}&filter[{name}]={value.replace(' ', '%20')}"
        taken = milliseconds(there, "visitors", query)
        what = f"visitors, {name} filter"
        found.append(_line(what, days, taken, beside, MOST.get(days, 0)))
    return found


def _growing(days: int, pageviews: int) -> dict[str, float]:
    """Return what reports take over all days, with so many pageviews on each."""
    with place() as there:
        fill(there, days, pageviews)
        return {report: milliseconds(there, report, _range(days)) for report in GROWTH}


def _growth(
    days: int, pageviews: int, grown: dict[int, dict[str, float]]
) -> list[Line]:
    """Return the lines that say what more pageviews, on as many days, cost."""
    found = []
    for times in (4, 16):
        for report, most in GROWTH.items():
            what = (
                f"{report}, {days} days of {pageviews * times // 16:,} pageviews /"
                f" of {pageviews // 16:,}"
            )
            ours, other = grown[times][report], grown[1][report]
            bar = most if times == 16 else 0
            found.append(Line(what, ours, other, "ms", bar, COMMAND))
    return found


def _path(report: str, query: str) -> str:
    return f"/api/analytics/{report}?{query}"


def _range(days: int) -> str:
    return f"range={days}d"


def _line(report: str, days: int, taken: float, beside: float, most: int) -> Line:
    what = f"{report}, {days} days"
    if taken == math.inf:
        what += f" (cut off after {REPORT_SECONDS} s)"
    return Line(what, taken, beside, "ms", most, COMMAND, is_of_ours=bool(most))
