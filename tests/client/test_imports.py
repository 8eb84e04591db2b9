"""What these modules cost a beacon: nothing but a few parts of Python's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "app" / "client").glob("[a-z]*.py"))

ALLOWED = "__future__ collections functools re socket urllib.parse"
FORBIDDEN = set(
    "crawleruseragents dataclasses email flask geoip2 http.client inspect json "
    "logging maxminddb typing ua_parser user_agents werkzeug".split()
)
# Without the site module, so that only what we import is loaded.
PROGRAM = """
import sys
sys.path.insert(0, {root!r})
for name in {allowed!r}.split():
    __import__(name)
before = set(sys.modules)
for name in {modules!r}:
    __import__("app.client." + name)
print(*sorted(set(sys.modules) - before))
print(*sorted(sys.modules))
"""


def modules_loaded_by(*names: str) -> tuple[set[str], set[str]]:
    """Return what importing these adds to the allowed ones, and all there is."""
    program = PROGRAM.format(root=str(ROOT), allowed=ALLOWED, modules=names)
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        check=True,
        text=True,
    )
    added, loaded = done.stdout.splitlines()
    return set(added.split()), set(loaded.split())


@pytest.mark.parametrize("name", MODULES)
def test_it_loads_nothing_that_is_not_allowed(name: str) -> None:
    added, loaded = modules_loaded_by(name)
    ours = {module for module in added if module.partition(".")[0] == "app"}
    assert added - ours == set()
    assert loaded & FORBIDDEN == set()


def test_it_needs_no_ipaddress_without_url() -> None:
    # urllib.parse loads it since Python 3.11.4, so it is not on the list above.
    program = "import sys, app.client.address; print('ipaddress' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    assert done.stdout == "False\n"
