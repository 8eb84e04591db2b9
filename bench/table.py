"""The one table that all benchmarks print."""

from __future__ import annotations

from statistics import median
from typing import NamedTuple


class Line(NamedTuple):
    """What was measured: ours and what it is compared with, in the same unit.

    ``most`` is the bar: the ratio, or ours if there is nothing to compare with, may
    not be above it. 0 is no bar.
    """

    what: str
    ours: float
    other: float
    unit: str
    most: float
    command: str

    @property
    def ratio(self) -> float:
        """Ours over the other; ours itself if there is no other."""
        return self.ours / self.other if self.other else self.ours

    @property
    def is_kept(self) -> bool:
        """Whether the bar is kept."""
        return not self.most or self.ratio <= self.most


def show(lines: list[Line]) -> str:
    """Return the table as Markdown."""
    rows = [
        "| what | ours | beside | ratio | bar | repeat |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for line in lines:
        other = f"{line.other:.2f} {line.unit}" if line.other else ""
        ratio = f"{line.ratio:.2f}" if line.other else ""
        bar = f"{line.most:g}{'' if line.is_kept else ' (missed)'}" if line.most else ""
        rows.append(
            f"| {line.what} | {line.ours:.2f} {line.unit} | {other} | {ratio} | {bar} |"
            f" `{line.command}` |"
        )
    return "\n".join(rows)


def middle(values: list[float]) -> float:
    """Return the median."""
    return median(values)
