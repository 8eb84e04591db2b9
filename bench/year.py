"""A year of believable rows, made by the thousand and loaded in bulk.

They are what the write path would have left, in the order in which it would have come
to it: facts, dimensions, visitors with their days, and ``ph_visitor_days``. Nothing is
summarised yet.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TextIO

import pymysql

from app import ids
from app.clock import NULL_DAY
from app.visits.days import Days
from bench.place import Place

VIEWS_A_VISIT = (1, 1, 1, 1, 2, 2, 3, 3, 4, 7)
"""2.5 on average, four in ten bounce."""
NEW = 0.55
"""The share of visits that are a visitor's first."""
PAGES, REFERRERS, CAMPAIGNS, DEVICES, PLACES, SCREENS = 2000, 400, 60, 300, 800, 500
FIRST_DAY, SECONDS_A_DAY = date(1970, 1, 1), 86400
SLOTS = 16
HOURS = (2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 28, 28, 26, 25, 24, 24, 24, 26, 27, 25)
HOURS += (18, 10, 5)
LAST_START = 3000
"""So far into its hour a visit may begin, in seconds: none goes on into the next."""
TIMES = [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in range(86400)]
TYPES = ("desktop", "desktop", "mobile", "mobile", "tablet")

COLUMNS = {
    "ph_visitors": "project_id, id, first_day, last_day, recent, older_day",
    "ph_visits": "project_id, day, id, visitor_id, started_at, viewed_at, last_at,"
    " hour, channel, pageviews, entry_page_id, exit_page_id, referrer_id, campaign_id,"
    " device_id, place_id, screen_id, token_id",
    "ph_pageviews": "project_id, day, id, at, hour, visit_day, visit_id, visitor_id,"
    " page_id, url_hash, engaged_seconds, scroll",
    "ph_visitor_days": "project_id, day, prev_day, slot, visitors",
    "ph_pages": "project_id, id, scheme, host, path, title, titled_at",
    "ph_referrers": "project_id, id, url, host, category",
    "ph_campaigns": "project_id, id, utm_source, utm_medium, utm_campaign, utm_term,"
    " utm_content",
    "ph_devices": "project_id, id, type, os, os_version, browser, browser_version",
    "ph_places": "project_id, id, country_code, country, region, city",
    "ph_screens": "project_id, id, screen, language, timezone",
}


class Year:
    """The rows of ``days`` days up to ``last``, with so many pageviews a day."""

    def __init__(self, place: Place, last: date, days: int, pageviews: int) -> None:
        self._project = place.project_id
        self._dice = random.Random(days * pageviews)
        self._days = [last - timedelta(days=back) for back in range(days)][::-1]
        self._visits = round(pageviews * len(VIEWS_A_VISIT) / sum(VIEWS_A_VISIT))
        self._links: Counter[tuple[date, date, int]] = Counter()
        self._visitors: list[tuple[int, Days]] = []

    def load(self, place: Place, folder: Path) -> None:
        """Put everything into the database."""
        with (folder / "ph_visits").open("w") as visits:
            with (folder / "ph_pageviews").open("w") as views:
                for day in self._days:
                    self._write_day(day, visits, views)
        _write(folder / "ph_visitors", self._visitor_rows())
        _write(folder / "ph_visitor_days", self._link_rows())
        for table, rows in self._dimensions():
            _write(folder / table, rows)
        with place.server.connect("porthole") as connection:
            _load(connection, folder)

    def _write_day(self, day: date, visits: TextIO, views: TextIO) -> None:
        chance = self._dice.random
        hours = self._dice.choices(range(24), HOURS, k=self._visits)
        starts = [hour * 3600 + int(chance() * LAST_START) for hour in hours]
        seen: list[tuple[int, str]] = []
        for start in sorted(starts):
            visits.write(self._visit(day, start, seen))
        seen.sort()
        views.writelines(line for _, line in seen)

    def _visit(self, day: date, start: int, seen: list[tuple[int, str]]) -> str:
        """Return the line of a visit; its views go into ``seen``, with their second."""
        project, draw, dice = self._project, self._draw, self._dice
        name, hour = str(day), start // 3600
        number, visitor = self._visitor(day)
        # It has milliseconds, which the columns have not.
        exact = datetime(day.year, day.month, day.day) + timedelta(
            seconds=start + dice.random()
        )
        visit_id = ids.time_ordered(exact, dice.getrandbits(22))
        pages = [draw(PAGES) for _ in range(dice.choice(VIEWS_A_VISIT))]
        at = start
        midnight = (day - FIRST_DAY).days * SECONDS_A_DAY
        for step, page in enumerate(pages):
            stay = 5 + int(dice.random() * 85)
            at += stay if step else 0
            view_id = (midnight + at) << ids.HASH_BITS | dice.getrandbits(32)
            line = (
                f"{project}\t{name}\t{view_id}\t{name} {TIMES[at]}\t{hour}\t{name}"
                f"\t{visit_id}\t{visitor}\t{page}\t{page}\t{stay}\t{stay}\n"
            )
            seen.append((at, line))
        came_from, campaign = draw(REFERRERS), draw(CAMPAIGNS)
        moments = [f"{name} {TIMES[second]}" for second in (start, at, at + 30)]
        row = (project, name, visit_id, visitor, *moments, hour, number % 10)
        where = (pages[0], pages[-1], came_from if number % 2 else 0)
        with_what = (campaign if number % 10 == 0 else 0, draw(DEVICES))
        last = (draw(PLACES), draw(SCREENS), 0)
        return _line(*row, len(pages), *where, *with_what, *last)

    def _visitor(self, day: date) -> tuple[int, int]:
        """Return number and id of who begins a visit: new, or mostly a recent one."""
        count = len(self._visitors)
        if not count or self._dice.random() < NEW:
            visitor = self._dice.getrandbits(62) + 1
            self._visitors.append((visitor, Days.starting(day)))
            changes = Days.first_change(day)
        else:
            back = int(self._dice.expovariate(1 / (15 * self._visits * NEW)))
            count -= 1 + min(back, count - 1)
            visitor, days = self._visitors[count]
            changes = days.add(day)
        for of_day, prev_day, change in changes:
            self._links[of_day, prev_day, visitor % SLOTS] += change
        return count, visitor

    def _draw(self, size: int) -> int:
        """Return one of ``size`` ids, the first ones most often."""
        return int(size ** self._dice.random())

    def _visitor_rows(self) -> Iterator[str]:
        for visitor, days in self._visitors:
            span = (days.first_day, days.last_day, days.recent, days.older_day)
            yield _line(self._project, visitor, *span)

    def _link_rows(self) -> Iterator[str]:
        for (day, prev_day, slot), visitors in self._links.items():
            if visitors:
                yield _line(self._project, day, prev_day or NULL_DAY, slot, visitors)

    def _dimensions(self) -> Iterator[tuple[str, Iterator[str]]]:
        project = self._project
        yield (
            "ph_pages",
            (
                _line(
                    project,
                    n,
                    "https",
                    "bench.example",
                    f"/p/{n}",
                    f"Page {n}",
                    "2026-01-01",
                )
                for n in range(1, PAGES + 1)
            ),
        )
        yield (
            "ph_referrers",
            (
                _line(
                    project, n, f"https://r{n}.example/x", f"r{n}.example", "referral"
                )
                for n in range(1, REFERRERS + 1)
            ),
        )
        yield (
            "ph_campaigns",
            (
                _line(project, n, f"s{n % 7}", f"m{n % 3}", f"c{n}", "", "")
                for n in range(1, CAMPAIGNS + 1)
            ),
        )
        yield (
            "ph_devices",
            (
                _line(
                    project,
                    n,
                    TYPES[n % 5],
                    f"OS {n % 6}",
                    n % 20,
                    f"B {n % 9}",
                    n % 60,
                )
                for n in range(1, DEVICES + 1)
            ),
        )
        yield (
            "ph_places",
            (
                _line(
                    project,
                    n,
                    f"{chr(65 + n % 26)}A",
                    f"C {n % 26}",
                    f"R {n % 90}",
                    f"T {n}",
                )
                for n in range(1, PLACES + 1)
            ),
        )
        yield (
            "ph_screens",
            (
                _line(project, n, f"{n % 40}x9", f"l{n % 30}", f"Z/{n % 50}")
                for n in range(1, SCREENS + 1)
            ),
        )


def _line(*values: object) -> str:
    return "\t".join(map(str, values)) + "\n"


def _write(path: Path, rows: Iterable[str]) -> None:
    with path.open("w") as file:
        file.writelines(rows)


def _load(connection: pymysql.connections.Connection, folder: Path) -> None:
    with connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            cursor.execute(
                f"LOAD DATA INFILE '{folder / table}' INTO TABLE {table} ({columns})"
            )
            (folder / table).unlink()
            cursor.execute(f"ANALYZE TABLE {table}")
