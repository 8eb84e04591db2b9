"""What a body says about a link: the values of its columns."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from app import fields
from app.clock import to_utc
from app.links import destination
from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Row
    from app.http import Request

MAX_LABEL_BYTES = 255
MAX_CAMPAIGN_BYTES = 255
MAX_TEXT_BYTES = 4096
"""No cut: what is too long is refused, and not another text stored."""
MOST_CLICKS = 10**9
EARLIEST, LATEST = 1970, 2999

DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def changes(request: Request, body: dict[str, Any]) -> Row:
    """Return the columns to which the body gives a value.

    Null is no value, but for expires_at and max_clicks, which it clears.

    :raise InvalidInput: a value cannot be taken.
    """
    found: Row = {}
    if body.get("destination_url") is not None:
        found["destination_url"] = _destination_url(request, body)
    if body.get("label") is not None:
        found["label"] = fields.text(body, "label", MAX_LABEL_BYTES)
    is_active = body.get("is_active")
    if is_active is not None:
        if not isinstance(is_active, bool):
            raise InvalidInput("is_active must be a boolean", field="is_active")
        found["is_active"] = int(is_active)
    if "expires_at" in body:
        found["expires_at"] = _expires_at(body, request.project.timezone)
    if "max_clicks" in body:
        found["max_clicks"] = fields.integer(body, "max_clicks", 1, MOST_CLICKS) or None
    return found


def _destination_url(request: Request, body: dict[str, Any]) -> str:
    """Return the URL, with the utm fields of the body in its query."""
    # A control in it becomes a space, which is refused below.
    url = fields.text(body, "destination_url", MAX_TEXT_BYTES)
    if not url:
        raise InvalidInput("destination_url cannot be empty", field="destination_url")
    campaign = {
        name: fields.text(body, name, MAX_CAMPAIGN_BYTES) for name in destination.UTM
    }
    url = destination.with_campaign(url, campaign)
    try:
        found = destination.parse(url)
    except ValueError as problem:
        reason = "" if request.is_micrologs else f": it {problem}"
        message = f"destination_url is not a valid URL{reason}"
        raise InvalidInput(message, field="destination_url") from None
    accepted, own = request.config.destinations, request.project.allowed_domains
    if not destination.is_allowed(found, accepted, own):
        message = "destination_url is on a domain to which no link may lead"
        raise InvalidInput(message, field="destination_url")
    if destination.is_short_link(found, request.base_url()):
        message = "destination_url is a short link itself"
        raise InvalidInput(message, field="destination_url")
    return url


def _expires_at(body: dict[str, Any], timezone: str) -> datetime | None:
    """Return the moment, UTC; of a day alone its end. None: never."""
    text = fields.text(body, "expires_at", MAX_TEXT_BYTES)
    if body.get("expires_at") is None:
        return None
    try:
        if not DAY.fullmatch(text) and not MOMENT.fullmatch(text):
            raise ValueError(text)
        local = datetime.fromisoformat(text)
        if not EARLIEST < local.year < LATEST:
            raise ValueError(text)
    except ValueError:
        message = "expires_at must be YYYY-MM-DD HH:MM:SS or YYYY-MM-DD"
        raise InvalidInput(message, field="expires_at") from None
    if DAY.fullmatch(text):
        local += timedelta(days=1)
    return to_utc(local, timezone)
