"""Patterns that are compiled when a text first needs them.

Under CGI each report has a process of its own, and most need few of the patterns.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match, Pattern


class Lazy:
    """A pattern with the methods of a compiled one."""

    __slots__ = ("_compiled", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._compiled: Pattern[str] | None = None

    def match(self, text: str) -> Match[str] | None:
        """Return what is found at the beginning of a text."""
        return self._pattern().match(text)

    def search(self, text: str) -> Match[str] | None:
        """Return what is found first in a text."""
        return self._pattern().search(text)

    def sub(self, by: str | Callable[[Match[str]], str], text: str) -> str:
        """Return a text with all that is found replaced."""
        return self._pattern().sub(by, text)

    def findall(self, text: str) -> list[str]:
        """Return all that is found in a text."""
        return self._pattern().findall(text)

    def split(self, text: str) -> list[str]:
        """Return the parts of a text around what is found."""
        return self._pattern().split(text)

    def _pattern(self) -> Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self._source)
        return self._compiled
