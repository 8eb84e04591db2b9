"""What is in the release: the program, the packages it needs, and their licences."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from app.release import archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.release.wheels import Wheel

PROGRAM = "porthole/"
PUBLIC = "public_html/"
MANIFEST = PROGRAM + "MANIFEST.sha256"
VAR = PROGRAM + "var/"

FILES = (
    ".htaccess",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "config.example.ini",
    "passenger_wsgi.py",
)
FOLDERS = ("app", "docs", "snippet", "sql")
SCHEMA_FILE = re.compile(r"sql/\d{3}_\w+\.sql")
BUILT = "snippet/porthole.min.js"
LEFT_OUT = ("app/release/", BUILT)
ZIPPED = "tzdata"
"""A package of 600 small files, most of them binary: as one file it uploads in no time,
and no FTP program takes it for text."""

SNIPPETS = ("w/page.js", "snippet/porthole.js", "snippet/micrologs.js")
"""Where the tag finds the script: as files, so that no Python is started for them."""


def collect(root: Path, wheels: list[Wheel], script: str) -> dict[str, bytes]:
    """Return every file of the release by its path, the manifest included.

    ``script`` is the snippet as visitors get it.
    """
    files = {path: (root / path).read_bytes() for path in _own(root)}
    served = (BUILT, *(PUBLIC + path for path in SNIPPETS))
    files.update({path: script.encode() for path in served})
    for wheel in wheels:
        files.update(_vendored(wheel))
        files[f"{PROGRAM}licences/{wheel.pin.name}.txt"] = _licence(root, wheel)
    files = {_place(path): content for path, content in files.items()}
    # Passenger starts anew when this file is uploaded again.
    files[PROGRAM + "tmp/restart.txt"] = b""
    files[MANIFEST] = _manifest(files)
    # Folders; FTP programs bring empty ones along.
    files[VAR] = files[PROGRAM + "public/"] = b""
    return files


def _place(path: str) -> str:
    return path if path.startswith((PUBLIC, PROGRAM)) else PROGRAM + path


def _own(root: Path) -> Iterator[str]:
    yield from FILES
    for folder in (*FOLDERS, PUBLIC):
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and _belongs(name):
                yield name


def _belongs(name: str) -> bool:
    file = name.rpartition("/")[2]
    is_hidden = file.startswith(".") and file != ".htaccess"
    is_stray = file.endswith(("~", ".orig", ".rej", ".bak", ".swp"))
    is_stray |= name.startswith("sql/") and not SCHEMA_FILE.fullmatch(name)
    is_compiled = "__pycache__" in name or file.endswith(".pyc")
    return not (is_hidden or is_stray or is_compiled or name.startswith(LEFT_OUT))


def _vendored(wheel: Wheel) -> dict[str, bytes]:
    modules = wheel.modules()
    if wheel.pin.name == ZIPPED:
        return {f"{PROGRAM}vendor/{ZIPPED}.zip": archive.pack(modules)}
    return {f"{PROGRAM}vendor/{path}": content for path, content in modules.items()}


def _licence(root: Path, wheel: Wheel) -> bytes:
    """Return who wrote the package, and on which terms it is passed on.

    :raise ValueError: it does not carry them, and they are not the MIT licence.
    """
    about = wheel.about()
    wanted = ("Name:", "Version:", "Author", "License", "Home-page:", "Project-URL:")
    head = [line for line in about.splitlines() if line.startswith(wanted)]
    texts = wheel.licences() or _known_terms(root, about)
    if not texts:
        raise ValueError(f"{wheel.pin.name} says nothing about its licence")
    return "\n\n".join(["\n".join(head), *texts]).encode()


def _known_terms(root: Path, about: str) -> list[str]:
    """Return the words of the licence that the metadata only names."""
    if "License: MIT" in about:
        # From "Permission is hereby granted" on it is everybody's.
        return [
            "Permission" + (root / "LICENSE").read_text().partition("Permission")[2]
        ]
    if "License: Apache 2.0" in about:
        return ["The terms are those of Apache-2.0, in maxminddb.txt beside this file."]
    return []


def _manifest(files: dict[str, bytes]) -> bytes:
    """Return the sums of all files, as sha256sum -c reads them."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {path}\n"
        for path, content in sorted(files.items())
    ]
    return "".join(lines).encode()
