"""A column of whole numbers: its different values, and of each row which it has.

Packed it takes a byte or two a row, and a test of its values is one of all rows.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from itertools import accumulate, chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Optional, Union

    Codes = Union[bytes, array[int]]
    Mask = Optional[bytes]
    """1 for each row that is meant, else 0; None: all of them."""

SIZES = "BHIQ"
"""Of unsigned numbers of 1, 2, 4 and 8 bytes."""
BYTES_FIRST = 8


class Damaged(Exception):
    """What was to be unpacked was not packed here, or not by this Porthole."""


class Column:
    """``values`` in order, each once; ``codes`` has of each row the place there."""

    def __init__(self, values: Sequence[int], codes: Codes) -> None:
        self.values = values
        self.codes = codes

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Column:
        """Return the column of these numbers, a row each."""
        values = sorted(set(numbers))
        code_of = {value: code for code, value in enumerate(values)}
        codes = map(code_of.__getitem__, numbers)
        size = _size(len(values))
        return cls(values, bytes(codes) if size == "B" else array(size, codes))

    @classmethod
    def unpack(cls, data: bytes) -> Column:
        """Return the column that ``pack`` packed.

        :raise Damaged: it has not.
        """
        try:
            return cls._unpack(zlib.decompress(data))
        except (zlib.error, ValueError, IndexError) as error:
            raise Damaged(str(error)) from None

    @classmethod
    def _unpack(cls, raw: bytes) -> Column:
        step_size, code_size = chr(raw[0]), chr(raw[1])
        # Another format, should there be one, has another first byte.
        if step_size not in SIZES or code_size not in SIZES:
            raise ValueError("of another format")
        count = int.from_bytes(raw[2:6], "little")
        first = int.from_bytes(raw[6 : 6 + BYTES_FIRST], "little", signed=True)
        steps = array(step_size)
        start = 6 + BYTES_FIRST
        end = start + steps.itemsize * max(0, count - 1)
        steps.frombytes(raw[start:end])
        codes: Codes = raw[end:]
        if code_size != "B":
            codes = array(code_size)
            codes.frombytes(raw[end:])
        _swap(steps, codes)
        values = list(accumulate(chain((first,), steps))) if count else []
        return cls(values, codes)

    def pack(self) -> bytes:
        """Return it as few bytes, the same on every machine."""
        first = self.values[0] if self.values else 0
        distances = [after - one for one, after in zip(self.values, self.values[1:])]
        size = next(size for size in SIZES if max(distances, default=0) < _limit(size))
        steps = array(size, distances)
        codes: Codes = self.codes[:]
        _swap(steps, codes)
        code_size = "B" if isinstance(codes, bytes) else codes.typecode
        head = f"{size}{code_size}".encode() + len(self.values).to_bytes(4, "little")
        head += first.to_bytes(BYTES_FIRST, "little", signed=True)
        return zlib.compress(head + steps.tobytes() + bytes(codes), 6)

    def __len__(self) -> int:
        return len(self.codes)

    def numbers(self) -> Iterator[int]:
        """Return the number of each row."""
        return map(self.values.__getitem__, self.codes)

    def where(self, is_meant: Callable[[int], bool]) -> bytes:
        """Return the mask of the rows whose number is meant."""
        return self.mask(bytes(map(is_meant, self.values)))

    def mask(self, table: bytes) -> bytes:
        """Return of each row what ``table``, 0 or 1 each, has for its value."""
        if isinstance(self.codes, bytes):
            return self.codes.translate(table.ljust(256, b"\0"))
        if self.codes.itemsize > 2:
            return bytes(map(table.__getitem__, self.codes))
        # Half a code at a time, which takes no step of ours a row.
        low, high = self._halves()
        found = 0
        for place, start in enumerate(range(0, len(table), 256)):
            part = table[start : start + 256]
            if 1 in part:
                of_low = low.translate(part.ljust(256, b"\0"))
                of_high = high.translate(_ONE_OF[place])
                found |= int.from_bytes(of_low, "big") & int.from_bytes(of_high, "big")
        return found.to_bytes(len(low), "big")

    def _halves(self) -> tuple[bytes, bytes]:
        """Return the lower and the higher byte of each code."""
        both_bytes = self.codes.tobytes() if isinstance(self.codes, array) else b""
        first, second = both_bytes[::2], both_bytes[1::2]
        return (first, second) if sys.byteorder == "little" else (second, first)


_ONE_OF = [bytes(256)[:place] + b"\1" + bytes(255 - place) for place in range(256)]
"""Tables of ``translate`` that take one byte each."""


def both(one: Mask, other: Mask) -> Mask:
    """Return the mask of the rows that are meant by both."""
    if one is None or other is None:
        return other if one is None else one
    found = int.from_bytes(one, "big") & int.from_bytes(other, "big")
    return found.to_bytes(len(one), "big")


def _size(count: int) -> str:
    """Return the smallest size whose numbers tell so many things apart."""
    return next(size for size in SIZES if count <= _limit(size))


def _limit(size: str) -> int:
    return 1 << 8 * array(size).itemsize


def _swap(*packed: Codes) -> None:
    if sys.byteorder == "big":
        for codes in packed:
            if isinstance(codes, array):
                codes.byteswap()
