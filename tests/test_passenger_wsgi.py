"""passenger_wsgi.py: what a host sees of Porthole first, good or bad."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import config
from tests.conftest import SECRET
from tests.wsgi import Answer, call

ROOT = Path(__file__).parents[1]
OLD = "2.7 3.4 3.5 3.6 3.7 3.8".split()
PASSWORD = "correct-horse-battery"

# Loads the file as Passenger does and answers one request.
LOADER = """
import sys
namespace = {"__file__": sys.argv[1], "__name__": "passenger_wsgi"}
with open(sys.argv[1]) as file:
    exec(compile(file.read(), sys.argv[1], "exec"), namespace)

def start_response(status, headers):
    sys.stdout.write(status + chr(10))
    for header in headers:
        sys.stdout.write("%s: %s" % header + chr(10))
    sys.stdout.write(chr(10))

environ = {"REQUEST_METHOD": "GET", "PATH_INFO": sys.argv[2], "wsgi.url_scheme": "http",
           "SERVER_NAME": "stats.example", "SERVER_PORT": "80"}
for chunk in namespace["application"](environ, start_response):
    sys.stdout.write(chunk.decode("utf-8"))
"""


class Host:
    """A folder with Porthole in it, and the Python that the host has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("app", "sql", "snippet", "config.example.ini"):
            (folder / name).symlink_to(ROOT / name)
        # A copy: Python follows a link to the program, and would find the rest there.
        self.file = folder / "passenger_wsgi.py"
        shutil.copy(ROOT / "passenger_wsgi.py", self.file)
        self.env = {"PATH": os.environ["PATH"], "PORTHOLE_CONFIG": str(self.config)}
        self.log = ""

    @property
    def config(self) -> Path:
        return self.folder / "config.ini"

    def configure(self, more: str = "") -> None:
        """Write a config.ini that is good, but for ``more``."""
        text = f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n{more}"
        self.config.write_text(text)

    def passenger(self, *python: str, path: str = "/") -> Answer:
        return self._run([*python, "-c", LOADER, str(self.file), path], self.env)

    def cgi(self, *python: str, path: str = "/") -> Answer:
        variables = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "/app.cgi",
            "PATH_INFO": path,
            "SERVER_NAME": "stats.example",
            "SERVER_PORT": "80",
        }
        return self._run([*python, str(self.file)], {**self.env, **variables})

    def _run(self, command: list[str], env: dict[str, str]) -> Answer:
        done = subprocess.run(
            command, env=env, cwd="/", capture_output=True, timeout=30
        )
        self.log = done.stderr.decode()
        assert done.returncode == 0, self.log
        text = done.stdout.replace(b"\r\n", b"\n").decode()
        head, _, body = text.partition("\n\n")
        first, *lines = head.split("\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return Answer(first.replace("Status: ", ""), [*headers.items()], body.encode())


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "porthole").mkdir()
    return Host(tmp_path / "porthole")


def assert_excuse(host: Host, answer: Answer, sentence: str) -> None:
    """The stranger reads one sentence, without a path or a secret."""
    assert answer.status == 500
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    said = answer.body.decode()
    assert said == f"Porthole cannot start. {sentence}\n"
    for private in (str(host.folder), sys.executable, SECRET, PASSWORD):
        assert private not in said
    assert "/" not in said
    assert "Traceback" not in host.log
    assert host.log.startswith("porthole: ")
    assert host.log.count("\n") == 1
    assert SECRET not in host.log
    assert PASSWORD not in host.log


def _old_pythons() -> Iterator[str]:
    """Find Pythons that are too old; pyenv keeps its out of the way."""
    for version in OLD:
        folders = Path.home().glob(f".pyenv/versions/{version}.*/bin")
        path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
        found = shutil.which(f"python{version}", path=path)
        # A shim of pyenv is found for every version and fails for most.
        if (
            found
            and not subprocess.run([found, "-c", ""], capture_output=True).returncode
        ):
            yield found


OLD_PYTHONS = list(_old_pythons())


@pytest.mark.skipif(not OLD_PYTHONS, reason="there is no old Python here")
@pytest.mark.parametrize("door", ["passenger", "cgi"])
def test_it_says_that_python_is_too_old(door: str, host: Host) -> None:
    host.configure()
    host.env["PORTHOLE_PYTHON"] = "/nowhere"
    for python in OLD_PYTHONS:
        answer = getattr(host, door)(python)
        version = re.search(r"\d\.\d+$", python)
        assert version
        assert_excuse(
            host,
            answer,
            f"It needs Python 3.9 or newer, and this is {version[0]}. Choose a newer"
            " one in the control panel, or name its path in the first line of app.cgi.",
        )
        assert " This is /" in host.log


@pytest.mark.skipif(not OLD_PYTHONS, reason="there is no old Python here")
def test_it_changes_to_a_better_python(host: Host) -> None:
    host.configure()
    (host.folder / "vendor").symlink_to(sysconfig.get_paths()["purelib"])
    host.env["PORTHOLE_PYTHON"] = sys.executable
    for python in OLD_PYTHONS:
        answer = host.cgi(python, path="/snippet/porthole.js")
        assert (answer.status, host.log) == (200, ""), python


@pytest.mark.skipif(not OLD_PYTHONS, reason="there is no old Python here")
def test_it_does_not_change_for_ever(host: Host) -> None:
    host.env["PORTHOLE_PYTHON"] = OLD_PYTHONS[-1]
    answer = host.cgi(OLD_PYTHONS[-1])
    assert answer.body.startswith(b"Porthole cannot start. It needs")


def test_it_is_written_for_old_pythons() -> None:
    """Also where none is installed: nothing in the file is younger than Python 2.7."""
    text = (ROOT / "passenger_wsgi.py").read_text()
    assert text.isascii()
    assert not re.search(
        r"""\bf["']|:=|->|\bnonlocal\b|\basync\b|print\(|: str\b""", text
    )


@pytest.mark.parametrize("door", ["passenger", "cgi"])
def test_it_answers(door: str, host: Host) -> None:
    host.configure()
    answer = getattr(host, door)(sys.executable, path="/snippet/porthole.js")
    assert answer.status == 200
    assert host.log == ""


def test_it_is_imported_as_application(
    settings: config.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", settings.path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "passenger_wsgi", raising=False)
    from passenger_wsgi import application

    try:
        assert sys.path[0] == str(ROOT)
        assert call(application, "GET", "/api/analytics/visitors").status == 401
        assert call(application, "GET", "/snippet/porthole.js").status == 200
        assert call(application, "GET", "/nothing").status == 404
    finally:
        application.close()


@pytest.mark.parametrize("door", ["passenger", "cgi"])
def test_it_says_that_flask_is_missing(door: str, host: Host) -> None:
    # Without the site module Python sees its own packages only.
    host.configure()
    answer = getattr(host, door)(sys.executable, "-S", path="/nothing")
    assert_excuse(
        host, answer, "A package is missing; boot.log in its folder var says which."
    )
    assert host.log == (
        "porthole: a package is missing (No module named 'flask')."
        f" Run: {sys.executable} -m pip install -r {host.folder}/requirements.txt\n"
    )


@pytest.mark.parametrize("door", ["passenger", "cgi"])
def test_it_says_that_its_own_files_are_missing(door: str, host: Host) -> None:
    (host.folder / "app").unlink()
    answer = getattr(host, door)(sys.executable)
    assert_excuse(
        host, answer, "A package is missing; boot.log in its folder var says which."
    )
    assert "No module named 'app'" in host.log


@pytest.mark.parametrize("door", ["passenger", "cgi"])
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("[server]\nhot_door = maybe\n", "[server] hot_door = 'maybe': give yes or no"),
        (
            f"[database]\nurl = postgres://u:{PASSWORD}@h/n\n",
            "[database] url: give mysql://user:password@host",
        ),
        ("secret = short\n", "[security] secret: give at least 32 random characters"),
    ],
)
def test_it_says_that_config_is_bad(
    more: str, reason: str, door: str, host: Host
) -> None:
    host.configure(more)
    answer = getattr(host, door)(sys.executable)
    assert_excuse(
        host,
        answer,
        "Its config.ini cannot be used; boot.log in its folder var says why.",
    )
    assert host.log.startswith(f"porthole: {host.config}: {reason}")


@pytest.mark.parametrize("door", ["passenger", "cgi"])
def test_it_leads_to_the_set_up_if_config_is_missing(door: str, host: Host) -> None:
    answer = getattr(host, door)(sys.executable)
    assert answer.status == 500
    assert answer.body.decode() == (
        "Porthole cannot start. Its config.ini is missing: open /setup in a browser.\n"
    )
    assert host.log.count("\n") == 1
    assert f"{host.config} is missing. Copy config.example.ini" in host.log
    answer = getattr(host, door)(sys.executable, path="/setup")
    assert answer.status == 200
    assert b"<h1>Set up Porthole</h1>" in answer.body
    assert str(host.folder).encode() not in answer.body


def test_it_prefers_the_packages_it_came_with(host: Host) -> None:
    host.configure()
    (host.folder / "vendor").mkdir()
    (host.folder / "vendor" / "flask.py").write_text("raise ImportError('ours')\n")
    answer = host.passenger(sys.executable)
    assert answer.status == 500
    assert "a package is missing (ours)" in host.log
