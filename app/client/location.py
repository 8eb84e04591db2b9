"""Where on earth an address is, from a MaxMind or DB-IP City file."""

from __future__ import annotations

import os
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    _Stamp = tuple[int, int, int, int]

# What the reader's pure Python makes of a damaged file beside its own exception:
# it trusts the bytes it reads. RecursionError is a record that contains itself.
_BROKEN = (AttributeError, LookupError, MemoryError, RecursionError, TypeError)
# Public name servers: each city file has a place for them.
_KNOWN_ADDRESSES = ("1.1.1.1", "8.8.8.8", "9.9.9.9")


class Place(
    namedtuple("Place", ("country_code", "country", "region", "city", "whole_network"))
):
    """Where an address is, in English.

    Shape: ``country_code`` has at most 2 characters, ``country`` 60, ``region``
    and ``city`` 80; each is '' if the file does not say. ``whole_network`` is
    whether the same is true of the address's whole /24 (IPv4) or /48 (IPv6).
    """

    __slots__ = ()
    country_code: str
    country: str
    region: str
    city: str
    whole_network: bool


class Locator:
    """Looks addresses up in one file, which is opened at the first question.

    Another file put in its place is opened at the next question. One that cannot be
    opened leaves the former in use.
    """

    __slots__ = ("_path", "_reader", "_stamp")

    def __init__(self, path: str) -> None:
        self._path = path
        self._reader: Any = None
        self._stamp: _Stamp | None = None

    def find(self, address: str) -> Place | None:
        """Return where an address is, None if that cannot be told.

        Never raises: the file is missing, broken or of another kind, the address
        is not one, or it is private, which such files do not list.
        """
        # 1.2 of the 5 microseconds that a question takes.
        stamp = _stamp_of(self._path)
        if not address or self._reader is None and stamp is None:
            return None
        try:
            # Costs 20 ms, so it stays out of requests whose place is known.
            import struct

            from maxminddb import InvalidDatabaseError
        except ImportError:
            return None
        try:
            return _look_up(self._open(stamp), address)
        except (OSError, ValueError, InvalidDatabaseError, struct.error, *_BROKEN):
            return None

    def _open(self, stamp: _Stamp | None) -> Any:
        """Return a reader of the file that is there, or was there last."""
        if stamp is not None and stamp != self._stamp:
            from maxminddb import open_database

            if self._stamp is not None and stamp[:2] == self._stamp[:2]:
                # An upload writes over the very file that the reader has mapped to
                # memory: to read on where it is cut would kill the process.
                self._reader = None
            self._stamp = stamp
            self._reader = open_database(self._path)
        if self._reader is None:
            raise FileNotFoundError(self._path)
        return self._reader


def about(path: str) -> tuple[str, int]:
    """Return what kind of file it is, such as ``DBIP-City-Lite``, and its age.

    The age is the moment it was made, in Unix seconds. A few addresses are looked up,
    so a file with an answer here has answers for visitors.

    :raise ValueError: with a reason that reads on from the file's name.
    :raise ImportError: the reader is not installed.
    """
    import struct

    from maxminddb import InvalidDatabaseError, open_database

    try:
        with open_database(path) as reader:
            metadata = reader.metadata()
            kind, made_at = str(metadata.database_type), int(metadata.build_epoch)
            places = [_look_up(reader, address) for address in _KNOWN_ADDRESSES]
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from None
    except (ValueError, InvalidDatabaseError, struct.error, *_BROKEN):
        raise ValueError("is not a MaxMind database, or a damaged one") from None
    if "City" not in kind:
        raise ValueError(f"is of the kind {kind[:60]!r}, not a city database")
    if not any(places):
        raise ValueError("knows no place of well-known addresses")
    return kind, made_at


def _stamp_of(path: str) -> _Stamp | None:
    """Return what is another when the file is another; None without a file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _look_up(reader: Any, address: str) -> Place | None:
    record, bits = reader.get_with_prefix_len(address)
    return _place(record, bits <= (48 if ":" in address else 24))


def _place(record: object, whole_network: bool) -> Place | None:
    country = _entry(record, "country")
    code = _entry(country, "iso_code")
    place = Place(
        code[:2] if isinstance(code, str) else "",
        _name(country)[:60],
        _name(_first(_entry(record, "subdivisions")))[:80],
        _name(_entry(record, "city"))[:80],
        whole_network,
    )
    return place if any(place[:4]) else None


def _name(record: object) -> str:
    name = _entry(_entry(record, "names"), "en")
    return name if isinstance(name, str) else ""


def _entry(record: object, key: str) -> object:
    return record.get(key) if isinstance(record, dict) else None


def _first(records: object) -> object:
    return records[0] if isinstance(records, list) and records else None
