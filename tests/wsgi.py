"""Calls a WSGI application as a web server would."""

from __future__ import annotations

import io
import json
from typing import Any

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
BROWSER = {
    "User-Agent": CHROME,
    "Accept": "*/*",
    "Accept-Language": "de-CH,de;q=0.9,en;q=0.8",
}


class Answer:
    """Status, headers (last of a name) and body of a reply."""

    def __init__(
        self, status: str, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        self.status = int(status[:3])
        self.headers = dict(headers)
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]


def call(
    application: Any,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    address: str = "203.0.113.7",
    **environ: Any,
) -> Answer:
    """Return the answer; a body that is no bytes is sent as JSON."""
    path, _, query = path.partition("?")
    raw = body if isinstance(body, bytes) else b""
    if body is not None and not isinstance(body, bytes):
        raw = json.dumps(body).encode()
    given = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "stats.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
        "CONTENT_TYPE": "text/plain",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if body is not None:
        given["CONTENT_LENGTH"] = str(len(raw))
    for name, value in (headers or {}).items():
        given["HTTP_" + name.upper().replace("-", "_")] = value
    given.update(environ)
    received: list[Any] = []
    chunks = application(given, lambda *answer: received.extend(answer[:2]))
    try:
        return Answer(received[0], received[1], b"".join(chunks))
    finally:
        getattr(chunks, "close", lambda: None)()
