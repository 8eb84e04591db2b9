"""Sets of visitors by their numbers, packed: who comes back soon has a number near."""

from __future__ import annotations

import zlib
from array import array

from app.packed.column import Column, Damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

DENSE = 128
"""A bit for each number takes less than the numbers if one in so many is there."""
FEW, AT_ONCE = 256, 500_000
"""So many numbers may stay in a set of each value, and in all of them for a moment."""
_AS_BITS, _AS_VALUES = b"b", b"v"

# Python 3.9 cannot count them itself.
_count_ones: Callable[[int], int] = getattr(
    int, "bit_count", lambda bits: bin(bits).count("1")
)


def pack(numbers: Collection[int]) -> bytes:
    """Return a set of numbers, 0 or more, as few bytes."""
    values = sorted(numbers)
    if not values or values[-1] > DENSE * len(values):
        # A column of no rows has its values all the same.
        return _AS_VALUES + Column(values, b"").pack()
    bits = bytearray(values[-1] // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return _AS_BITS + zlib.compress(bits, 6)


class VisitorSet:
    """Grows by packed sets, and by single visitors in ``singles``, of any number."""

    def __init__(self) -> None:
        self.singles: set[int] = set()
        self._settled = array("q")
        self._distinct = 0
        self._bits = 0

    def settle(self) -> None:
        """Keep ``singles`` in less room, if they are many: 8 bytes each, not 70."""
        if len(self.singles) <= FEW:
            return
        is_first = not self._settled
        self._settled.extend(self.singles)
        self.singles.clear()
        # Else most of them are there once.
        if is_first or len(self._settled) > 2 * self._distinct:
            self._settled = self._settled if is_first else _distinct(self._settled)
            self._distinct = len(self._settled)

    def join(self, other: VisitorSet) -> None:
        """Add the single visitors of another set."""
        self._settled.extend(other.numbers())

    def numbers(self) -> Collection[int]:
        """Return the single visitors, each once."""
        if not self._settled:
            return self.singles
        if not self.singles and len(self._settled) == self._distinct:
            return self._settled
        return _distinct(self._settled + array("q", self.singles))

    def add(self, packed: bytes) -> None:
        """Add the numbers that ``pack`` packed.

        :raise Damaged: it has not.
        """
        kind, data = packed[:1], packed[1:]
        if kind == _AS_VALUES:
            self.singles.update(Column.unpack(data).values)
            self.settle()
            return
        try:
            bits = zlib.decompress(data)
        except zlib.error as error:
            raise Damaged(str(error)) from None
        if kind != _AS_BITS:
            raise Damaged("of another format")
        self._bits |= int.from_bytes(bits, "little")

    def __len__(self) -> int:
        if not self._bits:
            return len(self.numbers())
        bits = self._bits.to_bytes(self._bits.bit_length() // 8 + 1, "little")
        end = 8 * len(bits)
        numbers = self.numbers()
        both = sum(
            bits[number >> 3] >> (number & 7) & 1
            for number in numbers
            if 0 <= number < end
        )
        return _count_ones(self._bits) + len(numbers) - both


def _distinct(numbers: array[int]) -> array[int]:
    """Return each number once; a part of them at a time, as a set takes much room."""
    parts = [array("q") for _ in range(len(numbers) // AT_ONCE + 1)]
    for number in numbers if parts[1:] else ():
        parts[number % len(parts)].append(number)
    found = array("q")
    for part in parts if parts[1:] else [numbers]:
        found.extend(set(part))
    return found
