"""The hashes are the same with Python's own modules, with OpenSSL, and without."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from app.config import ROOT

SCRIPT = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None
from app.digests import blake2b, sha1, sha256
print(sha1(b"a").hexdigest(), sha256(b"a").hexdigest())
print(blake2b(b"a", key=b"k", digest_size=8, person=b"p").hexdigest())
print("_hashlib" in sys.modules)
"""


@pytest.mark.parametrize(
    ("missing", "is_loaded"),
    [
        ((), False),
        (("_hashlib",), True),  # which is what None in sys.modules looks like
        (("_sha1", "_sha2", "_sha256"), True),
    ],
)
def test_it_makes_the_hashes_of_hashlib(
    missing: tuple[str, ...], is_loaded: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *missing],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    keyed = hashlib.blake2b(b"a", key=b"k", digest_size=8, person=b"p")
    assert done.stdout.split() == [
        hashlib.sha1(b"a").hexdigest(),
        hashlib.sha256(b"a").hexdigest(),
        keyed.hexdigest(),
        str(is_loaded),
    ]
    assert done.stderr == ""
