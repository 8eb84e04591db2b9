"""Query strings, and what %-escapes stand for.

urllib.parse would cost a beacon under CGI 3 ms, most of it for what else it imports.
"""

from __future__ import annotations

import re

_ESCAPES = "(?:%[0-9A-Fa-f]{2})+"
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"


def pairs(query: str) -> list[tuple[str, str]]:
    """Return names and values in order; a value that is missing is ''.

    What is not UTF-8 becomes U+FFFD.
    """
    items = (item.partition("=") for item in query.split("&") if item)
    return [(_form_text(name), _form_text(value)) for name, _, value in items]


def unquoted(text: str, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Return the text with its %-escapes decoded; what only looks like one stays.

    :raise UnicodeDecodeError: they are not in that encoding, and errors are "strict".
    """
    if "%" not in text:
        return text
    return re.sub(
        _ESCAPES,
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode(encoding, errors),
        text,
    )


def quoted(text: str, safe: str = "") -> str:
    """Return the text with %-escapes for all but ASCII letters, digits, ``_.-~``
    and the characters in ``safe``.
    """
    kept = frozenset(_UNRESERVED + safe)
    return "".join(letter if letter in kept else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _form_text(text: str) -> str:
    return unquoted(text.replace("+", " "), errors="replace")
