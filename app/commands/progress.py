"""A progress bar for a person who waits."""

from __future__ import annotations

import sys

WIDTH = 30


class Progress:
    """A bar on stderr; nothing if that is no terminal."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = max(total, 1)
        self._is_shown = sys.stderr.isatty()

    def show(self, done: int) -> None:
        """Draw the bar with ``done`` of the total."""
        if not self._is_shown:
            return
        share = min(done / self._total, 1)
        bar = "#" * int(share * WIDTH)
        sys.stderr.write(
            f"\r{self._label}  [{bar:<{WIDTH}}] {share:4.0%}  {done} / {self._total}"
        )
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the bar as it is and go to the next line."""
        if self._is_shown:
            sys.stderr.write("\n")
