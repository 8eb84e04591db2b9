"""Visitors with a cookie over months, whose sets are kept by value."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.packed.visitor_set import VisitorSet, pack
from app.summaries import chores
from tests.conftest import Actor
from tests.spool.outage import drain, during_outage
from tests.summaries.days import Crowd, ask, close_days, recounted

REPORTS = (
    *("pages", "entry-pages", "exit-pages", "referrers", "channels", "utm"),
    *("devices", "browsers", "os", "screens", "languages", "timezones", "locations"),
)
SPANS = (
    "range=all",
    "from=2026-03-20&to=2026-05-10",
    "from=2026-04-01&to=2026-04-30",
    "from=2026-04-02&to=2026-05-31",
)


@pytest.fixture
def alice(create_project: Callable[..., Actor]) -> Actor:
    zone = "Europe/Berlin"
    return create_project("Alice", ["alice.example"], timezone=zone, identity="cookie")


def _fill(alice: Actor) -> Crowd:
    """Have the same people come by from 5 March to June, and all of it closed."""
    crowd = Crowd(alice, 11)
    for _ in range(9):
        crowd.views(12)
        alice.installation.clock.move(days=11)
    close_days(alice)
    return crowd


def _months_with_sets(alice: Actor) -> int:
    rows = alice.installation.rows("SELECT has_sets FROM ph_months WHERE has_sets = 1")
    return len(rows)


def test_it_says_what_a_recount_says(alice: Actor) -> None:
    crowd = Crowd(alice, 10)
    away = during_outage(alice)
    crowd.views(15, away)
    _fill(alice)
    assert _months_with_sets(alice) >= 2
    for span in SPANS:
        assert ask(alice, span, REPORTS) == recounted(alice, span, REPORTS), span
    drain(alice)
    assert ask(alice, SPANS[0], REPORTS) == recounted(alice, SPANS[0], REPORTS)
    close_days(alice)
    assert _months_with_sets(alice) >= 2
    assert ask(alice, SPANS[0], REPORTS) == recounted(alice, SPANS[0], REPORTS)


def test_it_reads_nothing_of_the_days_in_a_month(alice: Actor) -> None:
    _fill(alice)
    expected = ask(alice, "from=2026-04-01&to=2026-05-31", REPORTS)
    assert expected["devices"]["by_device"][0]["unique_visitors"] > 1
    db = alice.installation.db
    for table in ("ph_pageviews", "ph_visits", "ph_packed_days", "ph_day_stats"):
        sql = f"DELETE FROM {table} WHERE day BETWEEN '2026-04-03' AND '2026-05-28'"
        db.transaction(lambda sql=sql: db.run(sql))  # type: ignore[misc]
    assert ask(alice, "from=2026-04-01&to=2026-05-31", REPORTS) == expected


def test_it_knows_visitors_of_months_whose_rows_are_deleted(alice: Actor) -> None:
    _fill(alice)
    span = "from=2026-04-01&to=2026-05-31"
    expected = ask(alice, span, REPORTS)
    edit = {"id": alice.id, "retention_days": 30}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    now = alice.installation.clock()
    assert chores.run(alice.installation.db, 0, now, 60).is_complete
    assert alice.installation.rows("SELECT day FROM ph_days WHERE is_pruned = 1")
    assert ask(alice, span, REPORTS) == expected
    told = ask(alice, "from=2026-03-20&to=2026-05-31", REPORTS)
    assert told["pages"]["incomplete"]["missing"] == ["unique_visitors"]


@pytest.mark.parametrize("damaged", ["", "b?", "v?", "?"])
def test_it_counts_days_of_a_month_that_is_damaged(alice: Actor, damaged: str) -> None:
    _fill(alice)
    span = "from=2026-04-01&to=2026-05-31"
    expected = ask(alice, span, REPORTS)
    db = alice.installation.db
    sql = "UPDATE ph_month_sets SET visitors = %(set)s WHERE month = '2026-04-01'"
    db.transaction(lambda: db.run(sql, {"set": damaged.encode()}))
    assert ask(alice, span, REPORTS) == expected
    edit = {"id": alice.id, "retention_days": 30}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    now = alice.installation.clock()
    assert chores.run(db, 0, now, 60).is_complete
    pages = ask(alice, span, ["pages"])["pages"]
    assert pages["incomplete"]["missing"] == ["unique_visitors"]
    assert {page["unique_visitors"] for page in pages["pages"]} == {None}


def test_it_reads_rows_of_a_month_that_was_in_part_without_cookies(
    alice: Actor,
) -> None:
    crowd = Crowd(alice, 12)
    for identity in ("cookieless", "cookie", "cookieless", "cookie"):
        edit = {"id": alice.id, "identity": identity}
        assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
        crowd.views(12)
        alice.installation.clock.move(days=18)
        close_days(alice)
    for span in SPANS:
        assert ask(alice, span, REPORTS) == recounted(alice, span, REPORTS), span


def test_sets_add_up_as_sets_do() -> None:
    dice = random.Random(3)
    everyone: set[int] = {-5, -6}
    found = VisitorSet()
    found.singles.update(everyone)
    for count, most in ((0, 1), (1, 1), (5, 9), (3000, 8000), (30, 10**6), (1, 10**7)):
        numbers = {dice.randrange(most) for _ in range(count)}
        everyone |= numbers
        found.add(pack(numbers))
    assert len(found) == len(everyone)
    for count, most in ((300, 10**6), (9, 2**62), (300, 400), (250_000, 10**6)):
        numbers = {dice.randrange(-most, most) for _ in range(count)}
        everyone |= numbers
        found.singles.update(numbers)
        found.settle()
        assert len(found) == len(everyone)
    other = VisitorSet()
    other.join(found)
    assert set(other.numbers()) == set(found.numbers())
