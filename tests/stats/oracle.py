"""Counts again, in plain Python, what the reports say: the oracle.

It imports nothing from ``app`` and knows of it only what README's "What the numbers
mean" and "What is stored" say. It is slow and simple: a list of beacons goes in, visits
come out; ``oracle_reports`` makes every report of them.

What README leaves to the order of arrival (which of several views of one address
within five minutes count, and where a visit is cut after 24 hours) it decides by the
time at which the pages were shown: who sends such beacons must send them in that order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

SAME_ADDRESS = timedelta(minutes=5)
PAUSE = timedelta(minutes=30)
LONGEST_VISIT = timedelta(hours=24)
ONE_DAY = timedelta(days=1)


class Browser(NamedTuple):
    """A User-Agent, and how people call what it stands for."""

    user_agent: str
    device: str
    os: str
    os_version: str
    browser: str
    browser_version: str


class Source(NamedTuple):
    """What brings somebody to a page: a referrer, a query with utm values, or both.

    ``url``, ``host``, ``category`` and ``channel`` are what it counts as.
    """

    referrer: str
    query: str = ""
    url: str = ""
    host: str = ""
    category: str = "direct"
    channel: str = "direct"
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""


class Person(NamedTuple):
    """Who sends a beacon; ``language`` is the label of ``accept_language``."""

    address: str
    browser: Browser
    cookie: str
    screen: str
    accept_language: str
    language: str
    timezone: str


class Stay(NamedTuple):
    """At ``sent`` it is told that up to ``at`` a page was looked at for ``seconds``."""

    sent: datetime
    at: datetime
    seconds: int


@dataclass(frozen=True)
class Beacon:
    """A page shown at ``at`` and reported at ``sent``, both UTC."""

    sent: datetime
    at: datetime
    person: Person
    host: str
    path: str
    title: str
    source: Source
    beacon_id: str = ""
    is_robot: bool = False
    wants_no_count: bool = False
    stay: Stay | None = None

    @property
    def seen_until(self) -> datetime:
        """When somebody was last there: but for pauses of half an hour, at the end."""
        if self.stay is None:
            return self.at
        passed = self.stay.at - self.at
        looked = min(timedelta(seconds=self.stay.seconds), passed)
        return self.at + (passed if passed - looked < PAUSE else looked)

    @property
    def url(self) -> str:
        query = self.source.query and "?" + self.source.query
        return f"https://{self.host}{self.path}{query}"


@dataclass
class Project:
    """``zones`` are the time zones with the moment (UTC) from which each holds."""

    zones: list[tuple[datetime, str]]
    identity: str = "cookieless"
    respects_dnt: bool = True

    def local(self, at: datetime, known_at: datetime | None = None) -> datetime:
        """Return the wall clock at ``at``, in the zone that holds at ``known_at``."""
        moment = known_at or at
        name = [zone for since, zone in self.zones if since <= moment][-1]
        aware = at.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(name))
        return aware.replace(tzinfo=None)


@dataclass
class View:
    """A beacon that counts."""

    beacon: Beacon
    local: datetime
    visitor: object = None
    visit: Visit = field(init=False, repr=False)

    @property
    def day(self) -> date:
        return self.local.date()


@dataclass
class Visit:
    """A visitor's views, in order of time."""

    visitor: object
    visitor_day: date | None
    views: list[View] = field(default_factory=list)

    @property
    def first(self) -> View:
        return self.views[0]

    @property
    def last(self) -> View:
        return self.views[-1]

    @property
    def day(self) -> date:
        return self.first.day

    @property
    def last_at(self) -> datetime:
        longest = self.first.beacon.at + LONGEST_VISIT - timedelta(seconds=1)
        return min(longest, max(view.beacon.seen_until for view in self.views))

    @property
    def seconds(self) -> int:
        return int((self.last_at - self.first.beacon.at).total_seconds())


Filters = list[tuple[str, str]]
"""(dimension, value): filter[page]=/a is ("page", "/a")."""


class Span(NamedTuple):
    """Local days, both included."""

    first: date
    last: date

    def days(self) -> list[date]:
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=step) for step in range(count)]

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    def previous(self) -> Span:
        length = self.last - self.first + ONE_DAY
        return Span(self.first - length, self.last - length)

    def year_before(self) -> Span:
        return Span(self.first - timedelta(weeks=52), self.last - timedelta(weeks=52))


class Asked(NamedTuple):
    """A question: ``compared`` are the days that ``compare`` names, if any."""

    span: Span
    interval: str = "day"
    filters: Filters = []
    compared: Span | None = None

    def over(self, span: Span) -> Asked:
        return Asked(span, self.interval, self.filters)


# Counting


def count(beacons: list[Beacon], project: Project) -> list[View]:
    """Return the views that count, in visits; ``beacons`` are in order of arrival."""
    seen: set[str] = set()
    stays = {beacon.beacon_id: beacon.stay for beacon in beacons if beacon.stay}
    once = []
    for beacon in beacons:
        ignored = beacon.is_robot or (beacon.wants_no_count and project.respects_dnt)
        if ignored or beacon.beacon_id in seen:
            continue
        if beacon.beacon_id:
            seen.add(beacon.beacon_id)
        # A repeat may have come before the beacon itself.
        once.append(replace(beacon, stay=stays.get(beacon.beacon_id)))
    people: dict[object, list[View]] = defaultdict(list)
    for beacon in sorted(once, key=lambda beacon: beacon.at):
        view = View(beacon, project.local(beacon.at, beacon.sent))
        people[_person(beacon, project)].append(view)
    return [
        view
        for person, views in people.items()
        for visit in _visits(person, views)
        for view in visit.views
    ]


def _person(beacon: Beacon, project: Project) -> object:
    if project.identity == "cookie" and beacon.person.cookie:
        return beacon.person.cookie
    return beacon.person.address, beacon.person.browser.user_agent


def _visits(person: object, views: list[View]) -> list[Visit]:
    """Cut one person's views, in order of time, into visits of his visitors.

    Who is known by a cookie is one visitor. Everybody else is another one each local
    day, but a visit goes on over the midnight after the day it began on.
    """
    visits: list[Visit] = []
    counted: dict[tuple[object, str], datetime] = {}
    for view in views:
        at = view.beacon.at
        visit = visits[-1] if visits else None
        if visit is None or not _goes_on(visit, view):
            visit_day = view.day if isinstance(person, tuple) else None
            visitor = (person, visit_day)
            visit = Visit(visitor, visit_day)
        same = (visit.visitor, view.beacon.url)
        if same in counted and at - counted[same] < SAME_ADDRESS:
            continue
        counted[same] = at
        if not visit.views:
            visits.append(visit)
        view.visitor, view.visit = visit.visitor, visit
        visit.views.append(view)
    return visits


def _goes_on(visit: Visit, view: View) -> bool:
    at = view.beacon.at
    if at - visit.last_at >= PAUSE:
        return False
    if at - visit.first.beacon.at >= LONGEST_VISIT:
        return False
    return visit.visitor_day is None or view.day - visit.visitor_day <= ONE_DAY


# Filters and dimensions

OF_VIEWS = {
    "page": lambda view: view.beacon.path,
    "host": lambda view: view.beacon.host,
}
OF_VISITS: dict[str, Callable[[Visit], str]] = {
    "entry_page": lambda visit: visit.first.beacon.path,
    "exit_page": lambda visit: visit.last.beacon.path,
    "referrer": lambda visit: visit.first.beacon.source.host,
    "referrer_url": lambda visit: visit.first.beacon.source.url,
    "category": lambda visit: visit.first.beacon.source.category,
    "channel": lambda visit: visit.first.beacon.source.channel,
    "utm_source": lambda visit: visit.first.beacon.source.utm_source,
    "utm_medium": lambda visit: visit.first.beacon.source.utm_medium,
    "utm_campaign": lambda visit: visit.first.beacon.source.utm_campaign,
    "utm_term": lambda visit: visit.first.beacon.source.utm_term,
    "utm_content": lambda visit: visit.first.beacon.source.utm_content,
    "device": lambda visit: visit.first.beacon.person.browser.device,
    "os": lambda visit: visit.first.beacon.person.browser.os,
    "os_version": lambda visit: visit.first.beacon.person.browser.os_version,
    "browser": lambda visit: visit.first.beacon.person.browser.browser,
    "browser_version": lambda visit: visit.first.beacon.person.browser.browser_version,
    "country": lambda visit: "",
    "country_name": lambda visit: "",
    "region": lambda visit: "",
    "city": lambda visit: "",
    "screen": lambda visit: visit.first.beacon.person.screen,
    "language": lambda visit: visit.first.beacon.person.language,
    "timezone": lambda visit: visit.first.beacon.person.timezone,
}


def matches(label: str, value: str) -> bool:
    """Return whether a dimension's ``label`` passes a filter's ``value``."""
    if value.startswith("!"):
        return not matches(label, value[1:])
    if value.startswith("~"):
        value, label = value[1:].lower(), label.lower()
        return any(_like(label, f"*{part}*") for part in value.split("|"))
    return any(_like(label, part) for part in value.split("|"))


def _like(label: str, pattern: str) -> bool:
    return _expression(pattern).fullmatch(label) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _view_matches(view: View, filters: Filters) -> bool:
    return all(
        matches(OF_VIEWS[name](view), value)
        for name, value in filters
        if name in OF_VIEWS
    )


def _visit_matches(visit: Visit, filters: Filters) -> bool:
    return all(
        matches(OF_VISITS[name](visit), value)
        for name, value in filters
        if name in OF_VISITS
    )


# Figures


class Figures:
    """The views shown, and the visits begun, on some days (or in some hours)."""

    def __init__(self, views: Iterable[View], visits: Iterable[Visit]) -> None:
        self.views = list(views)
        self.visits = list(visits)

    @property
    def pageviews(self) -> int:
        return len(self.views)

    @property
    def visitors(self) -> int:
        return len({view.visitor for view in self.views})

    @property
    def bounce_rate(self) -> float:
        bounces = sum(len(visit.views) == 1 for visit in self.visits)
        return percentage(bounces, len(self.visits))

    @property
    def views_per_visit(self) -> float:
        views = sum(len(visit.views) for visit in self.visits)
        return round(views / len(self.visits), 2) if self.visits else 0

    @property
    def duration(self) -> int:
        return _mean([visit.seconds for visit in self.visits])

    @property
    def duration_engaged(self) -> int:
        return _mean([visit.seconds for visit in self.visits if len(visit.views) > 1])


def percentage(part: float, whole: float) -> float:
    return round(100 * part / whole, 1) if whole else 0


def _mean(numbers: list[int]) -> int:
    return round(sum(numbers) / len(numbers)) if numbers else 0


class Oracle:
    """What is counted on which days, of the views that ``count`` returns."""

    def __init__(self, beacons: list[Beacon], project: Project) -> None:
        self.project = project
        self.views = count(beacons, project)
        visits = {id(view.visit): view.visit for view in self.views}
        self.visits = list(visits.values())
        self.first_day: dict[object, date] = {}
        for view in self.views:
            known = self.first_day.get(view.visitor, view.day)
            self.first_day[view.visitor] = min(known, view.day)
        self.answers: dict[str, dict[str, Any]] = {}
        self.titles: dict[tuple[str, str], str] = {}
        for view in sorted(self.views, key=lambda view: view.beacon.at):
            page = view.beacon
            self.titles[page.host, page.path] = page.title

    def figures(self, asked: Asked) -> Figures:
        views = [
            view
            for view in self.views
            if asked.span.has(view.day)
            and _view_matches(view, asked.filters)
            and _visit_matches(view.visit, asked.filters)
        ]
        visits = [
            visit
            for visit in self.visits
            if asked.span.has(visit.day)
            and _visit_matches(visit, asked.filters)
            and any(_view_matches(view, asked.filters) for view in visit.views)
        ]
        return Figures(views, visits)

    def over_time(self, asked: Asked) -> dict[str, Figures]:
        """Return the figures of each bucket by its label, in order."""
        whole = self.figures(asked)
        found = {label: Figures([], []) for label in buckets(asked)}
        for view in whole.views:
            found[bucket_of(view.local, asked)].views.append(view)
        for visit in whole.visits:
            found[bucket_of(visit.first.local, asked)].visits.append(visit)
        return found


def bucket_of(at: date, asked: Asked) -> str:
    """Return the label of the bucket in which a moment, or a whole day, lies.

    Weeks begin on Monday; a bucket that began before the span begins with it.
    """
    if asked.interval == "hour" and isinstance(at, datetime):
        return f"{at:%Y-%m-%d %H}:00:00"
    day = date(at.year, at.month, at.day)
    starts = {
        "day": day,
        "week": max(asked.span.first, day - timedelta(days=day.weekday())),
        "month": max(asked.span.first, day.replace(day=1)),
    }
    return str(starts[asked.interval])


def buckets(asked: Asked) -> list[str]:
    """Return the label of every bucket of the span, in order."""
    days = asked.span.days()
    midnights = [datetime(day.year, day.month, day.day) for day in days]
    moments = [at + timedelta(hours=hour) for at in midnights for hour in range(24)]
    return list(dict.fromkeys(bucket_of(at, asked) for at in moments))
