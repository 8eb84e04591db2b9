"""The statements that write, erase, read and check the audit log."""

from __future__ import annotations

from datetime import date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Params, Row

SLICE_ERASED = 500
"""How many entries are erased at once; fewer repeat the last one."""

_NAMES = ", ".join(f"%(seq_{number})s" for number in range(SLICE_ERASED))

# Locks where the log ends, and looks up on the way what else is to be known. A writer
# that waited here does not see in the other columns what the one before it wrote: it
# asks LOCK_NEWEST, and a beacon that came twice at once fails on its key and is looked
# up again.
LOCK_HEAD = """
-- audit.store.LOCK_HEAD
SELECT h.seq, h.hash,
  (SELECT value FROM ph_settings
    WHERE name = 'cache_version') AS cache_version,
  (SELECT MAX(seq) FROM ph_audit
    WHERE project_id = %(project_id)s
      AND seq BETWEEN 1 AND 9007199254740990) AS newest_seq,
  (SELECT hash FROM ph_audit
    WHERE project_id = %(project_id)s
      AND seq BETWEEN 1 AND 9007199254740990
    ORDER BY seq DESC LIMIT 1) AS newest_hash,
  (SELECT seq FROM ph_audit
    WHERE project_id = %(project_id)s AND beacon_id = %(beacon_id)s) AS sent_seq,
  (SELECT hash FROM ph_audit
    WHERE project_id = %(project_id)s AND beacon_id = %(beacon_id)s) AS sent_hash,
  (SELECT hash FROM ph_audit
    WHERE project_id = %(project_id)s AND seq = %(kept_seq)s) AS kept_hash
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_audit_heads AS h ON h.project_id = %(project_id)s
FOR UPDATE
"""

# Only what an entry can have counts, which JavaScript can count too.
LOCK_NEWEST = """
-- audit.store.LOCK_NEWEST
SELECT seq, hash
FROM ph_audit
WHERE project_id = %(project_id)s AND seq BETWEEN 1 AND 9007199254740990
ORDER BY seq DESC
LIMIT 1
FOR UPDATE
"""

INSERT_HEAD = """
-- audit.store.INSERT_HEAD
INSERT IGNORE INTO ph_audit_heads (project_id, seq, hash)
VALUES (%(project_id)s, %(seq)s, %(hash)s)
"""

UPDATE_HEAD = """
-- audit.store.UPDATE_HEAD
UPDATE ph_audit_heads
SET seq = %(seq)s, hash = %(hash)s
WHERE project_id = %(project_id)s
"""

INSERT_ENTRY = """
-- audit.store.INSERT_ENTRY
INSERT INTO ph_audit (project_id, seq, beacon_id, at, day, action, actor, context, salt,
  payload_digest, previous, hash, erased_by)
VALUES (%(project_id)s, %(seq)s, %(beacon_id)s, %(at)s, %(day)s, %(action)s, %(actor)s,
  %(context)s, %(salt)s, %(payload_digest)s, %(previous)s, %(hash)s, %(erased_by)s)
"""

GET_HEAD = """
-- audit.store.GET_HEAD
SELECT h.seq, h.hash,
  (SELECT public_key FROM ph_projects
    WHERE id = %(project_id)s) AS public_key,
  (SELECT MIN(seq) FROM ph_audit
    WHERE project_id = %(project_id)s) AS oldest_seq,
  (SELECT MAX(seq) FROM ph_audit
    WHERE project_id = %(project_id)s) AS newest_seq
FROM (SELECT 1 AS one) AS always
LEFT JOIN ph_audit_heads AS h ON h.project_id = %(project_id)s
"""

# SQLite keeps any text as a time, and COALESCE hands it over as it is.
GET_ENTRY = """
-- audit.store.GET_ENTRY
SELECT seq, COALESCE(at, NULL) AS at, COALESCE(day, NULL) AS day, action, actor,
  context, salt, payload_digest, previous, hash, erased_by
FROM ph_audit
WHERE project_id = %(project_id)s AND seq = %(seq)s
"""

LIST_SLICE = """
-- audit.store.LIST_SLICE
SELECT seq, COALESCE(at, NULL) AS at, COALESCE(day, NULL) AS day, action, actor,
  context, salt, payload_digest, previous, hash, erased_by
FROM ph_audit
WHERE project_id = %(project_id)s AND seq > %(after)s AND seq <= %(until)s
ORDER BY seq
LIMIT 1000
"""

LIST_NAMED = f"""
-- audit.store.LIST_NAMED
SELECT seq, action, actor, erased_by
FROM ph_audit
WHERE project_id = %(project_id)s AND seq IN ({_NAMES})
ORDER BY seq
"""

LIST_OF_ACTOR = f"""
-- audit.store.LIST_OF_ACTOR
SELECT seq, action, actor, erased_by
FROM ph_audit
WHERE project_id = %(project_id)s AND actor = %(actor)s
ORDER BY seq
LIMIT {SLICE_ERASED}
"""

ERASE = f"""
-- audit.store.ERASE
UPDATE ph_audit
SET action = CASE WHEN %(keep_action)s = 1 THEN action ELSE '' END, actor = '',
  context = NULL, salt = '', erased_by = %(erased_by)s
WHERE project_id = %(project_id)s AND seq IN ({_NAMES})
"""

FIRST_DAY = """
-- audit.store.FIRST_DAY
SELECT COALESCE(day, NULL) AS first_day
FROM ph_audit
WHERE project_id = %(project_id)s AND day >= '1000-01-01'
ORDER BY day
LIMIT 1
"""

LIST_LOGS = """
-- audit.store.LIST_LOGS
SELECT seq, action, actor, context, COALESCE(at, NULL) AS done_at, erased_by
FROM ph_audit
WHERE project_id = %(project_id)s
  AND day BETWEEN %(first)s AND %(last)s
  AND (%(action)s = '' OR action = %(action)s)
  AND (%(actor)s = '' OR actor = %(actor)s)
  AND (%(text)s = ''
    OR LOWER(action) LIKE %(text)s ESCAPE '!'
    OR LOWER(actor) LIKE %(text)s ESCAPE '!'
    OR LOWER(context) LIKE %(text)s ESCAPE '!'
    OR LOWER(context) LIKE %(text_in_json)s ESCAPE '!')
ORDER BY day DESC, at DESC, seq DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

COUNT_LOGS = (
    LIST_LOGS.replace("LIST_LOGS", "COUNT_LOGS")
    .replace(
        "seq, action, actor, context, COALESCE(at, NULL) AS done_at, erased_by",
        "COUNT(*) AS count",
    )
    .partition("ORDER BY")[0]
)

COUNT_ACTIONS = """
-- audit.store.COUNT_ACTIONS
SELECT action, COUNT(*) AS count
FROM ph_audit
WHERE project_id = %(project_id)s
  AND day BETWEEN %(first)s AND %(last)s
  AND action <> ''
GROUP BY action
ORDER BY count DESC, action
LIMIT 20
"""


def lock_head(db: Database, values: Params) -> Row:
    """Return where the log ends, locked; and the columns of LOCK_HEAD."""
    row = db.one(LOCK_HEAD, values)
    assert row is not None
    return row


def lock_newest(db: Database, project_id: int) -> Row | None:
    """Return seq and hash of the newest row, whoever wrote it last; None if none is."""
    return db.one(LOCK_NEWEST, {"project_id": project_id})


def insert_head(db: Database, values: Params) -> bool:
    """Store where a new log ends; False if another process was first."""
    return db.run(INSERT_HEAD, values) > 0


def update_head(db: Database, values: Params) -> None:
    """Store where the log ends now."""
    db.run(UPDATE_HEAD, values)


def insert_entries(db: Database, rows: list[Row]) -> None:
    """Store entries, which have their place."""
    if len(rows) == 1:
        db.run(INSERT_ENTRY, rows[0])
    else:
        db.many(INSERT_ENTRY, rows)


def get_head(db: Database, project_id: int) -> Row:
    """Return seq and hash of the head, and the first and last row's seq; or nulls.

    And the project's public_key.
    """
    row = db.read(lambda: db.one(GET_HEAD, {"project_id": project_id}))
    assert row is not None
    return row


def get_entry(db: Database, project_id: int, seq: int) -> Row | None:
    """Return an entry with its hashes, or None."""
    return db.one(GET_ENTRY, {"project_id": project_id, "seq": seq})


def list_slice(db: Database, project_id: int, after: int, until: int) -> list[Row]:
    """Return the next thousand entries after one, with their hashes."""
    values = {"project_id": project_id, "after": after, "until": until}
    return db.read(lambda: db.all(LIST_SLICE, values))


def list_named(db: Database, project_id: int, seqs: list[int]) -> list[Row]:
    """Return seq, action, actor and erased_by of those of the entries that exist."""
    return db.all(LIST_NAMED, _named(project_id, seqs))


def list_of_actor(db: Database, project_id: int, actor: str) -> list[Row]:
    """Return the same of the actor's first entries."""
    return db.all(LIST_OF_ACTOR, {"project_id": project_id, "actor": actor})


def erase(
    db: Database, project_id: int, seqs: list[int], erased_by: int, keep_action: bool
) -> None:
    """Erase the entries' payloads; the entry ``erased_by`` says so."""
    more = {"erased_by": erased_by, "keep_action": int(keep_action)}
    db.run(ERASE, {**_named(project_id, seqs), **more})


def first_day(db: Database, project_id: int) -> date | None:
    """Return the local day of the project's earliest entry, None without any."""
    row = db.read(lambda: db.one(FIRST_DAY, {"project_id": project_id}))
    day = row["first_day"] if row else None
    if not isinstance(day, str):
        found: date | None = day
        return found
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def list_logs(db: Database, values: Params) -> list[Row]:
    """Return the entries that the values ask for, newest first."""
    return db.read(lambda: db.all(LIST_LOGS, values))


def count_logs(db: Database, values: Params) -> int:
    """Return how many entries there are in all that the values ask for."""
    row = db.read(lambda: db.one(COUNT_LOGS, values))
    return int(row["count"]) if row else 0


def count_actions(db: Database, values: Params) -> list[Row]:
    """Return action and count of the range's most frequent actions."""
    return db.read(lambda: db.all(COUNT_ACTIONS, values))


def _named(project_id: int, seqs: list[int]) -> Row:
    named = seqs + seqs[-1:] * (SLICE_ERASED - len(seqs))
    values = {f"seq_{number}": seq for number, seq in enumerate(named)}
    return {"project_id": project_id, **values}
