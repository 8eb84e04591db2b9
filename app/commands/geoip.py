"""geoip: fetches DB-IP's city file, which tells places, or says what is there."""

from __future__ import annotations

import gzip
import os
import tempfile
import urllib.error
import urllib.request
import zlib
from contextlib import closing, suppress
from datetime import datetime, timedelta
from http.client import HTTPException

from app import __version__, clock
from app import db as databases
from app.client import location
from app.commands.progress import Progress
from app.health.checks import GEOIP_STALE_DAYS
from app.problems import Problem
from app.senders import network_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Any

    from app.config import Config

VARIABLE = "PORTHOLE_GEOIP_URL"
"""Names another folder of such files in the environment, as --from does."""
DB_IP = "https://download.db-ip.com/free"
MAX_BYTES = 10**9
"""What a file may unpack to; DB-IP's has about 130 MB."""
CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 30
# What its licence asks for. Source: https://db-ip.com/db/download/ip-to-city-lite
ATTRIBUTION = (
    "Places are DB-IP's (CC BY 4.0, https://creativecommons.org/licenses/by/4.0/)."
    " Pages that show them need this link:\n"
    "  <a href='https://db-ip.com'>IP Geolocation by DB-IP</a>"
)


def geoip(settings: Config, url: str, only_check: bool) -> str:
    """Fetch the newest file and put it in place; return what there is then.

    ``url`` is the folder to fetch from, '' for the usual one. A file of MaxMind's is
    replaced only if ``url`` says by what.

    :raise Problem: there is no file, or no better one; the old one is untouched.
    """
    path = os.path.realpath(settings.geoip)
    at = clock.now()
    if only_check:
        return _describe(path, at)
    # Asked first in any case, so that a missing reader is known before the download.
    if _is_maxminds(path) and not url:
        return (
            f"{_describe(path, at)}\nIt comes from MaxMind, so it is left as it is."
            f" To have DB-IP's instead: python -m app geoip --from {DB_IP}"
        )
    fetch(path, url or os.environ.get(VARIABLE) or DB_IP, at)
    _forget_networks(settings, path)
    return _describe(path, at)


def fetch(path: str, url: str, at: datetime) -> None:
    """Put the newest file of the folder ``url`` in the place of ``path``, at once.

    :raise Problem: it cannot be had, or is not what it should be.
    """
    if not url.startswith(("http://", "https://")):
        raise Problem(f"{url!r} is not the address of a folder, such as {DB_IP}")
    with _request_newest(url.rstrip("/"), at) as response:
        try:
            _replace(path, response)
        except OSError as error:
            reason = error.strerror or error
            raise Problem(f"Cannot write beside {path}: {reason}.") from None


def _request_newest(url: str, at: datetime) -> Any:
    """Return the open answer for this month's file, or one of the two before."""
    for month in _months(at):
        file_url = f"{url}/dbip-city-lite-{month}.mmdb.gz"
        try:
            # It is http or https: checked above.
            request = urllib.request.Request(
                file_url, headers={"User-Agent": f"Porthole/{__version__}"}
            )
            return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 404:
                text = f"{file_url} answers {error.code} {error.reason}."
                raise Problem(text) from None
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", "") or error
            raise Problem(f"{file_url} cannot be fetched: {reason}.") from None
    raise Problem(f"{url} has no city file of this month or the two before it.")


def _months(at: datetime) -> Iterator[str]:
    """Yield this month and the two before: DB-IP may be some days late."""
    day = at
    for _ in range(3):
        yield f"{day:%Y-%m}"
        day = day.replace(day=1) - timedelta(days=1)


def _replace(path: str, response: Any) -> None:
    """Unpack the answer beside ``path``, check it, and let it take that name."""
    folder, name = os.path.split(path)
    descriptor, new = tempfile.mkstemp(".part", f"{name}.", folder)
    try:
        with open(descriptor, "wb") as file:
            _unpack(response, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            location.about(new)
        except ValueError as problem:
            raise Problem(f"What {response.url} holds {problem}.") from None
        # Whoever serves beacons may be another user than the one who fetches.
        os.chmod(new, 0o644)
        os.replace(new, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(new)


def _unpack(response: Any, file: IO[bytes]) -> None:
    source = _Download(response)
    unpacked = gzip.GzipFile(fileobj=source, mode="rb")
    size = 0
    try:
        while True:
            chunk = _read(unpacked, response.url)
            if not chunk:
                break
            size += len(chunk)
            if size > MAX_BYTES:
                limit = f"{MAX_BYTES // 10**6} MB"
                raise Problem(f"{response.url} unpacks to more than {limit}.")
            file.write(chunk)
    finally:
        source.end()


def _read(unpacked: gzip.GzipFile, url: str) -> bytes:
    try:
        return unpacked.read(CHUNK_BYTES)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Problem(f"{url} is not a gzip file, or damaged: {error}.") from None
    except EOFError:
        raise Problem(f"{url} broke off before its end.") from None
    except (OSError, HTTPException) as error:
        raise Problem(f"{url} broke off: {error}.") from None


class _Download:
    """An answer that shows on the terminal how much of it has been read."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self._done = 0
        size = response.headers.get("Content-Length", "")
        megabytes = int(size) // 10**6 if size.isdigit() else 0
        self._progress = Progress("City file, MB", megabytes) if megabytes else None

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._response.read(size)
        self._done += len(chunk)
        if self._progress:
            self._progress.show(self._done // 10**6)
        return chunk

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError("what was downloaded is gone")

    def end(self) -> None:
        if self._progress:
            self._progress.end()


def _forget_networks(settings: Config, path: str) -> None:
    """Have the places of networks seen before looked up anew."""
    database = databases.connect(settings.database_url, settings.timeout_seconds)
    try:
        with closing(database):
            if database.has_table("ph_networks"):
                network_store.forget_networks(database)
    except databases.DatabaseAway as error:
        raise Problem(
            f"{path} is new, but networks seen before keep their old places until this"
            f" is run again with the database there: {error}"
        ) from None


def _is_maxminds(path: str) -> bool:
    try:
        return location.about(path)[0].startswith(("GeoIP", "GeoLite"))
    except ValueError:
        return False


def _describe(path: str, at: datetime) -> str:
    """Return where the file is, of what kind and how old; whom to name for it.

    :raise Problem: there is none, or it is no use.
    """
    if not os.path.lexists(path):
        raise Problem(f"There is no file {path}. To fetch it: python -m app geoip")
    try:
        kind, made_at = location.about(path)
    except ValueError as problem:
        raise Problem(f"{path} {problem}.") from None
    made = datetime(1970, 1, 1) + timedelta(seconds=made_at)
    days = max((at - made).days, 0)
    lines = [f"{path}: {kind} of {made:%Y-%m-%d}, {days} days old."]
    if days > GEOIP_STALE_DAYS:
        lines.append("There should be a newer one: both publishers renew it monthly.")
    if kind.startswith("DBIP"):
        lines.append(ATTRIBUTION)
    return "\n".join(lines)
