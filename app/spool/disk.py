"""Files that are on the disk when they are said to be, and locked for one writer."""

from __future__ import annotations

import errno
import os
import time

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TRIES = 200
PAUSE_SECONDS = 0.005


def lock(descriptor: int) -> bool:
    """Wait for the file; return False if it cannot be had."""
    if fcntl is None:
        return False
    for _ in range(TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
        except OSError:
            return False  # a file system without locks
    return False


def is_at(descriptor: int, path: str) -> bool:
    """Return whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False


def write_new(path: str, flags: int, line: bytes) -> bool:
    """Add a line, and what ``flags`` say; return whether the file can be locked."""
    descriptor = os.open(path, os.O_WRONLY | flags, 0o600)
    try:
        can_lock = lock(descriptor)
        write_all(descriptor, line)
        return can_lock
    finally:
        os.close(descriptor)


def write_all(descriptor: int, line: bytes) -> None:
    """Write a line, which is on the disk then.

    :raise OSError: it may be there in part; nothing that was there is lost.
    """
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, "the disk is full")
    os.fsync(descriptor)


def sync_folder(path: str) -> None:
    """See to it that new and removed names are on the disk."""
    if fcntl is None:
        return  # Windows does not open folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def size_of(path: str) -> int:
    """Return the file's bytes, 0 if there is none."""
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def age_seconds(path: str) -> float:
    """Return for how long the file has not been changed."""
    return time.time() - os.stat(path).st_mtime


def names_in(path: str) -> list[str]:
    """Return what is in a folder; nothing if there is none."""
    try:
        return os.listdir(path)
    except (FileNotFoundError, NotADirectoryError):
        return []


def unlink(path: str) -> None:
    """Delete a file if that can be."""
    try:
        os.unlink(path)
    except OSError:
        pass
