"""Who is setting Porthole up, proved by a file in its folder, and how far it has got.

The browser keeps a random number. Until the proof the file's name is made of it; from
then on its hash stands in a file beside config.ini, which is deleted at the end. Once
there is a config.ini without such a file, the set-up is over for good.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from datetime import timezone
from hmac import compare_digest

from app import clock, config

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_AGE_SECONDS = 24 * 3600
"""Who has not come to the end by then has to prove it again, or finds it closed."""

PLACEHOLDER = (
    config.SETTING_UP + "\n"
    "; If you read this in a browser, your web server gives config.ini away.\n"
)


class Progress:
    """The set-up of the Porthole whose config.ini is, or will be, at ``path``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.folder = os.path.dirname(path)
        self._state = path + ".setup"

    def has_config(self) -> bool:
        """Return whether there is a config.ini, good or bad."""
        try:
            config.load(self.path, {})
        except config.ConfigMissing:
            return False
        except config.ConfigError:
            return True
        return True

    def is_begun(self) -> bool:
        """Return whether somebody has proved that it is his, and is not done yet."""
        try:
            begun = os.stat(self._state).st_mtime
        except OSError:
            return False
        now = clock.now().replace(tzinfo=timezone.utc).timestamp()
        return now - begun < MAX_AGE_SECONDS

    def is_over(self) -> bool:
        """Return whether nothing can be set up here any more."""
        return not self.is_begun() and self.has_config()

    def can_write(self) -> bool:
        """Return whether files can be made in the folder."""
        return os.access(self.folder, os.W_OK | os.X_OK)

    def proof_name(self, number: str) -> str:
        """Return the name of the file that proves whose browser keeps ``number``."""
        return f"setup-{_hash('proof', number)[:24]}.txt"

    def has_proof(self, number: str) -> bool:
        """Return whether that file is there."""
        return os.path.isfile(os.path.join(self.folder, self.proof_name(number)))

    def begin(self, number: str) -> str:
        """Return a new number, with which alone it goes on; others' are void.

        ``number`` is the one that was proved. Who has seen the file's name in between
        can do nothing with it any more.

        :raise OSError: the folder cannot be written.
        """
        fresh = secrets.token_hex(16)
        new = f"{self._state}.{secrets.token_hex(4)}"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(_hash("session", fresh))
            os.replace(new, self._state)
        except OSError:
            os.unlink(new)
            raise
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.folder, self.proof_name(number)))
        return fresh

    def is_owner(self, number: str) -> bool:
        """Return whether it goes on in the browser that keeps ``number``."""
        if not self.is_begun():
            return False
        try:
            with open(self._state, encoding="ascii", errors="replace") as file:
                kept = file.read(200).strip()
        except OSError:
            return False
        return compare_digest(kept.encode(), _hash("session", number).encode())

    def end(self) -> None:
        """Close the set-up for good."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._state)

    def place_placeholder(self) -> None:
        """See to it that something without a secret has the name of config.ini.

        Everybody may read it, so that a refusal is the web server's own rule.

        :raise OSError: the folder cannot be written.
        """
        with contextlib.suppress(FileNotFoundError):
            if not os.path.getsize(self.path):
                os.unlink(self.path)  # a full disk has left it
        with contextlib.suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            descriptor = os.open(self.path, flags, 0o644)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                os.chmod(self.path, 0o644)  # whatever the umask
                file.write(PLACEHOLDER)

    def restart(self) -> None:
        """Have Passenger start anew, with what config.ini says now."""
        with contextlib.suppress(OSError):
            os.utime(os.path.join(self.folder, "tmp", "restart.txt"))

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let one form at a time change something: a second click waits."""
        try:
            file = open(self._state, "rb")
        except OSError:
            yield
            return
        with file:
            if fcntl is not None:
                with contextlib.suppress(OSError):  # a disk without locks
                    fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _hash(purpose: str, number: str) -> str:
    return hashlib.sha256(f"porthole {purpose} {number}".encode()).hexdigest()
