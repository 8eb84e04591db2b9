"""The demo's made-up visits: who comes when, from where, and reads what."""

from __future__ import annotations

import os
import random
from datetime import datetime, time, timedelta
from typing import NamedTuple

from app.clock import local_day, to_local, to_utc
from app.commands import demo_tables as tables
from app.commands.demo_deeds import Reading, read
from app.visits.store import VISIT_GAP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import TypeVar

    Key = TypeVar("Key")
    Choice = TypeVar("Choice", tables.Origin, tables.Browser, tables.Home)

RETURNING = 0.3
MAX_KNOWN_PEOPLE = 3000
SPIKE_FACTOR = 2.6
MAX_READING_SECONDS = 25 * 60
"""Under the half hour that ends a visit."""


class Person:
    """Somebody with a browser.

    The cookie and the address are no matter of the seed: so nobody of another run is
    met again, and no view taken for a repetition.
    """

    def __init__(self, dice: random.Random) -> None:
        browser = _choose(dice, tables.BROWSERS)
        self.home = _choose(dice, tables.HOMES)
        self.user_agent = browser.user_agent
        self.screen = _draw(dice, tables.SCREENS[browser.kind])
        self.key = os.urandom(16).hex()
        # Of the range for documentation; each home has a network of its own.
        host = ":".join(self.key[start : start + 4] for start in range(0, 20, 4))
        self.address = f"2001:db8:{tables.HOMES.index(self.home):x}:{host}"
        self.free_from = datetime.min


class View(NamedTuple):
    """One page shown; ``at`` is UTC, ``referrer`` what the page is told, or empty.

    ``left`` is when it was left, ``is_last`` whether for good.
    """

    at: datetime
    person: Person
    path: str
    query: str
    referrer: str
    left: datetime
    is_last: bool
    reading: Reading


class _Visit(NamedTuple):
    start: datetime
    seconds: list[float]
    """How long after the start each page is shown, and the last one left."""
    paths: list[str]
    origin: tables.Origin
    returning: bool


class Traffic:
    """Some days of visits, the last one up to ``now``; the same seed, the same days.

    ``days`` are the local ones, ``pageviews`` how many there are in all, ``visits``
    how many have been made so far.
    """

    def __init__(
        self,
        seed: int | None,
        timezone: str,
        now: datetime,
        day_count: int,
        pageviews_per_day: int,
    ) -> None:
        self._dice = random.Random(seed)
        self._timezone = timezone
        self._now = now
        self._people: list[Person] = []
        self.visits = 0
        today = local_day(now, timezone)
        self.days = [today - timedelta(days=age) for age in range(day_count)][::-1]
        early, late = day_count // 3, day_count - 1
        self._spike = self.days[self._dice.randrange(early, late)] if late else None
        self._targets = self._plan(pageviews_per_day)
        self.pageviews = sum(self._targets.values())

    def views(self, day: date, site: str) -> list[View]:
        """Return the views of the visits that begin on ``day``, in order of time.

        ``site`` is the scheme and host of its pages.
        """
        found = []
        planned: list[_Visit] = []
        left = self._targets[day]
        while left:
            planned.append(self._visit(day, left))
            left -= len(planned[-1].paths)
        for visit in sorted(planned, key=lambda visit: visit.start):
            found += self._show(visit, site)
        self.visits += len(planned)
        del self._people[:-MAX_KNOWN_PEOPLE]
        return sorted(found, key=lambda view: view.at)

    def _plan(self, pageviews_per_day: int) -> dict[date, int]:
        """Return how many pageviews each day has; the mean is what was asked for."""
        shares = {}
        for step, day in enumerate(self.days):
            growth = 0.8 + 0.4 * step / len(self.days)
            noise = self._dice.uniform(0.9, 1.1)
            factor = SPIKE_FACTOR if day == self._spike else 1
            shares[day] = tables.WEEKDAYS[day.weekday()] * growth * noise * factor
        mean = sum(shares.values()) / len(shares)
        return {
            day: round(pageviews_per_day * share / mean * self._share_passed(day))
            for day, share in shares.items()
        }

    def _visit(self, day: date, most_pages: int) -> _Visit:
        dice = self._dice
        returning = dice.random() < RETURNING
        origin = _choose(dice, tables.RETURNS if returning else tables.ORIGINS)
        if day == self._spike and dice.random() > 1 / SPIKE_FACTOR:
            origin, returning = tables.SPIKE, False
        paths = self._paths(origin, most_pages)
        seconds = [0.0]
        for _ in paths:
            reading = 2 + dice.lognormvariate(3.7, 1)
            seconds.append(seconds[-1] + min(reading, MAX_READING_SECONDS))
        latest = self._now - timedelta(seconds=seconds[-1])
        return _Visit(min(self._start(day), latest), seconds, paths, origin, returning)

    def _paths(self, origin: tables.Origin, most: int) -> list[str]:
        """Return the pages of a visit, none of them twice."""
        dice = self._dice
        length = 1
        if dice.random() > origin.bounces:
            length += _draw(dice, tables.FURTHER_PAGES)
        paths = [_draw(dice, tables.LANDINGS[origin.landing])]
        while len(paths) < min(length, most):
            usual = tables.NEXT.get(paths[-1], tables.POPULARITY)
            for pages in (usual, tables.POPULARITY):
                new = {page: pages[page] for page in pages if page not in paths}
                if new:
                    paths.append(_draw(dice, new))
                    break
        return paths

    def _start(self, day: date) -> datetime:
        """Return when a visit begins on ``day``: by the clock there, not after now."""
        passed = self._passed(day)
        shares = [share * part for share, part in zip(tables.HOURS, passed)]
        hour = _draw(self._dice, dict(enumerate(shares)))
        seconds = self._dice.random() * 3600 * passed[hour]
        local = datetime.combine(day, time(hour)) + timedelta(seconds=seconds)
        return to_utc(local, self._timezone)

    def _passed(self, day: date) -> list[float]:
        """Return how much of each of the day's hours is over, 0 to 1."""
        midnight = datetime.combine(day, time())
        age = (to_local(self._now, self._timezone) - midnight) / timedelta(hours=1)
        return [min(max(age - hour, 0), 1) for hour in range(24)]

    def _share_passed(self, day: date) -> float:
        passed = self._passed(day)
        parts = sum(share * part for share, part in zip(tables.HOURS, passed))
        return parts / sum(tables.HOURS)

    def _show(self, visit: _Visit, site: str) -> list[View]:
        person = self._somebody(visit)
        found = []
        query, referrer = visit.origin.query, visit.origin.referrer
        moments = [visit.start + timedelta(seconds=some) for some in visit.seconds]
        for path, at, left in zip(visit.paths, moments, moments[1:]):
            reading = read(self._dice, path, (left - at).total_seconds())
            is_last = left == moments[-1]
            view = View(at, person, path, query, referrer, left, is_last, reading)
            found.append(view)
            query, referrer = "", site + path
        # A gap, so that the next visit is one of its own.
        person.free_from = found[-1].left + VISIT_GAP + timedelta(minutes=1)
        return found

    def _somebody(self, visit: _Visit) -> Person:
        """Return who makes the visit; of those who were here, rather a recent one."""
        if visit.returning and self._people:
            for _ in range(5):
                back = int(len(self._people) * self._dice.random() ** 2)
                person = self._people[-1 - back]
                if person.free_from <= visit.start:
                    return person
        person = Person(self._dice)
        self._people.append(person)
        return person


def _draw(dice: random.Random, weights: Mapping[Key, float]) -> Key:
    return dice.choices(list(weights), list(weights.values()))[0]


def _choose(dice: random.Random, entries: Sequence[Choice]) -> Choice:
    return dice.choices(entries, [entry.weight for entry in entries])[0]
