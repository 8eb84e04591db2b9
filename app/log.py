"""Porthole's own log, because shared hosts hide theirs."""

from __future__ import annotations

import errno
import os
import re
import sys

from app import clock

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

NAME = "porthole.log"
MAX_ENTRY_BYTES = 8192
MAX_BYTES = 1_000_000
KEPT = 3
"""How many full files stay beside the current one."""

MAX_SEARCHED = 4 * MAX_ENTRY_BYTES
"""Characters of a text that are looked at; a request must not keep us busy."""

CUT = " ... (cut)"

# Each is bounded, so that no text makes it slow. They hide too much rather than too
# little: a version number of four parts goes too. Compiled when first used.
SECRETS = (
    # The last @, as a password may have one; a port before an @ is no loss.
    (r"(://[^\s:/@]{0,128}:)\S{0,512}@", r"\1***@"),
    (r"[0-9A-Fa-f]{32,}", "[key]"),
    (
        r"(?<![0-9A-Za-z])(?=:{0,2}[0-9A-Fa-f])(?=[0-9A-Fa-f:]{0,40}::|(?:[0-9A-Fa-f]{1,4}:){7})"
        r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,}"
        r"(?:\.[0-9]{1,3}){0,3}(?:%\w{1,20})?(?![0-9A-Za-z])",
        "[address]",
    ),
    (r"[0-9]{1,3}(?:\.[0-9]{1,3}){3,}", "[address]"),
)

# What moves the cursor, ends a line, or turns the direction of writing; and halves of
# characters, which no encoding has.
UNSAFE = (
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ud800-\udfff]"
)


class Log:
    """``porthole.log`` in ``folder``, and the full ones before it: .1, .2 and .3."""

    def __init__(
        self,
        folder: str,
        max_bytes: int = MAX_BYTES,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.path = os.path.join(folder, NAME)
        self._max_bytes = max_bytes
        self._now = now

    def write(self, text: str) -> None:
        """Append one entry: the time in UTC, the text, further lines indented.

        Its first line goes to stderr too, or all of it if there is no writing here.
        """
        entry = _entry(self._now(), text)
        try:
            self._append(entry)
        except (OSError, ValueError):
            _mirror(entry)
        else:
            _mirror(entry.partition(b"\n")[0] + b"\n")

    def _append(self, entry: bytes) -> None:
        for _ in range(2):
            file = self._open()
            try:
                # One write to a file open for appending is not torn by others.
                if os.write(file, entry) < len(entry):
                    raise OSError(errno.ENOSPC, "the disk is full")
                found = os.fstat(file)
                if found.st_size >= self._max_bytes:
                    self._rotate(file, found)
            finally:
                os.close(file)
            if found.st_nlink:
                return
            # Somebody deleted the file between our opening it and writing to it.

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            return os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self.path), 0o700, exist_ok=True)
            return os.open(self.path, flags, 0o600)

    def _rotate(self, file: int, found: os.stat_result) -> None:
        """Rename the files, unless another process does or just did.

        The lock is on the full file itself: whoever gets it later finds that the
        name has gone to a new one.
        """
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:
            pass  # A file system without locks: a log without end would be worse.
        try:
            if os.path.samestat(os.stat(self.path), found):
                for number in range(KEPT - 1, 0, -1):
                    _rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
                _rename(self.path, f"{self.path}.1")
        except OSError:
            pass  # The entry is written; the next one tries again.


def redact(text: str) -> str:
    """Return the text without what looks like an address, a key or a password.

    Addresses of both kinds become ``[address]``, 32 hex digits or more ``[key]``,
    and the password in ``scheme://user:password@`` three stars.
    """
    for pattern, mask in SECRETS:
        text = re.sub(pattern, mask, text)
    return text


def _entry(at: datetime, text: str) -> bytes:
    text = redact(text[:MAX_SEARCHED]).rstrip("\n")
    text = re.sub(UNSAFE, _escape, text).replace("\n", "\n    ")
    entry = f"{at.isoformat(' ', 'milliseconds')}Z {text}".encode()
    if len(entry) >= MAX_ENTRY_BYTES:
        entry = entry[: MAX_ENTRY_BYTES - 1 - len(CUT)]
        entry = (entry.decode("utf-8", "ignore") + CUT).encode()
    return entry + b"\n"


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _rename(source: str, target: str) -> None:
    try:
        os.replace(source, target)
    except FileNotFoundError:
        pass


def _mirror(entry: bytes) -> None:
    """Write to stderr, which may be closed, or None under Passenger."""
    try:
        sys.stderr.write("porthole: " + entry.decode())
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass
