"""Makes and recognises a project's keys."""

from __future__ import annotations

import os

from app.digests import sha256

PUBLIC_KEY_LENGTH = 32
SECRET_KEY_LENGTH = 64


def new_public_key() -> str:
    """Return 32 random hex digits; they stand in every page's source."""
    return os.urandom(PUBLIC_KEY_LENGTH // 2).hex()


def new_secret_key() -> str:
    """Return 64 random hex digits; shown once and stored only as a hash."""
    return os.urandom(SECRET_KEY_LENGTH // 2).hex()


def hash_secret_key(key: str) -> str:
    """Return the SHA-256 of a secret key, in hex.

    A key has 256 random bits, so that a slow password hash would add nothing.
    """
    return sha256(key.encode()).hexdigest()


def is_key(text: str, length: int) -> bool:
    """Return whether ``text`` has the form of a key of that length."""
    return len(text) == length and not text.strip("0123456789abcdef")
