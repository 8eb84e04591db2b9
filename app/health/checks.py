"""The checks: each says ok, warn or fail, and in a sentence what that means."""

from __future__ import annotations

import os
import sys

from app.db import DatabaseAway, migrate
from app.health import size, spool
from app.summaries.due import Due
from app.summaries.rounds import Round

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.config import Config
    from app.db import Database
    from app.limits import Limits

    Check = dict[str, str]

OK = "ok"
WARN = "warn"
FAIL = "fail"

GEOIP_STALE_DAYS = 60
"""Publishers bring out a new file each month."""


def run(
    db: Database, config: Config, limits: Limits, at: datetime, is_admin: bool
) -> dict[str, Check]:
    """Return status and message of each check, by its name.

    Only ``fail`` means that beacons cannot be stored. For the admin the messages
    name versions, paths and causes.
    """
    database, version = _database(db, is_admin)
    return {
        "python": _python(is_admin),
        "database": database,
        "schema": _schema(version),
        "size": _size(db, config, at, is_admin, version == migrate.SCHEMA),
        "geoip": _geoip(config.geoip, at, is_admin),
        "storage": _storage(config.var, is_admin),
        "spool": _spool(db, config, at, is_admin, version > 0),
        "limits": _limits(limits, is_admin),
        "summaries": _summaries(config.var, is_admin),
    }


def _check(status: str, message: str, detail: str = "") -> Check:
    return {"status": status, "message": f"{message} {detail}".rstrip()}


def _python(is_admin: bool) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    detail = f"Python {version} at {sys.executable}." if is_admin else ""
    return _check(OK, "Running.", detail)


def _database(db: Database, is_admin: bool) -> tuple[Check, int]:
    """Return the check, and the schema's version, -1 if it cannot be read.

    That it can be written is tried by a change that is taken back.
    """
    try:
        version = migrate.version(db)
        if version:
            migrate.try_to_write(db)
        return _check(OK, "Connected, and it can be written."), version
    except DatabaseAway as error:
        detail = str(error) if is_admin else ""
        message = "The database cannot be used."
        return _check(FAIL, message, detail), -1


def _schema(version: int) -> Check:
    if version < 0:
        return _check(FAIL, "The schema cannot be read while the database is away.")
    if version == migrate.SCHEMA:
        return _check(OK, "Up to date.")
    if version == 0:
        return _check(
            FAIL, "The schema is missing. Import sql/001_initial.sql in phpMyAdmin."
        )
    if version > migrate.SCHEMA:
        return _check(FAIL, "The schema is of a newer Porthole. Upload that one.")
    return _check(
        FAIL,
        "The schema is old. Run: python -m app migrate"
        " (or import the newer files of sql/ in phpMyAdmin)",
    )


def _size(
    db: Database, config: Config, at: datetime, is_admin: bool, has_database: bool
) -> Check:
    """Return the check; only the admin is told figures."""
    unknown = _check(WARN, "It cannot be told while the database is away.")
    if not has_database:
        return unknown
    try:
        found = size.of(db, config.database_max_bytes, at)
    except DatabaseAway:
        return unknown
    detail = found.figures() if is_admin else ""
    if found.problem:
        return _check(WARN, found.problem, detail)
    room = (
        "There is room."
        if found.max_bytes
        else "Nobody has set how much room there is."
    )
    return _check(OK, room, detail)


def _geoip(path: str, at: datetime, is_admin: bool) -> Check:
    detail = f"Looked for {path}." if is_admin else ""
    try:
        changed = os.stat(path).st_mtime
    except OSError:
        return _check(WARN, "There is no GeoIP file; places stay empty.", detail)
    days = int((at.timestamp() - changed) // 86400)
    if days > GEOIP_STALE_DAYS:
        return _check(WARN, f"The GeoIP file is {days} days old.", detail)
    return _check(OK, "There is a GeoIP file.", detail)


def _storage(path: str, is_admin: bool) -> Check:
    detail = f"The folder is {path}." if is_admin else ""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        message = "Porthole's var folder cannot be written, so nothing is logged."
        return _check(WARN, message, detail)
    return _check(OK, "The var folder can be written.", detail)


def _spool(
    db: Database, config: Config, at: datetime, is_admin: bool, has_database: bool
) -> Check:
    problem, detail = spool.problem_of(db, config, at, has_database)
    if problem:
        return _check(WARN, problem, detail if is_admin else "")
    return _check(OK, "Nothing waits; there is room if the database goes away.")


def _limits(limits: Limits, is_admin: bool) -> Check:
    if limits.problem:
        return _check(WARN, limits.problem, limits.detail if is_admin else "")
    return _check(OK, "Calls are counted.")


def _summaries(var: str, is_admin: bool) -> Check:
    """Return what the last round on this host says, by a request or by ``prune``."""
    failed = Round.load(Due(var).path).failed
    if not failed:
        return _check(OK, "Closed days are summed up.")
    message = "Closed days of a project could not be summed up; the log says why."
    found = [f"project {one} ({said})" for one, said in failed.items()]
    return _check(WARN, message, f"{', '.join(found)}." if is_admin else "")
