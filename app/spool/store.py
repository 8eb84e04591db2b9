"""The statements that drain the spool: who does it, and how far he is."""

from __future__ import annotations

from datetime import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Params

LEASE = timedelta(seconds=30)

# One that ends too far ahead is what a clock left that was set back.
TAKE_LEASE = """
-- spool.store.TAKE_LEASE
UPDATE ph_leases
SET holder = %(holder)s, ends_at = %(ends_at)s
WHERE name = %(name)s AND (holder = %(holder)s OR ends_at <= %(now)s
  OR ends_at > %(too_late)s)
"""

INSERT_LEASE = """
-- spool.store.INSERT_LEASE
INSERT IGNORE INTO ph_leases (name, holder, ends_at)
VALUES (%(name)s, %(holder)s, %(ends_at)s)
"""

DELETE_LEASE = """
-- spool.store.DELETE_LEASE
DELETE FROM ph_leases
WHERE name = %(name)s AND holder = %(holder)s
"""

INSERT_POSITION = """
-- spool.store.INSERT_POSITION
INSERT IGNORE INTO ph_spooled (file, position)
VALUES (%(file)s, 0)
"""

LOCK_POSITION = """
-- spool.store.LOCK_POSITION
SELECT position
FROM ph_spooled
WHERE file = %(file)s
FOR UPDATE
"""

SAVE_POSITION = """
-- spool.store.SAVE_POSITION
UPDATE ph_spooled
SET position = %(position)s
WHERE file = %(file)s
"""

DELETE_POSITION = """
-- spool.store.DELETE_POSITION
DELETE FROM ph_spooled
WHERE file = %(file)s
"""

LIST_POSITIONS = """
-- spool.store.LIST_POSITIONS
SELECT file, position
FROM ph_spooled
"""


def take_lease(db: Database, name: str, holder: str, now: datetime) -> bool:
    """Return whether ``holder`` now has the lease, until he gives it back or it ends.

    It ends after 30 seconds; ``now`` is naive UTC.
    """
    now = now.replace(microsecond=0)
    values = {
        "name": name,
        "holder": holder,
        "now": now,
        "ends_at": now + LEASE,
        "too_late": now + 2 * LEASE,
    }

    def work() -> bool:
        return db.run(TAKE_LEASE, values) > 0 or db.run(INSERT_LEASE, values) > 0

    return db.transaction(work)


def give_lease_back(db: Database, name: str, holder: str) -> None:
    """Let others have the lease."""
    values: Params = {"name": name, "holder": holder}
    db.transaction(lambda: db.run(DELETE_LEASE, values))


def start(db: Database, file: str) -> int:
    """Return up to where a file is drained, noting that it is being drained."""

    def work() -> int:
        db.run(INSERT_POSITION, {"file": file})
        return lock_position(db, file) or 0

    return db.transaction(work)


def lock_position(db: Database, file: str) -> int | None:
    """Return up to where a file is drained; None if that is not noted any more."""
    row = db.one(LOCK_POSITION, {"file": file})
    return row["position"] if row else None


def save_position(db: Database, file: str, position: int) -> None:
    """Note up to where a file is drained."""
    db.run(SAVE_POSITION, {"file": file, "position": position})


def finish(db: Database, file: str) -> None:
    """Forget a file that is removed."""
    db.transaction(lambda: db.run(DELETE_POSITION, {"file": file}))


def list_positions(db: Database) -> dict[str, int]:
    """Return up to where each file is drained that is begun."""
    rows = db.read(lambda: db.all(LIST_POSITIONS))
    return {row["file"]: row["position"] for row in rows}
