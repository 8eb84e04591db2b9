"""Which reports of a group are kept: its first, its newest, and some between.

A group has 200 slots. The first 50 reports stay for good. The newest 100 go round
in a ring. Of all that came after the first, 50 are a random sample, each as likely as
any other: reservoir sampling, algorithm R of Vitter (1985).
"""

from __future__ import annotations

import os

FIRST = 50
NEWEST = 100
SAMPLE = 50
SLOTS = FIRST + NEWEST + SAMPLE


def slots(before: int) -> list[int]:
    """Return the slots for a report before which ``before`` others came."""
    if before < FIRST:
        return [before]
    found = [FIRST + before % NEWEST]
    place = before - FIRST
    if place >= SAMPLE:
        place = int.from_bytes(os.urandom(8), "big") % (place + 1)
    if place < SAMPLE:
        found.append(FIRST + NEWEST + place)
    return found
