"""How many views had each value, packed: mostly two bytes for a value."""

from __future__ import annotations

from itertools import accumulate, chain
from operator import sub

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BITS = 7
"""Of a number in each byte, the last ones first; the eighth says that more follow."""
MORE = 1 << BITS


def pack(counts: Mapping[int, int]) -> bytes:
    """Return counts by value, 0 or more, as few bytes, the same on every machine."""
    values = sorted(counts)
    distances = map(sub, values, chain((0,), values))
    pairs = zip(distances, map(counts.__getitem__, values))
    return _pack(list(chain.from_iterable(pairs)))


def unpack(data: bytes) -> dict[int, int]:
    """Return the counts, by value and in order, that ``pack`` packed."""
    numbers = _unpack(data)
    return dict(zip(accumulate(numbers[::2]), numbers[1::2]))


def _pack(numbers: list[int]) -> bytes:
    if max(numbers, default=0) < MORE:
        return bytes(numbers)
    found = bytearray()
    for number in numbers:
        while number >= MORE:
            found.append(number % MORE | MORE)
            number >>= BITS
        found.append(number)
    return bytes(found)


def _unpack(data: bytes) -> list[int]:
    if data.isascii():
        return list(data)
    found, number, place = [], 0, 0
    for byte in data:
        number |= byte % MORE << place
        place += BITS
        if byte < MORE:
            found.append(number)
            number = place = 0
    return found
