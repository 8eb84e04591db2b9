"""Runs the application once, as a CGI program."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn, Protocol

    class Output(Protocol):
        """Where the answer goes."""

        def write(self, content: bytes, /) -> object: ...
        def flush(self) -> object: ...

    WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def run(application: WsgiApplication, close: Callable[[], None]) -> NoReturn:
    """Answer the one request of this process, ``close`` what it opened, and end.

    The interpreter's own clean-up would keep the visitor waiting for nothing.
    """
    try:
        answer(application, _environ(), _Output())
    except BrokenPipeError:
        pass  # the visitor has left; what there was to do is done
    # A connection just dropped is a warning in the log of the database server.
    close()
    os._exit(0)


def answer(
    application: WsgiApplication, environ: dict[str, Any], output: Output
) -> None:
    """Write the application's answer to ``output``, headers first, and flush it."""
    head: list[bytes] = []
    body: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], None]:
        lines = [f"Status: {status}", *(f"{name}: {value}" for name, value in headers)]
        head[:] = [("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")]
        return body.append

    chunks = application(environ, start_response)
    try:
        body.extend(chunks)
        output.write(head[0] + b"".join(body))
        output.flush()
    finally:
        getattr(chunks, "close", lambda: None)()


class _Output:
    """Standard output, which ends with the answer: nobody waits for what follows.

    Apache holds a short answer back until standard error has ended too, and under
    mod_cgid until standard input has, which is the same socket.
    """

    def write(self, content: bytes) -> None:
        sys.stdout.buffer.write(content)

    def flush(self) -> None:
        sys.stdout.buffer.flush()
        sys.stderr.flush()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _environ() -> dict[str, Any]:
    # WSGI wants the bytes of each variable as latin-1 text.
    environ: dict[str, Any] = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in os.environb.items()
    }
    environ["SCRIPT_NAME"] = _mount(environ)
    https = environ.get("HTTPS", "off").lower() in ("on", "1")
    environ.update(
        {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if https else "http",
            "wsgi.input": sys.stdin.buffer,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": True,
            # The web server closes the pipe after the body, chunked or not.
            "wsgi.input_terminated": True,
        }
    )
    return environ


def _mount(environ: dict[str, Any]) -> str:
    """Return the path below which Porthole's own paths begin.

    Rewritten addresses do not show the program's name; where nothing is rewritten,
    they do.
    """
    script: str = environ.get("SCRIPT_NAME", "")
    asked = environ.get("REQUEST_URI", "").partition("?")[0]
    if "%" in asked:
        from app.client.query import unquoted

        asked = unquoted(asked, "latin-1")
    return (
        script if (asked + "/").startswith(script + "/") else script.rpartition("/")[0]
    )
