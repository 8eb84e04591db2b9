"""A zip file that is the same, byte for byte, whenever and wherever it is made."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime, timedelta

UNIX = 3
PROGRAM, FILE, FOLDER, PRIVATE_FOLDER = 0o100755, 0o100644, 0o040755, 0o040700
LONG_AGO = datetime(2000, 1, 1)


def pack(files: dict[str, bytes], private: tuple[str, ...] = ()) -> bytes:
    """Return a zip of the files, by path; a path that ends in / is a folder.

    ``private`` are the folders that only their owner may open. Where two machines have
    the same zlib, the same files make the same bytes.
    """
    folders = {
        path[: at + 1]: b""
        for path in files
        for at, letter in enumerate(path)
        if letter == "/"
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in sorted({**folders, **files}.items()):
            entry = zipfile.ZipInfo(path, _time_of(content))
            entry.create_system = UNIX
            entry.external_attr = _mode(path, private) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return packed.getvalue()


def _mode(path: str, private: tuple[str, ...]) -> int:
    if path.endswith("/"):
        return PRIVATE_FOLDER if path in private else FOLDER
    return PROGRAM if path.endswith(".cgi") else FILE


def _time_of(content: bytes) -> tuple[int, int, int, int, int, int]:
    """Return a time that another content would not have.

    Python runs its compiled copy of a module as long as the module's time and size are
    the same, and an unpacked file has the time that the zip says.
    """
    digest = hashlib.sha256(content).digest()
    # A zip counts in steps of two seconds; these are some eight years of them.
    steps = int.from_bytes(digest[:4], "big") >> 5
    at = LONG_AGO + timedelta(seconds=2 * steps)
    return (at.year, at.month, at.day, at.hour, at.minute, at.second)
