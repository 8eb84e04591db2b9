"""Whether beacons wait in the spool, and whether it has room for more."""

from __future__ import annotations

import os
from datetime import datetime

from app.db import DatabaseAway
from app.spool import store
from app.spool.folder import Folder, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config
    from app.db import Database


def problem_of(
    db: Database, config: Config, at: datetime, has_database: bool
) -> tuple[str, str]:
    """Return what is to be said of the spool, and the detail for the admin.

    Both are empty if nothing waits and something could.
    """
    path = os.path.join(config.var, "spool")
    found = Folder(path, config.spool_max_bytes).state(_positions(db, has_database))
    if not config.spool_max_bytes:
        return "It is turned off: beacons are refused while the database is away.", ""
    if found.problem:
        message = "It cannot be written: beacons are refused while the database is away"
        return f"{message}.", f"{found.problem}."
    detail = f"The folder is {path}." if found.size else ""
    return _sentences(found, at), detail


def _sentences(found: State, at: datetime) -> str:
    said = []
    if found.is_full:
        said.append("THE SPOOL IS FULL: beacons are refused with 503.")
    if found.beacons:
        megabytes = max(found.size / 1_000_000, 0.1)
        said.append(
            f"{found.beacons} beacons wait for the database ({megabytes:.1f} MB),"
            f" the oldest for {_age(found.oldest, at)}."
        )
    if found.aside:
        said.append(
            "Beacons that could not be stored are set aside; the log says why."
            " After an update: python -m app drain --again"
        )
    return " ".join(said)


def _age(oldest: str, at: datetime) -> str:
    try:
        seconds = max((at - datetime.fromisoformat(oldest)).total_seconds(), 0)
    except ValueError:
        return "an unknown time"
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes > 59 else f"{minutes} min"


def _positions(db: Database, has_database: bool) -> dict[str, int]:
    try:
        return store.list_positions(db) if has_database else {}
    except DatabaseAway:
        return {}
