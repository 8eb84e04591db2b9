"""project add, list and rotate-keys."""

from __future__ import annotations

import json
from contextlib import suppress

from app import clock
from app.problems import NotFound
from app.projects import admin, admin_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from app.db import Database

MAX_ID = 2**32 - 1
"""What the column holds; SQLite's driver takes no number beyond 64 bits."""


def add(
    db: Database,
    name: str,
    allowed_domains: Sequence[str],
    timezone: str,
    identity: str,
    retention_days: int | None,
    as_json: bool,
) -> str:
    """Create a project; return its id and keys, for a person or as JSON."""
    made = admin.create_project(
        db,
        name,
        allowed_domains,
        clock.now(),
        timezone=timezone,
        identity=identity,
        retention_days=retention_days,
    )
    return json.dumps(made) if as_json else _keys(made)


def rotate_keys(db: Database, project_id: int, as_json: bool) -> str:
    """Replace a project's keys; return the new ones.

    :raise NotFound: there is no such project.
    """
    keys = None
    with suppress(NotFound):
        if 0 < project_id <= MAX_ID:
            keys = admin.rotate_keys(db, project_id, clock.now())
    if not keys:
        raise NotFound(
            f"There is no project {project_id}. See: python -m app project list"
        )
    made = {"id": project_id, **keys}
    return json.dumps(made) if as_json else _keys(made)


def list_projects(db: Database, as_json: bool) -> str:
    """Return a line for each project, without its secret key, which nobody has."""
    projects = [
        {
            "id": row["id"],
            "name": row["name"],
            "public_key": row["public_key"],
            "allowed_domains": row["allowed_domains"].split(),
            "timezone": row["timezone"],
            "identity": row["identity"],
            "is_active": bool(row["is_active"]),
        }
        for row in admin_store.list_projects(db)
    ]
    if as_json:
        return json.dumps(projects)
    if not projects:
        return (
            'No project yet: python -m app project add "My site" --domain example.com'
        )
    return "\n".join(_line(project) for project in projects)


def _line(project: dict[str, Any]) -> str:
    state = "" if project["is_active"] else ", turned off"
    domains = ", ".join(project["allowed_domains"])
    return (
        f"{project['id']:>4}  {project['name']}  ({domains}; {project['timezone']},"
        f" {project['identity']}{state})\n      public key {project['public_key']}"
    )


def _keys(made: dict[str, Any]) -> str:
    return (
        f"id          {made['id']}\n"
        f"public key  {made['public_key']}\n"
        f"secret key  {made['secret_key']}\n"
        "The secret key is shown only now; Porthole keeps a hash of it."
    )
