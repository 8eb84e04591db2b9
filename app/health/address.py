"""Asks Porthole's own address, as a visitor would: what comes through, what leaks."""

from __future__ import annotations

import http.client
import os
import ssl
from urllib.parse import quote, urlsplit

from app.config import ROOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.http import Request

TIMEOUT_SECONDS = 3
COMPARED_BYTES = 1000
MAX_ANSWER_BYTES = 65_536


class NotReached(Exception):
    """The address did not answer; the message says why."""


def fetch(
    url: str,
    headers: Mapping[str, str] | None = None,
    chunks: Iterable[bytes] = (),
) -> tuple[int, bytes]:
    """Return the status and the body of the answer; with ``chunks`` it is a POST.

    A redirect to the same host is followed once, for many lead http to https.

    :raise NotReached: nobody answers, or not in time.
    """
    status, body, location = _ask(url, headers or {}, chunks)
    if status in (301, 302, 307, 308):
        parts, there = urlsplit(url), urlsplit(location)
        if there.scheme == "https" and there.hostname == parts.hostname:
            status, body, _ = _ask(location, headers or {}, chunks)
    return status, body


def addresses_of(request: Request, path: str) -> list[str]:
    """Return where the web server may give a file away, likeliest first."""
    base = request.base_url()
    inside = os.path.relpath(path, ROOT)
    paths = [inside, os.path.join(os.path.basename(ROOT), inside)]
    found = [] if inside.startswith("..") else [f"{base}/{quote(p)}" for p in paths]
    document_root = str(request.environ.get("DOCUMENT_ROOT") or "")
    if document_root:
        public = os.path.relpath(
            os.path.realpath(path), os.path.realpath(document_root)
        )
        if not public.startswith(".."):
            parts = urlsplit(base)
            found.append(f"{parts.scheme}://{parts.netloc}/{quote(public)}")
    elif not found:
        found.append(f"{base}/{quote(os.path.basename(path))}")
    return list(dict.fromkeys(found))


def given_away(request: Request, paths: Iterable[str]) -> list[str]:
    """Return the addresses under which anybody can read one of the files.

    :raise NotReached: Porthole cannot reach its own address, so nobody knows.
    """
    leaks = []
    for path in paths:
        head = _head(path)
        if not head:
            continue
        for url in addresses_of(request, path):
            status, body = fetch(url)
            if status in (200, 206) and _plain(body).startswith(_plain(head)):
                leaks.append(url)
    return leaks


def _ask(
    url: str, headers: Mapping[str, str], chunks: Iterable[bytes]
) -> tuple[int, bytes, str]:
    connection = _connection(url)
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sent = {"User-Agent": "Porthole", "Connection": "close", **headers}
    body = iter(chunks) if chunks else None
    try:
        connection.request("POST" if body else "GET", target, body, sent)
        answer = connection.getresponse()
        content = answer.read(MAX_ANSWER_BYTES)
        return answer.status, content, answer.getheader("Location") or ""
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error) or type(error).__name__
        raise NotReached(reason) from None
    finally:
        connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotReached(str(error)) from None
    if parts.scheme == "https":
        # We ask ourselves, for what anybody may see: whoever answers proves it by
        # what he says, and a host's certificate may not fit its own name.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        )
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(COMPARED_BYTES)
    except OSError:
        return b""


def _plain(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").rstrip(b"\r\n")
