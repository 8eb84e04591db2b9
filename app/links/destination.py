"""Where a short link leads: which URLs are taken, and what the header says."""

from __future__ import annotations

import posixpath
import re

from app.client import domains
from app.client.address import network_of
from app.client.query import quoted, unquoted
from app.client.url import split_url
from app.config import ANY, OWN
from app.fields import UNPRINTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_BYTES = 2048
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

_AUTHORITY = re.compile(r"[^:]*://([^/?#]*)")
_HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_SAFE = "%!#$&'()*+,/:;=?@"
"""What is left as it is; RFC 3986 allows brackets in hosts only."""


class Destination:
    """A URL that a link may lead to.

    ``host`` is lower case and ASCII, ``port`` '' if it is the scheme's own, ``path``
    as sent; ``location`` is the whole URL in ASCII, fit for a header.
    """

    def __init__(self, scheme: str, host: str, port: str, path: str, rest: str) -> None:
        self.host = host
        self.port = port
        self.path = path
        authority = f"{host}:{port}" if port else host
        self.location = f"{scheme}://{authority}{quoted(rest, _SAFE)}"


def parse(url: str) -> Destination:
    """Return what a URL says.

    :raise ValueError: no link may lead there; the reason reads on from a name, such
        as ``must start with http:// or https://``.
    """
    if re.search(UNPRINTABLE, url) or " " in url:
        raise ValueError("has a space or a control character in it")
    if len(url.encode()) > MAX_BYTES:
        raise ValueError(f"has more than {MAX_BYTES} bytes")
    scheme, host, port, path, _ = split_url(url)
    if scheme not in ("http", "https"):
        raise ValueError("must start with http:// or https://")
    authority = _AUTHORITY.match(url)
    assert authority is not None, "split_url found it"
    if "@" in authority[1]:
        # What stands before it reads as the host, and is not.
        raise ValueError("must have no user name and no password")
    return Destination(scheme, _ascii(host), port, path, url[authority.end() :])


def _ascii(host: str) -> str:
    try:
        host = domains.to_ascii(host)
    except UnicodeError:
        host = ""
    is_address = not host.startswith("[") or network_of(host[1:-1])
    # Some characters become a slash or a colon on the way to ASCII.
    if not _HOST.fullmatch(host) or not is_address:
        raise ValueError("has a host that none can be called")
    return host


def is_allowed(
    destination: Destination, accepted: Sequence[str], own: Sequence[str]
) -> bool:
    """Return whether config.ini lets links lead there; ``own`` are the project's."""
    if accepted == ANY:
        return True
    return domains.is_own(destination.host, own if accepted == OWN else accepted)


def is_short_link(destination: Destination, base_url: str) -> bool:
    """Return whether it is one of Porthole's own, so that links could go in a circle.

    Browsers and servers take dots out of a path and %6c for l before it is looked at.
    """
    try:
        _, host, port, root, _ = split_url(base_url)
    except ValueError:
        # The Host header is anybody's, and this one is no host's.
        return False
    if (destination.host, destination.port) != (host, port):
        return False
    path = unquoted(destination.path, errors="replace").replace("\\", "/")
    path = "/" + posixpath.normpath(path).lstrip("/")
    root = root.rstrip("/")
    redirects = (f"{root}/api/redirect", f"{root}/api/redirect.php")
    return path in redirects or path.startswith(f"{root}/l/")


def with_campaign(url: str, campaign: Mapping[str, str]) -> str:
    """Return the URL with these utm fields in its query, instead of its own.

    Those that are empty stay as the URL has them.
    """
    campaign = {name: value for name, value in campaign.items() if value}
    if not campaign:
        return url
    head, mark, fragment = url.partition("#")
    address, _, query = head.partition("?")
    kept = [
        part
        for part in query.split("&")
        if part and unquoted(part.partition("=")[0], errors="replace") not in campaign
    ]
    added = [f"{name}={quoted(value)}" for name, value in campaign.items()]
    return f"{address}?{'&'.join(kept + added)}{mark}{fragment}"
