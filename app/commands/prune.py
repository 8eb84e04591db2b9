"""prune: sums up closed days and deletes old rows, all of it at once."""

from __future__ import annotations

import os
import time

from app import clock
from app.problems import Unavailable
from app.spool.folder import Folder
from app.summaries import chores, prune_store
from app.summaries.closing import Closing
from app.summaries.pruning import Pruning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config
    from app.db import Database

SLICE_SECONDS = 5.0
WAIT_SECONDS = 1.0
MAX_WAITS = 40
"""Longer than anybody who is at it, and was killed, keeps others from it."""


def prune(database: Database, settings: Config, is_dry: bool) -> str:
    """Return what was done by project and table, or would be.

    :raise Unavailable: beacons wait in the spool that may concern closed days, or
        another process is at it.
    """
    return (_preview if is_dry else _prune)(database, settings)


def _preview(database: Database, settings: Config) -> str:
    now, days, deleted = clock.now(), {}, {}
    for project in prune_store.list_projects(database):
        name = f"{project['id']} ({project['name']})"
        days[name] = len(Closing(database, project, now).days())
        pruning = Pruning(database, project, settings.retention_days, now)
        deleted[name] = pruning.preview()
    return _table("would be ", days, deleted)


def _prune(database: Database, settings: Config) -> str:
    spool = Folder(os.path.join(settings.var, "spool"), settings.spool_max_bytes)
    total = chores.Done()
    waits = 0
    while True:
        if spool.names():
            raise Unavailable("Beacons wait in var/spool. Run: python -m app drain")
        days, now = settings.retention_days, clock.now()
        done = chores.run(database, days, now, SLICE_SECONDS, with_cookies=True)
        total.add(done)
        if done.is_complete:
            return _table("", total.days, total.deleted)
        waits = 0 if done.was_free else waits + 1
        if waits > MAX_WAITS:
            raise Unavailable("Another process is at it. Try again later.")
        time.sleep(WAIT_SECONDS if waits else 0)


def _table(would: str, days: dict[str, int], deleted: dict[str, dict[str, int]]) -> str:
    lines = []
    for name in days:
        if days[name]:
            lines.append(f"{name}: {days[name]} days {would}summed up")
        for table, count in deleted.get(name, {}).items():
            lines.append(f"{name}: {count} rows of {table} {would}deleted")
    if not would:
        lines.append("Nothing is left to do.")
    return "\n".join(lines) or "There is nothing to do."
