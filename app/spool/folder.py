"""The spool's folder: what waits, in files that only grow until they are sealed.

Whoever appends holds the file's lock. Whoever drains seals the file first, by another
name, so that what is drained never changes any more.
"""

from __future__ import annotations

import os

from app.spool import disk, lines

OPEN = ".open"
SEALED = ".sealed"
NEW = ".new"
FILE_BYTES = 1_000_000
ASIDE = "set-aside"
OLD_SECONDS = 3600
MARGIN_BYTES = 65_536
"""With less room than that left, the spool is called full."""
MAX_FILES = 10
"""So many others may be about to drain what is to be added to."""


class Full(Exception):
    """The spool has no room for a further beacon."""


class State:
    """What waits: bytes in all, beacons, since when; what was set aside in bytes."""

    def __init__(self) -> None:
        self.size = 0
        self.beacons = 0
        self.oldest = ""
        self.aside = 0
        self.is_full = False
        self.problem = ""


class Folder:
    """The spool at ``path``, which may have ``max_bytes``."""

    def __init__(self, path: str, max_bytes: int) -> None:
        self.path = path
        self.waiting = waiting(path)
        self.aside = os.path.join(path, ASIDE)
        self._max_bytes = max_bytes

    def append(self, kind: str, content: str) -> None:
        """Add a beacon after all others of its kind; it is on the disk then.

        Files of a kind that sorts first are drained first.

        :raise Full: there is no room.
        :raise OSError: the folder cannot be written.
        """
        line = lines.framed(content)
        if self.size() + len(line) > self._max_bytes:
            raise Full()
        self._make_folders()
        for _ in range(MAX_FILES):
            names = [name for name in self.names() if name.startswith(kind + "-")]
            newest = names[-1] if names else ""
            if not newest.endswith(OPEN):
                break
            if self._append_to(os.path.join(self.waiting, newest), line):
                return
            if self._is_there(newest):
                break  # full, or somebody has it for too long
        self._append_new(_after(newest, kind), line)

    def names(self) -> list[str]:
        """Return the files that wait, in the order in which to drain them."""
        return sorted(disk.names_in(self.waiting))

    def seal(self, name: str) -> str:
        """Return the name under which nothing is added to the file any more.

        It is '' while somebody else has the file, or has removed it.
        """
        if name.endswith(SEALED):
            return name
        sealed = stem(name) + SEALED
        is_ours = self._seal(os.path.join(self.waiting, name), sealed)
        return sealed if is_ours else ""

    def read(self, name: str) -> bytes:
        """Return what is in a file.

        :raise FileNotFoundError: it is drained.
        """
        with open(os.path.join(self.waiting, name), "rb") as file:
            return file.read()

    def remove(self, name: str) -> None:
        """Delete a file of which everything is in the database."""
        try:
            os.unlink(os.path.join(self.waiting, name))
            disk.sync_folder(self.waiting)
        except FileNotFoundError:
            pass

    def tidy(self) -> None:
        """Delete what a process left that was killed at a file's first line."""
        for name in disk.names_in(self.path):
            path = os.path.join(self.path, name)
            if name.endswith(NEW) and disk.age_seconds(path) > OLD_SECONDS:
                disk.unlink(path)

    def set_aside(self, line: bytes) -> None:
        """Keep a beacon that cannot be stored apart from those that can."""
        # Not to be had: it was just brought back, or there are no locks here.
        if not self._append_to(self.aside, line, os.O_CREAT, self._max_bytes):
            disk.write_new(self.aside, os.O_APPEND | os.O_CREAT, line)
        disk.sync_folder(self.path)

    def bring_back(self) -> None:
        """Let those that were set aside wait again, before all others."""
        if os.path.exists(self.aside):
            self._make_folders()
            self._seal(self.aside, f"again-{_random()}{SEALED}")

    def size(self) -> int:
        """Return how many bytes there are in all files."""
        paths = [os.path.join(self.waiting, name) for name in self.names()]
        return sum(disk.size_of(path) for path in [*paths, self.aside])

    def state(self, positions: dict[str, int]) -> State:
        """Return what waits; ``positions`` say what of the files is drained."""
        found = State()
        for name in self._readable_names():
            try:
                content = self.read(name)
            except OSError:
                continue  # it is drained by now, or not ours
            left = content[positions.get(stem(name), 0) :]
            found.size += len(content)
            found.beacons += left.count(b"\n")
            oldest = lines.oldest(left)
            found.oldest = min(filter(None, (found.oldest, oldest)), default="")
        found.aside = disk.size_of(self.aside)
        found.size += found.aside
        found.is_full = found.size + MARGIN_BYTES > self._max_bytes
        found.problem = self._problem()
        return found

    def _problem(self) -> str:
        """Return why nothing can be added, '' if all is well."""
        folder = self.waiting
        while not os.path.exists(folder) and os.path.dirname(folder) != folder:
            folder = os.path.dirname(folder)
        is_usable = os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)
        return "" if is_usable else f"{folder} cannot be written"

    def _is_there(self, name: str) -> bool:
        return os.path.exists(os.path.join(self.waiting, name))

    def _readable_names(self) -> list[str]:
        try:
            return self.names()
        except OSError:
            return []

    def _seal(self, path: str, name: str) -> bool:
        """Give a file the name of one that waits; False if it cannot be had."""
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            if not disk.lock(descriptor):
                return False
            os.rename(path, os.path.join(self.waiting, name))
            return True
        except FileNotFoundError:
            return False
        finally:
            os.close(descriptor)

    def _append_to(
        self, path: str, line: bytes, flags: int = 0, max_bytes: int = 0
    ) -> bool:
        """Add to a file; False if it is gone, full, or not to be had."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | flags, 0o600)
        except (FileNotFoundError, PermissionError):
            return False
        try:
            if not disk.lock(descriptor) or not disk.is_at(descriptor, path):
                return False
            size = os.fstat(descriptor).st_size
            if size + len(line) > (max_bytes or FILE_BYTES):
                return False
            # What a crash or a full disk has torn must not take this along.
            is_torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
            disk.write_all(descriptor, b"\n" + line if is_torn else line)
            return True
        finally:
            os.close(descriptor)

    def _append_new(self, name: str, line: bytes) -> None:
        """Add a file, which is there with its first line or not at all."""
        new = os.path.join(self.path, name + NEW)
        try:
            can_grow = disk.write_new(new, os.O_EXCL | os.O_CREAT, line)
            name += OPEN if can_grow else SEALED
            os.rename(new, os.path.join(self.waiting, name))
        except OSError:
            disk.unlink(new)
            raise
        disk.sync_folder(self.waiting)

    def _make_folders(self) -> None:
        if os.path.isdir(self.waiting):
            return
        for path in (self.path, self.waiting):
            # Folders above it get the usual mode.
            os.makedirs(path, 0o700, exist_ok=True)
            disk.sync_folder(os.path.dirname(path))


def waiting(path: str) -> str:
    """Return the folder that is empty, or not there, when nothing waits."""
    return os.path.join(path, "waiting")


def stem(name: str) -> str:
    """Return what a file is called, sealed or not."""
    return name.rpartition(".")[0]


def _after(name: str, kind: str) -> str:
    """Return the name of a new file that is drained after ``name``.

    Its last part makes it unlike all that ever were: by it the database knows how far
    a file is drained.
    """
    number = int(name[len(kind) + 1 :].partition("-")[0]) + 1 if name else 1
    return f"{kind}-{number:08d}-{_random()}"


def _random() -> str:
    return os.urandom(8).hex()
