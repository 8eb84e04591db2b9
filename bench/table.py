"""The one table that all benchmarks print."""

from __future__ import annotations

from statistics import median
from typing import NamedTuple


class Line(NamedTuple):
    """What was measured: ours and what it is compared with, in the same unit.

    ``most`` is the bar: the ratio, or ours if there is nothing to compare with or the
    bar ``is_of_ours``, may not be above it. 0 is no bar.
    """

    what: str
    ours: float
    other: float
    unit: str
    most: float
    command: str
    must_be_none: bool = False
    is_of_ours: bool = False

    @property
    def ratio(self) -> float:
        """Ours over the other; ours itself if there is no other."""
        return self.ours / self.other if self.other else self.ours

    @property
    def is_kept(self) -> bool:
        """Whether the bar is kept."""
        if self.must_be_none:
            return not self.ours
        measured = self.ours if self.is_of_ours else self.ratio
        return not self.most or measured <= self.most


def show(lines: list[Line]) -> str:
    """Return the table as Markdown."""
    rows = [
        "| what | ours | beside | ratio | bar | repeat |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for line in lines:
        other = f"{line.other:.2f} {line.unit}" if line.other else ""
        ratio = f"{line.ratio:.2f}" if line.other else ""
        bar = f"{line.most:g}" if line.most or line.must_be_none else ""
        bar += f" {line.unit}" if line.is_of_ours else ""
        bar += "" if line.is_kept else " (missed)"
        rows.append(
            f"| {line.what} | {_said(line)} | {other} | {ratio} | {bar} |"
            f" `{line.command}` |"
        )
    return "\n".join(rows)


def _said(line: Line) -> str:
    return f"{line.ours:.2f} {line.unit}" if line.unit else f"{line.ours:g}"


def none(what: str, count: int, command: str) -> Line:
    """Return the line of what there must be none of."""
    return Line(what, count, 0, "", 0, command, True)


def middle(values: list[float]) -> float:
    """Return the median."""
    return median(values)


def all_but_5_percent(values: list[float]) -> float:
    """Return what 95 % of the values are not above."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]
