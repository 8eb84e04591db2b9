"""What each fault cost: the rows of ``make faults``, counted by the tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Actor

_VIEWS = (
    "SELECT p.path AS name, COUNT(*) AS n FROM {table} AS v JOIN ph_pages AS p"
    " ON p.project_id = v.project_id AND p.id = v.page_id{where}"
    " GROUP BY p.path"
)
STORED = {
    "pageview": _VIEWS.format(table="ph_pageviews", where=""),
    "event": _VIEWS.format(table="ph_events", where=""),
    "engagement": _VIEWS.format(
        table="ph_pageviews", where=" WHERE v.scroll IS NOT NULL"
    ),
    "error": "SELECT r.name, SUM(d.occurrences) AS n FROM ph_error_days AS d"
    " JOIN ph_releases AS r ON r.project_id = d.project_id AND r.id = d.release_id"
    " GROUP BY r.name",
    "audit": "SELECT action AS name, COUNT(*) AS n FROM ph_audit GROUP BY action",
}
"""How often each beacon is there, told by the number at the end of what it says."""

ROWS: dict[tuple[str, str], list[int]] = {}
"""By fault and database: beacons acknowledged, found, and stored once too often."""


def settle(actor: Actor, fault: str, acknowledged: Mapping[str, Iterable[int]]) -> None:
    """Count what became of the beacons; each must be there once.

    ``acknowledged``: the numbers of those of a kind that were answered 200 or 202.
    """
    is_mysql = "mysql" in actor.installation.config.database_url
    row = ROWS.setdefault((fault, "MariaDB" if is_mysql else "SQLite"), [0, 0, 0])
    counts = [0, 0, 0]
    for kind, numbers in acknowledged.items():
        stored = stored_by(actor.installation.rows, kind)
        wanted = set(numbers)
        counts[0] += len(wanted)
        counts[1] += len(wanted & set(stored))
        counts[2] += sum(stored.values()) - len(stored)
    for place, count in enumerate(counts):
        row[place] += count
    assert counts[0] > 0, "nothing was acknowledged"
    assert counts[1:] == [counts[0], 0], f"{counts} of {fault}"


def add(rows: Mapping[tuple[str, str], list[int]]) -> None:
    """Add the rows of another process."""
    for key, counts in rows.items():
        before = ROWS.get(key, [0, 0, 0])
        ROWS[key] = [one + more for one, more in zip(before, counts)]


def stored_by(rows: Callable[[str], list[dict[str, Any]]], kind: str) -> dict[int, int]:
    """Return how often the beacon of each number is there; ``rows`` runs SQL."""
    found = {}
    for row in rows(STORED[kind]):
        number = re.search(r"\d+$", row["name"])
        if number:
            found[int(number[0])] = int(row["n"])
    return found


def lines() -> list[str]:
    """Return the table."""
    width = max(len(fault) for fault, _ in ROWS)
    heads = ("acknowledged", "found", "doubles")
    said = [f"{'fault':{width}}  {'database':8}  {'  '.join(heads)}"]
    for (fault, database), counts in sorted(ROWS.items()):
        numbers = "  ".join(
            f"{count:>{len(head)}}" for head, count in zip(heads, counts)
        )
        said.append(f"{fault:{width}}  {database:8}  {numbers}")
    return said
