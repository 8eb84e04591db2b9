"""What the owner of a project asks about errors, and decides."""

from __future__ import annotations

from app import fields
from app.errors import changes, report_store, reports
from app.errors.occurrence import ENVIRONMENTS, SAFE_ID, SEVERITIES, STATUSES
from app.http import Reply, ok
from app.problems import InvalidInput, NotFound
from app.report.answers import answer, ask
from app.report.question import DAYS, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from app.db import Database
    from app.http import Request
    from app.projects.store import Project
    from app.report.question import Question

MAX_IDS = 100
MAX_ROWS_MICROLOGS = 100
MAX_ROWS = 1000
FILTERS = ("status", "severity", "environment", "release", "text")
CHOICES: dict[str, Sequence[str]] = {
    "status": STATUSES,
    "severity": SEVERITIES,
    "environment": ENVIRONMENTS,
}


def errors(request: Request) -> Reply:
    """GET /api/analytics/errors, secret key: groups last seen in the range."""
    wanted = _wanted(request)
    asked = _ask(request, (*DAYS, "compare", *ROWS, *FILTERS))

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        return reports.errors(db, project, asked, wanted)

    return answer(request, asked, "Errors", "errors", report)


def errors_trend(request: Request) -> Reply:
    """GET /api/analytics/errors-trend, secret key: errors day by day."""
    wanted = reports.Wanted()
    wanted.group_id = _group_id(request, "group_id")
    asked = _ask(request, (*DAYS, "compare", "format", "group_id"))

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        return reports.trend(db, project, asked, wanted)

    return answer(request, asked, "Error trend", "over_time", report)


def error_detail(request: Request) -> Reply:
    """GET /api/analytics/error-detail, secret key: one group, whatever its time is."""
    asked = _ask(request, (*DAYS, "format", "id"))
    group_id = _group_id(request, "id")
    if not group_id:
        raise InvalidInput("id is required", field="id")

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        found = reports.detail(db, project, asked, group_id)
        if found is None:
            raise NotFound(changes.NO_GROUP)
        return found

    return answer(request, asked, "Error detail", "events", report)


def errors_update_status(request: Request) -> Reply:
    """POST /api/track/errors-update-status, secret key: what is done about groups."""
    body = _body(request, "status", "ids", "id")
    status = body.get("status")
    if not isinstance(status, str) or status not in STATUSES:
        accepted = ", ".join(STATUSES)
        message = f"status is required and must be one of: {accepted}"
        raise InvalidInput(message, field="status")
    group_ids = _ids(body)
    at = request.at.replace(microsecond=0)
    updated, found = changes.update_status(
        request.db, request.project.id, group_ids, status, at
    )
    if not found:
        raise NotFound("No matching error groups found for this project")
    missing = [number for number in group_ids if number not in found]
    message = f"{updated} error group(s) marked as {status}."
    data: dict[str, Any] = {"updated": updated, "ids": found, "status": status}
    if missing:
        message += f" {len(missing)} ID(s) not found and were skipped."
        data["not_found"] = missing
    return ok(data, message)


def merge(request: Request) -> Reply:
    """POST /api/errors/merge, secret key: groups ``ids`` become part of ``into``."""
    body = _body(request, "into", "ids")
    db, project = request.db, request.project
    into = reports.resolve(db, project, _one_id(body, "into"))
    named = {reports.resolve(db, project, number) for number in _ids(body)}
    group_ids = sorted(named - {into})
    if not group_ids:
        raise InvalidInput("ids must name another group than into", field="ids")
    change_id = changes.merge(db, project.id, into, group_ids, request.at)
    data = {"change_id": change_id, "group_id": into, "merged": group_ids}
    return ok(data, "Merged. Later reports follow.")


def split(request: Request) -> Reply:
    """POST /api/errors/split, secret key: ``kinds`` of group ``id`` leave it."""
    body = _body(request, "id", "kinds")
    db, project = request.db, request.project
    group_id = reports.resolve(db, project, _one_id(body, "id"))
    kinds = _numbers(body, "kinds")
    change_id, new_id = changes.split(db, project.id, group_id, kinds, request.at)
    data = {"change_id": change_id, "group_id": group_id, "new_group_id": new_id}
    return ok(data, "Split. Later reports follow.")


def undo(request: Request) -> Reply:
    """POST /api/errors/undo, secret key: undo the merge or split ``change_id``."""
    body = _body(request, "change_id")
    change_id = _one_id(body, "change_id")
    at = request.at.replace(microsecond=0)
    concerned = changes.undo(request.db, request.project.id, change_id, at)
    return ok({"change_id": change_id, "group_ids": concerned}, "Undone.")


def _ask(request: Request, accepted: Sequence[str]) -> Question:
    most = MAX_ROWS_MICROLOGS if request.is_micrologs else MAX_ROWS
    return ask(request, most, accepted, report_store.first_day)


def _wanted(request: Request) -> reports.Wanted:
    """Return the filters; under a Micrologs name one that is unknown is ignored."""
    wanted = reports.Wanted(request.config.secret)
    query = request.query()
    for name in FILTERS:
        value = query.get(name, "").strip()[:200]
        accepted = CHOICES.get(name)
        if value and accepted and value not in accepted:
            if request.is_micrologs:
                continue
            message = f"{name} must be one of: {', '.join(accepted)}"
            raise InvalidInput(message, field=name)
        setattr(wanted, name, fields.text({name: value}, name, 200))
    return wanted


def _group_id(request: Request, name: str) -> int:
    """Return the id of the group in the query, of that it was merged into; 0: none."""
    text = request.query().get(name, "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= 16
    if text and not is_number and not request.is_micrologs:
        raise InvalidInput(f"{name} must be a whole number", field=name)
    number = int(text) if is_number else 0
    return reports.resolve(request.db, request.project, min(number, SAFE_ID))


def _ids(body: dict[str, Any]) -> list[int]:
    """Return the ids in ``ids``, an array or one, or in ``id``; each once."""
    value = body.get("ids")
    value = body.get("id") if value is None else value
    if value is None or isinstance(value, dict):
        message = "ids (array) or id (integer) is required"
        raise InvalidInput(message, field="ids")
    values = value if isinstance(value, list) else [value]
    numbers = list(dict.fromkeys(filter(None, map(_number, values))))
    if not numbers:
        raise InvalidInput("No valid IDs provided", field="ids")
    if len(numbers) > MAX_IDS:
        raise InvalidInput(f"Maximum {MAX_IDS} IDs per request", field="ids")
    return numbers


def _number(value: object) -> int:
    """Return an id, 0 if it is none; clients send texts too."""
    if isinstance(value, str) and value.strip().isascii() and len(value) <= 20:
        value = int(value) if value.strip().isdigit() else 0
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return value if is_id and 0 < value <= SAFE_ID else 0  # type: ignore[operator,return-value]


def _numbers(body: dict[str, Any], name: str) -> list[int]:
    values = body.get(name)
    numbers = [_number(value) for value in values] if isinstance(values, list) else []
    if not numbers or not all(numbers) or len(numbers) > MAX_IDS:
        message = f"{name} must be an array of 1 to {MAX_IDS} ids"
        raise InvalidInput(message, field=name)
    return sorted(set(numbers))


def _one_id(body: dict[str, Any], name: str) -> int:
    number = _number(body.get(name))
    if not number:
        raise InvalidInput(f"{name} is required: an id", field=name)
    return number


def _body(request: Request, *names: str) -> dict[str, Any]:
    """Return the body; under the plain names it may have no other fields than these."""
    body = request.fields()
    if not request.is_micrologs:
        fields.only(body, names)
    return body
