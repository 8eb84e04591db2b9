"""Which pages may read an answer."""

from __future__ import annotations

from app import auth
from app.http import Reply
from app.projects.store import COOKIE
from app.routes import EITHER, PUBLIC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.http import Request
    from app.routes import Route

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, X-API-Key",
    "Access-Control-Max-Age": "86400",
}


def preflight(origin: str) -> Reply:
    """Let any page ask; whether it may read the answer is decided with its key."""
    is_plain = origin.isascii() and origin.isprintable() and " " not in origin
    headers = {"Access-Control-Allow-Origin": origin if origin and is_plain else "*"}
    return Reply(200, b"", {**PREFLIGHT, **headers})


def shared(route: Route, request: Request, reply: Reply) -> Reply:
    """Let a page of the project's domains read the reply to a page.

    While the database is away nobody knows which these are, and nothing is told but
    whether to send the beacon again.
    """
    if route.caller in (PUBLIC, EITHER):
        reply.headers["Vary"] = "Origin"
        is_unread = request.is_away and not request.has_project
        if is_unread or auth.is_own_page(request):
            _allow_origin(request, reply)
            if request.has_project:
                _allow_cookie(request, reply)
    return reply


def _allow_origin(request: Request, reply: Reply) -> None:
    """Let the page read the answer."""
    origin = request.header("Origin")
    if origin:
        reply.headers["Access-Control-Allow-Origin"] = origin
        reply.headers["Access-Control-Expose-Headers"] = (
            "Retry-After, X-Porthole-Ignored, X-Porthole-Identity"
        )


def _allow_cookie(request: Request, reply: Reply) -> None:
    """Tell the tag that it may keep an id in a cookie, if its project has one."""
    if request.is_public and request.project.identity == COOKIE:
        reply.headers["X-Porthole-Identity"] = COOKIE
