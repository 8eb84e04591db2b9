"""The packages that the release bundles: fetched by their hash, and without what is
compiled.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

PIP = (
    "-m pip download --quiet --disable-pip-version-check --require-hashes --no-deps"
    " --only-binary=:all: --implementation=cp --python-version=3.9"
    " --platform=manylinux2014_x86_64 --platform=any"
).split()

_PIN = re.compile(r"([\w-]+)==([\w.]+) --hash=sha256:([0-9a-f]{64})")
_NOT_RUN = (".so", ".c", ".pyi", "/py.typed")
_BESIDES = re.compile(r"[^/]+\.(dist-info|data)/")
_LICENCE = re.compile(r"[^/]+\.dist-info/(.+/)?(LICEN[CS]E|COPYING|NOTICE)[^/]*")


class CannotFetch(Exception):
    """pip could not get the packages; the message has its last words."""


class Pin(NamedTuple):
    """A line of requirements-release.txt."""

    name: str
    version: str
    sha256: str


class Wheel(NamedTuple):
    """A package, as it is on PyPI."""

    pin: Pin
    contents: dict[str, bytes]

    def modules(self) -> dict[str, bytes]:
        """Return what an interpreter needs of it, by path."""
        return {
            name: content
            for name, content in self.contents.items()
            if not _BESIDES.match(name) and not name.endswith(_NOT_RUN)
        }

    def about(self) -> str:
        """Return its metadata without the description."""
        names = (name for name in self.contents if name.endswith("dist-info/METADATA"))
        return self.contents[next(names)].decode().partition("\n\n")[0]

    def licences(self) -> list[str]:
        """Return the licence texts that it carries."""
        return [
            content.decode()
            for name, content in sorted(self.contents.items())
            if _LICENCE.fullmatch(name)
        ]


def read_pins(lock: Path) -> list[Pin]:
    """Return the packages that the file names, each with its version and hash."""
    return [Pin(*found) for found in _PIN.findall(lock.read_text())]


def fetch(lock: Path, folder: Path) -> list[Wheel]:
    """Return the packages that the file names; what ``folder`` lacks comes from PyPI.

    :raise CannotFetch: pip did not succeed.
    """
    pins = read_pins(lock)
    there = _by_hash(folder)
    if not {pin.sha256 for pin in pins} <= there.keys():
        _download(lock, folder)
        there = _by_hash(folder)
    return [Wheel(pin, _read(there[pin.sha256])) for pin in pins]


def _by_hash(folder: Path) -> dict[str, Path]:
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for path in folder.glob("*.whl")
    }


def _download(lock: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # Another build may be at it too: a file is there as a whole, or not at all.
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        done = subprocess.run(
            [sys.executable, *PIP, "--dest", unfinished, "-r", str(lock)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            words = [line for line in done.stderr.splitlines() if line.strip()]
            raise CannotFetch("pip could not get the packages: " + words[-1])
        for path in Path(unfinished).glob("*.whl"):
            path.replace(folder / path.name)


def _read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as wheel:
        return {
            name: wheel.read(name)
            for name in wheel.namelist()
            if not name.endswith("/")
        }
