"""The statements about how large the database is, today and on the days before."""

from __future__ import annotations

from datetime import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Row

KEPT = timedelta(days=60)

# Other programs' tables count too: the host's limit is for all of them. MySQL 8 looks
# anew once a day.
MEASURE = """
-- health.size_store.MEASURE
SELECT COALESCE(SUM(data_length + index_length), 0) AS bytes
FROM information_schema.tables
WHERE table_schema = DATABASE()
"""

LIST_SIZES = """
-- health.size_store.LIST_SIZES
SELECT at, bytes
FROM ph_sizes
WHERE at <= %(now)s
ORDER BY day DESC
"""

SAVE_SIZE = """
-- health.size_store.SAVE_SIZE
INSERT INTO ph_sizes /* key: day */ (day, at, bytes)
VALUES (%(day)s, %(now)s, %(bytes)s)
ON DUPLICATE KEY UPDATE at = VALUES(at), bytes = VALUES(bytes)
"""

# Days to come are what a clock left that was set back.
DELETE_OLD = """
-- health.size_store.DELETE_OLD
DELETE FROM ph_sizes
WHERE day < %(oldest)s OR day > %(day)s
"""


def measure(db: Database) -> int:
    """Return how many bytes the database has, room to be used again not counted."""
    row = db.read(lambda: db.one(MEASURE))
    return int(row["bytes"]) if row else 0


def list_sizes(db: Database, now: datetime) -> list[Row]:
    """Return at and bytes, one a day, newest first; ``now`` is naive UTC."""
    return db.read(lambda: db.all(LIST_SIZES, {"now": now.replace(microsecond=0)}))


def save_size(db: Database, now: datetime, size: int) -> None:
    """Store the size of today, and forget those of more than 60 days ago."""
    now = now.replace(microsecond=0)
    day = now.date()
    values = {"day": day, "now": now, "bytes": size, "oldest": day - KEPT}

    def work() -> None:
        db.run(SAVE_SIZE, values)
        db.run(DELETE_OLD, values)

    db.transaction(work)
