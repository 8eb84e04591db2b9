"""make run on machines that lack something, and after they have got it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = "sh bash make cat rm touch tail dirname env uname".split()

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="needs make")

# Stands for any Python: it writes down what it is asked, and can lack things.
FAKE_PYTHON = """#!/bin/sh
here='{bin}'
echo "$*" >> "$here/asked"
case "$*" in
*version_info\\[*) echo 3.11 ;;
*version_info*) test ! -e "$here/old" || {{ echo Traceback >&2; exit 1; }} ;;
"-m venv .venv")
    mkdir -p .venv/bin
    test ! -e "$here/venv-fails" || {{ cat "$here/venv-fails"; exit 1; }}
    cp "$0" .venv/bin/python ;;
"-m pip install"*)
    test ! -e "$here/slow" || {{ touch "$here/begun"; sleep 20; }}
    test ! -e "$here/offline" || {{ echo Retrying; echo ERROR: none >&2; exit 1; }} ;;
"-m app run"*) echo "served $*" ;;
esac
"""
# Makes a real .venv without a network: it borrows the packages of these tests.
BORROWING_PYTHON = """#!/bin/sh
test "$1 $2" = "-m venv" || exec '{python}' "$@"
'{python}' -m venv --without-pip "$3" || exit 1
for folder in "$3"/lib*/python*/site-packages; do
    echo '{packages}' > "$folder/borrowed.pth"
done
"""
DEBIAN_WITHOUT_VENV = """\
The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command.

    apt install python3.11-venv
"""


class Machine:
    """A machine with make, a checkout in a folder with spaces, and maybe Python."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in [*TOOLS, "mkdir", "cp", "sleep"]:
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)
        self.checkout = folder / "my sites" / "porthole"
        for name in _tracked():
            (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.checkout / name)
        self.env = {"PATH": str(self.bin), "HOME": str(folder), "PIP_NO_INDEX": "1"}

    def install(self, name: str, text: str) -> None:
        program = self.bin / name
        program.write_text(text)
        program.chmod(0o755)

    def set(self, what: str, text: str = "") -> None:
        (self.bin / what).write_text(text)

    def unset(self, what: str) -> None:
        (self.bin / what).unlink()

    def asked(self, of: str) -> int:
        """Return how often Python was asked for ``of``."""
        return (self.bin / "asked").read_text().count(of)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["make", *arguments],
            cwd=self.checkout,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=heed_interrupts,
        )

    def make(self, *arguments: str) -> tuple[int, list[str]]:
        """Return make's exit status and the lines that are not make's own."""
        started = self.start(*arguments)
        output = started.communicate(timeout=60)[0]
        lines = [line for line in output.splitlines() if not line.startswith("make")]
        return started.returncode, lines


def heed_interrupts() -> None:
    """Undo that a program started in the background ignores Ctrl+C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _tracked() -> list[str]:
    """Return the files that a clone has, or will have after the next commit."""
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists() and shutil.which("git"):
        done = subprocess.run(git, cwd=ROOT, capture_output=True, check=True, text=True)
        names = done.stdout.split("\0")
    else:
        unwanted = (".venv", "var", "config.ini")
        files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [str(path) for path in files if path.parts[0] not in unwanted]
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine without Python."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    bare.install("python3", FAKE_PYTHON.format(bin=bare.bin))
    return bare


def assert_served(machine: Machine) -> None:
    status, lines = machine.make("run")
    assert status == 0, lines
    assert lines[-1] == "served -m app run --host 127.0.0.1 --port 8000"


def test_it_says_that_python_is_missing(bare: Machine) -> None:
    status, lines = bare.make("run")
    assert status
    assert lines == [
        "Porthole needs Python 3.9 or newer: install it, or name yours with"
        " make run PYTHON=/path/to/python3."
    ]
    assert not (bare.checkout / ".venv").exists()
    bare.install("python3", FAKE_PYTHON.format(bin=bare.bin))
    assert_served(bare)


def test_it_says_that_python_is_too_old(machine: Machine) -> None:
    machine.set("old")
    status, lines = machine.make("run")
    assert status
    assert len(lines) == 1
    assert lines[0].startswith("Porthole needs Python 3.9 or newer")
    machine.unset("old")
    assert_served(machine)


def test_it_takes_a_newer_python_beside_an_old_python3(machine: Machine) -> None:
    machine.install("python3.12", FAKE_PYTHON.format(bin=machine.bin))
    machine.install("python3", "#!/bin/sh\nexit 1\n")
    assert_served(machine)


def test_it_takes_the_python_that_is_named(bare: Machine) -> None:
    bare.install("snake", FAKE_PYTHON.format(bin=bare.bin))
    status, lines = bare.make("run", f"PYTHON={bare.bin / 'snake'}")
    assert status == 0
    assert lines[-1].startswith("served")


def test_it_says_that_the_venv_module_is_missing(machine: Machine) -> None:
    machine.set("venv-fails", DEBIAN_WITHOUT_VENV)
    status, lines = machine.make("run")
    assert status
    assert lines == [
        "Python's venv module is missing: install it (Debian and Ubuntu:"
        " apt install python3.11-venv), then run make again."
    ]
    assert not (machine.checkout / ".venv").exists()
    machine.unset("venv-fails")
    assert_served(machine)


def test_it_says_why_there_can_be_no_venv(machine: Machine) -> None:
    machine.set("venv-fails", "noise\nError: [Errno 28] No space left on device\n")
    status, lines = machine.make("run")
    assert status
    assert lines == [
        "Python could not make the folder .venv here:"
        " Error: [Errno 28] No space left on device"
    ]
    machine.unset("venv-fails")
    assert_served(machine)


def test_it_says_that_pip_found_no_network(machine: Machine) -> None:
    machine.set("offline")
    status, lines = machine.make("run")
    assert status
    assert lines[0] == "Installing the packages that Porthole runs on ..."
    assert lines[1:] == [
        "pip could not get the packages: check the network or proxy, then run make"
        " again (.venv/pip.log has pip's words)."
    ]
    assert "ERROR: none" in (machine.checkout / ".venv/pip.log").read_text()
    machine.unset("offline")
    assert_served(machine)
    assert machine.asked("-m pip install") == 2
    assert machine.asked("-m venv .venv") == 1


def test_it_installs_again_after_an_interrupted_pip(machine: Machine) -> None:
    machine.set("slow")
    started = machine.start("run")
    wait_for(lambda: (machine.bin / "begun").exists())
    os.killpg(started.pid, signal.SIGINT)
    output = started.communicate(timeout=60)[0]
    assert "pip could not" not in output
    assert not (machine.checkout / ".venv/.runtime").exists()
    machine.unset("slow")
    assert_served(machine)
    assert machine.asked("-m pip install") == 2


def test_it_installs_once(machine: Machine) -> None:
    assert_served(machine)
    assert_served(machine)
    assert machine.asked("-m pip install") == 1


def test_it_installs_again_when_the_requirements_change(machine: Machine) -> None:
    assert_served(machine)
    later = time.time() + 5
    os.utime(machine.checkout / "requirements.txt", (later, later))
    assert_served(machine)
    assert machine.asked("-m pip install") == 2
    assert machine.asked("-m venv .venv") == 1


def test_it_makes_a_moved_venv_anew(machine: Machine) -> None:
    assert_served(machine)
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))
    assert_served(machine)
    assert machine.asked("-m venv .venv") == 2
    assert machine.asked("-m pip install") == 2


def test_it_makes_a_venv_anew_whose_python_is_gone(machine: Machine) -> None:
    assert_served(machine)
    (machine.checkout / ".venv/bin/python").unlink()
    (machine.checkout / ".venv/bin/python").symlink_to("/nowhere/python3.8")
    assert_served(machine)
    assert machine.asked("-m venv .venv") == 2
    assert machine.asked("-m pip install") == 2


def test_it_installs_what_the_tests_need_on_top(machine: Machine) -> None:
    assert_served(machine)
    status, lines = machine.make("test")
    assert status == 0
    assert lines == ["Installing the packages that the tests need ..."]
    assert machine.asked("-m pip install") == 2
    assert machine.asked("-m pytest -q") == 1


def test_it_does_not_listen_where_the_shell_calls_the_machine(machine: Machine) -> None:
    machine.env["HOST"] = "laptop"
    assert_served(machine)


def test_it_passes_on_host_and_port(machine: Machine) -> None:
    status, lines = machine.make("run", "HOST=0.0.0.0", "PORT=8001")
    assert lines[-1] == "served -m app run --host 0.0.0.0 --port 8001"


def test_it_serves_and_ends_without_complaint(bare: Machine) -> None:
    packages = sysconfig.get_paths()["purelib"]
    program = BORROWING_PYTHON.format(python=sys.executable, packages=packages)
    bare.install("python3", program)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, lines = bare.make("run", f"PORT={port}")
        assert status
        assert lines[1:] == [
            f"porthole: Port {port} is in use: stop what uses it, or choose another,"
            f" such as make run PORT={port + 1} (without make: --port {port + 1})."
        ], lines
    started = bare.start("run", f"PORT={port}")
    assert started.stdout is not None
    read = [iter(started.stdout).__next__()]
    while "Ctrl+C" not in read[-1]:
        read.append(iter(started.stdout).__next__())
    assert not any("Installing" in line for line in read)
    os.killpg(started.pid, signal.SIGINT)
    rest = started.communicate(timeout=60)[0]
    assert rest.split("\n", 1)[1].strip() == (
        "Stopped. Everything is kept; start again with the same command."
    )
    # make ends itself by the signal it got, and so may say 130.
    assert started.returncode in (0, -signal.SIGINT, 130)


def test_it_lets_ci_lint_and_test_and_hear_of_failure(machine: Machine) -> None:
    installed = "mariadbd mariadb-install-db chromium chromedriver"
    for name in f"{installed} apache2 passenger-config php node npx".split():
        machine.install(name, "#!/bin/sh\n")
    (machine.bin / "make").unlink()
    machine.install("make", '#!/bin/sh\necho "CI=$CI $*"\nexit 2\n')
    done = subprocess.run(
        [machine.checkout / ".ci/run"],
        env={**machine.env, "PHPMYADMIN": str(machine.bin)},
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == "CI=true --no-print-directory lint test\n"


def wait_for(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)
