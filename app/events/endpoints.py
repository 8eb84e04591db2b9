"""What trackers and backends call."""

from __future__ import annotations

from app import fields, ids
from app.clock import local_day
from app.events import record, store
from app.events.event import MAX_NAME_BYTES, Event, object_text, properties_of
from app.http import Reply, ok
from app.projects.store import COOKIE, ProjectChanged
from app.senders import identity
from app.senders.dimensions import SentByRobot
from app.senders.ignored import IGNORED, drop, reason_to_ignore
from app.senders.sender import MAX_URL_BYTES, page_of, sender_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.http import Request

MAX_USER_BYTES = 120
MAX_TRAITS_BYTES = 8192
MAX_VISITOR_BYTES = 256
COMMON_FIELDS = ("public_key", "id", "age", "visitor_id", "url", "session_token")
EVENT_FIELDS = ("name", "props", *COMMON_FIELDS)
IDENTITY_FIELDS = ("user_id", "traits", *COMMON_FIELDS)


def track_event(request: Request) -> Reply:
    """POST /api/track/event, either key: count something that happened.

    200 with ``counted``: false if an event with its id was counted before. 204 for
    what is not counted at all; the header X-Porthole-Ignored says why. What comes with
    the secret key always counts.
    """
    event = _event(request, request.fields())
    reason = reason_to_ignore(request)
    if reason:
        return drop(request, reason, event.page_id)
    who = _visitor_ids(request, event)
    try:
        counted = record.record_event(
            request.db, request.project, event, who, request.is_public, request.now
        )
    except SentByRobot as robot:
        return drop(request, f"bot: robot: {robot.name}", event.page_id)
    reply = ok({"counted": counted})
    if not counted:
        reply.headers[IGNORED] = "duplicate"
    return reply


def track_identify(request: Request) -> Reply:
    """POST /api/track/identify, public key: note which user a visitor is.

    200 with ``identified``: false where visitors are not known again.
    """
    body = request.fields()
    if not request.is_micrologs:
        fields.only(body, IDENTITY_FIELDS)
    user_id = _user_id(body)
    traits = object_text(body, "traits", MAX_TRAITS_BYTES)
    visitor_key = fields.text(body, "visitor_id", MAX_VISITOR_BYTES)
    at = fields.moment(body, request.at)
    reason = reason_to_ignore(request)
    if reason:
        return drop(request, reason)
    project = request.project
    if project.identity != COOKIE or not visitor_key:
        reply = ok({"identified": False})
        reply.headers[IGNORED] = "cookieless"
        return reply
    values = {
        "project_id": project.id,
        "cache_version": project.cache_version,
        "visitor_id": identity.cookie_visitor_id(
            request.config.secret, project.id, visitor_key
        ),
        "user_id": user_id,
        "traits": traits or None,
        "at": at.replace(microsecond=0),
    }
    if not store.save_identity(request.db, values):
        raise ProjectChanged()
    return ok({"identified": True})


def _event(request: Request, body: dict[str, Any]) -> Event:
    """Return the event in the body.

    :raise InvalidInput: a field cannot be taken.
    """
    if not request.is_micrologs:
        fields.only(body, EVENT_FIELDS)
    at = fields.moment(body, request.at)
    event = Event(
        request.config.secret,
        request.project,
        at,
        fields.text(body, "name", MAX_NAME_BYTES, required=True),
        sender_of(request, fields.text(body, "visitor_id", MAX_VISITOR_BYTES)),
    )
    address = fields.text(body, "url", MAX_URL_BYTES)
    if address:
        event.with_page(page_of(address))
    beacon_id = fields.identifier(body, "id")
    if beacon_id:
        event.with_beacon_id(beacon_id)
    else:
        event.id = ids.time_ordered(at, request.seed)
    event.properties = properties_of(body)
    return event


def _visitor_ids(request: Request, event: Event) -> identity.VisitorIds:
    """Return who sent the event; a backend's own address is nobody's."""
    project, key = request.project, event.sender.visitor_key
    secret = request.config.secret
    if request.is_public:
        today = local_day(request.at, project.timezone)
        return identity.visitor_ids(
            request.db, secret, project, event.sender, event.day, today
        )
    if project.identity == COOKIE and key:
        return identity.VisitorIds(identity.cookie_visitor_id(secret, project.id, key))
    return identity.VisitorIds(0)


def _user_id(body: dict[str, Any]) -> str:
    """Return the site's own id of the user, whole.

    :raise InvalidInput: there is none, or it is too long.
    """
    value = body.get("user_id")
    is_number = isinstance(value, int) and not isinstance(value, bool)
    given = {"user_id": fields.to_json(value) if is_number else value}
    return fields.whole_text(given, "user_id", MAX_USER_BYTES)
