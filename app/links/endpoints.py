"""What the owner of a project calls about its short links."""

from __future__ import annotations

from app import fields
from app.clock import to_local
from app.http import Reply, ok
from app.links import codes, deletion, destination, form, link_store, making, reports
from app.links import report_store as store
from app.problems import InvalidInput, NotFound
from app.report.answers import answer, ask
from app.report.question import DAYS, ROWS, number, refuse_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database, Row
    from app.http import Request
    from app.projects.store import Project
    from app.report.question import Question

    Names = tuple[str, ...]

OWN_FIELDS = ("expires_at", "max_clicks")
"""Of a link, and unknown to Micrologs."""
ACCEPTED = (*DAYS, "compare", "interval", *ROWS)
MICROLOGS_ROWS = 1_000_000
"""Its lists have no pages."""

CREATED = ("code", "short_url", "destination_url", "label")
EDITED = ("id", *CREATED, "is_active", "created_at")
LISTED = (*EDITED, "total_clicks")
"""What Micrologs' answers have of a link; ours have all."""


def create(request: Request) -> Reply:
    """POST /api/links/create, secret key: a new link, with a code given or drawn."""
    names = ("code", "is_active", *OWN_FIELDS, *destination.UTM)
    body = _body(request, ("destination_url", "label"), names)
    deletion.go_on(request.db, request.project.id)
    fields.text(body, "destination_url", form.MAX_TEXT_BYTES, required=True)
    code = _code(body) if body.get("code") is not None else ""
    row = making.create_link(
        request.db,
        request.project.id,
        codes.check(code) if code else "",
        form.changes(request, body),
        request.at,
    )
    return ok(_described(request, row, CREATED), "Link created successfully")


def list_links(request: Request) -> Reply:
    """GET /api/links/list, secret key: every link with its clicks, newest first."""
    deletion.go_on(request.db, request.project.id)
    query, limit, page = request.query(), MICROLOGS_ROWS, 1
    if not request.is_micrologs:
        refuse_unknown(query, ("limit", "page"))
        limit = number(query, "limit", reports.ALL_ROWS, reports.ALL_ROWS)
        page = number(query, "page", 100_000, 1)
    rows = link_store.list_links(
        request.db, request.project.id, (limit, (page - 1) * limit)
    )
    found = [_described(request, row, LISTED) for row in rows]
    return ok({"count": len(found), "links": found}, "Links fetched successfully")


def detail(request: Request) -> Reply:
    """GET /api/links/detail, secret key: one link with its clicks."""
    query = _query(request, "code")
    if not query.get("code"):
        raise InvalidInput("code query parameter is required", field="code")
    row = _find(request, query["code"])
    return ok(_described(request, row, LISTED), "Link fetched successfully")


def edit(request: Request) -> Reply:
    """POST /api/links/edit, secret key: other values for some of a link's fields."""
    names = ("code", "destination_url", "label", "is_active")
    body = _body(request, names, OWN_FIELDS)
    row = _find(request, _code(body))
    changes = form.changes(request, body)
    if not changes:
        raise InvalidInput(
            "Nothing to update. Provide destination_url, label, or is_active.",
            field="destination_url",
        )
    project_id = request.project.id
    row = making.edit_link(request.db, project_id, row["code"], changes)
    return ok(_described(request, row, EDITED), "Link updated successfully")


def delete(request: Request) -> Reply:
    """POST /api/links/delete, secret key: a link and all its clicks."""
    code = _code(_body(request, ("code",)))
    project_id = request.project.id
    is_code = codes.is_code(code)
    if not is_code or not deletion.delete_link(
        request.db, project_id, code, request.at
    ):
        raise NotFound("Link not found")
    return ok({"code": code}, "Link deleted successfully")


def qr(request: Request) -> Reply:
    """GET /api/links/qr, secret key: the QR code of a link's address, as SVG.

    ``size`` is the pixels of a module, ``border`` how many modules are left white.
    """
    import io

    import segno

    query = _query(request, "code", "size", "border")
    size = number(query, "size", 20, 4)
    border = number(query, "border", 10, 4, low=0)
    row = _find(request, query.get("code", ""))
    image = io.BytesIO()
    segno.make(_short_url(request, row["code"]), micro=False).save(
        image,
        kind="svg",
        scale=size,
        border=border,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return Reply(200, image.getvalue(), {"Content-Type": "image/svg+xml"})


def links(request: Request) -> Reply:
    """GET /api/analytics/links, secret key: every link by its clicks in the range."""

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        most = MICROLOGS_ROWS if request.is_micrologs else reports.ALL_ROWS
        found = reports.links(db, project, asked, most)
        found["links"] = [
            {"code": row["code"], "short_url": _short_url(request, row["code"]), **row}
            for row in found["links"]
        ]
        return found

    asked = _question(request, *ACCEPTED)
    return answer(request, asked, "Link analytics", "links", report)


def link_detail(request: Request) -> Reply:
    """GET /api/analytics/link-detail, secret key: what happened to one link."""
    asked = _question(request, *ACCEPTED, "code")
    row = _find(request, request.query().get("code", ""))

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        return reports.link_detail(db, project, asked, row)

    return answer(request, asked, "Link detail", "over_time", report)


def _question(request: Request, *accepted: str) -> Question:
    asked = ask(request, reports.ALL_ROWS, accepted, store.first_day)
    if request.is_micrologs:
        # Micrologs knows no limit for these reports.
        asked.limit = 0
    return asked


def _find(request: Request, code: str) -> Row:
    """Return the row of the project's link.

    :raise InvalidInput: there is no code. :raise NotFound: no such link.
    """
    if not code:
        raise InvalidInput("code is required", field="code")
    row = None
    if codes.is_code(code):
        row = link_store.find_link(request.db, request.project.id, code)
    if row is None:
        raise NotFound("Link not found")
    return row


def _body(request: Request, names: Names, own_names: Names = ()) -> dict[str, Any]:
    """Return the fields; under Micrologs' name only ``names`` are known."""
    body = request.fields()
    if request.is_micrologs:
        return {name: body[name] for name in names if name in body}
    fields.only(body, (*names, *own_names))
    return body


def _code(body: dict[str, Any]) -> str:
    return fields.text(body, "code", form.MAX_TEXT_BYTES, required=True)


def _query(request: Request, *names: str) -> dict[str, str]:
    query = request.query()
    if not request.is_micrologs:
        refuse_unknown(query, names)
    return query


def _short_url(request: Request, code: str) -> str:
    path = "/api/redirect.php?c=" if request.is_micrologs else "/l/"
    return request.base_url() + path + code


def _described(request: Request, row: Row, names: Names) -> dict[str, Any]:
    """Return a link as answers show it; ``names`` are what Micrologs' have."""
    zone = request.project.timezone
    expires_at = row["expires_at"]
    described = {
        "id": row["id"],
        "code": row["code"],
        "short_url": _short_url(request, row["code"]),
        "destination_url": row["destination_url"],
        "label": row["label"],
        "is_active": bool(row["is_active"]),
        "total_clicks": row["clicks"],
        "created_at": str(to_local(row["created_at"], zone)),
        "expires_at": str(to_local(expires_at, zone)) if expires_at else None,
        "max_clicks": row["max_clicks"],
    }
    if request.is_micrologs:
        return {name: described[name] for name in described if name in names}
    return described
