"""Closed days: read from their stats, and made anew when something comes late."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.spool.store import take_lease
from app.summaries import chores
from app.summaries.closing import last_closed
from tests.conftest import Actor
from tests.spool.outage import drain, during_outage, waiting
from tests.summaries.days import Crowd, ask, close_days, days_made, recounted

IDENTITIES = ["cookieless", "cookie"]


@pytest.fixture(params=IDENTITIES)
def alice(
    request: pytest.FixtureRequest, create_project: Callable[..., Actor]
) -> Actor:
    zone, identity = "Europe/Berlin", request.param
    return create_project("Alice", ["alice.example"], timezone=zone, identity=identity)


def test_it_reads_a_closed_day_from_its_stats(alice: Actor) -> None:
    Crowd(alice).views(100)
    alice.installation.clock.move(days=3)
    span = "range=custom&from=2026-03-05&to=2026-03-05"
    expected = ask(alice, span)
    close_days(alice)
    assert days_made(alice) > 1
    db = alice.installation.db
    for table in ("ph_pageviews", "ph_visits", "ph_events"):
        db.transaction(lambda table=table: db.run(f"DELETE FROM {table}"))  # type: ignore[misc]
    found = ask(alice, span)
    assert expected["pages"]["count"] > 3
    assert found == expected


def test_it_closes_a_day_48_hours_after_its_end(alice: Actor) -> None:
    alice.view()
    # In Berlin the day ends at 23:00.
    alice.installation.clock.move(hours=11 + 48, seconds=-1)
    close_days(alice)
    assert days_made(alice) == 0
    alice.installation.clock.move(seconds=1)
    close_days(alice)
    assert days_made(alice) == 1


def test_it_says_what_a_recount_says_while_late_beacons_come(alice: Actor) -> None:
    crowd = Crowd(alice, 3)
    away = during_outage(alice)
    for _ in range(3):
        crowd.views(30)
        crowd.views(25, away)
        alice.installation.clock.move(hours=70)
        # Another host closes days while beacons wait here.
        close_days(alice)
        drain(alice)
        assert _marks(alice)
        assert ask(alice, "range=30d") == recounted(alice, "range=30d")
        close_days(alice)
        assert not _marks(alice)
        for query in ("range=30d&compare=previous", "range=6d", "range=4d"):
            assert ask(alice, query) == recounted(alice, query)
    alice.installation.clock.move(days=4)
    close_days(alice)
    assert ask(alice, "range=30d") == recounted(alice, "range=30d")


def _marks(alice: Actor) -> list[object]:
    """Return the marks on days that are closed."""
    closed = last_closed(alice.installation.clock(), "Europe/Berlin")
    rows = alice.installation.rows("SELECT day FROM ph_late")
    return [row["day"] for row in rows if row["day"] <= closed]


def test_it_answers_exactly_when_identity_was_changed(alice: Actor) -> None:
    crowd = Crowd(alice, 5)
    for identity in (*IDENTITIES, *IDENTITIES):
        edit = {"id": alice.id, "identity": identity}
        assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
        crowd.views(40)
        alice.installation.clock.move(days=5)
        close_days(alice)
        for query in ("range=30d", "range=7d", "range=12d"):
            assert ask(alice, query) == recounted(alice, query)


def test_it_is_done_by_requests_that_come_by(alice: Actor) -> None:
    Crowd(alice).views(30)
    alice.installation.clock.move(days=5)
    for _ in range(200):
        if days_made(alice) == 4:
            break
        assert alice.installation.call("GET", "/api/health").status == 200
        alice.installation.clock.move(seconds=1)
    assert days_made(alice) == 4
    assert ask(alice, "range=30d") == recounted(alice, "range=30d")


def test_it_waits_for_beacons_that_wait(alice: Actor) -> None:
    alice.view()
    during_outage(alice).view("https://alice.example/late")
    alice.installation.clock.move(days=5)
    assert waiting(alice)
    assert alice.installation.call("GET", "/api/health").status == 200
    assert days_made(alice) == 0
    assert waiting(alice) == []


def test_it_does_nothing_while_another_process_does_it(alice: Actor) -> None:
    alice.view()
    alice.installation.clock.move(days=5)
    db, now = alice.installation.db, alice.installation.clock()
    assert take_lease(db, chores.LEASE_NAME, "somebody", now)
    assert not chores.run(db, 0, now, 60).was_free
    assert days_made(alice) == 0


def test_it_answers_where_it_may_make_no_file(alice: Actor) -> None:
    nowhere = alice.installation.with_settings(var="/dev/null/none")
    assert nowhere.call("GET", "/api/health").status == 200
