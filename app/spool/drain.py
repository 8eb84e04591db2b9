"""Drains the spool: each beacon in one transaction with the note that it is done."""

from __future__ import annotations

import contextlib
import os
import time

from app.db import DatabaseAway
from app.spool import beacon, lines, store
from app.spool.folder import stem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database
    from app.http import Reply, Request
    from app.spool.folder import Folder

LEASE_NAME = "spool"


class _NotNow(Exception):
    """The beacon cannot be stored at the moment, nor what comes after it."""


class _Gone(Exception):
    """Another process has drained the file to its end and removed it."""


class Drained:
    """What became of the beacons; ``refused`` counts them by the answer's status."""

    def __init__(self) -> None:
        self.is_complete = False
        self.was_free = True
        self.beacons = 0
        self.torn = 0
        self.aside = 0
        self.refused: dict[str, int] = {}

    def add(self, other: Drained) -> None:
        """Count another run's beacons too."""
        self.beacons += other.beacons
        self.torn += other.torn
        self.aside += other.aside
        for reason, count in other.refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + count

    def __str__(self) -> str:
        parts = [f"{self.beacons} beacons drained"]
        parts += [f"{count} refused with {by}" for by, count in self.refused.items()]
        if self.torn:
            parts.append(f"{self.torn} torn")
        if self.aside:
            parts.append(f"{self.aside} set aside")
        return ", ".join(parts)


class Drain:
    """Takes beacons from ``folder`` to where ``answer`` stores them.

    ``answer`` is what answers a request; ``on_failure`` is called while an exception
    is handled that only this beacon can be the reason of. It is then set aside.
    """

    def __init__(
        self,
        folder: Folder,
        db: Database,
        answer: Callable[[Request], Reply],
        on_failure: Callable[[], object],
    ) -> None:
        self._folder = folder
        self._db = db
        self._answer = answer
        self._on_failure = on_failure
        self._done = Drained()
        self._deadline = 0.0

    def run(self, seconds: float, now: datetime) -> Drained:
        """Return what was drained, in about so many seconds; ``now`` is naive UTC.

        Only one process at a time does it. What is drained is right also if two do:
        each beacon is stored with the row that says so, which both must lock.

        :raise DatabaseAway: the database is not there.
        """
        done = self._done = Drained()
        self._deadline = time.monotonic() + seconds
        holder = os.urandom(8).hex()
        done.was_free = store.take_lease(self._db, LEASE_NAME, holder, now)
        if not done.was_free:
            return done
        try:
            done.is_complete = all(map(self._drain, self._folder.names()))
            if done.is_complete:
                self._folder.tidy()
        finally:
            with contextlib.suppress(DatabaseAway):
                store.give_lease_back(self._db, LEASE_NAME, holder)
        return done

    def _drain(self, name: str) -> bool:
        """Drain a file; return whether that is done."""
        name = self._folder.seal(name)
        if not name:
            return False
        start = store.start(self._db, stem(name))
        try:
            content = self._folder.read(name)
        except FileNotFoundError:
            store.finish(self._db, stem(name))
            return True
        try:
            for end, line in lines.parsed(content, start):
                if self._is_over():
                    return False
                if line is None:
                    self._done.torn += 1
                else:
                    self._store(stem(name), line, end)
        except (_NotNow, _Gone):
            return False
        self._folder.remove(name)
        store.finish(self._db, stem(name))
        return True

    def _store(self, file: str, line: bytes, end: int) -> None:
        """Store the beacon that ends there, unless another process has."""
        try:
            reply = self._db.transaction(lambda: self._answer_once(file, line, end))
        except (DatabaseAway, _NotNow, _Gone):
            raise
        except Exception:
            self._on_failure()
            self._folder.set_aside(lines.framed(line.decode("ascii")))
            self._db.transaction(lambda: store.save_position(self._db, file, end))
            self._done.aside += 1
            return
        if reply is not None:
            self._count(reply)

    def _answer_once(self, file: str, line: bytes, end: int) -> Reply | None:
        position = store.lock_position(self._db, file)
        if position is None:
            raise _Gone()
        if position >= end:
            return None
        # The try before it was spooled may have come through in the end.
        self._db.commit_lost = True
        request = beacon.unpacked(line)
        request.db = self._db
        reply = self._answer(request)
        if reply.status >= 500:
            raise _NotNow()
        store.save_position(self._db, file, end)
        return reply

    def _count(self, reply: Reply) -> None:
        self._done.beacons += 1
        if reply.status >= 400:
            reason = reply.status_line()
            self._done.refused[reason] = self._done.refused.get(reason, 0) + 1

    def _is_over(self) -> bool:
        """Return whether the time is over; for one beacon there always is some."""
        is_begun = self._done.beacons + self._done.aside > 0
        return is_begun and time.monotonic() > self._deadline
