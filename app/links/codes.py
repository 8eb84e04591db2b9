"""The codes of short links: drawn, or chosen by their owner."""

from __future__ import annotations

import os
import re

from app.problems import InvalidInput

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 8
UNBIASED = 256 - 256 % len(ALPHABET)
"""A byte from here on is thrown away: it would make the first characters likelier."""

CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
CHOSEN = re.compile(r"[A-Za-z0-9_-]{3,40}")
RESERVED = frozenset(
    """
    about account admin administrator api app assets audit auth cgi-bin config css
    dashboard demo docs errors favicon health help img index install js link links
    login logout numbers password porthole public qr redirect register robots root
    security settings setup signin signup sitemap snippet static stats status support
    system undefined null well-known www
    """.split()
)
"""Words that look as if the installation itself were speaking, in any case."""


def draw() -> str:
    """Return eight random characters of base62: one code in 2.2e14."""
    while True:
        drawn = [byte for byte in os.urandom(2 * LENGTH) if byte < UNBIASED]
        code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in drawn[:LENGTH])
        if len(code) == LENGTH and code.lower() not in RESERVED:
            return code


def is_code(text: str) -> bool:
    """Return whether a link could have this code, imported ones included."""
    return CODE.fullmatch(text) is not None


def check(code: str) -> str:
    """Return the code that somebody chose.

    :raise InvalidInput: it is too short or long, has other characters, or is reserved.
    """
    if not CHOSEN.fullmatch(code):
        message = "code must have 3 to 40 characters of A-Z, a-z, 0-9, _ and -"
        raise InvalidInput(message, field="code")
    if code.lower() in RESERVED:
        raise InvalidInput(f"code {code} is reserved", field="code")
    return code
