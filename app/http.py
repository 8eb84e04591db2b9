"""Request and Reply: what handlers take and give; the JSON envelope lives here."""

from __future__ import annotations

import json
import os
import re

from app.client.address import is_trusted
from app.client.query import pairs
from app.problems import (
    Forbidden,
    InvalidInput,
    LengthRequired,
    Problem,
    TooLarge,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Any

    from app.client.location import Locator
    from app.config import Config
    from app.db import Database
    from app.limits import Limits
    from app.log import Log
    from app.projects.store import Project
    from app.senders.traces import Traces

MAX_BODY_BYTES = 65_536
MAX_DISCARD_BYTES = 1_048_576
"""How much of a refused body is read, so that its sender gets to see the answer."""

HOST = r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?"

PHRASES = {
    200: "OK",
    202: "Accepted",
    204: "No Content",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""http.HTTPStatus would cost a beacon 4 ms."""

PASSED_ON = "now db config locator limits project has_project is_behind is_away".split()
"""What a part of a request has from the whole."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Request:
    """One request, without a framework; dispatch fills in who is calling.

    ``project`` is set where the route wants a project's key; ``is_public`` tells
    whether that was the public one.
    ``is_micrologs`` is True for a ``.php`` name, which speaks Micrologs' dialect.
    ``at`` is when it arrived (``now`` is later for one from the spool), ``address`` the
    sender's, proxies taken into account.
    ``answer_part`` answers a part of it, as if it had come by itself to a path.
    ``is_behind`` tells whether beacons wait in the spool that came before it: any, or
    those of one kind.

    ``is_away`` is True when the database turned out to be away, ``has_reached`` when
    it was there, ``is_replay`` for a beacon from the spool, whose ``traces`` stand for
    the address.
    """

    db: Database
    config: Config
    project: Project
    locator: Locator
    limits: Limits
    log: Log
    is_admin: bool
    is_public = False
    answer_part: Callable[[str, Request], Reply]
    is_behind: Callable[[str], bool]
    is_away = False
    has_reached = False
    is_replay = False
    traces: Traces | None = None

    def __init__(
        self, environ: Mapping[str, Any], at: datetime, address: str, path: str
    ) -> None:
        self.environ = environ
        self.at = self.now = at
        self.address = address
        self.path = path
        self.method: str = environ["REQUEST_METHOD"]
        self.is_micrologs = path.endswith(".php")
        self.has_project = False
        self._body: bytes | None = None
        self._fields: dict[str, Any] | None = None
        self._seed = 0

    @property
    def seed(self) -> int:
        """A random number of 63 bits that stays the beacon's own, also in the spool.

        An id made of it tells another try whether the first one was stored.
        """
        if not self._seed:
            self._seed = int.from_bytes(os.urandom(8), "big") >> 1 or 1
        return self._seed

    def again(self, fields: dict[str, Any], seed: int, traces: Traces) -> None:
        """Make it the beacon that the spool has kept."""
        self.is_replay = True
        self.traces = traces
        self._fields = fields
        self._seed = seed

    def of_project(self, project: Project) -> None:
        """Note whose request it is."""
        self.project = project
        self.has_project = True

    def part(self, fields: Mapping[str, Any], path: str) -> Request:
        """Return a request of the same sender with only these fields, for ``path``."""
        part = Request(self.environ, self.at, self.address, path)
        part.__dict__.update(
            (name, self.__dict__[name]) for name in PASSED_ON if name in self.__dict__
        )
        part._fields = dict(fields)
        return part

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string."""
        value: str = self.environ.get("HTTP_" + name.upper().replace("-", "_"), "")
        return value.strip()

    def base_url(self) -> str:
        """Return where Porthole is, without a slash at the end.

        Unless config.ini says it, it is where the caller found it. The Host header is
        his word only: for an answer to him, and never stored.
        """
        if self.config.public_url:
            return self.config.public_url
        scheme: str = self.environ["wsgi.url_scheme"]
        told = self.header("X-Forwarded-Proto").lower()
        peer = self.environ.get("REMOTE_ADDR", "")
        if told in ("http", "https") and is_trusted(peer, self.config.trusted_proxies):
            scheme = told
        host = self.header("Host")
        if not re.fullmatch(HOST, host):
            host = self.environ["SERVER_NAME"]
        return f"{scheme}://{host}{self.environ.get('SCRIPT_NAME', '').rstrip('/')}"

    def query(self) -> dict[str, str]:
        """Return the query parameters; of a repeated one, the first."""
        text = self.environ.get("QUERY_STRING", "")
        return dict(reversed(pairs(text)))

    def body(self) -> bytes:
        """Return the whole body.

        :raise TooLarge: it is over 64 KB.
        :raise LengthRequired: it came in chunks and the server left them undone.
        """
        if self._body is None:
            self._body = self._read()
        return self._body

    def fields(self) -> dict[str, Any]:
        """Return the JSON object in the body, whatever its content type is.

        :raise InvalidInput: there is none, or an empty one.
        """
        if self._fields is not None:
            return self._fields
        try:
            found = json.loads(self.body(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            # ValueError covers broken JSON, broken UTF-8, and NaN.
            found = None
        if not isinstance(found, dict) or not found:
            raise InvalidInput("Invalid or missing JSON body")
        self._fields = found
        return found

    def _read(self) -> bytes:
        stream = self.environ["wsgi.input"]
        length = self.environ.get("CONTENT_LENGTH") or ""
        if not length and self.environ.get("HTTP_TRANSFER_ENCODING"):
            # CGI hands the unchunked body over up to its end; a server that does
            # says so, and any other would make us wait for ever.
            if not self.environ.get("wsgi.input_terminated"):
                raise LengthRequired()
            body: bytes = stream.read(MAX_BODY_BYTES + 1)
            if len(body) > MAX_BODY_BYTES:
                raise TooLarge()
            return body
        if not length.isascii() or not (length or "0").isdigit() or len(length) > 18:
            raise InvalidInput("Content-Length is not a number", field="Content-Length")
        expected = int(length or 0)
        if expected > MAX_BODY_BYTES:
            _discard(stream, min(expected, MAX_DISCARD_BYTES))
            raise TooLarge()
        received: bytes = stream.read(expected) if expected else b""
        if len(received) < expected:
            message = "The body ended before its Content-Length"
            raise InvalidInput(message, field="Content-Length")
        return received


class Reply:
    """Status, headers and body of an answer."""

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = {**ALWAYS, **(headers or {})}

    def status_line(self) -> str:
        """Return the status as WSGI wants it, such as ``200 OK``."""
        return f"{self.status} {PHRASES.get(self.status, 'Unknown')}"

    def header_list(self) -> list[tuple[str, str]]:
        """Return the headers as WSGI wants them, with the body's length."""
        if self.status == 204:
            return [*self.headers.items()]
        return [*self.headers.items(), ("Content-Length", str(len(self.body)))]


def ok(data: Mapping[str, Any], message: str = "OK") -> Reply:
    """Return 200 with the success envelope around ``data``."""
    return _json(200, {"success": True, "message": message, "data": data})


def refuse(status: int, message: str, field: str = "") -> Reply:
    """Return the failure envelope; it has no ``data``, and ``field`` only if known."""
    envelope: dict[str, Any] = {"success": False, "message": message}
    if field:
        envelope["field"] = field
    return _json(status, envelope)


def refusal(problem: Problem, *, as_text: bool = False) -> Reply:
    """Return the answer to a request that is refused."""
    field = problem.field if isinstance(problem, InvalidInput) else ""
    reply = refuse(problem.status, problem.message, field)
    if as_text:
        reply = text(problem.status, problem.message)
    if isinstance(problem, Forbidden):
        reply.headers["X-Porthole-Ignored"] = "domain"
    if problem.retry_after_seconds:
        reply.headers["Retry-After"] = str(problem.retry_after_seconds)
    return reply


def text(status: int, message: str) -> Reply:
    """Return a sentence for a person."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    return Reply(status, message.encode(), headers)


def _json(status: int, envelope: Mapping[str, Any]) -> Reply:
    text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "replace")
    return Reply(status, body, {"Content-Type": "application/json"})


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _discard(stream: Any, count: int) -> None:
    while count > 0:
        chunk = stream.read(min(count, MAX_BODY_BYTES))
        if not chunk:
            return
        count -= len(chunk)
