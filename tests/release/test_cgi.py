"""The unpacked release, with nothing but a Python: no packages, no environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SECRET
from tests.release.conftest import unpack
from tests.wsgi import BROWSER, Answer

ORIGIN = "https://alice.example"
SENT_BY_BROWSERS = {
    "HTTP_" + name.upper().replace("-", "_"): value for name, value in BROWSER.items()
}


def _pythons() -> Iterator[str]:
    """Find the Pythons that the release is for; pyenv keeps its out of the way."""
    for version in ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14"):
        folders = Path.home().glob(f".pyenv/versions/{version}.*/bin")
        path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
        found = shutil.which(f"python{version}", path=path)
        # A shim of pyenv is found for every version and fails for most.
        if found and not subprocess.run([found, "-c", ""], stderr=-3).returncode:
            yield found


class Host:
    """A folder with the unpacked release, asked as a web server does by CGI."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.program = folder / "porthole"
        self.entry = folder / "public_html" / "app.cgi"
        self.python = python
        self.log = ""

    def configure(self) -> None:
        (self.program / "config.ini").write_text(
            f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
        )

    def command(self, *arguments: str) -> str:
        """Run a command of Porthole's as a panel would."""
        done = subprocess.run(
            [self.python, "-s", "-m", "app", *arguments],
            cwd=self.program,
            env={},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(self, path: str, fields: object = None, **variables: str) -> Answer:
        path, _, query = path.partition("?")
        body = b"" if fields is None else json.dumps(fields).encode()
        environ = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "stats.example",
            "SERVER_PORT": "443",
            "HTTPS": "on",
            "REQUEST_METHOD": "GET" if fields is None else "POST",
            "SCRIPT_NAME": "/app.cgi",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_URI": path,
            "REMOTE_ADDR": "203.0.113.7",
            "CONTENT_TYPE": "text/plain",
            "CONTENT_LENGTH": str(len(body)),
            **variables,
        }
        done = subprocess.run(
            # What its first line says, with the Python under test.
            [self.python, "-ISXcrlf", str(self.entry)],
            input=body,
            env=environ,
            cwd="/",
            capture_output=True,
        )
        self.log = done.stderr.decode()
        assert done.returncode == 0, self.log
        head, _, text = done.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [line.partition(": ")[::2] for line in lines]
        status = first.replace("Status: ", "")
        return Answer(status, [(str(n), str(v)) for n, v in headers], text)


PYTHONS = list(_pythons())


@pytest.fixture
def unpacked(release_zip: Path, tmp_path: Path) -> Path:
    unpack(release_zip, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def host(unpacked: Path) -> Host:
    return Host(unpacked, PYTHONS[0])


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: Path(path).name)
def test_it_counts_a_pageview(python: str, unpacked: Path) -> None:
    host = Host(unpacked, python)
    host.configure()
    assert "Applied sql/001" in host.command("setup")
    project = {"name": "Alice", "allowed_domains": ["alice.example"]}
    made = host.call("/api/projects/create", project, HTTP_X_ADMIN_KEY=SECRET)
    assert made.status == 200, made.body
    counted = host.call(
        "/w/pageview",
        {"public_key": made.data["public_key"], "url": ORIGIN + "/"},
        HTTP_ORIGIN=ORIGIN,
        **SENT_BY_BROWSERS,
    )
    assert (counted.status, counted.data) == (200, {"counted": True})
    read = host.call(
        "/api/analytics/browsers?range=1d", HTTP_X_API_KEY=made.data["secret_key"]
    )
    assert read.data["browsers"][0]["browser"] == "Chrome"
    assert host.log == ""


def test_it_writes_nowhere_but_in_var(host: Host) -> None:
    host.configure()
    (host.program / "var").chmod(0o755)  # as FTP makes it
    before = set(host.folder.rglob("*"))
    host.call("/nothing")
    host.call("/w/pageview", {})
    compiled = host.program / "var" / "pyc"
    for folder in (compiled, compiled.parent):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(compiled.rglob("flask/app.*.pyc"))
    assert list(compiled.rglob("porthole/passenger_wsgi.*.pyc"))
    own = {host.program / "var", host.program / "__pycache__"}
    for path in set(host.folder.rglob("*")) - before:
        assert own & {path, *path.parents}, path


@pytest.mark.parametrize(
    ("entry", "program"),
    [
        ("public_html", "."),
        ("public_html", "public_html"),
        ("public_html/stats", "."),
        ("cgi-bin", "."),
        ("public_html/stats", "public_html/stats"),
        ("domains/alice.example/public_html/stats", "domains"),
    ],
)
def test_it_finds_its_folder(entry: str, program: str, host: Host) -> None:
    _move(host, entry, program)
    host.configure()
    assert host.call("/nothing").json["message"] == "Not found"


def _move(host: Host, entry: str, program: str) -> None:
    (host.folder / entry).mkdir(parents=True, exist_ok=True)
    host.entry = host.entry.replace(host.folder / entry / "app.cgi")
    host.program = host.program.replace(host.folder / program / "porthole")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_it_runs_no_code_of_a_neighbour(host: Host) -> None:
    os.chown(host.program / "passenger_wsgi.py", 65534, 65534)
    assert_it_is_missing(host)


def test_it_says_that_its_folder_is_missing(host: Host) -> None:
    host.program.rename(host.folder / "porthole-0.1.0")
    assert_it_is_missing(host)


def assert_it_is_missing(host: Host) -> None:
    answer = host.call("/")
    assert answer.status == 500
    assert answer.body.startswith(b"Porthole cannot start. Its folder, porthole, is")
    assert str(host.folder) in host.log
    assert str(host.folder).encode() not in answer.body


def test_it_says_that_the_upload_is_not_whole(host: Host) -> None:
    host.configure()
    shutil.rmtree(host.program / "vendor" / "flask")
    answer = host.call("/nothing")
    assert answer.body.startswith(b"Porthole cannot start. A package is missing;")
    assert f"Upload the folder {host.program} again" in host.log
    kept = host.program / "var" / "boot.log"
    assert kept.read_text() == host.log
    assert kept.stat().st_mode & 0o777 == 0o600
