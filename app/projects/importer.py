"""Takes over the projects of a Micrologs installation, keys included."""

from __future__ import annotations

from app.clock import to_utc
from app.problems import InvalidInput, Problem
from app.projects import admin_store, deletion, domains, import_store, keys, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Row


def import_project(db: Database, theirs: Row, timezone: str, at: datetime) -> Row:
    """Return our row of a Micrologs project, stored now unless it was before.

    Its keys stay the same, so that tags and backends keep working; of the secret one
    only the hash is kept. Its id stays too if it is free. Visitors are known by the
    cookie that Micrologs' tag sets.

    :raise Problem: an earlier import read its times in another zone, or a project
        with its key is being deleted.
    """
    found = import_store.find_imported(db, theirs)
    if found is None:
        _finish_deletion(db, theirs, at)
        public_key = theirs["public_key"]
        found = admin_store.find_row_by_public_key(db, public_key)
        if found is None:
            admin_store.import_project(db, _row(db, theirs, timezone))
            found = admin_store.find_row_by_public_key(db, public_key)
        assert found is not None, "it was stored just now"
        import_store.remember(db, found["id"], theirs, timezone)
    elif found["source_timezone"] != timezone:
        zone = found["source_timezone"]
        raise Problem(
            f"An earlier import read the times of {theirs['name']} in the zone {zone}."
            f" Say --timezone {zone}, or delete project {found['id']} and import anew."
        )
    return found


def usable_domains(theirs: Row) -> tuple[list[str], list[str]]:
    """Return the hosts of Micrologs' domains, and the entries that are no domain."""
    hosts, dropped = [], []
    for entry in (theirs["allowed_domains"] or "").split(","):
        if not entry.strip():
            continue
        try:
            hosts += domains.normalise([entry])
        except InvalidInput:
            # Micrologs took anything; what is no domain never matched there either.
            dropped.append(entry.strip())
    return list(dict.fromkeys(hosts)), dropped


def _row(db: Database, theirs: Row, timezone: str) -> Row:
    return {
        "id": theirs["id"] if admin_store.find_row(db, theirs["id"]) is None else None,
        "name": theirs["name"],
        "public_key": theirs["public_key"],
        "secret_key_hash": keys.hash_secret_key(theirs["secret_key"]),
        "allowed_domains": "\n".join(usable_domains(theirs)[0]),
        "timezone": timezone,
        "identity": store.COOKIE,
        "respect_dnt": 1,
        "is_active": theirs["is_active"],
        "created_at": to_utc(theirs["created_at"], timezone),
        "updated_at": to_utc(theirs["updated_at"], timezone),
    }


def _finish_deletion(db: Database, theirs: Row, at: datetime) -> None:
    """Delete what a project with this key still has; its key is free then.

    :raise Problem: it was deleted minutes ago, and beacons may still be under way.
    """
    while True:
        row = import_store.find_deleted(db, theirs["public_key"])
        if row is None:
            return
        if at - row["deleted_at"] <= deletion.LAST_BEACONS:
            raise Problem(
                f"Project {row['id']} has the public key of {theirs['name']} and is"
                " being deleted. Run the import again in a few minutes."
            )
        deletion.go_on(db, at)
