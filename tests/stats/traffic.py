"""Random traffic for the oracle: people who come and go, and what they send."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.stats.oracle import Beacon, Browser, Person, Project, Source, Stay

GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {GECKO} Chrome/120.0.0.0"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) {WEBKIT}"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT}"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT}"
ANDROID = f"Mozilla/5.0 (Linux; Android 13; SM-S911B) {GECKO}"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

BROWSERS = [
    Browser(f"{WINDOWS} Safari/537.36", "desktop", "Windows", "10", "Chrome", "120"),
    Browser(
        f"{WINDOWS} Safari/537.36 Edg/121.0.2277.83",
        *("desktop", "Windows", "10", "Edge", "121"),
    ),
    Browser(
        f"{MAC} Version/17.2 Safari/605.1.15",
        *("desktop", "macOS", "10.15.7", "Safari", "17.2"),
    ),
    Browser(
        f"{IPHONE} Version/17.1 Mobile/15E148 Safari/604.1",
        *("mobile", "iOS", "17.1.2", "Safari", "17.1"),
    ),
    Browser(
        f"{IPAD} Version/16.6 Mobile/15E148 Safari/604.1",
        *("tablet", "iOS", "16.6", "Safari", "16.6"),
    ),
    Browser(
        f"{ANDROID} Chrome/120.0.0.0 Mobile Safari/537.36",
        *("mobile", "Android", "13", "Chrome", "120"),
    ),
    Browser(
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 "
        "Firefox/121.0",
        *("desktop", "Linux", "", "Firefox", "121"),
    ),
]

SOURCES = [
    Source(""),
    Source("https://alice.example/somewhere"),
    Source("https://www.alice.example/"),
    Source("https://alice.test/elsewhere"),
    Source(
        "https://www.google.com/search?q=x",
        url="https://www.google.com/search",
        host="google.com",
        category="organic_search",
        channel="organic_search",
    ),
    Source(
        "https://l.facebook.com/",
        url="https://l.facebook.com/",
        host="l.facebook.com",
        category="social",
        channel="social",
    ),
    Source(
        "https://mail.google.com/mail/u/0",
        url="https://mail.google.com/mail/u/0",
        host="mail.google.com",
        category="email",
        channel="email",
    ),
    Source(
        "https://blog.example/Post_1?x=1#y",
        url="https://blog.example/Post_1",
        host="blog.example",
        category="referral",
        channel="referral",
    ),
    Source(
        "https://www.netflix.com/",
        url="https://www.netflix.com/",
        host="netflix.com",
        category="referral",
        channel="referral",
    ),
    Source(
        "",
        "utm_source=google&utm_medium=cpc&utm_campaign=spring&utm_term=red+shoes",
        channel="paid_search",
        utm_source="google",
        utm_medium="cpc",
        utm_campaign="spring",
        utm_term="red shoes",
    ),
    Source(
        "https://l.facebook.com/",
        "utm_source=facebook&utm_medium=paid_social&utm_campaign=%C3%96kostrom&utm_content=b",
        url="https://l.facebook.com/",
        host="l.facebook.com",
        category="social",
        channel="paid_social",
        utm_source="facebook",
        utm_medium="paid_social",
        utm_campaign="Ökostrom",
        utm_content="b",
    ),
    Source(
        "",
        "id=7&utm_source=newsletter",
        channel="email",
        utm_source="newsletter",
    ),
    Source(
        "",
        "utm_source=network&utm_medium=banner&utm_campaign=100%25_now!",
        channel="display",
        utm_source="network",
        utm_medium="banner",
        utm_campaign="100%_now!",
    ),
]

PAGES = [
    ("alice.example", "/"),
    ("alice.example", "/news"),
    ("alice.example", "/blog/one"),
    ("alice.example", "/blog/two"),
    ("alice.example", "/Blog/One"),
    ("alice.example", "/50%_off!"),
    ("shop.alice.example", "/"),
    ("alice.test", "/blog/one"),
]
NEWS = "/news"
"""Its title changes once; a title is written again after an hour at the soonest."""

SCREENS = ["1920x1080", "390x844", "1366x768", ""]
LANGUAGES = [
    ("de-CH,de;q=0.9,en;q=0.8", "de-CH"),
    ("en-US,en;q=0.5", "en-US"),
    ("fr", "fr"),
]
TIMEZONES = ["Europe/Zurich", "America/New_York", ""]

# Round the limits of 5 and of 30 minutes.
STAYS = [5, 200, 1500, 1799, 2400, 5000]
PAUSES = [1, 20, 40, 200, 299, 300, 301, 1200, 1790, 1799, 1800, 1801, 3600]


class Phase(NamedTuple):
    """Some local days of traffic in one time zone."""

    zone: str
    first: date
    days: int


class Scenario(NamedTuple):
    """What a seed plays; ``marathon`` has somebody stay for more than a day."""

    phases: list[Phase]
    identity: str = "cookieless"
    respects_dnt: bool = True
    marathon: bool = False

    def project(self) -> Project:
        zones = [(datetime(1970, 1, 1), self.phases[0].zone)]
        zones += [(_start(phase), phase.zone) for phase in self.phases[1:]]
        return Project(zones, self.identity, self.respects_dnt)


def make_beacons(scenario: Scenario, seed: int) -> list[Beacon]:
    """Return what people send, in order of arrival."""
    dice = random.Random(seed)
    people = [_person(dice, number) for number in range(18)]
    beacons: list[Beacon] = []
    for phase in scenario.phases:
        start = _start(phase) + timedelta(hours=1)
        end = _utc(phase, phase.days)
        shown: list[Beacon] = []
        for person in people:
            moments = _moments(dice, phase, start, end)
            shown += _delayed(dice, _seen(dice, person, moments), end)
        if scenario.marathon:
            shown += _marathon(dice, people[0], _utc(phase, 0) - timedelta(minutes=9))
        middle = _utc(phase, phase.days // 2)
        shown = [
            _titled(beacon, middle) for beacon in shown if _is_shown(beacon, middle)
        ]
        shown = [_stayed(dice, beacon, end) for beacon in shown]
        beacons += sorted(_resent(dice, shown, end), key=lambda beacon: beacon.sent)
    return beacons


def _start(phase: Phase) -> datetime:
    """Return when a phase begins: in the evening before its first day."""
    return _utc(phase, 0) - timedelta(hours=3)


def _utc(phase: Phase, day: int) -> datetime:
    """Return the local midnight with which the phase's ``day``th day begins, in UTC."""
    at = phase.first + timedelta(days=day)
    local = datetime(at.year, at.month, at.day, tzinfo=ZoneInfo(phase.zone))
    return local.astimezone(timezone.utc).replace(tzinfo=None)


def _person(dice: random.Random, number: int) -> Person:
    accept_language, language = dice.choice(LANGUAGES)
    return Person(
        # Two sit behind each address, with different browsers.
        f"198.51.100.{number // 2}",
        BROWSERS[number % len(BROWSERS)],
        f"cookie-{number}" if number % 4 else "",
        dice.choice(SCREENS),
        accept_language,
        language,
        dice.choice(TIMEZONES),
    )


def _moments(
    dice: random.Random, phase: Phase, start: datetime, end: datetime
) -> list[datetime]:
    """Return when one person looks at a page: often at night, when days change."""
    found = set()
    for day in range(phase.days):
        for _ in range(dice.choice([0, 1, 1, 2])):
            from_hour, to_hour = dice.choice(
                [(-1, 0.2), (-1, 0.2), (0.5, 3.5), (4, 23)]
            )
            at = _utc(phase, day)
            at += timedelta(seconds=round(dice.uniform(from_hour, to_hour) * 3600))
            for _ in range(dice.choice([1, 1, 2, 3, 6])):
                if start <= at < end:
                    found.add(at)
                at += timedelta(seconds=dice.choice(PAUSES))
    return sorted(found)


def _seen(dice: random.Random, person: Person, moments: list[datetime]) -> list[Beacon]:
    favourites = dice.sample(PAGES, 4)
    beacons = []
    for at in moments:
        host, path = dice.choice(favourites if dice.random() < 0.8 else PAGES)
        sender = person
        if person.cookie and dice.random() < 0.1:
            # He is elsewhere. In a cookieless project this is somebody else.
            address = person.address.replace("198.51.100", "192.0.2")
            sender = person._replace(address=address)
        beacon = Beacon(at, at, sender, host, path, "", dice.choice(SOURCES))
        beacon = replace(
            beacon,
            beacon_id=f"{dice.getrandbits(80):x}" if dice.random() < 0.6 else "",
            is_robot=dice.random() < 0.03,
            wants_no_count=dice.random() < 0.03,
        )
        beacons.append(beacon)
    return beacons


def _delayed(dice: random.Random, beacons: list[Beacon], end: datetime) -> list[Beacon]:
    """Let some arrive late; where the order would matter, none do."""
    return [
        replace(beacon, sent=_later(dice, beacon.at, end))
        if dice.random() < 0.3 and _is_alone(beacon, beacons)
        else beacon
        for beacon in beacons
    ]


def _later(dice: random.Random, at: datetime, end: datetime) -> datetime:
    longest = min(47 * 3600.0, (end - at).total_seconds())
    longest = dice.choice([600.0, 7200.0, longest])
    return at + timedelta(seconds=dice.randrange(int(longest) + 1))


def _is_alone(beacon: Beacon, beacons: list[Beacon]) -> bool:
    """Return whether none of the beacons has the same address at about that time."""
    return not any(
        other is not beacon
        and other.url == beacon.url
        and abs(other.at - beacon.at) < timedelta(minutes=20)
        for other in beacons
    )


def _marathon(dice: random.Random, person: Person, at: datetime) -> list[Beacon]:
    """Return a visit of 30 hours, which is cut, of somebody with another cookie."""
    person = person._replace(address="203.0.113.99", cookie="marathon")
    return [
        Beacon(
            *[at + step * timedelta(minutes=25)] * 2,
            *(person, "alice.example", f"/marathon/{step}", "", SOURCES[0]),
        )
        for step in range(72)
    ]


def _is_shown(beacon: Beacon, middle: datetime) -> bool:
    is_news = beacon.path == NEWS
    return not (is_news and abs(beacon.at - middle) < timedelta(minutes=61))


def _titled(beacon: Beacon, middle: datetime) -> Beacon:
    title = f"Title of {beacon.host}{beacon.path}"
    if beacon.path == NEWS:
        title = f"News after {middle}" if beacon.at >= middle else f"News to {middle}"
    return replace(beacon, title=title)


def _stayed(dice: random.Random, beacon: Beacon, end: datetime) -> Beacon:
    """Let the page tell, perhaps late, how long it was looked at."""
    is_told = beacon.beacon_id and not (beacon.is_robot or beacon.wants_no_count)
    seconds = dice.choice(STAYS)
    left = beacon.at + timedelta(seconds=seconds)
    sent = max(beacon.sent, left)
    if not is_told or sent >= end or dice.random() < 0.4:
        return beacon
    if dice.random() < 0.2:
        sent = max(sent, _later(dice, left, end))
    looked = round(seconds * dice.choice([1, 0.8, 0.1, 2]))
    return replace(beacon, stay=Stay(sent, left, looked))


def _resent(dice: random.Random, beacons: list[Beacon], end: datetime) -> list[Beacon]:
    """Return the beacons and repeats of some that have an id."""
    found = list(beacons)
    for beacon in beacons:
        if not beacon.beacon_id or dice.random() > 0.2:
            continue
        again = replace(beacon, sent=_later(dice, beacon.at, end), stay=None)
        if again.sent > beacon.sent and _is_alone(beacon, beacons):
            # As a tag does that knows no age, perhaps in another network by now.
            address = dice.choice([beacon.person.address, "203.0.113.50"])
            if again.sent - beacon.at < timedelta(hours=20):
                sender = beacon.person._replace(address=address)
                again = replace(again, at=again.sent, person=sender)
        found.append(again)
    return found
