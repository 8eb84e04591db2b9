"""PyMySQL without the modules that only some servers need, until they do."""

from __future__ import annotations

import _thread
import builtins
import re

from app import digests
from app.db import unix_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Later:
    """A module of Python's own that is imported when something of it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(__import__(self._name), name)


class _Patterns(_Later):
    """``re``; a pattern is compiled when it is used first."""

    def compile(self, *arguments: Any) -> Any:
        return _Pattern(*arguments)


class _Pattern:
    def __init__(self, *arguments: Any) -> None:
        self._arguments = arguments

    def __getattr__(self, name: str) -> Any:
        return getattr(re.compile(*self._arguments), name)


class _Contexts(_Later):
    """``contextlib``, with the one thing that every connection comes by: its end."""

    class suppress:
        def __init__(self, *errors: type[BaseException]) -> None:
            self._errors = errors

        def __enter__(self) -> None:
            """Nothing to prepare."""

        def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
            return kind is not None and issubclass(kind, self._errors)


class _Hashes(_Later):
    """``hashlib``; the hashes that signing in takes need no OpenSSL."""

    sha256 = staticmethod(digests.sha256)

    def new(self, name: str, *arguments: Any) -> Any:
        if name == "sha1":
            return digests.sha1(*arguments)
        return __import__("hashlib").new(name, *arguments)


class _Sockets(_Later):
    """``socket``, of which PyMySQL uses the class for Unix sockets only."""

    AF_UNIX = unix_socket.AF_UNIX
    SOCK_STREAM = unix_socket.SOCK_STREAM
    socket = unix_socket.UnixSocket


class _Nothing:
    """What PyMySQL imports by name, and we have no use for."""

    Decimal = type("Decimal", (), {})
    Parser = None

    @staticmethod
    def format_exc() -> str:
        return ""


LEFT_OUT = ("ssl", "cryptography", "getpass")

STAND_INS: dict[str, Any] = {
    "contextlib": _Contexts("contextlib"),
    "hashlib": _Hashes("hashlib"),
    "re": _Patterns("re"),
    "socket": _Sockets("socket"),
    "warnings": _Later("warnings"),
    "decimal": _Nothing,  # of numbers from the database we make our own
    "optionfile": _Nothing,  # reads a my.cnf
    "traceback": _Nothing,  # goes into an exception whose message is enough
}


def _missing(error: Exception) -> str:
    """Return which module, left out to start faster, this sign-in turned out to need.

    It is PyMySQL's own word for cryptography; 3159 is a server that wants TLS, 1045 may
    be one that wants it of this account.
    """
    if isinstance(error, RuntimeError) and "cryptography" in str(error):
        return "cryptography"
    return "ssl" if error.args and error.args[0] in (1045, 3159) else ""


_import_lock = _thread.allocate_lock()
_imported: list[Any] = []


def load() -> Any:
    """Return PyMySQL, imported once, without what few servers need.

    That is most of its import time: LEFT_OUT, which ``complete`` adds, and what others
    stand in for. The lock keeps other threads from a half-made module.
    """
    if not _imported:
        with _import_lock:
            if not _imported:
                _imported.append(_import_lean())
    return _imported[0]


def _import_lean() -> Any:
    """Return PyMySQL, for which others stand in while it is imported.

    Entries in sys.modules would do the same to all other threads.
    """
    real_import = builtins.__import__

    def lean_import(name: str, module: Any = None, *rest: Any, **named: Any) -> Any:
        if module and module.get("__name__", "").partition(".")[0] == "pymysql":
            if name.partition(".")[0] in LEFT_OUT:
                raise ImportError(name)
            if name in STAND_INS:
                return STAND_INS[name]
        return real_import(name, module, *rest, **named)

    builtins.__import__ = lean_import  # type: ignore[assignment]
    try:
        return real_import("pymysql")
    finally:
        builtins.__import__ = real_import


def sign_in(connect: Callable[..., Any], is_near: bool) -> Any:
    """Return what ``connect`` does, which is told by ``ssl_disabled`` to use no TLS.

    Over a network it is used if the server has it, ``is_near`` if the server insists:
    what TLS needs takes 20 ms to make, for each connection.
    """
    pymysql = load()
    if not is_near:
        complete(pymysql, "ssl")
    try:
        return connect(ssl_disabled=is_near)
    except (RuntimeError, pymysql.err.OperationalError) as error:
        name = _missing(error)
        is_complete = complete(pymysql, name)
        has_cryptography = pymysql._auth._have_cryptography
        wants_tls = is_near and (
            name == "ssl" or (name == "cryptography" and not has_cryptography)
        )
        if not is_complete and not wants_tls:
            raise
        return connect(ssl_disabled=is_near and not wants_tls)


def complete(pymysql: Any, name: str) -> bool:
    """Give PyMySQL a module that was left out; False if it has it or there is none."""
    try:
        if name == "ssl" and not pymysql.connections.SSL_ENABLED:
            import ssl

            pymysql.connections.ssl = ssl
            pymysql.connections.SSL_ENABLED = True
            return True
        if name == "cryptography" and not pymysql._auth._have_cryptography:
            _complete_cryptography(pymysql._auth)
            return True
    except ImportError:
        # The one way to sign in without cryptography is a connection that is closed.
        return name == "cryptography" and complete(pymysql, "ssl")
    return False


def _complete_cryptography(auth: Any) -> None:
    from cryptography.hazmat.backends import default_backend
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    auth.default_backend = default_backend
    auth.hashes = hashes
    auth.serialization = serialization
    auth.padding = padding
    auth._have_cryptography = True
