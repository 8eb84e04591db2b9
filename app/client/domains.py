"""Whether a URL's host is one of somebody's domains."""

from __future__ import annotations

from app.client.url import split_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def host_of(url: str) -> str:
    """Return the lower-case host in ``url`` without ``www.``, or an empty string."""
    try:
        host = split_url(url)[1]
    except ValueError:
        return ""
    return without_www(host.strip("[]"))


def without_www(host: str) -> str:
    """Return the host without the ``www.`` before a name."""
    is_www = host.startswith("www.") and "." in host[4:]
    return host[4:] if is_www else host


def is_own(host: str, domains: Iterable[str]) -> bool:
    """Return whether ``host`` is one of ``domains`` or below one."""
    return bool(host) and any(
        host == domain or host.endswith("." + domain) for domain in domains
    )


def to_ascii(host: str) -> str:
    """Return an international name as browsers send it.

    :raise UnicodeError: it cannot be one.
    """
    if host.isascii():
        # The codec would cost a redirect some milliseconds.
        if not all(0 < len(label) < 64 for label in host.split(".")):
            raise UnicodeError("a part is empty or too long")
        return host
    return ".".join(map(_label, host.split(".")))


def _label(label: str) -> str:
    """Return one part of a name as browsers send it.

    Python knows the older rules, by which a sharp s is two others.
    """
    if set(label) & set("\u00df\u03c2\u200c\u200d"):
        return "xn--" + label.encode("punycode").decode()
    return label.encode("idna").decode()
