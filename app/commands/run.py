"""run: serves Porthole and a demo site here, on the embedded database if need be."""

from __future__ import annotations

import errno
import io
import os
import sys
import threading
import time
import traceback
from contextlib import closing, suppress
from socket import SHUT_RDWR
from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from app import clock, config, db, front
from app.commands import setup
from app.http import MAX_BODY_BYTES
from app.projects import admin, admin_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from app.db import Database
    from app.front import WsgiApplication

BEACONS_AT_ONCE = 4
"""More threads only wait for each other: with 90 a beacon took four times the CPU."""

THREADS_KEPT = 4
"""So many at most wait for the next connection; others end when they have answered."""

DEMO_NAME = "Demo"


class CannotServe(Exception):
    """The address cannot be listened on; the message says what to do."""


class _Server(ThreadingMixIn, WSGIServer):
    """A thread takes a connection and answers it itself, while another one waits.

    To make a thread for each, and to hand it over, took a third of the server's time.
    """

    # With the usual 5 a burst waits for seconds: that is how a kernel tries again.
    request_queue_size = 128
    _is_closed = False

    def server_bind(self) -> None:
        # HTTPServer would ask a name server who we are, and wait for it.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = (
            str(self.server_address[0]),
            int(self.server_address[1]),
        )
        self.setup_environ()

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Answer until interrupted."""
        self._waiting = 0
        self._room = threading.Lock()
        self._start_thread()
        while True:
            # An interrupt ends it on Windows too, unlike a wait for a lock.
            time.sleep(3600)

    def server_close(self) -> None:
        """Close the socket, and tell those who wait for a connection."""
        self._is_closed = True
        with suppress(OSError):
            self.socket.shutdown(SHUT_RDWR)
        super().server_close()

    def _start_thread(self) -> None:
        threading.Thread(target=self._answer_connections, daemon=True).start()

    def _answer_connections(self) -> None:
        while self._may_wait():
            try:
                connection = self.get_request()
            except OSError:
                if self._is_closed:
                    return
                # There may be no more files to be had until others are closed.
                time.sleep(0.1)
                connection = None
            self._waits_no_more()
            if connection:
                self.process_request_thread(*connection)

    def _may_wait(self) -> bool:
        with self._room:
            if self._waiting == THREADS_KEPT:
                return False
            self._waiting += 1
            return True

    def _waits_no_more(self) -> None:
        with self._room:
            self._waiting -= 1
            is_last = not self._waiting
        if is_last:
            # If there are too many, this one waits again when it has answered.
            with suppress(RuntimeError):
                self._start_thread()

    def handle_error(self, request: object, client_address: object) -> None:
        """Print what went wrong, without the address; a lost browser is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            traceback.print_exc()


class _Handler(WSGIRequestHandler):
    # An answer is sent in one piece, not in five.
    wbufsize = -1
    path = ""
    """Of a request whose first line cannot be read."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print what was asked, without the address and the query."""
        path = self.path.partition("?")[0]
        asked = f"{self.command or '?'} {path}".rstrip()
        line = f"{clock.now():%H:%M:%S}  {int(code):3}  {asked}\n"
        # In one piece: other threads write too.
        print(line, end="", flush=True)

    def log_message(self, format: str, *args: object) -> None:
        """Leave out what else http.server would tell, which names the address."""


class Gate:
    """The application, to which few beacons go at once; reports are not held up."""

    def __init__(self, application: WsgiApplication) -> None:
        self._application = application
        self._room = threading.Semaphore(BEACONS_AT_ONCE)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        is_short = (
            len(length) < 9 and length.isdigit() and int(length) <= MAX_BODY_BYTES
        )
        if environ["REQUEST_METHOD"] != "POST" or not is_short:
            return self._application(environ, start_response)
        # All of it first: who sends it slowly must not keep others out.
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        with self._room:
            return self._application(environ, start_response)


def run(path: str, host: str, port: int) -> None:
    """Serve until interrupted; on first use make config, database and demo project.

    :raise CannotServe: the address is taken or not ours.
    """
    setup.create_config(path)
    settings = config.load(path)
    setup.apply_schema(settings)
    with _listen(host, port) as server:
        database = db.connect(settings.database_url, settings.timeout_seconds)
        with closing(database):
            public_key, secret_key = _demo_project(database, host)
        address = f"http://{_in_url(host)}:{server.server_port}"
        with closing(front.Application(settings, demo_key=public_key)) as application:
            server.set_app(Gate(application))
            _serve(
                server, _welcome(address, settings.snippet_path, public_key, secret_key)
            )


def _serve(server: _Server, welcome: str) -> None:
    try:
        print(welcome, flush=True)
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nStopped. Everything is kept; start again with the same command.")


def _listen(host: str, port: int) -> _Server:
    try:
        return _Server((host, port), _Handler)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", 0) == errno.EADDRINUSE:
            raise CannotServe(
                f"Port {port} is in use: stop what uses it, or choose another, such as"
                f" make run PORT={port + 1} (without make: --port {port + 1})."
            ) from None
        raise CannotServe(f"Cannot listen on {host}:{port}: {error}") from None


def _demo_project(database: Database, host: str) -> tuple[str, str]:
    """Return its public key, and its secret key if it is made now."""
    for row in admin_store.list_projects(database):
        if row["name"] == DEMO_NAME:
            return row["public_key"], ""
    hosts = dict.fromkeys(["127.0.0.1", "localhost", host])
    hosts.pop("0.0.0.0", None)
    made = admin.create_project(database, DEMO_NAME, list(hosts), clock.now())
    return made["public_key"], made["secret_key"]


def _in_url(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else host


def _welcome(address: str, path: str, public_key: str, secret_key: str) -> str:
    python = os.path.relpath(sys.executable)
    source = f'src="{address}{path}" data-public-key="{public_key}" data-local'
    if secret_key:
        about_key = f"Its secret key, shown only now:\n  {secret_key}"
    else:
        about_key = (
            "Its secret key was shown at the first start. For a new pair of keys:\n"
            f"  {python} -m app project list\n"
            f"  {python} -m app project rotate-keys ID"
        )
    return f"""
Porthole is running. Open the demo site, click around, then read its numbers:
  {address}/

The tag on its pages, of the project "{DEMO_NAME}":
  <script defer {source}></script>

{about_key}

Read the numbers:
  curl -H "X-API-Key: {secret_key or "SECRET_KEY"}" \\
    "{address}/api/analytics/visitors?range=1d"

Or look at them; the admin key to sign in with is in config.ini:
  {address}/numbers

Stop with Ctrl+C.
"""
