"""The WSGI door: hot routes answer here, everything else goes on to Flask."""

from __future__ import annotations

from app import clock, routes
from app.dispatch import FOLLOW_UP, Dispatcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from app.config import Config

    WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


TRACK = "/api/track/"


class Application:
    """Porthole as a WSGI application; with ``demo_key`` it also has the demo site."""

    def __init__(
        self,
        config: Config,
        now: Callable[[], datetime] = clock.now,
        demo_key: str = "",
    ) -> None:
        self._hot_door = config.hot_door
        self._neutral_folder = config.snippet_path.rpartition("/")[0] + "/"
        self._demo_key = demo_key
        self._dispatcher = Dispatcher(config, now)
        self._flask: WsgiApplication | None = None
        self._with_pages: WsgiApplication | None = None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = self._own_name(environ.get("PATH_INFO", ""))
        environ["PATH_INFO"] = path
        route = routes.find(path)
        if route is not None and route.hot and self._hot_door:
            reply = self._dispatcher.answer(route, path, environ)
            start_response(reply.status_line(), reply.header_list())
            is_head = environ["REQUEST_METHOD"] == "HEAD"
            chunks: Iterable[bytes] = [] if is_head else [reply.body]
        else:
            chunks = self._flask_for(route)(environ, start_response)
        if environ.pop(FOLLOW_UP, False):
            return _ThenFollowUp(chunks, self._dispatcher)
        return chunks

    def _flask_for(self, route: routes.Route | None) -> WsgiApplication:
        """Return the one with the pages, if it is there or no route answers."""
        if self._with_pages is None and route is None:
            from app.web import create_flask_with_pages

            self._with_pages = create_flask_with_pages(self._dispatcher, self._demo_key)
        if self._with_pages is not None:
            return self._with_pages
        if self._flask is None:
            from app.web import create_flask

            self._flask = create_flask(self._dispatcher)
        return self._flask

    def _own_name(self, path: str) -> str:
        """Return the path by which the route table knows a beacon's neutral one."""
        if not path.startswith(self._neutral_folder):
            return path
        name = TRACK + path[len(self._neutral_folder) :]
        return name if routes.find(name) else path

    def close(self) -> None:
        """Close the database connections that wait for the next request."""
        self._dispatcher.close()


class _ThenFollowUp:
    """A body after which what waits is done; the server closes it when it is sent."""

    def __init__(self, chunks: Iterable[bytes], dispatcher: Dispatcher) -> None:
        self._chunks = chunks
        self._dispatcher = dispatcher

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        getattr(self._chunks, "close", lambda: None)()
        self._dispatcher.follow_up()
