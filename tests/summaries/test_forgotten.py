"""Visitors without a cookie who are forgotten: what is said of them stays true."""

from __future__ import annotations

from collections.abc import Callable

from app.summaries import chores
from tests.conftest import Actor
from tests.spool.outage import drain, during_outage, waiting
from tests.summaries.days import ask, close_days, recounted


def _forget(alice: Actor) -> None:
    """Let nine days pass, and have closed days seen after."""
    clock = alice.installation.clock
    clock.move(days=9)
    assert chores.run(alice.installation.db, 0, clock(), 60, True).is_complete
    alice.installation.db.rest()
    assert alice.installation.rows("SELECT id FROM ph_visitors") == []


def test_it_says_that_they_were_new(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="UTC")
    clock = alice.installation.clock
    clock.move(hours=11, minutes=50)
    for number in range(6):
        alice.view(address=f"203.0.113.{number}")
    clock.move(minutes=20)
    alice.view("https://alice.example/next", address="203.0.113.1")
    _forget(alice)
    edit = {"id": alice.id, "identity": "cookie"}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    alice.view(visitor_id="with a cookie")
    for span in ("range=30d", "range=9d", "from=2026-03-05&to=2026-03-05"):
        # Both mean all views, the second one as counted from rows.
        found = [
            ask(alice, span + more, ["visitors-returning"])["visitors-returning"]
            for more in ("", "&filter[browser]=Chrome")
        ]
        assert found[0] == found[1], span
    whole = ask(alice, "range=30d", ["visitors-returning"])["visitors-returning"]
    assert (whole["new_visitors"], whole["returning_visitors"]) == (7, 0)


def test_it_counts_them_once_if_something_comes_very_late(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="UTC")
    clock = alice.installation.clock
    clock.move(hours=11, minutes=50)
    contents = []
    for page in range(4):
        # In turns: two of them come very late, one on each side of midnight.
        sender = during_outage(alice) if page % 2 else alice
        assert sender.view(f"https://alice.example/{page}").status in (200, 202)
        for file in waiting(alice):
            contents.append((file, file.read_bytes()))
            file.unlink()
        clock.move(minutes=5)
    _forget(alice)
    for file, content in contents:
        file.write_bytes(content)
    drain(alice)
    close_days(alice)
    rows = alice.installation.rows("SELECT visitor_id FROM ph_pageviews")
    assert len(rows) == 4
    assert len({row["visitor_id"] for row in rows}) == 1
    assert ask(alice, "range=30d") == recounted(alice, "range=30d")
    for span in ("range=30d", "from=2026-03-04&to=2026-03-04"):
        assert alice.visitors(span)["unique_visitors"] == 1
