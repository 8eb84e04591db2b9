"""Walks a project's audit log and names the first thing that is wrong with it."""

from __future__ import annotations

import time
from functools import lru_cache

from app import heads
from app.audit import store
from app.audit.entry import ERASED, Seal, payload_digest
from app.audit.erase import erased_seqs, kept_action

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.db import Database, Row

CHANGED = "changed"
REMOVED = "removed"
REORDERED = "reordered"
INSERTED = "inserted"
NEWEST_REMOVED = "newest_removed"
WRONG_SECRET = "wrong_secret"

SEARCHED = 50_000
"""So far from its place an entry is looked for that belongs elsewhere."""
FEW = 1000
"""And so far behind the end, where others may have been removed."""


class Wrong(Exception):
    """Something is wrong: which kind, with which entry, in a sentence."""

    def __init__(self, kind: str, seq: int, message: str) -> None:
        super().__init__(message)
        self.problem = {"seq": seq, "kind": kind, "message": message}


class Verification:
    """One walk; ``seq`` and ``hash`` are those of the last entry found right.

    ``known`` is what heads.read found beside the database. It must have been read
    before, so that no entry is newer than the walk knows.
    """

    def __init__(
        self,
        db: Database,
        secret: bytes,
        project_id: int,
        known: dict[str, tuple[int, str]],
        start: int = 1,
    ) -> None:
        self._db = db
        self._project_id = project_id
        self._seal = Seal(secret, project_id)
        self._erased_by = lru_cache(maxsize=16)(self._seqs_erased_by)
        head = store.get_head(db, project_id)
        self._kept = heads.of(known, head["public_key"] or "")
        self.newest = max(_number(head["newest_seq"]), 0)
        self.oldest = _number(head["oldest_seq"], 1)
        self.has_head = head["seq"] is not None
        self.head = (_number(head["seq"]), str(head["hash"] or ""))
        self.seq = min(start - 1, self.newest)
        self.hash = self._hash_of(self.seq)
        self.entries = 0
        self.erased = 0

    def run(
        self,
        receipt: tuple[int, str] | None = None,
        seconds: float = float("inf"),
        on_progress: Callable[[int], None] = lambda seq: None,
    ) -> dict[str, Any]:
        """Return valid, entries, erased, head, first_problem, complete, verified_to.

        ``entries`` and ``erased`` count what this walk found right. After ``seconds``
        it ends early and is not complete: a walk from ``verified_to`` + 1 goes on.
        ``receipt`` is number and hash of an entry that somebody kept.
        """
        problem = None
        try:
            if self.oldest < 1:
                message = f"Entry {self.oldest} was inserted: the first is entry 1."
                raise Wrong(INSERTED, self.oldest, message)
            self._walk(time.monotonic() + seconds, on_progress)
            if self.seq == self.newest:
                self._check_head()
                self._check_kept()
            if receipt is not None:
                self._check_receipt(*receipt)
        except Wrong as wrong:
            problem = wrong.problem
        return {
            "valid": problem is None,
            "entries": self.entries,
            "erased": self.erased,
            "head": {"seq": self.head[0], "hash": self.head[1]},
            "kept_seq": self._kept[0] if self._kept else None,
            "first_problem": problem,
            "complete": problem is None and self.seq == self.newest,
            "verified_to": self.seq,
        }

    def _walk(self, deadline: float, on_progress: Callable[[int], None]) -> None:
        while self.seq < self.newest:
            rows = store.list_slice(self._db, self._project_id, self.seq, self.newest)
            if not rows:
                return  # the project is being deleted
            for number, row in enumerate(rows):
                self._check(row, rows, number)
                self.seq, self.hash = row["seq"], row["hash"]
                self.entries += 1
                self.erased += bool(row["erased_by"])
            on_progress(self.seq)
            if time.monotonic() > deadline:
                return

    def _check(self, row: Row, rows: list[Row], number: int) -> None:
        """Raise Wrong if the row is not the entry that was written in its place."""
        seq = row["seq"]
        self._check_place(seq)
        following = rows[number + 1] if number + 1 < len(rows) else None
        is_displaced = following is not None and self._seal.fits(following, seq)
        if not self._seal.is_genuine(row):
            self._find_home(row)
            if is_displaced or seq > self.head[0]:
                raise Wrong(INSERTED, seq, f"Entry {seq} was inserted.")
            if number == 0 and len(rows) > 1:
                self._check_secret(rows)
            message = f"Entry {seq} has another time or hash than it was written with."
            raise Wrong(CHANGED, seq, message)
        if row["previous"] != self.hash:
            message = f"Another entry stood before entry {seq} when that was written."
            raise Wrong(REMOVED, max(seq - 1, 1), message)
        message = self._payload_problem(row)
        if message and is_displaced:
            raise Wrong(INSERTED, seq, f"Entry {seq} was inserted.")
        if message:
            raise Wrong(CHANGED, seq, message)

    def _check_place(self, seq: Any) -> None:
        """Raise Wrong if it is not the number after the last one."""
        if not isinstance(seq, int):
            message = f"A row without a number was inserted after entry {self.seq}."
            raise Wrong(INSERTED, self.seq + 1, message)
        if seq != self.seq + 1:
            raise Wrong(REMOVED, self.seq + 1, _missing(self.seq + 1, seq - 1))

    def _find_home(self, row: Row) -> None:
        """Raise Wrong if the row was written, but in another place."""
        seq = row["seq"]
        known = max(self.newest, self.head[0], self._kept[0] if self._kept else 0)
        last = min(known + FEW, seq + SEARCHED)
        for place in range(max(seq - SEARCHED, 1), last + 1):
            if self._seal.fits(row, place):
                message = f"The entry in place {seq} was written as entry {place}."
                raise Wrong(REORDERED, seq, message)

    def _check_secret(self, rows: list[Row]) -> None:
        """Raise Wrong if none of the rows was written with our secret."""
        if not any(map(self._seal.is_genuine, rows)):
            seq = rows[0]["seq"]
            message = (
                f"None of the {len(rows)} entries from {seq} on fits the secret in"
                " config.ini: it is not the one they were written with, or all of"
                " them were changed."
            )
            raise Wrong(WRONG_SECRET, seq, message)

    def _payload_problem(self, row: Row) -> str:
        """Return what is wrong with action, actor and context; '' if nothing is."""
        seq = row["seq"]
        if not row["erased_by"]:
            different = f"Entry {seq} has another action, actor or context than written"
            return "" if _has_payload(row) else different + "."
        seqs, keeps_action = self._erased_by(row["erased_by"])
        if seq not in seqs:
            return f"Entry {seq} was emptied, and no entry says that it was erased."
        left = (row["actor"], row["context"], row["salt"])
        if left != ("", None, "") or (row["action"] != "") is not keeps_action:
            return f"Entry {seq} was erased, and does not hold what that left of it."
        return ""

    def _check_head(self) -> None:
        """Raise Wrong if the log does not end where the head says."""
        last = self.seq
        if last and not self.has_head:
            message = (
                "What says where the log ends is gone: the newest entries may have"
                " been removed."
            )
            raise Wrong(NEWEST_REMOVED, last + 1, message)
        if self.head[0] > last:
            message = f"The newest are gone. {_missing(last + 1, self.head[0])}"
            raise Wrong(NEWEST_REMOVED, last + 1, message)
        if self.head != (last, self.hash):
            message = f"What says where the log ends does not fit entry {last}."
            raise Wrong(CHANGED, last, message)

    def _check_kept(self) -> None:
        """Raise Wrong if an entry is gone that is known outside the database."""
        if self._kept is None:
            return
        seq, digest = self._kept
        hint = f"A file under var/audit/ knows entry {seq}"
        if seq > self.seq:
            message = f"{hint}; here the newest is {self.seq}."
            raise Wrong(NEWEST_REMOVED, self.seq + 1, message)
        if self._hash_of(seq) != digest:
            message = (
                f"{hint} as another one: the newest entries were removed, and others"
                " came in their place."
            )
            raise Wrong(NEWEST_REMOVED, seq, message)

    def _check_receipt(self, seq: int, digest: str) -> None:
        """Raise Wrong if the entry of a receipt is not here."""
        if seq > self.newest:
            message = f"The receipt is of entry {seq}; the newest is {self.newest}."
            raise Wrong(NEWEST_REMOVED, self.newest + 1, message)
        if self._hash_of(seq) != digest:
            message = f"Entry {seq} is not the one that the receipt is of."
            raise Wrong(CHANGED, seq, message)

    def _hash_of(self, seq: int) -> str:
        row = self._entry(seq) if seq > 0 else None
        return row["hash"] if row else ""

    def _entry(self, seq: int) -> Row | None:
        return self._db.read(lambda: store.get_entry(self._db, self._project_id, seq))

    def _seqs_erased_by(self, seq: int) -> tuple[frozenset[int], bool]:
        """Return what the entry ``seq`` says was erased, and if actions were kept."""
        row = self._entry(seq)
        if row is None or row["action"] != ERASED or not self._seal.is_genuine(row):
            return frozenset(), False
        if not _has_payload(row):
            return frozenset(), False
        return frozenset(erased_seqs(row)), kept_action(row)


def _has_payload(row: Row) -> bool:
    """Return whether action, actor and context are those that were written."""
    found = payload_digest(row["salt"], row["action"], row["actor"], row["context"])
    return bool(found == row["payload_digest"])


def _number(found: object, otherwise: int = 0) -> int:
    """Return a number of the database; SQLite keeps anything else as one, too."""
    return found if isinstance(found, int) else otherwise


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"Entry {first} is missing."
    return f"Entries {first} to {last} are missing."
