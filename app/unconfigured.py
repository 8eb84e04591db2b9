"""Porthole without a config.ini: the set-up, and on every other path where that is."""

from __future__ import annotations

import os
import sys

from app import config, front
from app.commands.setup import EXAMPLE
from app.dispatch import Dispatcher
from app.http import text
from app.setup import database
from app.setup.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from app.front import WsgiApplication

OWN = ("/setup", "/panel/")
MISSING = (
    "Porthole cannot start. Its config.ini is missing: open {}/setup in a browser.\n"
)
UNUSABLE = (
    "Porthole cannot start."
    " Its config.ini cannot be used; the server's error log says why.\n"
)
INCOMPLETE = (
    "Porthole cannot start. Its config.example.ini is missing: upload it again.\n"
)


class Application:
    """A WSGI application that becomes Porthole itself when there is a config.ini."""

    def __init__(self, path: str, reason: object) -> None:
        sys.stderr.write(f"porthole: {reason}\n")
        self._path = os.path.abspath(path)
        self._progress = Progress(self._path)
        self._porthole: front.Application | None = None
        self._opened: list[front.Application | Dispatcher] = []
        self._written_at = 0.0
        self._flask: WsgiApplication | None = None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        try:
            application = self._application(environ.get("PATH_INFO", ""))
        except config.ConfigError as error:
            sys.stderr.write(f"porthole: {error}\n")
            return _say(UNUSABLE, start_response)
        if application is not None:
            return application(environ, start_response)
        if not os.path.isfile(EXAMPLE):
            return _say(INCOMPLETE, start_response)
        where = environ.get("SCRIPT_NAME", "").rstrip("/")
        return _say(MISSING.format(where), start_response)

    def close(self) -> None:
        """Close what was opened."""
        for opened in self._opened:
            opened.close()

    def _application(self, path: str) -> WsgiApplication | None:
        """Return Porthole if there is a config.ini by now, else what sets it up."""
        if self._porthole is not None and path.startswith(OWN):
            # The set-up may have written it anew, for another database.
            is_same = self._changed_at() == self._written_at
            self._porthole = self._porthole if is_same else None
        if self._porthole is None and self._progress.has_config():
            self._written_at = self._changed_at()
            self._porthole = front.Application(config.load(self._path))
            self._opened.append(self._porthole)
        is_complete = os.path.isfile(EXAMPLE)
        if self._porthole is not None or not (path.startswith(OWN) and is_complete):
            return self._porthole
        if self._flask is None:
            from app.web import create_flask_for_setup

            dispatcher = Dispatcher(database.provisional(self._path))
            self._opened.append(dispatcher)
            self._flask = create_flask_for_setup(dispatcher)
        return self._flask

    def _changed_at(self) -> float:
        try:
            return os.stat(self._path).st_mtime
        except OSError:
            return 0.0


def _say(sentence: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    reply = text(500, sentence)
    start_response(reply.status_line(), reply.header_list())
    return [reply.body]
