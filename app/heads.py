"""The newest audit entry of each project, kept in a file beside the database.

Whoever removes the newest entries from the database, and sets back the row that says
where the log ends, is found out by it. A file that is lost only proves nothing;
of one that is there and says nothing ``problem`` tells.

Another database may have had a project of the same id: each line names its project's
public key, and stays when that of another is added.
"""

from __future__ import annotations

import os
import re
import time

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LINE = re.compile(rb"([0-9]{16}) ([0-9a-f]{64}) ([!-~]*) *\n")
LINE_BYTES = 128
"""Always as many, and few enough for a disk to write all of them or none."""
MAX_LINES = 500

TRIES = 20
PAUSE_SECONDS = 0.001


def path_of(var: str, project_id: int) -> str:
    """Return where the project's newest entry is kept."""
    return os.path.join(var, "audit", str(project_id))


def read(var: str, project_id: int) -> dict[str, tuple[int, str]]:
    """Return number and hash of the newest entry known, by its project's public key.

    The key is '' where it was not known.
    """
    try:
        return {found[0]: found[1] for found in _read(var, project_id) if found}
    except OSError:
        return {}


def problem(var: str, project_id: int) -> str:
    """Return in a sentence why the file proves nothing; '' if it does, or is lost."""
    try:
        is_garbled = None in _read(var, project_id)
    except FileNotFoundError:
        return ""
    except OSError as error:
        reason = error.strerror
    else:
        if not is_garbled:
            return ""
        reason = "it holds something else"
    return (
        f"The file var/audit/{project_id} cannot be read ({reason}): nothing tells"
        " whether the newest entries are all here."
    )


def of(known: dict[str, tuple[int, str]], public_key: str) -> tuple[int, str] | None:
    """Return what ``read`` found for the project with this key; None if nothing."""
    return known.get(public_key) or known.get("")


def keep(
    var: str, project_id: int, seq: int, digest: str, public_key: str = ""
) -> None:
    """Keep an entry's number and hash, unless a newer one is kept already.

    It never raises: the entry is stored, and the next one tries again.
    """
    path = path_of(var, project_id)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            is_ours = _lock(descriptor)
            number, known = _place(_lines(descriptor), public_key)
            if is_ours and known < seq:
                os.lseek(descriptor, number * LINE_BYTES, os.SEEK_SET)
                line = f"{seq:016} {digest} {public_key}".ljust(LINE_BYTES - 1)
                os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
    except OSError:
        pass


def forget(var: str, project_id: int) -> None:
    """Forget a project that is deleted."""
    try:
        os.unlink(path_of(var, project_id))
    except OSError:
        pass


def _read(var: str, project_id: int) -> list[tuple[str, tuple[int, str]] | None]:
    descriptor = os.open(path_of(var, project_id), os.O_RDONLY)
    try:
        _lock(descriptor)
        return _lines(descriptor) or [None]
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Wait for the file; return False if somebody holds it for too long.

    Where files cannot be locked, an older entry may take the place of a newer one,
    which proves a little less, and nothing wrong.
    """
    for _ in range(TRIES):
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
            continue
        except OSError:
            pass
        return True
    return False


def _lines(descriptor: int) -> list[tuple[str, tuple[int, str]] | None]:
    """Return public key, and number and hash, of each line; None where it is none."""
    content = os.read(descriptor, MAX_LINES * LINE_BYTES)
    starts = range(0, len(content), LINE_BYTES)
    return [_parse(content[start : start + LINE_BYTES]) for start in starts]


def _parse(line: bytes) -> tuple[str, tuple[int, str]] | None:
    found = LINE.fullmatch(line)
    if len(line) != LINE_BYTES or not found:
        return None
    return found[3].decode(), (int(found[1]), found[2].decode())


def _place(
    lines: list[tuple[str, tuple[int, str]] | None], public_key: str
) -> tuple[int, int]:
    """Return which line is the project's, or is free, and its entry's number or 0."""
    for number, found in enumerate(lines):
        if found and found[0] == public_key:
            return number, found[1][0]
    return (lines.index(None) if None in lines else len(lines)), 0
