"""Makes links, and changes them."""

from __future__ import annotations

from app import ids
from app.links import codes, link_store
from app.problems import Conflict, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.db import Database, Row

ID_SHIFT = 10
"""A time-ordered id has 63 bits; JavaScript keeps 53 of them."""

DEFAULTS = {"label": "", "is_active": 1, "expires_at": None, "max_clicks": None}


def create_link(
    db: Database, project_id: int, code: str, values: Row, at: datetime
) -> Row:
    """Return the row of a new link; without a ``code`` it gets a random one.

    ``values``: destination_url and what is not as in DEFAULTS.

    :raise Conflict: some link of the installation has the code, or had it and was of
        another project.
    """
    key = {"project_id": project_id, "code": code, "id": 0}
    created = {"clicks": 0, "created_at": at.replace(microsecond=0)}
    row = {**DEFAULTS, **values, **created, **key}

    def work() -> None:
        found = link_store.find_code(db, row["code"]) if row["code"] else None
        # Stored by us, and the answer to the COMMIT was lost?
        if found and (found["project_id"], found["id"]) == (project_id, row["id"]):
            return
        if code and found:
            if not found["is_gone"] or found["project_id"] != project_id:
                raise Conflict(f"code {code} is taken", field="code")
            link_store.delete_link(db, project_id, code)
        row["code"] = code or codes.draw()
        row["id"] = ids.time_ordered(at) >> ID_SHIFT
        link_store.insert_link(db, row)

    db.transaction(work)
    return row


def edit_link(
    db: Database, project_id: int, code: str, changes: Mapping[str, object]
) -> Row:
    """Return the link's row with the ``changes``, stored.

    Columns that are not among them stay as they are, even if another call changes
    them at the same time.

    :raise NotFound: there is no such link.
    """

    def work() -> Row:
        row = link_store.lock_link(db, project_id, code)
        if row is None:
            raise NotFound("Link not found")
        changed = {**row, **changes}
        link_store.update_link(db, {**changed, "project_id": project_id})
        return changed

    return db.transaction(work)
