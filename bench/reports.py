"""Every report over 7, 30 and 365 days of a year, beside counting raw rows.

The year has 10,000 pageviews a day. Before measuring, `prune` makes what summaries
there are, and the database is started anew, so that its caches are cold.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from app import clock, front
from bench.place import Place, place
from bench.table import Line, middle
from bench.year import Year
from tests.wsgi import call

DAYS = 365
PAGEVIEWS = 10_000
ROUNDS = 3
HEADLINES = ("summary", "visitors")
REPORTS = (
    *HEADLINES,
    *("visitors-returning", "sessions", "pages", "entry-pages", "exit-pages"),
    *("referrers", "channels", "utm", "devices", "browsers", "os", "screens"),
    *("languages", "timezones", "locations", "hours", "engagement"),
)
FILTERS = ("page=/p/3", "country=DA", "browser=B 3", "channel=email")
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
    """Return what the report takes through the front door, the median of some."""
    application = front.Application(there.settings)
    headers = {"X-API-Key": there.secret_key}
    taken = []
    try:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            path = f"/api/analytics/{report}?{query}"
            answer = call(application, "GET", path, headers=headers)
            taken.append((time.perf_counter() - start) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {answer.body.decode()}")
    finally:
        application.close()
    return middle(taken)


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


def lines(days: int = DAYS, pageviews: int = PAGEVIEWS) -> list[Line]:
    """Return the lines of the table."""
    found = []
    with place() as there:
        fill(there, days, pageviews)
        for span in (span for span in (7, 30, 365) if span <= days):
            beside = raw(there, span)
            for report in REPORTS:
                taken = milliseconds(there, report, f"range={span}d")
                found.append(_line(report, span, taken, beside))
            for wanted in FILTERS:
                name, _, value = wanted.partition("=")
                query = f"range={span}d&filter[{name}]={value.replace(' ', '%20')}"
                taken = milliseconds(there, "visitors", query)
                found.append(_line(f"visitors, {name} filter", span, taken, beside))
        size = there.megabytes() * 1e6 / (days * pageviews)
        found.append(Line("database per pageview", size, 0, "bytes", 0, COMMAND))
    return found


def _line(report: str, days: int, taken: float, beside: float) -> Line:
    return Line(f"{report}, {days} days", taken, beside, "ms", 0, COMMAND)
