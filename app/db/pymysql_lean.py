"""PyMySQL without the modules that only some servers need, until they do."""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


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

    That is ssl, cryptography and the reader of my.cnf, half of its import time;
    ``complete`` adds them. The lock keeps other threads from a half-made module.
    """
    if not _imported:
        with _import_lock:
            if not _imported:
                _imported.append(_import_lean())
    return _imported[0]


def _import_lean() -> Any:
    names = ("ssl", "cryptography", "getpass")
    blocked = [name for name in names if name not in sys.modules]
    if "pymysql" not in sys.modules:
        option_file = type(sys)("pymysql.optionfile")
        option_file.Parser = None  # type: ignore[attr-defined]
        sys.modules["pymysql.optionfile"] = option_file
    for name in blocked:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        return __import__("pymysql")
    finally:
        for name in blocked:
            del sys.modules[name]


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
