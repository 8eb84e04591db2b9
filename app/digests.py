"""The hashes that a beacon needs, without OpenSSL: hashlib would load it, for 3 ms.

An interpreter that was built without its own ones has hashlib's.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import blake2b, sha1, sha256
    from typing import Any


def _first(name: str, modules: str) -> Any:
    for module in modules.split():
        try:
            return getattr(__import__(module), name)
        except ImportError:
            continue
    raise ImportError(f"no module has {name}")


if not TYPE_CHECKING:
    blake2b = _first("blake2b", "_blake2 hashlib")
    sha1 = _first("sha1", "_sha1 hashlib")
    _SHA2 = "_sha256" if sys.version_info < (3, 12) else "_sha2"
    sha256 = _first("sha256", f"{_SHA2} hashlib")

__all__ = ["blake2b", "sha1", "sha256"]
