"""Asks Porthole's own address, as a visitor would: what comes through, what leaks."""

from __future__ import annotations

import http.client
import os
import re
import ssl
from urllib.parse import quote, urlsplit

from app.config import ROOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.http import Request

TIMEOUT_SECONDS = 3
COMPARED_BYTES = 1000
MAX_ANSWER_BYTES = 65_536
OWN_EXCUSE = b"Porthole cannot start."
SQLITE_HEAD = b"SQLite format 3\0"
PRIVATE = tuple(
    os.path.join(ROOT, name)
    for name in ("app/config.py", "passenger_wsgi.py", "sql/001_initial.sql")
)
"""Files of the program, one of each kind, that are there from the start."""
PASSWORD_FIELD = re.compile(rb"<input\b[^>]{0,999}\btype\s*=\s*[\"']?password", re.I)
PUBLIC_NAMES = ("public_html", "www", "htdocs", "httpdocs")
SYSTEM_FOLDERS = ("/var/www", "/srv/www", "/usr/local/www")
"""Many hosts keep all accounts in them, with what is public further below."""


class NotReached(Exception):
    """The address did not answer; the message says why."""


def fetch(
    url: str,
    headers: Mapping[str, str] | None = None,
    chunks: Iterable[bytes] = (),
) -> tuple[int, bytes]:
    """Return the status and the body of the answer; with ``chunks`` it is a POST.

    A redirect to the same host is followed once, for many lead http to https.

    :raise NotReached: nobody answers, or not in time.
    """
    status, body, location = _ask(url, headers or {}, chunks)
    if status in (301, 302, 307, 308) and _is_safer(location, url):
        status, body, _ = _ask(location, headers or {}, chunks)
    return status, body


def addresses_of(request: Request, path: str) -> list[str]:
    """Return where the web server may give a file away, likeliest first."""
    base = _address_of_folder(request)
    inside = os.path.relpath(path, ROOT)
    paths = [inside, os.path.join(os.path.basename(ROOT), inside)]
    found = [] if _is_outside(inside) else [f"{base}/{quote(p)}" for p in paths]
    shown = _shown(request)
    for folder, url in shown:
        public = os.path.relpath(os.path.realpath(path), folder)
        if not _is_outside(public):
            found.append(f"{url}/{quote(public)}")
    if not shown and not found:
        found.append(f"{base}/{quote(os.path.basename(path))}")
    return list(dict.fromkeys(found))


def given_away(
    request: Request, paths: Iterable[str], sqlite_path: str = ""
) -> tuple[list[str], str]:
    """Return the addresses under which anybody can read one of the files.

    With them comes why that is not known for certain, as a sentence, '' if it is.
    ``sqlite_path`` is where SQLite's database is, if that is one of the files. It is
    not opened: to close it would end this process's locks on it.
    """
    leaks: list[str] = []
    unknown = ""
    for path in paths:
        head = SQLITE_HEAD if path == sqlite_path else _plain(_head(path))
        unknown = unknown or _elsewhere(request, path)
        for url in addresses_of(request, path) if head else ():
            try:
                status, body = fetch(url)
            except NotReached as error:
                said = f"Porthole cannot reach its own address {url} ({error})."
                return leaks, said
            if status in (200, 206) and _plain(body).startswith(head):
                leaks.append(url)
            else:
                unknown = _doubt(url, status, body) or unknown
    return leaks, unknown


def _doubt(url: str, status: int, body: bytes) -> str:
    """Return why an answer is no refusal, '' if it is one."""
    # A site may answer 200 to everything. Anything else, such as a 503 or a question
    # for a password, may be gone tomorrow.
    if status in (200, 206) and PASSWORD_FIELD.search(body):
        return f"{url} asks for a password, and what comes after that is not known."
    is_own = status == 500 and body.startswith(OWN_EXCUSE)
    if is_own or status in (200, 206, 403, 404, 410):
        return ""
    return f"{url} answers {status}, which is not a refusal."


def _address_of_folder(request: Request) -> str:
    """Return the address of the folder that the program's entry is in."""
    base = request.base_url()
    name = "/" + os.path.basename(str(request.environ.get("SCRIPT_FILENAME") or ""))
    return base[: -len(name)] if name != "/" and base.endswith(name) else base


def _shown(request: Request) -> list[tuple[str, str]]:
    """Return the folders that the web server is known to show, with their addresses."""
    environ = request.environ
    found = []
    script = str(environ.get("SCRIPT_FILENAME") or "")
    if script and environ.get("wsgi.run_once"):
        folder = os.path.dirname(os.path.abspath(script))
        found.append((os.path.realpath(folder), _address_of_folder(request)))
    document_root = str(environ.get("DOCUMENT_ROOT") or "")
    if document_root:
        top = "/".join(request.base_url().split("/")[:3])
        found.append((os.path.realpath(document_root), top))
    return found


def _elsewhere(request: Request, path: str) -> str:
    """Return that another domain may show the file, '' if none seems to."""
    folder = _public_folder(os.path.realpath(path))
    shown = [known for known, _ in _shown(request)]
    if not folder or any(_is_in(folder, known) for known in shown):
        return ""
    public = quote(os.path.relpath(os.path.realpath(path), folder))
    return (
        f"Porthole lies in {folder}, which another domain may show: look at"
        f" /{public} of your main domain, too."
    )


def _public_folder(path: str) -> str:
    """Return the outermost folder above ``path`` that looks like a document root."""
    parts = path.split("/")
    for number, name in enumerate(parts[:-1], 1):
        folder = "/".join(parts[:number])
        if name in PUBLIC_NAMES and folder not in SYSTEM_FOLDERS:
            return folder
    return ""


def _is_in(path: str, folder: str) -> bool:
    return not _is_outside(os.path.relpath(path, folder))


def _is_outside(relative: str) -> bool:
    return relative.split(os.sep, 1)[0] == os.pardir


def _is_safer(location: str, url: str) -> bool:
    """Return whether it leads to the same host by https."""
    try:
        there, here = urlsplit(location), urlsplit(url)
    except ValueError:
        return False
    return there.scheme == "https" and there.hostname == here.hostname


def _ask(
    url: str, headers: Mapping[str, str], chunks: Iterable[bytes]
) -> tuple[int, bytes, str]:
    connection = _connection(url)
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sent = {"User-Agent": "Porthole", "Connection": "close", **headers}
    body = iter(chunks) if chunks else None
    try:
        connection.request("POST" if body else "GET", target, body, sent)
        answer = connection.getresponse()
        content = answer.read(MAX_ANSWER_BYTES)
        return answer.status, content, answer.getheader("Location") or ""
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error) or type(error).__name__
        raise NotReached(reason) from None
    finally:
        connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotReached(str(error)) from None
    if parts.scheme == "https":
        # We ask ourselves, for what anybody may see: whoever answers proves it by
        # what he says, and a host's certificate may not fit its own name.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        )
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(COMPARED_BYTES)
    except OSError:
        return b""


def _plain(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").rstrip(b"\r\n")
