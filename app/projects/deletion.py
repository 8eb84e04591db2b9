"""Deletes a project with everything it has, in slices that hold no lock for long."""

from __future__ import annotations

import time
from datetime import timedelta

from app.projects import deletion_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database

SECONDS_A_REQUEST = 5.0
"""How long a request deletes; what is left goes with later calls."""

LAST_BEACONS = timedelta(minutes=5)
"""A beacon that was under way when its project was deleted is written by then."""


def delete_project(db: Database, project_id: int, at: datetime) -> None:
    """Turn the project off for good at once, then delete what it has.

    What is left, and what beacons under way still write, goes with later calls of
    projects/*; the empty row stays until then, so that its id is not used again.
    """
    deletion_store.mark_deleted(db, project_id, at)
    go_on(db, at)


def go_on(db: Database, at: datetime) -> None:
    """Delete what deleted projects still have, for a few seconds at most."""
    deadline = time.monotonic() + SECONDS_A_REQUEST
    for row in deletion_store.list_deleted(db):
        for table in deletion_store.OWNED_TABLES:
            while deletion_store.delete_slice(db, table, row["id"]):
                if time.monotonic() > deadline:
                    return
        if at - row["deleted_at"] > LAST_BEACONS:
            deletion_store.delete_project(db, row["id"])
