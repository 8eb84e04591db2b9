"""The statements that say which ids of a dimension have, or match, which texts."""

from __future__ import annotations

from app.client.channel import CHANNELS
from app.stats.columns import DIMENSIONS, TABLES
from app.summaries.daily_store import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from app.db import Database, Row
    from app.stats.filters import Filter

    Labels = tuple[object, ...]

SLICE = 500
"""Old SQLite binds 999 values at most."""
_SWAPPED = bytes((1, 0)) + bytes(254)
_CHANNELS = " UNION ALL ".join(
    f"SELECT {number} AS channel" for number in range(len(CHANNELS))
)


class Wanted:
    """Which ids a filter takes: those in ``ids``, or with ``is_all_but`` the others."""

    def __init__(self, ids: Collection[int], is_all_but: bool) -> None:
        self._ids = ids
        self._is_all_but = is_all_but

    def among(self, values: Sequence[int]) -> bytes:
        """Return 1 for each of these ids that the filter takes, else 0."""
        found = bytes(map(self._ids.__contains__, values))
        return found.translate(_SWAPPED) if self._is_all_but else found


def match(db: Database, project_id: int, chosen: Filter, number: int) -> Wanted:
    """Return which ids the question's ``number``th filter takes."""
    condition, values = chosen.condition(number)
    ids, none = _sources(chosen.dimension.join)
    # An id without a row is what a LEFT JOIN finds nothing for.
    takes_none = _rows(db, f"SELECT 1 AS found {none} AND {condition}", values)
    negation = "NOT " if takes_none else ""
    sql = f"SELECT {ids} AND {negation}{condition}"
    rows = _rows(db, sql, {**values, "project_id": project_id})
    return Wanted({row["id"] for row in rows}, bool(takes_none))


def label(
    db: Database, project_id: int, names: Sequence[str], ids: Iterable[int]
) -> dict[int, Labels]:
    """Return the texts of these dimensions, of one table, that each id has."""
    columns = "".join(
        f", {DIMENSIONS[name].column} AS label_{number}"
        for number, name in enumerate(names)
    )
    source, none = _sources(DIMENSIONS[names[0]].join)
    source = source.replace(" AS id ", f" AS id{columns} ")
    column = source.partition(" ")[0]
    [row] = _rows(db, f"SELECT 0 AS id{columns} {none}", {})
    unknown = _labels(row)
    found = dict.fromkeys(ids, unknown)
    sql = f"SELECT {source} AND {column} IN"
    found.update((row["id"], _labels(row)) for row in _each(db, sql, project_id, found))
    return found


def pages(db: Database, project_id: int, ids: Iterable[int]) -> dict[int, Row]:
    """Return page_title, scheme, host and path of each page."""
    unknown = {"page_title": "", "scheme": "", "host": "", "path": ""}
    found = {page_id: {"page_id": page_id, **unknown} for page_id in ids}
    sql = (
        "SELECT id AS page_id, title AS page_title, scheme, host, path FROM ph_pages"
        " WHERE project_id = %(project_id)s AND id IN"
    )
    found.update((row["page_id"], row) for row in _each(db, sql, project_id, found))
    return found


def _sources(join: str) -> tuple[str, str]:
    """Return what has every id (AS id), and what has none, each up to a WHERE."""
    if not join:
        ids = f"s.channel AS id FROM ({_CHANNELS}) AS s WHERE 1 = 1"
        return ids, "FROM (SELECT -1 AS channel) AS s WHERE 1 = 1"
    table, alias, _ = TABLES[join]
    ids = f"{alias}.id AS id FROM {table} AS {alias}"
    ids += f" WHERE {alias}.project_id = %(project_id)s"
    always = "FROM (SELECT 1 AS one) AS always"
    return ids, f"{always} LEFT JOIN {table} AS {alias} ON 1 = 0 WHERE 1 = 1"


def _each(db: Database, sql: str, project_id: int, ids: Iterable[int]) -> list[Row]:
    """Return the rows of these ids; the statement ends before their list."""
    wanted, found = list(ids), []
    for start in range(0, len(wanted), SLICE):
        marks, values = named("id", wanted[start : start + SLICE])
        values["project_id"] = project_id
        found += _rows(db, f"{sql} ({marks})", values)
    return found


def _rows(db: Database, sql: str, values: Row) -> list[Row]:
    text = f"-- packed.dimension_store\n{sql}"
    return db.read(lambda: db.all(text, values))


def _labels(row: Row) -> Labels:
    return tuple(row[name] for name in row if name.startswith("label_"))
