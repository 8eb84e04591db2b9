"""Two processes that make the stats of one day, the first held up for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.projects import admin_store
from app.summaries import store
from app.summaries.closing import Closing
from tests.conftest import Actor
from tests.spool.outage import drain, during_outage, waiting
from tests.summaries.days import ask, close_days, recounted

DAY = date(2026, 3, 5)


def _hold_back(alice: Actor) -> Callable[[], None]:
    """Have a visit on DAY whose night is not known yet; return what delivers it."""
    clock = alice.installation.clock
    clock.move(hours=11, minutes=50)
    alice.view("https://alice.example/a", address="203.0.113.9")
    clock.move(minutes=1)
    alice.view("https://alice.example/b")
    clock.move(minutes=15)
    assert clock().date() == DAY
    assert during_outage(alice).view("https://alice.example/b2").status == 202
    [file] = waiting(alice)
    content = file.read_bytes()
    file.unlink()
    clock.move(minutes=50)
    alice.view("https://alice.example/b", address="203.0.113.77")
    clock.move(days=6)

    def deliver() -> None:
        file.write_bytes(content)
        drain(alice)
        assert not waiting(alice)

    return deliver


def test_it_counts_what_came_while_it_was_held_up(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="UTC")
    deliver = _hold_back(alice)
    installation = alice.installation
    db, found = installation.db, []

    def be_overtaken() -> bool:
        """Once, when some parts are made, have another process begin anew."""
        [row] = store.list_days(db, alice.id, DAY, DAY)
        if not found and row["parts"] == 2:
            db.rest()
            deliver()
            store.begin(db, alice.id, DAY)
            found.append(row)
        return False

    project = admin_store.get_project(db, alice.id)
    Closing(db, project, installation.clock()).make(be_overtaken)
    db.rest()
    assert found
    close_days(alice)
    assert ask(alice, "range=30d") == recounted(alice, "range=30d")
