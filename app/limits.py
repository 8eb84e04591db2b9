"""How often a caller may ask: one file of fixed size, shared by all processes."""

from __future__ import annotations

import _thread
import errno
import os
import stat
import struct
import time
from datetime import datetime, timedelta

from app import ids
from app.digests import blake2b

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Caller = tuple["str | int", ...]
    Change = Callable[[bytes], "tuple[int, bytes | None]"]
    """Takes the content of a set; returns the answer, and what to write if anything."""

WINDOW_SECONDS = 60
SKEW_SECONDS = 5
"""Requests are counted a little out of the order in which they arrived."""

SLOT = struct.Struct("<8sII")
"""Keyed hash of the caller, second in which its window began, calls in it."""

WAYS = 4
SET_BYTES = WAYS * SLOT.size
FILE_BYTES = 65_536 * SLOT.size
MEMORY_BYTES = 4096 * SLOT.size
MAX_COUNT = 2**32 - 1
EPOCH = datetime(1970, 1, 1)

PAUSES = (0, 0.00005, 0.0002, 0.0005, 0.001, 0.002, 0.004)
"""Seconds before each try for a set that another process may have locked."""

# POSIX locks do not keep threads apart, and a process loses all of them on a file
# when it closes any descriptor of it. So this is held while a set is, and to close.
_lock = _thread.allocate_lock()


def _renew_lock() -> None:
    # A thread that was in here when the process forked does not exist in the child.
    global _lock
    _lock = _thread.allocate_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class Limits:
    """Counts calls in windows of a minute, for every process of this host at once.

    If the file at ``path`` does not work, the one at ``fallback_path`` stands in (by
    default in the temporary folder), or else each process counts for itself.
    """

    def __init__(self, path: str, secret: bytes, fallback_path: str = "") -> None:
        path = os.path.abspath(path)
        fallback_path = os.path.abspath(fallback_path or _fallback_path(path))
        self._key = blake2b(secret).digest()
        self._files = (_File(path, False), _File(fallback_path, True))
        self._memory = bytearray(MEMORY_BYTES)

    def take(self, caller: Caller, allowed: int, at: datetime, cost: int = 1) -> int:
        """Return 0 and count the call if it may pass, else the seconds to wait.

        A window has room for ``allowed``, of which a call uses up ``cost``; a refused
        one is not counted, so asking on does not lengthen the wait. What costs more
        than ``allowed`` never passes. ``at`` is naive UTC.
        """
        call = _Call(self._key, caller, allowed, at, cost)
        return self._ask(call)

    @property
    def problem(self) -> str:
        """What does not work, in a sentence fit for strangers; '' if all is well."""
        failures = self._failures()
        if not failures:
            return ""
        effects = "a stand-in is used", "each process counts for itself"
        effect = effects[len(failures) - 1]
        return f"The limits file cannot be used ({failures[0][1]}): {effect}."

    @property
    def detail(self) -> str:
        """The same for the administrator: which files, and why; '' if all is well."""
        return "; ".join(f"{path}: {reason}" for path, reason in self._failures())

    def close(self) -> None:
        """Close the files; the next call opens them again."""
        with _lock:
            for file in self._files:
                file.close()

    def _ask(self, call: _Call) -> int:
        with _lock:
            for file in self._files:
                if 0 <= call.now - file.failed_at < WINDOW_SECONDS:
                    continue  # it failed a moment ago
                try:
                    return file.use(call.offset, call.take)
                except (OSError, ValueError):
                    file.close()
                    file.failed_at, file.failed_offset = call.now, call.offset
            return self._use_memory(call)

    def _use_memory(self, call: _Call) -> int:
        offset = call.offset % MEMORY_BYTES
        place = slice(offset, offset + SET_BYTES)
        answer, changed = call.take(bytes(self._memory[place]))
        if changed:
            self._memory[place] = changed
        return answer

    def _failures(self) -> list[tuple[str, str]]:
        """Return path and reason of each file that fails, up to one that works."""
        found = []
        with _lock:
            for file in self._files:
                if not (reason := file.test()):
                    break
                found.append((file.path, reason))
        return found


class _Call:
    """Who asks, and what its set of slots says to it.

    A window begins with a caller's first call, not with the minute: callers who
    were refused then come back spread out, not all in the same second.
    """

    def __init__(
        self, key: bytes, caller: Caller, allowed: int, at: datetime, cost: int
    ) -> None:
        text = ids.joined(*caller)
        digest = blake2b(text, key=key, person=b"limits", digest_size=16)
        self.tag, place = digest.digest()[:8], digest.digest()[8:]
        self.offset = int.from_bytes(place, "big") * SET_BYTES % FILE_BYTES
        # A slot has 32 bits for the time, which are full in 2106.
        self.now = (at - EPOCH) // timedelta(seconds=1) % 2**32
        self.allowed = allowed
        self.cost = max(0, cost)

    def take(self, content: bytes) -> tuple[int, bytes | None]:
        """Return the wait, and if it is 0 the set with the call counted."""
        way, start, count = self._find(content)
        if count + self.cost > self.allowed:
            return start + WINDOW_SECONDS - self.now, None
        slot = SLOT.pack(self.tag, start, min(count + self.cost, MAX_COUNT))
        place = way * SLOT.size
        return 0, content[:place] + slot + content[place + SLOT.size :]

    def _find(self, content: bytes) -> tuple[int, int, int]:
        """Return which slot is the caller's, and its window's start and count.

        It is its own, else one whose window has ended, else the oldest: whoever is
        pushed out starts afresh, and nobody is charged for another's calls.
        """
        slots = list(SLOT.iter_unpack(content))
        for way, (tag, start, count) in enumerate(slots):
            if tag == self.tag:
                return (way, start, count) if self._is_in(start) else (way, self.now, 0)
        starts = [start for _, start, _ in slots]
        way = min(range(WAYS), key=lambda way: (self._is_in(starts[way]), starts[way]))
        return way, self.now, 0

    def _is_in(self, start: int) -> bool:
        # One that begins in the future is what a clock left that was set back.
        return -SKEW_SECONDS <= self.now - start < WINDOW_SECONDS


class _File:
    """The slots of all processes. Everything in here is called with ``_lock`` held."""

    def __init__(self, path: str, is_in_shared_folder: bool) -> None:
        self.path = path
        self.failed_at = -WINDOW_SECONDS
        self.failed_offset = 0
        self._is_in_shared_folder = is_in_shared_folder
        self._descriptor = -1
        self._identity = (0, 0)

    def use(self, offset: int, change: Change) -> int:
        """Return the answer of ``change``, having written what it wants written.

        :raise OSError: the file cannot be used.
        """
        descriptor = self._open()
        if not _lock_set(descriptor, offset):
            return 0  # whoever was stopped with the lock in hand must not stop others
        try:
            content = os.pread(descriptor, SET_BYTES, offset)
            if len(content) < SET_BYTES:
                os.ftruncate(descriptor, FILE_BYTES)  # somebody emptied it
                content = bytes(SET_BYTES)
            answer, changed = change(content)
            if changed:
                os.pwrite(descriptor, changed, offset)
            return answer
        finally:
            fcntl.lockf(descriptor, fcntl.LOCK_UN, SET_BYTES, offset)

    def test(self) -> str:
        """Return why the file cannot be used, '' if it can, which ends its rest.

        It rewrites, as it is, the set where it last failed: on a full disk only the
        parts of a file that were never written fail.
        """
        try:
            self.use(self.failed_offset, lambda content: (0, content))
        except (OSError, ValueError) as problem:
            self.close()
            # Its text would have the path in it.
            return getattr(problem, "strerror", "") or type(problem).__name__
        self.failed_at = -WINDOW_SECONDS
        return ""

    def close(self) -> None:
        if self._links() >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _links(self) -> int:
        """Return how many names our file has, -1 if the descriptor is not ours.

        What turns a process into a daemon closes all descriptors; the next file to
        be opened, perhaps the database, then has the number.
        """
        try:
            found = os.fstat(self._descriptor)
        except OSError:
            return -1
        return found.st_nlink if (found.st_dev, found.st_ino) == self._identity else -1

    def _open(self) -> int:
        if self._links() > 0:
            return self._descriptor
        self.close()  # it was deleted
        if fcntl is None:
            raise OSError(errno.ENOSYS, "this system has no file locks")
        os.makedirs(os.path.dirname(self.path), 0o700, exist_ok=True)
        flags = os.O_NOFOLLOW if self._is_in_shared_folder else 0
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | flags, 0o600)
        found = os.fstat(descriptor)
        try:
            self._check(found)
            if not found.st_size:
                os.ftruncate(descriptor, FILE_BYTES)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        self._identity = (found.st_dev, found.st_ino)
        return descriptor

    def _check(self, found: os.stat_result) -> None:
        """Refuse another file, named here by mistake, and a stranger's trap."""
        if not stat.S_ISREG(found.st_mode) or found.st_size not in (0, FILE_BYTES):
            raise OSError(errno.EINVAL, "what is there is not a limits file")
        is_ours = found.st_uid == os.geteuid() and found.st_nlink == 1
        if self._is_in_shared_folder and not is_ours:
            raise OSError(errno.EPERM, "what is there belongs to somebody else")


def _lock_set(descriptor: int, offset: int) -> bool:
    """Return whether this process alone may now change the set."""
    for pause in PAUSES:
        if pause:
            time.sleep(pause)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, SET_BYTES, offset)
            return True
        except BlockingIOError:
            pass
    return False


def _fallback_path(path: str) -> str:
    # tempfile would cost a beacon 10 ms.
    folder = os.environ.get("TMPDIR") or "/tmp"
    user = os.geteuid() if hasattr(os, "geteuid") else 0
    name = blake2b(os.fsencode(path), digest_size=8).hexdigest()
    return os.path.join(folder, f"porthole-limits-{user}-{name}")
