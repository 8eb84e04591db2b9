"""When the next request sees after closed days."""

from __future__ import annotations

from tests.conftest import Actor
from tests.summaries.days import days_made


def _come_by(alice: Actor) -> None:
    """Let some requests come by."""
    for _ in range(5):
        assert alice.installation.call("GET", "/api/health").status == 200
        alice.installation.clock.move(seconds=1)


def test_it_goes_on_after_a_clock_that_was_ahead(alice: Actor) -> None:
    clock = alice.installation.clock
    clock.move(days=400)
    _come_by(alice)
    clock.move(days=-400)
    alice.view()
    clock.move(days=5)
    _come_by(alice)
    assert days_made(alice) > 0
