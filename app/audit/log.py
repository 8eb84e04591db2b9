"""Appends entries to a project's audit log, one after another."""

from __future__ import annotations

from app import heads
from app.audit import store
from app.audit.entry import Seal
from app.db import Again
from app.projects.store import ProjectChanged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from app.audit.entry import Entry
    from app.db import Database, Row

    Result = TypeVar("Result")


class Log:
    """The audit log of one project; ``var`` is where its newest entry is kept too."""

    def __init__(
        self, db: Database, secret: bytes, var: str, project_id: int, public_key: str
    ) -> None:
        self.db = db
        self.project_id = project_id
        self._seal = Seal(secret, project_id)
        self._var = var
        self._public_key = public_key
        self._head: Row = {}
        self._appended: list[Row] = []

    def record(self, entry: Entry, cache_version: str) -> Row:
        """Return seq and hash of the entry, stored now unless it was before.

        :raise ProjectChanged: ``cache_version`` is not that of the projects any more.
        """

        def work(head: Row) -> Row:
            if head["sent_seq"] is not None:
                return {"seq": head["sent_seq"], "hash": head["sent_hash"]}
            return self.append([entry])[0]

        return self.change(entry.beacon_id, cache_version, work)

    def change(
        self, beacon_id: int, cache_version: str | None, work: Callable[[Row], Result]
    ) -> Result:
        """Return what ``work`` returns, which may append, in one transaction.

        It gets the columns of LOCK_HEAD, of which ``sent_seq`` and ``sent_hash`` are
        those of the entry with this beacon id. It is run again after a conflict.

        :raise ProjectChanged: ``cache_version`` is given, and not that of the projects
            any more.
        """
        known = heads.read(self._var, self.project_id)
        kept = heads.of(known, self._public_key)
        values = {
            "project_id": self.project_id,
            "beacon_id": beacon_id,
            "kept_seq": kept[0] if kept else 0,
        }

        def locked() -> Result:
            self._appended = []
            self._head = store.lock_head(self.db, values)
            if cache_version not in (None, self._head["cache_version"]):
                raise ProjectChanged()
            return work(self._head)

        result = self.db.transaction(locked)
        # If what was kept is not in the table any more, it stays as the proof of that.
        is_sound = kept is None or self._head["kept_hash"] == kept[1]
        if self._appended and is_sound:
            newest = self._appended[-1]
            self._keep_head(newest["seq"], newest["hash"])
        return result

    def _keep_head(self, seq: int, digest: str) -> None:
        """Keep where the log ends beside the database, once that is committed."""
        var, project_id, public_key = self._var, self.project_id, self._public_key
        self.db.after_commit(
            lambda: heads.keep(var, project_id, seq, digest, public_key)
        )

    def append(self, entries: list[Entry]) -> list[Row]:
        """Return the rows of the entries, stored at the end of the locked log."""
        head = (self._head["seq"], self._head["hash"])
        last, previous = newest = self._newest()
        rows = []
        for seq, entry in enumerate(entries, last + 1):
            row = {"project_id": self.project_id, "seq": seq, "previous": previous}
            row.update(entry.columns())
            row["hash"] = previous = self._seal.hash_of(row, seq)
            rows.append(row)
        if head[0] is None:
            if not store.insert_head(self.db, rows[-1]):
                raise Again("another process made the first entry")
        elif head == newest:
            # Otherwise somebody changed it, or removed rows: it stays as the proof.
            store.update_head(self.db, rows[-1])
        store.insert_entries(self.db, rows)
        self._appended = rows
        return rows

    def _newest(self) -> tuple[int, str]:
        """Return number and hash of the newest entry that is in the table."""
        head = self._head
        found = (head["newest_seq"] or 0, head["newest_hash"] or "")
        if head["seq"] is None or (head["seq"], head["hash"]) == found:
            return found
        # Another writer was here meanwhile, or the head is not ours.
        row = store.lock_newest(self.db, self.project_id)
        return (row["seq"], row["hash"]) if row else (0, "")
