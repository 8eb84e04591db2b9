"""Three servers on this machine: Porthole, one that only records what it is sent,
and a site on another origin than theirs."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from app import clock, config, db, front, web
from app.projects import admin
from tests.wsgi import call

SECRET = "test-secret-test-secret-test-secret"
FOLDER = "/stats"
"""Porthole answers under this folder too, as on a host where it is not alone."""

StartResponse = Callable[..., Any]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # HTTPServer would ask a name server who we are, and wait for it.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


class Service:
    """A WSGI application that answers on a free port until it is stopped."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._port = 0
        self.start()
        self.url = f"http://{self.host}:{self._port}"

    def start(self) -> None:
        """Answer, on the port that it has had before."""
        self._server = _Server(("127.0.0.1", self._port), _QuietHandler)
        self._server.set_app(self)
        self._port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        raise NotImplementedError

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class Site(Service):
    """What the tests write, under a host name that is not Porthole's."""

    host = "localhost"

    def __init__(self) -> None:
        self._pages: dict[str, tuple[Iterable[bytes], dict[str, str]]] = {}
        self.missing: set[str] = set()
        """Paths of pages that are served with the status 404."""
        # Chromium asks for it, and would write to the console that it is missing.
        self.add_raw("/favicon.ico", [])
        super().__init__()

    def add(
        self, path: str, content: str, title: str = "A page", **headers: str
    ) -> None:
        """Serve a page; ``Content_Security_Policy`` names a header."""
        self.add_raw(
            path,
            [f"<!doctype html><title>{title}</title>{content}".encode()],
            **headers,
        )

    def add_raw(self, path: str, pieces: Iterable[bytes], **headers: str) -> None:
        """Serve the pieces one after the other."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "text/html; charset=utf-8")
        self._pages[path] = (pieces, named)

    def add_script(self, path: str) -> None:
        """Serve a copy of the snippet."""
        self.add_raw(path, [web.snippet().encode()], Content_Type="text/javascript")

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        pieces, headers = self._pages.get(path, ((), {}))
        is_there = headers and path not in self.missing
        start_response("200 OK" if is_there else "404 Not Found", [*headers.items()])
        return pieces


class Beacon:
    """What one request or one part of a batch has told, and the request's answer."""

    def __init__(self, environ: dict[str, Any], fields: dict[str, Any]) -> None:
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        self.content_type: str = environ.get("CONTENT_TYPE", "")
        self.origin: str = environ.get("HTTP_ORIGIN", "")
        self.cookie: str = environ.get("HTTP_COOKIE", "")
        self.arrived_at = time.monotonic()
        self.is_batched = "type" in fields
        self.type: str = fields.pop("type", "") or self.path.rpartition("/")[2]
        self.fields = fields
        self.status = 0
        self.counted = False

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} {self.type} {self.fields}: {self.status}>"


def read_beacons(environ: dict[str, Any]) -> list[Beacon]:
    """Return what a request tells; whoever answers can read the body once more."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    fields = json.loads(body) if body else {}
    return [Beacon(environ, part) for part in fields.get("beacons", [fields])]


def tag(url: str, key: str, attributes: str, name: str) -> str:
    path = name if name.startswith("/") else f"/snippet/{name}"
    source = f'src="{url}{path}" data-public-key="{key}"'
    return f"<script {attributes} {source} data-local></script>"


class Recorder(Service):
    """Takes what the snippet sends, and answers as it is told."""

    public_key = "0123456789abcdef" * 2

    def __init__(self) -> None:
        self.beacons: list[Beacon] = []
        self.requests: list[str] = []
        """Method, path and status of each request for a beacon."""
        self.status = "200 OK"
        self.headers: dict[str, str] = {}
        self.refused_part = -1
        """Which beacon of a batch is answered with 503; the request with 200."""
        self.longest_body = 0
        self.hears_pages = True
        """Whether a page may read the answer."""
        self.open = threading.Event()
        """Beacons are answered while it is set."""
        self.open.set()
        super().__init__()

    def tag(self, attributes: str = "defer", name: str = "porthole.js") -> str:
        return tag(self.url, self.public_key, attributes, name)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Return the fields of the beacons of one type."""
        return [beacon.fields for beacon in self.beacons if beacon.type == kind]

    def stop(self) -> None:
        self.open.set()
        super().stop()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.endswith(".js"):
            headers = {"Access-Control-Allow-Origin": "*"}
            start_response(
                "200 OK", [*headers.items(), ("Content-Type", "text/javascript")]
            )
            return [web.snippet().encode()]
        size = int(environ.get("CONTENT_LENGTH") or 0)
        self.longest_body = max(self.longest_body, size)
        found = read_beacons(environ)
        status, headers = self.status, dict(self.headers)
        for number, beacon in enumerate(found):
            is_refused = beacon.is_batched and number == self.refused_part
            beacon.status = 503 if is_refused else int(status[:3])
            beacon.counted = beacon.status == 200
        self.requests.append(f"{environ['REQUEST_METHOD']} {path} {self.status[:3]}")
        self.beacons += found
        if self.hears_pages:
            headers["Access-Control-Allow-Origin"] = environ.get("HTTP_ORIGIN", "*")
            headers["Access-Control-Expose-Headers"] = (
                "Retry-After, X-Porthole-Identity"
            )
        self.open.wait()
        start_response(status, [*headers.items()])
        results = [{"status": beacon.status, "data": {}} for beacon in found]
        told = {"success": True, "data": {"results": results}}
        return [json.dumps(told, separators=(",", ":")).encode()]


class Porthole(Service):
    """The real application on a database of its own, with its demo site."""

    def __init__(
        self, database: Path, domains: list[str], identity: str = "cookieless"
    ) -> None:
        path = database.parent / "config.ini"
        path.write_text(
            f"[database]\nurl = sqlite:///{database}\n"
            f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
        )
        settings = config.load(str(path), {})
        self._db = db.connect(settings.database_url, settings.timeout_seconds)
        made = admin.create_project(
            self._db, "Alice", domains, clock.now(), identity=identity
        )
        self.public_key: str = made["public_key"]
        self.secret_key: str = made["secret_key"]
        self.application = front.Application(settings, demo_key=self.public_key)
        self.beacons: list[Beacon] = []
        self.requests: list[str] = []
        super().__init__()

    def stop(self) -> None:
        super().stop()
        self.application.close()
        self._db.close()

    def create_stranger(self) -> str:
        """Return the public key of a project of another domain."""
        made = admin.create_project(
            self._db, "Charlie", ["charlie.example"], clock.now()
        )
        return str(made["public_key"])

    def tag(self, attributes: str = "defer", name: str = "porthole.js") -> str:
        return tag(self.url, self.public_key, attributes, name)

    def visitors(self) -> Any:
        """Return what the owner reads of today, when all that came is stored."""
        wait_for_answers(self.beacons)
        answer = call(
            self.application,
            "GET",
            "/api/analytics/visitors?range=1d",
            headers={"X-API-Key": self.secret_key},
        )
        assert answer.status == 200, answer.body
        return answer.data

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(FOLDER + "/"):
            environ["SCRIPT_NAME"] = FOLDER
            environ["PATH_INFO"] = path = path[len(FOLDER) :]
        if not path.startswith(("/api/track/", "/w/")) or path.endswith(".js"):
            return self.application(environ, start_response)
        found = read_beacons(environ)
        self.beacons += found

        answers = []

        def start(status: str, headers: Any, *more: Any) -> Any:
            answers.append(int(status[:3]))
            self.requests.append(f"{environ['REQUEST_METHOD']} {path} {status[:3]}")
            return start_response(status, headers, *more)

        pieces = list(self.application(environ, start))
        for beacon in found:
            beacon.counted = b'"counted":true' in b"".join(pieces)
            beacon.status = answers[0]
        return pieces


def wait_for_answers(beacons: list[Beacon]) -> None:
    """Return when each of them is answered."""
    deadline = time.monotonic() + 30
    while not all(beacon.status for beacon in beacons):
        assert time.monotonic() < deadline, beacons
        time.sleep(0.01)
