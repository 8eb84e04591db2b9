"""What tests of closed days share: traffic, closing days, and asking every report."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.projects import admin_store
from app.spool.store import give_lease_back, take_lease
from app.summaries import late_store
from app.summaries.chores import LEASE_NAME
from app.summaries.closing import Closing
from app.summaries.due import LONGEST, Due
from app.summaries.months import Months
from app.summaries.parts import ALL_MADE
from tests.conftest import Actor
from tests.wsgi import CHROME, FIREFOX

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1"
)
AGENTS = [CHROME, FIREFOX, IPHONE]


def close_days(actor: Actor) -> None:
    """Make all stats that can be made now."""
    installation = actor.installation
    row = admin_store.get_project(installation.db, actor.id)
    closing = Closing(installation.db, row, installation.clock())
    assert closing.make(lambda: False) == []
    assert Months(installation.db, row, installation.clock()).make(lambda: False)
    installation.db.rest()


def fill_stats(actor: Actor) -> None:
    """Have a visit over midnight ten days ago, its days closed, and one of them marked.

    Two months ago there were cookies. The clock stands where it stood.
    """
    installation = actor.installation
    now = installation.clock.at
    installation.clock.move(days=-70)
    _set_identity(actor, "cookie")
    assert actor.view(visitor_id="a" * 32, id="read").status == 200
    installation.clock.move(minutes=1)
    told = {"pageview_id": "read", "seconds": 50, "scroll": 60}
    assert actor.send("engagement", **told).status == 200
    installation.clock.move(days=50)
    close_days(actor)
    _set_identity(actor, "cookieless")
    installation.clock.at = now
    installation.clock.move(days=-10, hours=10)
    for number in range(10):
        installation.clock.move(minutes=20)
        assert actor.view(f"https://{actor.host}/night/{number % 3}").status == 200
    day = installation.clock.at.date()
    installation.clock.at = now
    close_days(actor)
    # So that no request that follows sees after the mark.
    Due(installation.config.var).set(now + LONGEST)
    db = installation.db
    db.transaction(
        lambda: late_store.mark(db, actor.id, day, day, now + timedelta(days=1))
    )


def _set_identity(actor: Actor, identity: str) -> None:
    edit = {"id": actor.id, "identity": identity}
    assert actor.installation.as_admin("/api/projects/edit", edit).status == 200


REPORTS = (
    "visitors visitors-returning sessions summary pages entry-pages exit-pages"
    " referrers channels utm devices browsers os screens languages timezones locations"
    " hours events engagement"
).split()


def ask(actor: Actor, query: str, reports: Sequence[str] = REPORTS) -> dict[str, Any]:
    """Return what each report answers."""
    found = {}
    for report in reports:
        answer = actor.get(f"/api/analytics/{report}?{query}")
        assert answer.status == 200, answer.body
        found[report] = answer.data
    return found


def recounted(
    actor: Actor, query: str, reports: Sequence[str] = REPORTS
) -> dict[str, Any]:
    """Return the same as counted from rows alone."""
    db, now = actor.installation.db, actor.installation.clock()
    # So that nobody makes them meanwhile.
    assert take_lease(db, LEASE_NAME, "test", now)
    db.transaction(lambda: db.run("UPDATE ph_days SET parts = parts - 100"))
    found = ask(actor, query, reports)
    db.transaction(lambda: db.run("UPDATE ph_days SET parts = parts + 100"))
    give_lease_back(db, LEASE_NAME, "test")
    return found


def days_made(actor: Actor) -> int:
    """Return how many days have whole stats."""
    [row] = actor.installation.rows(
        f"SELECT COUNT(*) AS n FROM ph_days WHERE parts = {ALL_MADE}"
    )
    return int(row["n"])


class Crowd:
    """People who come by at random, also around midnight, in some of many browsers."""

    def __init__(self, actor: Actor, seed: int = 1) -> None:
        self._actor = actor
        self._dice = random.Random(seed)
        self._readers = random.Random(f"readers {seed}")
        self._last: dict[str, Any] = {}

    def views(self, count: int, actor: Actor | None = None) -> None:
        """Send views and events, a few minutes apart, and how long some pages are read.

        That is told when the next person comes.
        """
        dice, sender = self._dice, actor or self._actor
        for _ in range(count):
            self._actor.installation.clock.move(minutes=dice.choice([1, 9, 25, 70]))
            self._read(sender)
            person = dice.randrange(9)
            who: dict[str, Any] = {
                "headers": {"User-Agent": AGENTS[person % 3]},
                "address": f"192.0.2.{person}",
            }
            url = f"https://alice.example/{dice.randrange(6)}"
            name = f"name {dice.randrange(3)}"
            visitor_id = f"visitor {person}"
            beacon = f"{self._readers.getrandbits(62)}"
            told = sender.view(
                url + dice.choice(["", "", "?utm_source=news"]),
                referrer=dice.choice(["", "https://www.google.com/"]),
                screen_resolution=f"{person % 2}00x100",
                timezone="Europe/Berlin",
                visitor_id=visitor_id,
                id=beacon,
                **who,
            )
            assert told.status in (200, 202), told.body
            self._last = {"pageview_id": beacon, "visitor_id": visitor_id, **who}
            if dice.random() < 0.4:
                props = {"plan": dice.choice(["pro", "free"])}
                told = sender.send(
                    "event",
                    url=url,
                    name=name,
                    props=props,
                    visitor_id=visitor_id,
                    **who,
                )
                assert told.status in (200, 202), told.body

    def _read(self, sender: Actor) -> None:
        dice = self._readers
        if self._last and dice.random() < 0.7:
            seconds, scroll = dice.choice([0, 5, 40, 300]), dice.randrange(9)
            told = {**self._last, "seconds": seconds, "scroll": scroll}
            answer = sender.send("engagement", **told)
            assert answer.status in (200, 202), answer.body
