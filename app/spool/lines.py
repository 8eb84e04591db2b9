"""A line for each beacon: a checksum of the content, a space, the content."""

from __future__ import annotations

from app.digests import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DIGITS = 16


def framed(content: str) -> bytes:
    """Return the line of a beacon; ``content`` is ASCII in one line."""
    raw = content.encode("ascii")
    return _checksum(raw) + b" " + raw + b"\n"


def parsed(file: bytes, start: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line's end and its content, which is None if it is torn."""
    while start < len(file):
        end = file.find(b"\n", start) + 1 or len(file)
        yield end, _content(file[start:end])
        start = end


def oldest(file: bytes) -> str:
    """Return when the first whole line's beacon arrived, '' if there is none."""
    for _, content in parsed(file, 0):
        if content is not None:
            _, _, rest = content.partition(b'"at":"')
            return rest.partition(b'"')[0].decode("ascii", "replace")
    return ""


def _content(line: bytes) -> bytes | None:
    content = line[DIGITS + 1 : -1]
    is_whole = line.endswith(b"\n") and line[:DIGITS] == _checksum(content)
    return content if is_whole and line[DIGITS : DIGITS + 1] == b" " else None


def _checksum(content: bytes) -> bytes:
    digest = blake2b(content, digest_size=DIGITS // 2)
    return digest.hexdigest().encode()
