"""An audit entry, and the hashes that bind it to the one before it.

The hash is a keyed BLAKE2b, which is a MAC by its design as HMAC is one by its
construction; it is what ids are made with, and needs no further import in a beacon.
"""

from __future__ import annotations

import os

from app import ids
from app.clock import local_day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Row

MAX_ACTION_BYTES = 100
MAX_ACTOR_BYTES = 255
MAX_CONTEXT_BYTES = 8192

ERASED = "audit.erased"
"""The action of the entry that says which entries were erased."""


class Entry:
    """One thing that was done; ``context`` is JSON text, '' for none.

    ``at`` is UTC to the second, ``day`` the project's local one. The same
    ``beacon_id`` is never stored twice in a project.
    """

    def __init__(
        self,
        at: datetime,
        timezone: str,
        action: str,
        actor: str,
        context: str,
        beacon_id: int,
    ) -> None:
        self.at = at.replace(microsecond=0)
        self.day = local_day(self.at, timezone)
        self.action = action
        self.actor = actor
        self.context = context
        self.beacon_id = beacon_id
        self.salt = os.urandom(16).hex()

    def columns(self) -> Row:
        """Return the columns that do not depend on the entry's place."""
        digest = payload_digest(self.salt, self.action, self.actor, self.context)
        return {
            **vars(self),
            "context": self.context or None,
            "payload_digest": digest,
            "erased_by": 0,
        }


class Seal:
    """Makes the hashes of one project's entries, which needs the server's secret."""

    def __init__(self, secret: bytes, project_id: int) -> None:
        self._key = ids.keyed_bytes(secret, "audit", size=64)
        self._project_id = project_id

    def hash_of(self, row: Row, seq: int) -> str:
        """Return the hash of the entry if its number is ``seq``.

        What is personal goes in by way of the payload's digest only, so that it can
        be erased.
        """
        return ids.keyed_bytes(
            self._key,
            "audit entry",
            self._project_id,
            seq,
            row["at"],
            row["day"],
            row["previous"],
            row["payload_digest"],
            size=32,
        ).hex()

    def is_genuine(self, row: Row) -> bool:
        """Return whether the row was written here, at this place, with this time."""
        return self.fits(row, row["seq"])

    def fits(self, row: Row, seq: int) -> bool:
        """Return whether the row was written here as the entry ``seq``."""
        found: str = row["hash"]
        return self.hash_of(row, seq) == found


def payload_digest(salt: str, action: str, actor: str, context: str | None) -> str:
    """Return the digest of what an erasure erases, the salt included.

    Without the salt a guess cannot be tried out on it.
    """
    parts = (action, actor, context or "")
    return ids.keyed_bytes(str(salt).encode(), "audit payload", *parts, size=32).hex()


def random_beacon_id() -> int:
    """Return an id for an entry whose sender gave none."""
    return int.from_bytes(os.urandom(8), "big") >> 1 or 1
