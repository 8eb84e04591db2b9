"""python -m bench [PART …]: measure, and print one table."""

from __future__ import annotations

import importlib
import sys

from bench.table import Line, show

PARTS = ("beacons", "cgi", "card", "reports")


def main(parts: list[str]) -> int:
    """Print the table of these parts, all if none is named; 1 if a bar is missed."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"There is no part {unknown[0]}; there are: {', '.join(PARTS)}.")
        return 2
    lines: list[Line] = []
    for part in parts or PARTS:
        print(f"{part} …", file=sys.stderr, flush=True)
        lines += importlib.import_module(f"bench.{part}").lines()
    print(show(lines))
    return 0 if all(line.is_kept for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
