"""Which address is the visitor's own, behind proxies: found by asking ourselves."""

from __future__ import annotations

import json
from datetime import timezone
from urllib.parse import quote

from app.client.address import is_trusted
from app.health import address, checks
from app.health.address import NotReached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.health.checks import Check
    from app.http import Request

# Addresses for documentation: nobody has them.
FORGED = {
    "X-Forwarded-For": "192.0.2.71",
    "X-Real-IP": "192.0.2.72",
    "CF-Connecting-IP": "192.0.2.73",
    "True-Client-IP": "192.0.2.74",
}
CHUNKS = (b'{"message":', b'"in two chunks"}')


def echo(request: Request) -> dict[str, Any]:
    """Return what has arrived of a request: for /doctor, which compares."""
    body = request.body()
    environ = request.environ
    return {
        "method": request.method,
        "bytes": len(body),
        "body": body[:200].decode("utf-8", "replace"),
        "content_type": str(environ.get("CONTENT_TYPE") or ""),
        "authorization": request.header("Authorization"),
        "api_key": request.header("X-API-Key"),
        "peer": str(environ.get("REMOTE_ADDR") or ""),
        "address": request.address,
        "forwarded": {name: request.header(name) for name in FORGED},
        "seconds": int(request.at.replace(tzinfo=timezone.utc).timestamp()),
    }


def echo_of(
    request: Request, ticket: str, chunks: tuple[bytes, ...] = ()
) -> dict[str, Any]:
    """Return what arrives of a request that we send to ourselves, with forged headers.

    :raise NotReached: nothing, or somebody else answers.
    """
    url = f"{request.base_url()}/doctor/echo?ticket={quote(ticket)}"
    headers = {} if chunks else FORGED
    status, body = address.fetch(url, headers, chunks)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if status != 200 or not isinstance(found, dict) or "forwarded" not in found:
        raise NotReached(f"it answers {status}, and not as Porthole does")
    return found


def judge(request: Request, seen: dict[str, Any]) -> dict[str, Check]:
    """Return the checks ``visitor`` and ``forged``.

    ``seen`` is what arrived of our own request; that of the owner's browser, which
    forges nothing, is ``request``.
    """
    return {"visitor": _visitor(request, seen), "forged": _forged(request, seen)}


def chunked(request: Request, ticket: str) -> Check:
    """Return whether a body arrives that came without its length."""
    try:
        whole = echo_of(request, ticket, CHUNKS)["bytes"] == len(b"".join(CHUNKS))
    except NotReached as error:
        message = f"Such a body was refused: {error}."
        return {"status": checks.WARN, "message": message}
    if whole:
        return {"status": checks.OK, "message": "They arrive whole."}
    return {"status": checks.WARN, "message": "They arrive empty."}


def _visitor(request: Request, seen: dict[str, Any]) -> Check:
    peer = str(request.environ.get("REMOTE_ADDR") or "")
    told = {name: request.header(name) for name in FORGED if request.header(name)}
    if not told:
        message = f"You come from {peer}, and no proxy is in between."
        return {"status": checks.OK, "message": message}
    named = ", ".join(f"{name}: {value[:100]}" for name, value in told.items())
    if peer in told.values():
        message = f"You come from {peer}; the web server asks the proxy itself."
        return {"status": checks.OK, "message": message}
    is_known = is_trusted(peer, request.config.trusted_proxies)
    if is_known and request.address != peer:
        message = (
            f"You come from {request.address}, through the proxy {peer} ({named})."
        )
        return {"status": checks.OK, "message": message}
    message = (
        f"All visitors seem to come from {peer}, a proxy. What it says: {named}."
        f"{_unreliable(told, seen)}"
    )
    todo = f"In config.ini, under [server]: trusted_proxies = {peer}"
    if is_known or "X-Forwarded-For" not in told:
        todo = (
            "Porthole reads X-Forwarded-For only: ask your host to send it, or to"
            " restore the visitor's address itself (mod_remoteip, real_ip)."
        )
    return {"status": checks.WARN, "message": message, "todo": todo}


def _unreliable(told: dict[str, str], seen: dict[str, Any]) -> str:
    """Return a sentence about headers that arrive just as anybody sends them."""
    names = [name for name in told if seen["forwarded"].get(name) == FORGED[name]]
    if not names:
        return ""
    return f" But anybody can make up {', '.join(names)}: it arrives as it was sent."


def _forged(request: Request, seen: dict[str, Any]) -> Check:
    if seen["address"] in FORGED.values():
        message = (
            f"A request from {seen['peer']} was believed to come from another address,"
            " which it had made up."
        )
        return {"status": checks.WARN, "message": message}
    return {"status": checks.OK, "message": "A made-up address is not believed."}
