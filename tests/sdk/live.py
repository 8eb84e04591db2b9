"""Serves an installation over HTTP, and talks to it as published clients do."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from tests.conftest import Installation


@contextmanager
def serve(installation: Installation) -> Iterator[str]:
    """Serve until the end of the block; gives the address."""
    server = make_server("127.0.0.1", 0, installation.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Response:
    """What the server answered."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def data(self) -> Any:
        assert self.status == 200, self.body
        return json.loads(self.body)["data"]


def request(
    address: str, method: str, path: str, body: Any, headers: dict[str, str]
) -> Response:
    """Send exactly these headers; a body goes as JSON."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    raw = None if body is None else json.dumps(body).encode()
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if raw is not None:
            connection.putheader("Content-Length", str(len(raw)))
        connection.endheaders(raw)
        return Response(connection.getresponse())
    finally:
        connection.close()
