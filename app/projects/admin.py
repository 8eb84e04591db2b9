"""Creates projects and changes their keys."""

from __future__ import annotations

from app import clock
from app.config import MAX_RETENTION_DAYS, MIN_RETENTION_DAYS
from app.problems import InvalidInput
from app.projects import admin_store, domains, keys, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from app.db import Database

MAX_NAME_LENGTH = 100


def create_project(
    db: Database,
    name: str,
    allowed_domains: Sequence[str],
    at: datetime,
    *,
    timezone: str = "UTC",
    identity: str = store.COOKIELESS,
    respect_dnt: bool = True,
    retention_days: int | None = None,
) -> dict[str, Any]:
    """Return id, name, allowed_domains, public_key and secret_key of a new project.

    The secret key is not stored and cannot be had again.

    :raise InvalidInput: one of the values cannot be taken.
    """
    name = _name(name)
    if identity not in store.IDENTITIES:
        message = f"identity must be one of: {', '.join(store.IDENTITIES)}"
        raise InvalidInput(message, field="identity")
    hosts = domains.normalise(allowed_domains)
    public_key, secret_key = keys.new_public_key(), keys.new_secret_key()
    row = {
        "name": name,
        "public_key": public_key,
        "secret_key_hash": keys.hash_secret_key(secret_key),
        "allowed_domains": "\n".join(hosts),
        "timezone": check_zone(timezone),
        "identity": identity,
        "respect_dnt": int(respect_dnt),
        "retention_days": check_retention(retention_days),
    }
    return {
        "id": admin_store.create_project(db, row, at),
        "name": name,
        "allowed_domains": hosts,
        "public_key": public_key,
        "secret_key": secret_key,
    }


def edit_project(
    db: Database, project_id: int, changes: dict[str, Any], at: datetime
) -> None:
    """Store ``changes`` of name, allowed_domains, timezone, identity, respect_dnt,
    retention_days.

    A change of time zone holds for later days; those that were stay as counted.

    :raise InvalidInput: one of the values cannot be taken.
    :raise NotFound: there is no such project.
    """
    columns = dict(changes)
    if "name" in columns:
        columns["name"] = _name(columns["name"])
    if "timezone" in columns:
        check_zone(columns["timezone"])
    if "allowed_domains" in columns:
        hosts = domains.normalise(columns["allowed_domains"])
        columns["allowed_domains"] = "\n".join(hosts)
    if "retention_days" in columns:
        check_retention(columns["retention_days"])
    if "respect_dnt" in columns:
        columns["respect_dnt"] = int(columns["respect_dnt"])
    admin_store.update_project(db, project_id, columns, at)


def rotate_keys(
    db: Database,
    project_id: int,
    at: datetime,
    *,
    public: bool = True,
    secret: bool = True,
) -> dict[str, str]:
    """Return the new ``secret_key`` and ``public_key``, those that were asked for.

    The old ones stop working at once, in every process.

    :raise NotFound: there is no such project.
    """
    made, columns = {}, {}
    if secret:
        made["secret_key"] = keys.new_secret_key()
        columns["secret_key_hash"] = keys.hash_secret_key(made["secret_key"])
    if public:
        made["public_key"] = columns["public_key"] = keys.new_public_key()
    admin_store.update_project(db, project_id, columns, at)
    return made


def _name(name: str) -> str:
    name = name.strip()
    if not name:
        raise InvalidInput("name is required", field="name")
    if len(name) > MAX_NAME_LENGTH:
        message = f"name must be {MAX_NAME_LENGTH} characters or less"
        raise InvalidInput(message, field="name")
    return name


def check_retention(days: int | None) -> int | None:
    """Return ``days`` if rows can be kept for so long; None is as config.ini says.

    :raise InvalidInput: they cannot.
    """
    is_possible = MIN_RETENTION_DAYS <= (days or MAX_RETENTION_DAYS)
    if days is not None and not (is_possible and 0 <= days <= MAX_RETENTION_DAYS):
        message = (
            f"retention_days must be 0 (for ever) or {MIN_RETENTION_DAYS} to"
            f" {MAX_RETENTION_DAYS}"
        )
        raise InvalidInput(message, field="retention_days")
    return days


def check_zone(name: str) -> str:
    """Return ``name`` if it is a time zone's.

    :raise InvalidInput: it is not.
    """
    try:
        # A zone of the world has a place in its name; what else the host's folder
        # holds (localtime, right/UTC with its leap seconds) is no zone to count in.
        if name != "UTC" and ("/" not in name or name.startswith(("right/", "posix/"))):
            raise ValueError(name)
        clock.zone(name)
    except ValueError:
        message = f"timezone {name!r} is unknown; give a name such as Europe/Berlin"
        raise InvalidInput(message, field="timezone") from None
    return name
