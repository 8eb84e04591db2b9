"""What tests of closed days share: closing them."""

from __future__ import annotations

from app.projects import admin_store
from app.summaries.closing import Closing
from tests.conftest import Actor


def close_days(actor: Actor) -> None:
    """Make all stats that can be made now."""
    installation = actor.installation
    row = admin_store.get_project(installation.db, actor.id)
    closing = Closing(installation.db, row, installation.clock())
    assert closing.make(lambda: False) == []
    installation.db.rest()
