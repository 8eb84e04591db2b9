"""drain: stores what waits in the spool, all of it at once."""

from __future__ import annotations

import time

from app.commands.progress import Progress
from app.dispatch import Dispatcher
from app.problems import Unavailable
from app.spool.drain import Drained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config

SLICE_SECONDS = 5.0
WAIT_SECONDS = 1.0
MAX_WAITS = 40
"""Longer than anybody who drains, and was killed at it, keeps others from it."""


def drain(settings: Config, again: bool) -> str:
    """Return in a sentence what became of the beacons in the spool.

    With ``again`` those that were set aside are tried too.

    :raise Unavailable: the database is away, or another process drains.
    """
    dispatcher = Dispatcher(settings)
    try:
        return str(_drain(dispatcher, again))
    finally:
        dispatcher.close()


def _drain(dispatcher: Dispatcher, again: bool) -> Drained:
    folder = dispatcher.spool()
    if again:
        folder.bring_back()
    total = Drained()
    progress = Progress("Draining", folder.state({}).beacons)
    waits = 0
    while folder.names():
        done = dispatcher.drain(SLICE_SECONDS)
        if done is None:
            raise Unavailable(f"The database cannot be used. So far: {total}.")
        total.add(done)
        progress.show(total.beacons)
        if not done.beacons and folder.names():
            waits += 1
            if waits > MAX_WAITS:
                raise Unavailable(f"The spool cannot be drained now. So far: {total}.")
            time.sleep(WAIT_SECONDS)
    progress.end()
    return total
