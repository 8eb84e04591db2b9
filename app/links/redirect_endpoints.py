"""What people open: short links."""

from __future__ import annotations

from app import fields
from app.client import bots
from app.client.referrer import source_of
from app.db import DatabaseAway
from app.http import Reply
from app.links import codes, destination, record, store
from app.problems import InvalidInput, NotFound
from app.senders import identity
from app.senders.sender import asks_not_to_be_counted, sender_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.http import Request
    from app.links.store import Link

MAX_REFERRER_BYTES = 2048
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""In these a browser says that nobody has clicked yet: it fetches ahead."""


def follow(request: Request) -> Reply:
    """GET /l/<code>, no key: redirect to where the link leads, and count the click.

    404 for a link that is unknown, turned off, expired or used up.
    """
    return _redirect(request, request.path.rpartition("/")[2])


def redirect(request: Request) -> Reply:
    """GET /api/redirect, no key: the same under Micrologs' name, the code in ``c``."""
    return _redirect(request, request.query().get("c", ""))


def _redirect(request: Request, code: str) -> Reply:
    if not code:
        raise InvalidInput("Missing link code", field="c")
    link = None
    if codes.is_code(code):
        link = store.find_link(request.db, code, request.at)
    if link is None:
        raise NotFound("Link not found")
    request.of_project(link.project)
    location = _location(request, link)
    if _is_by_person(request):
        _count(request, link)
    reply = Reply(302, b"", {"Location": location})
    # The page with the link decides what the destination learns of it, as if there
    # were no redirect between them; our own address is never told.
    del reply.headers["Referrer-Policy"]
    return reply


def _location(request: Request, link: Link) -> str:
    """Return where the link leads; looked at anew, for it may be older than the rules.

    :raise InvalidInput: no link may lead there.
    """
    try:
        found = destination.parse(link.destination_url)
    except ValueError:
        found = None
    accepted, own = request.config.destinations, link.project.allowed_domains
    if (
        found is None
        or not destination.is_allowed(found, accepted, own)
        or destination.is_short_link(found, request.base_url())
    ):
        raise InvalidInput("Invalid destination URL", field="destination_url")
    return found.location


def _is_by_person(request: Request) -> bool:
    purpose = " ".join(request.header(name) for name in PURPOSES).lower()
    if request.method == "HEAD" or "prefetch" in purpose or "preview" in purpose:
        return False
    return not bots.robot_reason(
        request.header("User-Agent"),
        request.header("Accept"),
        request.header("Accept-Language"),
    )


def _count(request: Request, link: Link) -> None:
    """Count the click, if that can be: who opens a link wants to be there.

    :raise NotFound: the last click that the link had left was another's.
    """
    try:
        click = _click(request, link)
        record.record_click(request.db, request.locator, click)
    except record.LinkClosed:
        raise NotFound("Link not found") from None
    except DatabaseAway as error:
        request.log.write(f"a click was not counted, the database is away: {error}")


def _click(request: Request, link: Link) -> record.Click:
    secret = request.config.secret
    click = record.Click(secret, link, request.at)
    came_from = {"": request.header("Referer")}
    source = source_of(fields.text(came_from, "", MAX_REFERRER_BYTES), ())
    if source is not None:
        click.with_source(source)
    if not asks_not_to_be_counted(request):
        click.sender = sender_of(request)
        found = identity.visitor_ids(
            request.db, secret, link.project, click.sender, click.day, click.day
        )
        click.visitor_id = found.day
    return click
