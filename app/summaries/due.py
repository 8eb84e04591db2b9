"""When the next request should see after closed days: one file says it to all."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)
FIRST = timedelta(minutes=10)
"""A new installation has no closed days."""
LONGEST = timedelta(minutes=20)
"""It is never set so far ahead, but by a clock that was."""


class Due:
    """The moment, naive UTC, is a file's time of change: a beacon need not read it."""

    def __init__(self, var: str) -> None:
        self.path = os.path.join(var, "summaries")

    def is_now(self, now: datetime) -> bool:
        """Return whether the moment has come; if there is none, one is set."""
        try:
            ahead = os.stat(self.path).st_mtime - _seconds(now)
        except OSError:
            self.set(now + FIRST)
            return False
        return not 0 < ahead <= LONGEST.total_seconds()

    def set(self, at: datetime) -> None:
        """Let it be ``at``. Where no file can be made it never comes."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            os.utime(self.path, (_seconds(at), _seconds(at)))
        except OSError:
            # What is due is then done by `python -m app prune` alone.
            return


def _seconds(at: datetime) -> float:
    return (at - EPOCH).total_seconds()
