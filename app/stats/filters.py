"""Filters: filter[page]=/a, =!/a, =~text, with * for anything and | for "or"."""

from __future__ import annotations

from app.problems import InvalidInput
from app.stats.columns import DIMENSIONS, PROPERTY, Dimension, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FILTERS = 10
MAX_CHOICES = 20
MAX_TEXT = 1024
ESCAPE = "!"
EXACT = "COLLATE utf8mb4_bin"
"""Or MariaDB compares texts of ours (channels) whatever their case, and refuses to
compare a column in ASCII with a text that is not."""


class Filter:
    """A dimension that must, or must not, be one of some texts or patterns.

    Grammar of the value: ``!`` in front negates it; then ``~`` asks for texts that
    contain it, in whatever case; ``|`` stands between texts of which one is enough;
    ``*`` stands for anything. Case counts, but for ``~``.
    """

    def __init__(self, name: str, dimension: Dimension, value: str) -> None:
        self.dimension = dimension
        self._property = name[len(PROPERTY) :]
        self.is_negated = value.startswith("!")
        value = value[1:] if self.is_negated else value
        self.contains = value.startswith("~")
        value = value[1:] if self.contains else value
        self.choices = value.split("|")

    @property
    def takes_none(self) -> bool:
        """Whether the empty text is among what is asked for, before ``!``."""
        return any(not choice.strip("*") for choice in self.choices)

    def condition(self, number: int) -> tuple[str, dict[str, str]]:
        """Return the SQL of the ``number``th filter, and the values bound in it."""
        either, values = self.choice(number)
        return ("NOT " + either if self.is_negated else either), values

    def choice(self, number: int) -> tuple[str, dict[str, str]]:
        """Return the same without the negation."""
        column, parts, values = self.dimension.column, [], {}
        if "%(property)s" in column:
            values[f"property_{number}"] = self._property
            column = column.replace("%(property)s", f"%(property_{number})s")
        for place, choice in enumerate(self.choices):
            name = f"filter_{number}_{place}"
            mark = f"%({name})s {EXACT}"
            if self.contains:
                values[name] = f"%{_pattern(choice.lower())}%"
                parts.append(f"LOWER({column}) LIKE {mark} ESCAPE '{ESCAPE}'")
            elif "*" in choice:
                values[name] = _pattern(choice)
                parts.append(f"{column} LIKE {mark} ESCAPE '{ESCAPE}'")
            else:
                values[name] = choice
                parts.append(f"{column} = {mark}")
        return "(" + " OR ".join(parts) + ")", values


def parse(query: Mapping[str, str]) -> list[Filter]:
    """Return the filters in the query; all of them must hold.

    :raise InvalidInput: a dimension is unknown, or there is too much of it.
    """
    found = []
    for name, value in query.items():
        if not name.startswith("filter["):
            continue
        of = name[len("filter[") : -1]
        dimension = find(of) if name.endswith("]") else None
        if dimension is None:
            takes = ", ".join((*DIMENSIONS, f"{PROPERTY}NAME"))
            message = f"{name} is no filter; filter[…] takes: {takes}"
            raise InvalidInput(message, field=name)
        if len(value) > MAX_TEXT or value.count("|") >= MAX_CHOICES:
            message = f"{name} may have {MAX_CHOICES} choices, {MAX_TEXT} characters"
            raise InvalidInput(message, field=name)
        found.append(Filter(of, dimension, value))
    if len(found) > MAX_FILTERS:
        raise InvalidInput(f"There may be {MAX_FILTERS} filters", field="filter")
    return found


def _pattern(text: str) -> str:
    """Return ``text`` as a LIKE pattern in which only ``*`` stands for anything."""
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return text.replace("*", "%")
