"""The hosts in a mysql:// URL, and which of them to ask first."""

from __future__ import annotations

import os
import re
import time

from app.client.query import pairs, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Target = dict[str, Any]

SOCKETS = (
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
)
"""Where "localhost" is on Debian, Red Hat and from source."""

HOST = r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:(?P<port>\d{1,5}))?"

AVOIDED_SECONDS = 10
"""So long a host that failed is asked last: others need not wait for it too."""

_avoided: dict[str, float] = {}


def check_url(url: str) -> None:
    """Refuse a mysql:// URL that cannot be understood.

    :raise ValueError: with what is wrong, without the password.
    """
    targets(url)


def targets(url: str) -> list[Target]:
    """Return PyMySQL's arguments for each host in ``url``, in order.

    :raise ValueError: it cannot be understood.
    """
    address, _, fragment = url.partition("://")[2].partition("#")
    address, _, options = address.partition("?")
    authority, _, name = address.partition("/")
    account, _, hosts = authority.rpartition("@")
    user, _, password = account.partition(":")
    common: Target = {
        "user": _unquoted(user),
        "password": _unquoted(password),
        "database": _unquoted(name.lstrip("/")),
    }
    if not common["database"] or fragment:
        raise ValueError("there is no database name after the host")
    socket = dict(pairs(options)).get("unix_socket")
    if socket:
        return [{**common, "unix_socket": socket}]
    found = [_of_host(host) for host in hosts.split(",")]
    return [{**common, **target} for several in found for target in several]


def _of_host(host: str) -> list[Target]:
    found = re.fullmatch(HOST, host)
    if found is None:
        raise ValueError("the host is not understood")
    port = int(found["port"] or 3306)
    if not 0 < port < 65536:
        raise ValueError("the port is not one from 1 to 65535")
    is_socket = found["name"] == "localhost" and not found["port"]
    paths = filter(os.path.exists, SOCKETS) if is_socket else ()
    sockets: list[Target] = [{"unix_socket": path} for path in paths]
    return [*sockets, {"host": found["name"].strip("[]"), "port": port}]


def _unquoted(text: str) -> str:
    try:
        return unquoted(text)
    except UnicodeDecodeError:
        # Its own message would quote a password.
        raise ValueError("a %-escape is not UTF-8") from None


def in_order(found: list[Target]) -> list[Target]:
    """Return the targets as the URL lists them, those to avoid last."""
    return sorted(found, key=_is_avoided)


def avoid(target: Target) -> None:
    """Ask this one last for a while."""
    _avoided[_name(target)] = time.monotonic() + AVOIDED_SECONDS


def has_better(found: list[Target]) -> bool:
    """Return whether one of the targets need not be avoided."""
    return not all(map(_is_avoided, found))


def _is_avoided(target: Target) -> bool:
    return time.monotonic() < _avoided.get(_name(target), 0)


def _name(target: Target) -> str:
    return target.get("unix_socket") or f"{target['host']} {target['port']}"
