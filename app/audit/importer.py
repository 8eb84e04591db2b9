"""Takes over the audit log of a Micrologs project.

In slices, each in one transaction with the mark of how far it got: an import that was
cut off goes on where it was, and nothing comes twice. An entry's number tells when it
came here, its time when it was done.
"""

from __future__ import annotations

import json
from datetime import datetime

from app import fields, ids
from app.audit import import_store
from app.audit.entry import (
    ERASED,
    MAX_ACTION_BYTES,
    MAX_ACTOR_BYTES,
    MAX_CONTEXT_BYTES,
    Entry,
)
from app.audit.log import Log
from app.clock import to_utc
from app.db import micrologs_audit
from app.problems import InvalidInput, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from app.config import Config
    from app.db import Database, Row

UNKNOWN = "unknown"
"""The action of an entry that has none."""


def import_entries(
    source: Database,
    db: Database,
    settings: Config,
    theirs: Row,
    ours: Row,
    on_progress: Callable[[int], None],
) -> int:
    """Append what ``theirs`` has to our log; ``on_progress`` gets entries so far.

    Return their id up to which all is here.

    :raise Problem: another import of this project is running.
    """
    key = {
        "project_id": ours["id"],
        "id": theirs["id"],
        "public_key": theirs["public_key"],
    }
    mark = import_store.get_mark(db, key)
    log = Log(db, settings.secret, settings.var, ours["id"], ours["public_key"])
    after: int = mark["audit_id"]
    done = 0
    while rows := micrologs_audit.list_logs(source, theirs["id"], after):
        source.rest()
        entries = [
            _entry(settings.secret, theirs, ours, mark["timezone"], row) for row in rows
        ]

        def work(
            head: Row,
            entries: list[Entry] = entries,
            before: int = after,
            until: int = rows[-1]["id"],
        ) -> None:
            if head["sent_seq"] is not None and db.commit_lost:
                return
            if not import_store.set_mark(db, key, before, until):
                raise Problem("Another import of this project is running.")
            log.append(entries)

        log.change(entries[0].beacon_id, None, work)
        after = rows[-1]["id"]
        done += len(rows)
        on_progress(done)
    return after


def _entry(secret: bytes, theirs: Row, ours: Row, timezone: str, row: Row) -> Entry:
    action = fields.text(row, "action", MAX_ACTION_BYTES) or UNKNOWN
    if action == ERASED:
        # It would be taken for our own word that something was erased.
        action = f"{ERASED} (imported)"
    return Entry(
        to_utc(row["created_at"] or datetime(1970, 1, 1), timezone),
        ours["timezone"],
        action,
        fields.text(row, "actor", MAX_ACTOR_BYTES),
        _context(row["context"]),
        ids.keyed(
            secret, "imported audit", ours["id"], theirs["public_key"], row["id"]
        ),
    )


def _context(text: str | None) -> str:
    """Return the context as we write it; what is none is kept as a list of one text."""
    if not text:
        return ""
    try:
        value = {"": json.loads(text)}
        return fields.json_text(value, "", MAX_CONTEXT_BYTES)
    except (ValueError, RecursionError, InvalidInput):
        return fields.to_json([fields.cut(text, MAX_CONTEXT_BYTES)])
