"""Makes the 63-bit ids of facts and dimensions."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from app.digests import blake2b

RANDOM_BITS = 22
EPOCH = datetime(1970, 1, 1)


def keyed(secret: bytes, kind: str, *parts: object) -> int:
    """Return the id of what ``parts`` say, 1 to 2**63 - 1; 0 stays free for "none".

    The same parts give the same id in every process, so that a row can refer to a
    dimension without reading it. Without the secret the id says nothing.
    """
    digest = blake2b(
        _joined(kind, *parts), key=blake2b(secret).digest(), digest_size=8
    ).digest()
    return (int.from_bytes(digest, "big") >> 1) or 1


def keyed_bytes(secret: bytes, *parts: object, size: int = 16) -> bytes:
    """Return a keyed hash of ``parts``, of ``size`` bytes up to 64."""
    key = blake2b(secret).digest()
    return blake2b(_joined(*parts), key=key, digest_size=size).digest()


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


def _joined(*parts: object) -> bytes:
    # With lengths, "ab" + "c" and "a" + "bc" differ.
    joined = b""
    for part in parts:
        if not isinstance(part, bytes):
            part = str(part).encode("utf-8", "surrogatepass")
        joined += b"%d:%b" % (len(part), part)
    return joined
