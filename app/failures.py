"""What a caller is told of something that went wrong, and what the log is told."""

from __future__ import annotations

import os
import sys

from app.db import DatabaseAway
from app.problems import Problem, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.log import Log


def problem_of(error: Exception, log: Log) -> Problem:
    """Return what the caller is told of ``error``, which is being handled.

    What is no refusal of ours is logged.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, DatabaseAway):
        log.write(f"the database is away: {error}")
        return Unavailable()
    return record(log)


def record(log: Log) -> Problem:
    """Log what went wrong under an id, and return a problem that names the id."""
    return Problem(f"Server error. It is in the log as {note(log)}.")


def note(log: Log, at_what: str = "") -> str:
    """Log the exception that is being handled under an id, and return the id.

    The exception's text is left out: it may quote what was sent. A database's
    error number cannot.
    """
    import traceback

    error_id = os.urandom(4).hex()
    kind, error, trace = sys.exc_info()
    numbers = [arg for arg in getattr(error, "args", ()) if isinstance(arg, int)]
    frames = "".join(traceback.format_tb(trace))
    where = f" at {at_what}" if at_what else ""
    log.write(f"error {error_id}{where}: {kind!r} {numbers or ''}\n{frames}")
    return error_id
