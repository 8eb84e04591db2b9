"""The snippet in as few bytes as it takes."""

from __future__ import annotations

import shutil
import subprocess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

TERSER = "terser@5.51.2"
TIMEOUT_SECONDS = 300
HOW_TO_INSTALL = (
    "npx is not installed, which gets terser to shorten the snippet."
    " Debian and Ubuntu: apt install nodejs npm."
)


class CannotBuild(Exception):
    """The snippet cannot be shortened here; the message says why."""


def build(source: Path) -> str:
    """Return a script that does what the file ``source`` does, in fewer bytes.

    The same source and the same terser make the same text on every machine.

    :raise CannotBuild: npx is missing, or terser failed.
    """
    npx = shutil.which("npx")
    if not npx:
        raise CannotBuild(HOW_TO_INSTALL)
    options = [
        "--ecma",
        "2017",
        "--compress",
        "passes=3,lhs_constants=false,unsafe_arrows",
        "--mangle",
    ]
    try:
        done = subprocess.run(
            [npx, "--yes", TERSER, str(source), *options],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotBuild(f"{TERSER} could not be run: {problem}") from None
    if done.returncode or not done.stdout:
        raise CannotBuild(f"{TERSER} failed: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()
