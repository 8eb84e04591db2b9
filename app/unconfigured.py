"""Porthole without a config.ini: the set-up, and on every other path where that is."""

from __future__ import annotations

import os
import sys

from app import config, front
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


class Application:
    """A WSGI application that becomes Porthole itself when there is a config.ini."""

    def __init__(self, path: str, reason: object) -> None:
        sys.stderr.write(f"porthole: {reason}\n")
        self._path = os.path.abspath(path)
        self._progress = Progress(self._path)
        self._porthole: front.Application | None = None
        self._dispatcher: Dispatcher | None = None
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
        where = environ.get("SCRIPT_NAME", "").rstrip("/")
        return _say(MISSING.format(where), start_response)

    def close(self) -> None:
        """Close what was opened."""
        for opened in (self._porthole, self._dispatcher):
            if opened is not None:
                opened.close()

    def _application(self, path: str) -> WsgiApplication | None:
        """Return Porthole if there is a config.ini by now, else what sets it up."""
        if self._porthole is None and self._progress.has_config():
            self._porthole = front.Application(config.load(self._path))
        if self._porthole is not None or not path.startswith(OWN):
            return self._porthole
        if self._flask is None:
            from app.web import create_flask_for_setup

            self._dispatcher = Dispatcher(database.provisional(self._path))
            self._flask = create_flask_for_setup(self._dispatcher)
        return self._flask


def _say(sentence: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    reply = text(500, sentence)
    start_response(reply.status_line(), reply.header_list())
    return [reply.body]
