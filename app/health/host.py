"""What the host gives Porthole: how it is started, its files, and room on the disk."""

from __future__ import annotations

import hashlib
import os
import shutil
from importlib.util import cache_from_source

from app import clock
from app.config import ROOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from app.health.checks import Check

OK, WARN, FAIL = "ok", "warn", "fail"
MANIFEST = os.path.join(ROOT, "MANIFEST.sha256")
MANIFEST_ROOT = "porthole/"
"""What the paths in the manifest begin with, if they are the program's."""
PUBLIC_ROOT = "public_html/"
SCARCE_BYTES = 200_000_000
SHOWN_FILES = 5


def entry(environ: Mapping[str, Any]) -> Check:
    """Return how the web server starts Porthole."""
    software = str(environ.get("SERVER_SOFTWARE") or "")[:100]
    if "wsgi.input" not in environ:
        found = "By hand, on the command line."
    elif environ.get("wsgi.run_once"):
        found = f"CGI, by {software}: a new process for each request."
    elif os.environ.get("IN_PASSENGER") or "passenger" in software.lower():
        found = "Passenger: a process that stays for many requests."
    else:
        found = f"A server of its own: {software or 'it does not say which'}."
    return {"status": OK, "message": found}


def zones() -> Check:
    """Return whether time zones are known; reports need them."""
    try:
        clock.zone("Europe/Berlin")
    except ValueError:
        return {"status": FAIL, "message": "There are no time zone files here."}
    return {"status": OK, "message": "Time zones are known."}


def compiled(environ: Mapping[str, Any]) -> Check:
    """Return whether each CGI request has to compile the program."""
    if not environ.get("wsgi.run_once"):
        return {"status": OK, "message": "It is done once; only under CGI it matters."}
    path = os.path.join(ROOT, "app", "config.py")
    if os.path.exists(cache_from_source(path)):
        return {"status": OK, "message": "Compiled modules are kept."}
    message = "Each request compiles Porthole anew."
    return {"status": WARN, "message": message}


def modes(config_path: str, environ: Mapping[str, Any]) -> Check:
    """Return whether others on the host can read config.ini, or change the program."""
    if _is_others(config_path):
        return {
            "status": WARN,
            "message": f"{config_path} belongs to another user than the one that"
            " Porthole runs as, who must be able to read it; so can your neighbours.",
            "todo": "Leave its mode as it is, and ask your host to run Porthole as your"
            " own user (suEXEC, or Passenger).",
        }
    said = []
    if _mode(config_path) & 0o077:
        said.append(
            f"Others on this host may read {config_path}"
            f" (its mode is {_mode(config_path) & 0o777:o}): give it 600."
        )
    for path in (ROOT, str(environ.get("SCRIPT_FILENAME") or "")):
        for loose in (path, os.path.dirname(path) if os.path.isfile(path) else ""):
            if loose and _mode(loose) & 0o022:
                said.append(
                    f"Others may write {loose} (its mode is {_mode(loose) & 0o777:o}),"
                    " which many hosts answer with error 500: give it 755."
                )
    if said:
        return {"status": WARN, "message": " ".join(said)}
    return {"status": OK, "message": "Only you can read config.ini."}


def manifest(environ: Mapping[str, Any]) -> Check:
    """Return whether the program's files are those of the release."""
    try:
        with open(MANIFEST, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        message = (
            "There is no MANIFEST.sha256 here: this is no release, but its source."
        )
        return {"status": OK, "message": message}
    # Under Passenger, or by hand, a public_html is some other site's.
    script = str(environ.get("SCRIPT_FILENAME") or "")
    public = os.path.dirname(script) if environ.get("wsgi.run_once") else ""
    listed = (line.split("  ", 1) for line in lines if "  " in line)
    wrong = list(_differing(listed, public))
    if wrong:
        named = ", ".join(wrong[:SHOWN_FILES])
        more = f" and {len(wrong) - SHOWN_FILES} more" if wrong[SHOWN_FILES:] else ""
        message = f"Missing or other than in the release: {named}{more}."
        return {"status": WARN, "message": message}
    return {"status": OK, "message": f"All {len(lines)} files are as released."}


def disk(folder: str) -> Check:
    """Return how much room there is where ``folder`` lies."""
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return {"status": WARN, "message": f"It cannot be asked: {error.strerror}."}
    message = (
        f"{free / 1e9:.1f} GB are free. Your account's own quota may be less;"
        " only the control panel shows that."
    )
    return {"status": OK if free > SCARCE_BYTES else WARN, "message": message}


def _differing(listed: Any, public: str) -> Iterator[str]:
    for wanted, path in listed:
        place = _place(path, public)
        if place and wanted not in _sums(place):
            yield path


def _place(path: str, public: str) -> str:
    """Return where a file of the manifest lies, '' if that cannot be known.

    ``public`` is the folder that app.cgi is in, '' if it does not run.
    """
    if path.startswith(MANIFEST_ROOT):
        return os.path.join(ROOT, path[len(MANIFEST_ROOT) :])
    is_known = public and path.startswith(PUBLIC_ROOT)
    return os.path.join(public, path[len(PUBLIC_ROOT) :]) if is_known else ""


def _sums(path: str) -> tuple[str, ...]:
    """Return the file's sum, and what it is with the line ends of its maker.

    An upload as text changes those, which does no harm.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return ()
    plain = content.replace(b"\r\n", b"\n")
    return tuple(hashlib.sha256(text).hexdigest() for text in (content, plain))


def _is_others(path: str) -> bool:
    try:
        return os.stat(path).st_uid != os.geteuid()
    except OSError:
        return False


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        return 0
