"""What the owner of the installation calls, with the admin key; and verify."""

from __future__ import annotations

import re

from app import fields, heads
from app.clock import to_local
from app.config import MAX_RETENTION_DAYS
from app.http import Reply, ok
from app.problems import InvalidInput
from app.projects import admin, admin_store, deletion, keys, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Row
    from app.http import Request

SETTINGS = (
    "allowed_domains",
    "timezone",
    "identity",
    "respect_dnt",
    "retention_days",
)
MAX_NAME_BYTES = 65_536
"""No cut: a name that is too long is refused, and not another one stored."""
KEPT_ONCE = "Save the secret key: it is not shown again."


def create(request: Request) -> Reply:
    """POST /api/projects/create, admin key: a new project with its keys, once.

    A project made under the Micrologs name knows its visitors by the cookie that
    Micrologs' tag keeps.
    """
    body = _body(request, "name", *SETTINGS)
    deletion.go_on(request.db, request.at)
    default = store.COOKIE if request.is_micrologs else store.COOKIELESS
    made = admin.create_project(
        request.db,
        fields.text(body, "name", MAX_NAME_BYTES, required=True),
        _domains(body),
        request.at,
        timezone=fields.text(body, "timezone", 64) or "UTC",
        identity=fields.choice(body, "identity", store.IDENTITIES, default),
        respect_dnt=fields.flag(body, "respect_dnt", default=True),
        retention_days=_retention_days(body),
    )
    return ok(made, f"Project created successfully. {KEPT_ONCE}")


def list_projects(request: Request) -> Reply:
    """GET /api/projects/list, admin key: every project with its counts."""
    deletion.go_on(request.db, request.at)
    projects = [_described(row) for row in admin_store.list_projects(request.db)]
    projects.reverse()
    counts = admin_store.count_pageviews(request.db)
    errors = admin_store.count_errors(request.db)
    links = admin_store.count_links(request.db)
    for project in projects:
        project["stats"] = {
            "total_links": links.get(project["id"], 0),
            "total_pageviews": counts.get(project["id"], 0),
            "total_errors": errors.get(project["id"], 0),
        }
    data = {"count": len(projects), "projects": projects}
    return ok(data, "Projects fetched successfully")


def edit(request: Request) -> Reply:
    """POST /api/projects/edit, admin key: another name, other domains, settings."""
    body = _body(request, "id", "name", *SETTINGS)
    row = _project(request, body)
    settings = [name for name in ("name", *SETTINGS) if body.get(name) is not None]
    if not settings and "retention_days" not in body:
        raise InvalidInput(
            "Nothing to update. Provide name or allowed_domains.", field="name"
        )
    changes = _changes(body)
    admin.edit_project(request.db, row["id"], changes, request.at)
    found = _described(admin_store.get_project(request.db, row["id"]))
    return ok(found, "Project updated successfully")


def _changes(body: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that the body gives another value.

    :raise InvalidInput: a field cannot be taken.
    """
    changes: dict[str, Any] = {}
    if body.get("name") is not None:
        changes["name"] = fields.text(body, "name", MAX_NAME_BYTES)
        if not changes["name"]:
            raise InvalidInput("name cannot be empty", field="name")
    if body.get("allowed_domains") is not None:
        changes["allowed_domains"] = _domains(body)
    if body.get("timezone") is not None:
        changes["timezone"] = fields.text(body, "timezone", 64)
    if body.get("identity") is not None:
        changes["identity"] = fields.choice(body, "identity", store.IDENTITIES, "")
    if body.get("respect_dnt") is not None:
        changes["respect_dnt"] = fields.flag(body, "respect_dnt", default=True)
    if "retention_days" in body:
        changes["retention_days"] = _retention_days(body)
    return changes


def toggle(request: Request) -> Reply:
    """POST /api/projects/toggle, admin key: turn a project off or on again."""
    body = _body(request, "id", "is_active")
    row = _project(request, body)
    is_active = body.get("is_active")
    if is_active is None:
        is_active = not row["is_active"]
    if not isinstance(is_active, bool):
        raise InvalidInput("is_active must be a boolean", field="is_active")
    changes = {"is_active": int(is_active)}
    admin_store.update_project(request.db, row["id"], changes, request.at)
    word = "enabled" if is_active else "disabled"
    data = {"id": row["id"], "name": row["name"], "is_active": is_active}
    return ok(data, f'Project "{row["name"]}" {word} successfully.')


def regenerate_keys(request: Request) -> Reply:
    """POST /api/projects/regenerate-keys, admin key: new keys, in force at once.

    Both, unless ``rotate_public`` or ``rotate_secret`` is false.
    """
    body = _body(request, "id", "rotate_public", "rotate_secret")
    row = _project(request, body)
    public = fields.flag(body, "rotate_public", default=True)
    secret = fields.flag(body, "rotate_secret", default=True)
    if not public and not secret:
        raise InvalidInput(
            "Nothing to rotate. Set rotate_secret and/or rotate_public to true.",
            field="rotate_secret",
        )
    made = admin.rotate_keys(
        request.db, row["id"], request.at, public=public, secret=secret
    )
    which = ", ".join(made)
    message = (
        f"Keys rotated successfully ({which}). Old keys are invalidated immediately."
        " Update your snippet and callers now."
    )
    return ok({"id": row["id"], "name": row["name"], **made}, message)


def delete(request: Request) -> Reply:
    """POST /api/projects/delete, admin key: a project and everything it has."""
    body = _body(request, "id", "confirm")
    row = _project(request, body)
    confirm = body.get("confirm")
    if not isinstance(confirm, str) or confirm.strip() != row["name"].strip():
        raise InvalidInput(
            f'Confirmation failed. Pass "confirm": "{row["name"]}"'
            " to permanently delete this project.",
            field="confirm",
        )
    deletion.delete_project(request.db, row["id"], request.at)
    heads.forget(request.config.var, row["id"])
    data = {"id": row["id"], "name": row["name"]}
    return ok(data, f'Project "{row["name"]}" deleted permanently.')


def verify(request: Request) -> Reply:
    """POST /api/projects/verify, no key: whether a key is valid, and of which kind.

    Only the holder of a secret key is told whose it is.
    """
    key = fields.text(_body(request, "key"), "key", 200, required=True)
    data: dict[str, Any] = {"valid": False}
    if keys.is_key(key, keys.SECRET_KEY_LENGTH):
        project = store.find_by_secret_key(request.db, keys.hash_secret_key(key))
        if project is not None and project.is_active:
            domains = project.allowed_domains
            data = {
                "valid": True,
                "key_type": "secret",
                "project_name": project.name,
                "allowed_domains": (
                    ",".join(domains) if request.is_micrologs else domains
                ),
            }
    elif keys.is_key(key, keys.PUBLIC_KEY_LENGTH):
        project = store.find_by_public_key(request.db, key)
        if project is not None and project.is_active:
            data = {"valid": True, "key_type": "public"}
    return ok(data, "Key verified")


def _project(request: Request, body: dict[str, Any]) -> Row:
    """Return the project that ``id`` names.

    :raise InvalidInput: there is no usable id. :raise NotFound: no such project.
    """
    number = body.get("id")
    if request.is_micrologs and isinstance(number, str):
        # PHP took a number in quotes for the number.
        digits = re.fullmatch("[0-9]{1,10}", number.strip())
        body = {"id": int(digits[0])} if digits else body
    if not number or not fields.integer(body, "id", 0, 2**32 - 1):
        raise InvalidInput("id is required", field="id")
    number = body["id"]
    return admin_store.get_project(request.db, number)


def _body(request: Request, *names: str) -> dict[str, Any]:
    """Return the body; under the plain names it may have no other fields than these."""
    body = request.fields()
    if not request.is_micrologs:
        fields.only(body, names)
    return body


def _retention_days(body: dict[str, Any]) -> int | None:
    """Return the days, or None for those that config.ini has."""
    if body.get("retention_days") is None:
        return None
    return fields.integer(body, "retention_days", 0, MAX_RETENTION_DAYS)


def _domains(body: dict[str, Any]) -> list[str]:
    entries = body.get("allowed_domains")
    if not isinstance(entries, list) or not entries:
        message = "allowed_domains must be a non-empty array"
        raise InvalidInput(message, field="allowed_domains")
    return [
        fields.text({"allowed_domains": e}, "allowed_domains", 4096) for e in entries
    ]


def _described(row: Row) -> dict[str, Any]:
    zone = row["timezone"]
    return {
        "id": row["id"],
        "name": row["name"],
        "public_key": row["public_key"],
        "allowed_domains": row["allowed_domains"].split(),
        "timezone": zone,
        "identity": row["identity"],
        "respect_dnt": bool(row["respect_dnt"]),
        "retention_days": row["retention_days"],
        "is_active": bool(row["is_active"]),
        "created_at": str(to_local(row["created_at"], zone)),
        "updated_at": str(to_local(row["updated_at"], zone)),
    }
