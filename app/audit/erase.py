"""Erases what is personal in audit entries, and leaves the chain whole."""

from __future__ import annotations

import json
import time

from app import fields
from app.audit import store
from app.audit.entry import ERASED, Entry, random_beacon_id
from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from app.audit.log import Log
    from app.db import Row
    from app.projects.store import Project

SECONDS_A_REQUEST = 10.0
"""How long one request erases; a further one goes on."""


class Erasure:
    """Erases entries of one project; without their action too, unless it is kept."""

    def __init__(
        self, log: Log, project: Project, at: datetime, keep_action: bool
    ) -> None:
        self._log = log
        self._project = project
        self._at = at
        self._keep_action = keep_action
        self._seqs: list[int] = []
        self._records: list[int] = []

    def of_entries(self, seqs: list[int]) -> dict[str, Any]:
        """Erase the entries with these numbers, at most as many as SLICE_ERASED.

        Return seqs (those erased now), not_found, and recorded_as: the numbers of the
        entries that say so. What was erased before is in neither.

        :raise InvalidInput: one of them says itself what was erased.
        """
        found: list[int] = []

        def find() -> list[Row]:
            rows = store.list_named(self._log.db, self._log.project_id, seqs)
            found[:] = [row["seq"] for row in rows]
            for row in rows:
                if row["action"] == ERASED:
                    raise InvalidInput(
                        f"Entry {row['seq']} says what was erased, and stays",
                        field="seqs",
                    )
            return rows

        self._erase(find)
        missing = sorted(set(seqs) - set(found))
        return {**self._answer(), "not_found": missing}

    def of_actor(self, actor: str) -> dict[str, Any]:
        """Erase every entry of this actor, as long as a request may take.

        Return seqs, recorded_as, and whether it is complete.
        """
        db, project_id = self._log.db, self._log.project_id
        deadline = time.monotonic() + SECONDS_A_REQUEST
        complete = False
        while not complete and time.monotonic() < deadline:
            complete = not self._erase(
                lambda: store.list_of_actor(db, project_id, actor)
            )
        return {**self._answer(), "complete": complete}

    def _erase(self, find: Callable[[], list[Row]]) -> bool:
        """Erase what ``find`` finds, in one transaction with the entry about it."""
        beacon_id = random_beacon_id()

        def work(head: Row) -> list[int]:
            if head["sent_seq"] is not None:
                return self._recorded(head["sent_seq"])
            seqs = [row["seq"] for row in find() if self._has_more(row)]
            if seqs:
                [record] = self._log.append([self._record(seqs, beacon_id)])
                store.erase(
                    self._log.db,
                    self._log.project_id,
                    seqs,
                    record["seq"],
                    self._keep_action,
                )
                return [record["seq"], *seqs]
            return []

        erased = self._log.change(beacon_id, self._project.cache_version, work)
        self._records += erased[:1]
        self._seqs += erased[1:]
        return bool(erased)

    def _has_more(self, row: Row) -> bool:
        """Return whether the row has something to be erased."""
        return not row["erased_by"] or bool(row["action"] and not self._keep_action)

    def _record(self, seqs: list[int], beacon_id: int) -> Entry:
        said: dict[str, Any] = {"count": len(seqs), "seqs": seqs}
        if self._keep_action:
            said["keep_action"] = True
        zone = self._project.timezone
        return Entry(self._at, zone, ERASED, "", fields.to_json(said), beacon_id)

    def _recorded(self, seq: int) -> list[int]:
        """Return what an attempt did of which only the answer was lost."""
        record = store.get_entry(self._log.db, self._log.project_id, seq)
        assert record is not None
        return [seq, *erased_seqs(record)]

    def _answer(self) -> dict[str, Any]:
        return {
            "erased": len(self._seqs),
            "seqs": self._seqs,
            "recorded_as": self._records,
        }


def erased_seqs(record: Row) -> list[int]:
    """Return the numbers of the entries that an entry says were erased."""
    seqs: list[int] = json.loads(record["context"])["seqs"]
    return seqs


def kept_action(record: Row) -> bool:
    """Return whether an entry says that the erased ones kept their action."""
    return "keep_action" in json.loads(record["context"])
