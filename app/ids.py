"""Makes the 63-bit ids of facts and dimensions."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from app.digests import blake2b

RANDOM_BITS = 22
SECONDS_BITS, HASH_BITS = 31, 32
DIGITS = 13
"""Of the milliseconds since 1970, up to the year 2286."""
EPOCH = datetime(1970, 1, 1)


def keyed(secret: bytes, kind: str, *parts: object) -> int:
    """Return the id of what ``parts`` say, 1 to 2**63 - 1; 0 stays free for "none".

    The same parts give the same id in every process, so that a row can refer to a
    dimension without reading it. Without the secret the id says nothing.
    """
    digest = blake2b(
        joined(kind, *parts), key=blake2b(secret).digest(), digest_size=8
    ).digest()
    return (int.from_bytes(digest, "big") >> 1) or 1


def keyed_in_order(secret: bytes, kind: str, project_id: int, name: str) -> int:
    """Return the id of what its sender calls ``name``: the same for the same name.

    Names that begin with the milliseconds since 1970, as those of our tag do, have ids
    in the order of these seconds, see ``time_ordered``.
    """
    found = keyed(secret, kind, project_id, name)
    start = name[:DIGITS]
    if len(start) < DIGITS or not (start.isascii() and start.isdigit()):
        return found
    seconds = int(start) // 1000 & ((1 << SECONDS_BITS) - 1)
    return (seconds << HASH_BITS | found & ((1 << HASH_BITS) - 1)) or 1


def keyed_bytes(secret: bytes, *parts: object, size: int = 16) -> bytes:
    """Return a keyed hash of ``parts``, of ``size`` bytes up to 64."""
    key = blake2b(secret).digest()
    return blake2b(joined(*parts), key=key, digest_size=size).digest()


def time_ordered(at: datetime, seed: int | None = None) -> int:
    """Return a new id: 41 bits of milliseconds since 1970, then 22 random bits.

    With a ``seed`` the last bits are its, so that the id is the same again.

    Rows written one after another then lie side by side, which keeps a table a
    quarter smaller than random ids do.
    """
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    if seed is None:
        seed = int.from_bytes(os.urandom(3), "big")
    return milliseconds << RANDOM_BITS | seed & ((1 << RANDOM_BITS) - 1)


def joined(*parts: object) -> bytes:
    """Return all parts as one; each with its length: "ab", "c" is not "a", "bc"."""
    found = b""
    for part in parts:
        if not isinstance(part, bytes):
            part = str(part).encode("utf-8", "surrogatepass")
        found += b"%d:%b" % (len(part), part)
    return found
