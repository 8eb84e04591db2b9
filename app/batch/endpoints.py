"""What sends beacons together: a tag whose page is left, a backend."""

from __future__ import annotations

import json

from app import routes
from app.fields import only
from app.http import Reply, ok, refusal
from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.http import Request

MAX_BEACONS = 50
TYPES = ("pageview", "event", "engagement", "identify", "error", "audit")
FIELDS = ("public_key", "beacons")


def track_batch(request: Request) -> Reply:
    """POST /api/track/batch, either key: answer up to 50 beacons, one by one.

    200 with ``results`` in their order, each what the beacon would have got by itself:
    ``status`` with ``data``, ``ignored``, or ``message`` and ``field``. When the
    database goes away, those that are left are not tried with it any more.
    """
    body = request.fields()
    if not request.is_micrologs:
        only(body, FIELDS)
    beacons = body.get("beacons")
    if not isinstance(beacons, list) or not 1 <= len(beacons) <= MAX_BEACONS:
        message = f"beacons must be a list of 1 to {MAX_BEACONS} objects"
        raise InvalidInput(message, field="beacons")
    return ok({"results": [_result(_answer(request, one)) for one in beacons]})


def _answer(request: Request, beacon: object) -> Reply:
    """Return what the beacon's own route answers, with the key of the batch."""
    try:
        path, fields = _beacon(beacon)
    except InvalidInput as problem:
        return refusal(problem)
    fields.pop("public_key", None)
    if "public_key" in request.fields():
        fields["public_key"] = request.fields()["public_key"]
    path += ".php" if request.is_micrologs else ""
    part = request.part(fields, path)
    reply = request.answer_part(path, part)
    request.is_away = part.is_away
    return reply


def _beacon(beacon: object) -> tuple[str, dict[str, Any]]:
    """Return the path that a beacon is for, and its fields.

    :raise InvalidInput: it is no beacon.
    """
    if not isinstance(beacon, dict):
        raise InvalidInput("A beacon must be an object", field="beacons")
    kinds = {kind: f"/api/track/{kind}" for kind in TYPES}
    known = {kind: path for kind, path in kinds.items() if routes.find(path)}
    kind = beacon.get("type")
    if not isinstance(kind, str) or kind not in known:
        message = f"type must be one of: {', '.join(known)}"
        raise InvalidInput(message, field="type")
    return known[kind], {name: beacon[name] for name in beacon if name != "type"}


def _result(reply: Reply) -> dict[str, Any]:
    """Return a reply as one of the results."""
    result: dict[str, Any] = {"status": reply.status}
    ignored = reply.headers.get("X-Porthole-Ignored")
    if ignored:
        result["ignored"] = ignored
    if reply.body:
        envelope = json.loads(reply.body)
        names = ["data"] if envelope["success"] else ["message", "field"]
        result.update((name, envelope[name]) for name in names if name in envelope)
    return result
