"""What a page's URL says: host, path and campaign."""

from __future__ import annotations

import re
from collections import namedtuple

from app.client.query import pairs

MAX_PATH = 1024
_MAX_CAMPAIGN = 255
_DEFAULT_PORTS = {"http": "80", "https": "443"}

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# urlsplit() is not used: what it strips, keeps and refuses has changed between
# Python's patch releases, and the same page must have one name on every host.
_PARTS = re.compile(
    r"([a-z][a-z0-9+.-]{0,20})://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.I | re.A
)
# What a router has put into the fragment: #/bread or #!/bread.
_ROUTE = "[^#]*(#!?/[^?]*)"
# What most hosts are. The next one is text, as it takes half a millisecond to compile.
_PLAIN_HOST = re.compile("([a-z0-9._-]{1,255})(?::([0-9]*))?")
# Spaces, control characters (the invisible ones that turn text around included)
# and what browsers forbid. https://url.spec.whatwg.org/#forbidden-host-code-point
_HOST = (
    "([\\[][0-9a-f:.]{2,45}[\\]]"
    "|[^\\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    '"#%/:<>?@\\[\\\\\\]^`{|}]{1,255})(?::([0-9]*))?'
)


class Campaign(
    namedtuple("Campaign", ("source", "medium", "campaign", "term", "content"))
):
    """The five utm fields of a URL: at most 255 characters each, '' if absent."""

    __slots__ = ()
    source: str
    medium: str
    campaign: str
    term: str
    content: str


class Page(namedtuple("Page", ("scheme", "host", "path", "campaign"))):
    """Where a page is and which campaign led to it.

    Shape: ``scheme`` is http or https; ``host`` is lower case, with its port only
    if that is not the scheme's own; ``path`` is as sent, without query, and with
    the fragment only if that is a route (``/shop#/bread``), 1 to 1024 characters;
    ``campaign`` is a :class:`Campaign`.
    """

    __slots__ = ()
    scheme: str
    host: str
    path: str
    campaign: Campaign


def parse_page(url: str) -> Page:
    """Return what an absolute http or https URL says.

    :raise ValueError: with a reason that reads on from the field's name, such as
        ``must start with http:// or https://``.
    """
    scheme, host, port, path, query = split_url(url)
    if scheme not in _DEFAULT_PORTS:
        raise ValueError("must start with http:// or https://")
    if port:
        host = f"{host}:{port}"
    route = re.match(_ROUTE, _CONTROL.sub("", url.strip())) if "#" in url else None
    if route is not None:
        path += route.group(1)
    return Page(scheme, host, path[:MAX_PATH], campaign_of(query))


def campaign_of(query: str) -> Campaign:
    """Return the utm fields of a query string, the first value of each.

    ``utm_source[]=`` is another key, and ignored.
    """
    values: dict[str, str] = {}
    for key, value in pairs(query):
        values.setdefault(key, value)
    return Campaign(*(_label(values.get(f"utm_{key}", "")) for key in Campaign._fields))


def split_url(url: str) -> tuple[str, str, str, str, str]:
    """Return scheme, host, port, path and query of an absolute URL.

    Scheme and host are lower case, the host without user name, password and the
    root's final dot; the port is '' if it is the scheme's own; the path is '/'
    if there is none, and both it and the query are without control characters.

    :raise ValueError: as :func:`parse_page`.
    """
    match = _PARTS.match(url.strip())
    if match is None:
        raise ValueError("must be a full URL, such as https://example.com/page")
    scheme, authority, path, query = match.group(1, 2, 3, 4)
    host, port = _split_authority(authority)
    # A browser sends none of these in a path; a program might.
    path = _CONTROL.sub("", path) or "/"
    query = _CONTROL.sub("", query or "")
    scheme = scheme.lower()
    return scheme, host, "" if port == _DEFAULT_PORTS.get(scheme) else port, path, query


def _split_authority(authority: str) -> tuple[str, str]:
    # Browsers read a backslash as a slash: http://evil.example\@example.com
    host = authority if "\\" in authority else authority.rpartition("@")[2]
    if not host:
        raise ValueError("has no host")
    host = host.lower()
    match = _PLAIN_HOST.fullmatch(host) or re.fullmatch(_HOST, host)
    if match is None:
        raise ValueError("has a host with characters that no host can have")
    host = match.group(1).rstrip(".")
    if not host:
        raise ValueError("has no host")
    port = (match.group(2) or "").lstrip("0")
    if len(port) > 5 or int(port or 0) > 65535:
        raise ValueError("has a port above 65535")
    return host, port


def _label(value: str) -> str:
    return _CONTROL.sub("", value).strip()[:_MAX_CAMPAIGN].rstrip()
