"""What programs call when they fail, and what their owners ask."""

from __future__ import annotations

from app import fields
from app.clock import local_day
from app.errors import record
from app.errors.grouping import Report
from app.errors.occurrence import (
    ENVIRONMENTS,
    MAX_CONTEXT_BYTES,
    MAX_LINE,
    MAX_URL_BYTES,
    SAFE_ID,
    SEVERITIES,
    Occurrence,
)
from app.http import Reply, ok
from app.problems import InvalidInput
from app.senders import identity
from app.senders.sender import asks_not_to_be_counted, sender_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from app.errors.record import Person
    from app.http import Request

MAX_COUNT = 1000
IGNORED = "X-Porthole-Ignored"


def track_error(request: Request) -> Reply:
    """POST /api/track/error, either key: report an error.

    200 with the ``group_id``; X-Porthole-Ignored says if it was counted before.
    """
    body = request.fields()
    occurrence = _occurrence(request, body)
    person = _person(request, body, occurrence)
    group_id, counted = record.record_error(
        request.db, request.locator, occurrence, person
    )
    reply = ok({"group_id": group_id})
    if not counted:
        reply.headers[IGNORED] = "duplicate"
    return reply


def _occurrence(request: Request, body: dict[str, Any]) -> Occurrence:
    """Return the report in the body.

    :raise InvalidInput: a field cannot be taken.
    """
    lenient = request.is_micrologs
    report = Report(
        fields.text(body, "error_type", 100) or "Unknown",
        fields.lines(body, "message", 1024, required=True),
        fields.text(body, "file", 512),
        _line(body, lenient),
        fields.lines(body, "stack", 65535),
        fields.text(body, "fingerprint", 256),
    )
    at = fields.moment(body, request.at)
    found = Occurrence(request.config.secret, request.project, at, report)
    found.severity = _choice(body, "severity", SEVERITIES, "error", lenient)
    found.environment = _choice(
        body, "environment", ENVIRONMENTS, "production", lenient
    )
    found.url = fields.text(body, "url", MAX_URL_BYTES)
    found.context = _context(body, lenient)
    found.count = fields.integer(body, "count", 1, MAX_COUNT, 1)
    found.with_release(fields.text(body, "release", 100))
    beacon_id = fields.identifier(body, "id")
    if beacon_id:
        found.with_beacon_id(beacon_id)
    else:
        found.id = request.seed & SAFE_ID or 1
    return found


def _person(
    request: Request, body: dict[str, Any], occurrence: Occurrence
) -> Person | None:
    """Return who met the error, None if that is not known.

    Of a browser that asks not to be counted only the device is.
    """
    sender = sender_of(request, fields.text(body, "visitor_id", 256))
    if not request.is_public:
        return None
    if asks_not_to_be_counted(request):
        return record.Person(sender, None)
    today = local_day(request.at, request.project.timezone)
    ids = identity.visitor_ids(
        request.db, occurrence.secret, request.project, sender, occurrence.day, today
    )
    return record.Person(sender, ids)


def _line(body: dict[str, Any], lenient: bool) -> int | None:
    line = body.get("line")
    is_number = isinstance(line, int) and not isinstance(line, bool)
    if line is None or (lenient and not (is_number and 0 <= line <= MAX_LINE)):
        return None
    return fields.integer(body, "line", 0, MAX_LINE)


def _choice(
    body: dict[str, Any],
    name: str,
    accepted: Sequence[str],
    default: str,
    lenient: bool,
) -> str:
    if lenient and body.get(name) not in accepted:
        return default
    return fields.choice(body, name, accepted, default)


def _context(body: dict[str, Any], lenient: bool) -> str:
    try:
        return fields.json_text(body, "context", MAX_CONTEXT_BYTES)
    except InvalidInput:
        if lenient:
            return ""
        raise
