"""Deletes a link with its clicks, in slices that hold no lock for long."""

from __future__ import annotations

import time

from app.links import link_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database

SECONDS_A_REQUEST = 5.0
"""How long a request deletes; what is left goes with later calls of links/*."""


def delete_link(db: Database, project_id: int, code: str, at: datetime) -> bool:
    """Delete the link, for everybody at once; False if there is none.

    No click can come after that: each is stored only if it can still be counted on
    its link. The code stays the project's: others cannot have it.
    """
    was_there = link_store.mark_deleted(db, project_id, code, at)
    go_on(db, project_id)
    return was_there


def go_on(db: Database, project_id: int) -> None:
    """Delete what deleted links still have, for a few seconds at most."""
    deadline = time.monotonic() + SECONDS_A_REQUEST
    for link in link_store.list_deleted(db, project_id):
        while link_store.delete_slice(db, project_id, link):
            if time.monotonic() > deadline:
                return
