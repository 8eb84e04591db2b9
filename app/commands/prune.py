"""prune: sums up closed days and deletes old rows, all of it at once."""

from __future__ import annotations

import os
import sys
import time

from app import clock
from app.log import redact
from app.problems import Unavailable
from app.spool.folder import Folder
from app.summaries import chores, prune_store
from app.summaries.closing import Closing
from app.summaries.due import Due
from app.summaries.pruning import Pruning
from app.summaries.rounds import Round

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config
    from app.db import Database

SLICE_SECONDS = 5.0
WAIT_SECONDS = 1.0
MAX_WAITS = 40
"""Longer than anybody who is at it, and was killed, keeps others from it."""
MAX_REASON_LENGTH = 500


def prune(database: Database, settings: Config, is_dry: bool) -> tuple[str, str]:
    """Return what was done by project and table, or would be, and what failed.

    :raise Unavailable: beacons wait in the spool that may concern closed days, or
        another process is at it.
    """
    if is_dry:
        return _preview(database, settings), ""
    return _prune(database, settings)


def _preview(database: Database, settings: Config) -> str:
    now, days, deleted = clock.now(), {}, {}
    for project in prune_store.list_projects(database):
        name = chores.name_of(project)
        days[name] = len(Closing(database, project, now).days())
        pruning = Pruning(database, project, settings.retention_days, now)
        deleted[name] = pruning.preview()
    return _table("would be ", days, deleted) or "There is nothing to do."


def _prune(database: Database, settings: Config) -> tuple[str, str]:
    spool = Folder(os.path.join(settings.var, "spool"), settings.spool_max_bytes)
    total, turn = chores.Done(), Round(_reason)
    waits = 0
    while True:
        if spool.names():
            raise Unavailable("Beacons wait in var/spool. Run: python -m app drain")
        days, now = settings.retention_days, clock.now()
        done = chores.run(database, days, now, SLICE_SECONDS, True, turn)
        total.add(done)
        if done.is_complete:
            turn.save(Due(settings.var).path)
            return _told(total, turn)
        waits = 0 if done.was_free else waits + 1
        if waits > MAX_WAITS:
            raise Unavailable("Another process is at it. Try again later.")
        time.sleep(WAIT_SECONDS if waits else 0)


def _told(done: chores.Done, turn: Round) -> tuple[str, str]:
    table = _table("", done.days, done.deleted)
    wrong = [f"project {one} failed: {said}" for one, said in turn.failed.items()]
    if not wrong:
        table = f"{table}\nNothing is left to do.".lstrip()
    return table, "\n".join(wrong)


def _reason(project_id: int) -> str:
    kind, error, _ = sys.exc_info()
    return redact(f"{kind.__name__ if kind else ''}: {error}"[:MAX_REASON_LENGTH])


def _table(would: str, days: dict[str, int], deleted: dict[str, dict[str, int]]) -> str:
    lines = []
    for name in days:
        if days[name]:
            lines.append(f"{name}: {days[name]} days {would}summed up")
        for table, count in deleted.get(name, {}).items():
            lines.append(f"{name}: {count} rows of {table} {would}deleted")
    return "\n".join(lines)
