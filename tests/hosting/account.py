"""A customer's account on the host, used as people do: by FTP and a browser."""

from __future__ import annotations

import ftplib
import http.client
import io
import json
import re
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.conftest import SECRET
from tests.hosting import ftp_server
from tests.hosting.servers import LONGEST_WAIT_SECONDS
from tests.wsgi import BROWSER, Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.servers import Site

DATABASE_USER, DATABASE_PASSWORD = "alice", "p@ss:word/%"
PASSWORD_IN_URL = "p%40ss%3Aword%2F%25"


def ask(
    url: str,
    fields: object = None,
    headers: dict[str, str] | None = None,
    chunked: bool = False,
) -> Answer:
    """Return the answer: to a GET without fields, to a POST of JSON with them."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=LONGEST_WAIT_SECONDS)
    target = url.partition(parts.netloc)[2]
    try:
        if fields is None:
            connection.request("GET", target, headers=headers or {})
        else:
            body = json.dumps(fields).encode()
            sent = {"Content-Type": "application/json", **(headers or {})}
            pieces: Any = iter([body[:9], body[9:]]) if chunked else body
            connection.request("POST", target, pieces, sent, encode_chunked=chunked)
        reply = connection.getresponse()
        return Answer(str(reply.status), reply.getheaders(), reply.read())
    finally:
        connection.close()


class Installation:
    """Porthole where a visitor finds it, with one project."""

    def __init__(self, url: str) -> None:
        self.url = url
        made = ask(
            f"{url}/api/projects/create",
            {"name": "Alice", "allowed_domains": ["localhost"]},
            {"X-Admin-Key": SECRET},
        )
        assert made.status == 200, (made.status, made.body)
        self.public_key: str = made.data["public_key"]
        self.secret_key: str = made.data["secret_key"]
        self._visits = 0

    def read(self, path: str) -> Answer:
        return ask(self.url + path, None, {"X-API-Key": self.secret_key})

    def pageviews(self) -> int:
        answer = self.read("/api/analytics/visitors?range=1d")
        assert answer.status == 200, (answer.status, answer.body)
        counted: int = answer.data["total_pageviews"]
        return counted

    def visit(self, tab: Page, site: Site, path: str = "/") -> None:
        """Open a page with the tag in the browser; return when it is counted."""
        self._visits += 1
        source = f'src="{self.url}/w/page.js" data-public-key="{self.public_key}"'
        site.add(path, f"<script defer {source} data-local></script>")
        tab.goto(site.url + path)
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while self.pageviews() < self._visits and time.monotonic() < deadline:
            tab.wait_for_timeout(100)
        assert self.pageviews() == self._visits

    def beacon(self, path: str, chunked: bool = False) -> Answer:
        """Send a pageview as a browser does."""
        return ask(
            self.url + "/w/pageview",
            {"public_key": self.public_key, "url": "http://localhost" + path},
            {**BROWSER, "Origin": "http://localhost"},
            chunked,
        )


class Account:
    """A home folder that FTP opens, and a database that phpMyAdmin opens."""

    def __init__(
        self, home: Path, ftp_port: int, database: str, database_port: int, zip: Path
    ) -> None:
        self.home = home
        self.database = database
        self.database_port = database_port
        with zipfile.ZipFile(zip) as archive:
            self.release = {name: archive.read(name) for name in archive.namelist()}
        self._ftp = ftplib.FTP()
        self._ftp.connect("127.0.0.1", ftp_port, LONGEST_WAIT_SECONDS)
        self._ftp.login(ftp_server.USER, ftp_server.PASSWORD)
        self._ftp.cwd(home.name)
        self._folders = {""}

    def close(self) -> None:
        self._ftp.quit()

    def install(
        self, public: str = "public_html", program: str = "", **settings: str
    ) -> None:
        """Upload the release, as it is, with a filled-in config.ini."""
        self.upload_release(public, program)
        self.configure(program, **settings)

    def upload_release(self, public: str = "public_html", program: str = "") -> None:
        """Upload the release, as it is."""
        for path, content in self._placed(public, program):
            self.upload(path, content)
        self.chmod(f"{public}/app.cgi", 0o755)

    def install_as_text(self) -> None:
        """Upload it with the line ends of Windows, as some programs do."""
        for path, content in self._placed("public_html", ""):
            is_text = not path.endswith(".zip")
            self.upload(path, content.replace(b"\n", b"\r\n") if is_text else content)
        self.chmod("public_html/app.cgi", 0o755)
        self.configure("", line_end="\r\n")

    def _placed(self, public: str, program: str) -> Iterator[tuple[str, bytes]]:
        for path, content in self.release.items():
            if path.startswith("public_html/"):
                yield public + path[len("public_html") :], content
            else:
                yield (program and program + "/") + path, content

    def configure(
        self, program: str = "", line_end: str = "\n", **settings: str
    ) -> None:
        """Upload the example of config.ini, filled in."""
        text = self.release["porthole/config.example.ini"].decode()
        url = f"mysql://{DATABASE_USER}:{PASSWORD_IN_URL}@127.0.0.1"
        settings.setdefault("url", f"{url}:{self.database_port}/{self.database}")
        for key, value in {"admin_key": SECRET, "secret": SECRET, **settings}.items():
            text, found = re.subn(rf"(?m)^{key} =.*$", f"{key} = {value}", text)
            assert found == 1, key
        path = (program and program + "/") + "porthole/config.ini"
        self.upload(path, text.replace("\n", line_end).encode())
        self.chmod(path, 0o600)

    def upload(self, path: str, content: bytes) -> None:
        folder = path.rpartition("/")[0]
        self._make(folder)
        if not path.endswith("/"):
            self._ftp.storbinary(f"STOR {path}", io.BytesIO(content))

    def _make(self, folder: str) -> None:
        if folder not in self._folders:
            self._make(folder.rpartition("/")[0])
            self._ftp.mkd(folder)
            self._folders.add(folder)

    def download(self, path: str) -> bytes:
        content = io.BytesIO()
        self._ftp.retrbinary(f"RETR {path}", content.write)
        return content.getvalue()

    def chmod(self, path: str, mode: int) -> None:
        self._ftp.sendcmd(f"SITE CHMOD {mode:o} {path}")

    def delete(self, path: str) -> None:
        self._ftp.delete(path)
