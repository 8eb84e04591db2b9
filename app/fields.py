"""Reads one field of a request, or raises InvalidInput naming it."""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta

from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

MAX_AGE_SECONDS = 48 * 3600

# Controls would break a header or a log line, and a lone surrogate (JSON allows
# "\ud800") cannot be written as UTF-8. As text, because a process that meets none
# of them need not compile it: of these three each takes half a millisecond.
UNPRINTABLE = "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]+"
BUT_LINES = "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]+"
HALF_CHARACTERS = "[\ud800-\udfff]"
MAX_LEVELS = 32
"""Objects in objects: more could not be read again everywhere."""


def text(
    fields: Mapping[str, Any], name: str, max_bytes: int, *, required: bool = False
) -> str:
    """Return a trimmed text, cut to ``max_bytes`` of UTF-8 between characters.

    Controls become a space. Absent and null are the empty text.

    :raise InvalidInput: it is no text, or is required and empty.
    """
    value = fields.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a text", field=name)
    # Where it was cut there may be a space, which MariaDB does not compare.
    value = cut(printable(value).strip(), max_bytes).rstrip()
    if required and not value:
        raise InvalidInput(f"{name} is required", field=name)
    return value


def printable(value: str) -> str:
    """Return the text with a space for controls and what no encoding has."""
    # What isprintable() lets pass has none of them, and it is by far the faster.
    return value if value.isprintable() else re.sub(UNPRINTABLE, " ", value)


def lines(
    fields: Mapping[str, Any], name: str, max_bytes: int, *, required: bool = False
) -> str:
    """Return a text as ``text`` does, but with its line ends and tabs.

    :raise InvalidInput: it is no text, or is required and empty.
    """
    value = fields.get(name)
    if not isinstance(value, str):
        return text(fields, name, max_bytes, required=required)
    if not value.isprintable():
        value = re.sub(BUT_LINES, " ", value.replace("\r\n", "\n"))
    value = cut(value.strip(), max_bytes)
    if required and not value:
        raise InvalidInput(f"{name} is required", field=name)
    return value


def json_text(fields: Mapping[str, Any], name: str, max_bytes: int) -> str:
    """Return an object or array as JSON text; absent and null are the empty text.

    :raise InvalidInput: it is neither, nested too deeply, or its JSON too long.
    """
    value = fields.get(name)
    if value is None:
        return ""
    found = ""
    if isinstance(value, (dict, list)) and _is_flat(value, MAX_LEVELS):
        found = to_json(value)
    if not found or len(found.encode()) > max_bytes:
        message = (
            f"{name} must be an object or array of at most {max_bytes} bytes"
            f" and {MAX_LEVELS} levels"
        )
        raise InvalidInput(message, field=name)
    return found


def to_json(value: Any) -> str:
    """Return a value as JSON text that every database takes; '' if it cannot be."""
    try:
        found = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    except ValueError:
        # An infinite number, or one of thousands of digits.
        return ""
    return found if found.isprintable() else re.sub(HALF_CHARACTERS, "\ufffd", found)


def _is_flat(value: Any, levels: int) -> bool:
    inner: Any = value.values() if isinstance(value, dict) else value
    is_leaf = not isinstance(value, (dict, list))
    return is_leaf or (levels > 0 and all(_is_flat(one, levels - 1) for one in inner))


def whole_text(fields: Mapping[str, Any], name: str, max_bytes: int) -> str:
    """Return a trimmed text that must not be cut; it is required.

    :raise InvalidInput: it is no text, empty or longer.
    """
    value = text(fields, name, sys.maxsize, required=True)
    if len(value.encode()) > max_bytes:
        message = f"{name} may have {max_bytes} bytes"
        raise InvalidInput(message, field=name)
    return value


def identifier(fields: Mapping[str, Any], name: str) -> str:
    """Return an id, whole, whether it was sent as a text or as a whole number.

    :raise InvalidInput: it is neither.
    """
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print a number of thousands of digits in decimal.
        return hex(value)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} must be a text", field=name)
    return value or ""


def cut(value: str, max_bytes: int) -> str:
    """Return the longest start of ``value`` that fits into ``max_bytes`` of UTF-8."""
    if len(value) * 4 <= max_bytes:
        return value
    return value.encode("utf-8")[:max_bytes].decode("utf-8", "ignore")


def integer(
    fields: Mapping[str, Any], name: str, low: int, high: int, default: int = 0
) -> int:
    """Return a whole number from ``low`` to ``high``; absent and null: ``default``.

    :raise InvalidInput: it is anything else.
    """
    value = fields.get(name)
    if value is None:
        return default
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:
        message = f"{name} must be a whole number from {low} to {high}"
        raise InvalidInput(message, field=name)
    return int(value)


def moment(fields: Mapping[str, Any], arrived_at: datetime) -> datetime:
    """Return when it happened: ``age`` seconds before the beacon arrived.

    :raise InvalidInput: the age is no whole number, or over 48 hours.
    """
    age = integer(fields, "age", 0, MAX_AGE_SECONDS)
    return arrived_at - timedelta(seconds=age)


def only(fields: Mapping[str, Any], accepted: Sequence[str]) -> None:
    """Refuse a field that is not ``accepted``: a slip of the pen, or a hope.

    :raise InvalidInput: there is one.
    """
    for name in fields:
        if name not in accepted:
            shown = cut(printable(name), 40)
            message = f"{shown} is not a field; accepted: {', '.join(accepted)}"
            raise InvalidInput(message, field=shown or "?")


def flag(fields: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """Return true or false; absent and null: ``default``.

    :raise InvalidInput: it is anything else.
    """
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be true or false", field=name)
    return value


def choice(
    fields: Mapping[str, Any], name: str, accepted: Sequence[str], default: str
) -> str:
    """Return one of ``accepted``; absent and null: ``default``.

    :raise InvalidInput: it is none of them.
    """
    value = fields.get(name)
    if value is None:
        return default
    if value not in accepted:
        message = f"{name} must be one of: {', '.join(accepted)}"
        raise InvalidInput(message, field=name)
    return str(value)
