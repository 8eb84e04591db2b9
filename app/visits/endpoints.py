"""What trackers call."""

from __future__ import annotations

from app import fields, ids
from app.client import referrer
from app.clock import local_day
from app.http import Reply, ok
from app.problems import InvalidInput, Unavailable
from app.senders import identity
from app.senders.dimensions import SentByRobot
from app.senders.ignored import IGNORED, drop, reason_to_ignore
from app.senders.sender import MAX_URL_BYTES, page_of, sender_of
from app.visits import engagement, record
from app.visits.pageview import Pageview, pageview_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from app.client.url import Page
    from app.http import Request

MAX_SECONDS = 86_400
ENGAGEMENT_FIELDS = (
    "public_key pageview_id seconds scroll url id age visitor_id session_token"
).split()


def track_pageview(request: Request) -> Reply:
    """POST /api/track/pageview, public key: count one page shown.

    200 with ``counted``: false if it was counted before. 204 for what is not counted
    at all; the header X-Porthole-Ignored says why.
    """
    view = _pageview(request, request.fields())
    project = request.project
    today = local_day(request.at, project.timezone)
    reason = reason_to_ignore(request)
    if reason:
        return drop(request, reason, view.page_id)
    visitor_ids = identity.visitor_ids(
        request.db, request.config.secret, project, view.sender, view.day, today
    )
    try:
        counted = record.record_pageview(
            request.db, request.locator, project, view, visitor_ids, request.now
        )
    except SentByRobot as robot:
        return drop(request, f"bot: robot: {robot.name}", view.page_id)
    reply = ok({"counted": counted})
    if not counted:
        reply.headers[IGNORED] = "duplicate"
    return reply


def track_engagement(request: Request) -> Reply:
    """POST /api/track/engagement, public key: how long a page was looked at.

    200 with ``counted``: false if the pageview is not known. 204 for what is not
    counted at all.
    """
    body = request.fields()
    told, day = _engagement(request, body)
    reason = reason_to_ignore(request)
    if reason:
        return drop(request, reason)
    project = request.project
    today = local_day(request.at, project.timezone)
    counted = engagement.record_engagement(
        request.db, request.config.secret, project, told, day, today, request.now
    )
    if not counted and request.is_behind(""):
        raise Unavailable("The pageview may still wait in the spool.")
    reply = ok({"counted": counted})
    if not counted:
        reply.headers[IGNORED] = "unknown pageview"
    return reply


def _engagement(
    request: Request, body: dict[str, Any]
) -> tuple[engagement.Engagement, date]:
    """Return what the body tells, and its local day.

    :raise InvalidInput: a field cannot be taken.
    """
    if not request.is_micrologs:
        fields.only(body, ENGAGEMENT_FIELDS)
    beacon_id = fields.identifier(body, "pageview_id")
    if not beacon_id:
        raise InvalidInput("pageview_id is required", field="pageview_id")
    project = request.project
    told = engagement.Engagement(
        pageview_id(request.config.secret, project.id, beacon_id),
        fields.moment(body, request.at),
        fields.integer(body, "seconds", 0, MAX_SECONDS),
        fields.integer(body, "scroll", 0, 100),
        sender_of(request, fields.text(body, "visitor_id", 256)),
    )
    return told, local_day(told.at, project.timezone)


def _pageview(request: Request, body: dict[str, Any]) -> Pageview:
    """Return the pageview in the body; what Micrologs' clients must send, theirs must.

    :raise InvalidInput: a field cannot be taken.
    """
    address = fields.text(body, "url", MAX_URL_BYTES)
    visitor_key = fields.text(body, "visitor_id", 256)
    token = fields.text(body, "session_token", 256)
    if request.is_micrologs and not (address and visitor_key and token):
        missing = {"url": address, "visitor_id": visitor_key, "session_token": token}
        raise InvalidInput(
            "url, visitor_id and session_token are required",
            field=next(name for name, value in missing.items() if not value),
        )
    view = Pageview(
        request.config.secret,
        request.project,
        fields.moment(body, request.at),
        address,
        _page(address),
        sender_of(request, visitor_key),
    )
    view.title = fields.text(body, "page_title", 512)
    _take_details(view, request, body)
    view.with_token(token)
    return view


def _take_details(view: Pageview, request: Request, body: dict[str, Any]) -> None:
    beacon_id = fields.identifier(body, "id")
    if beacon_id:
        view.with_beacon_id(beacon_id)
    else:
        view.id = ids.time_ordered(view.exact_at, request.seed)
    came_from = fields.text(body, "referrer", MAX_URL_BYTES)
    own_hosts = [view.page.host, *request.project.allowed_domains]
    view.with_source(referrer.source_of(came_from, own_hosts))
    fields.text(body, "fingerprint", 256)
    view.with_screen(
        fields.text(body, "screen_resolution", 20),
        _language(request.header("Accept-Language")),
        fields.text(body, "timezone", 100),
    )


def _page(address: str) -> Page:
    if not address:
        raise InvalidInput("url is required", field="url")
    return page_of(address)


def _language(accept_language: str) -> str:
    """Return the first language a browser asks for, such as ``de-CH``."""
    first = accept_language.partition(",")[0].partition(";")[0].strip()
    is_tag = first.replace("-", "").isalnum() and first.isascii()
    return first[:35] if is_tag else ""
