"""What an answer cannot say, because the rows of early days are deleted."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

WHY = (
    "Single pageviews, visits, events and clicks are deleted when they are as old as"
    " this project's retention says; what was counted of them stays."
)
DAYS = "days"
"""In place of a key: whatever was before that day is left out."""


class Incomplete:
    """Collects what a report found out that it cannot say, while it is made."""

    def __init__(self) -> None:
        self._before: date | None = None
        self._missing: set[str] = set()

    def note(self, before: date, *names: str) -> None:
        """Note that what is called so is missing, for lack of the days ``before``."""
        self._before = max(before, self._before or before)
        self._missing.update(names)

    def as_data(self) -> dict[str, Any]:
        """Return what is said about it in an answer: nothing if all is there."""
        if self._before is None:
            return {}
        return {
            "incomplete": {
                "before": self._before.isoformat(),
                "missing": sorted(self._missing),
                "why": WHY,
            }
        }
