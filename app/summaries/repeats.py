"""Visitors who had a value on two days, in a project that knows nobody for longer.

A visitor of a cookieless project lives one local day, but for a visit that goes on past
midnight. So the visitors of several days are the sum of those of each, less those who
were counted the day before.
"""

from __future__ import annotations

from datetime import timedelta

from app.summaries import daily_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from app.db import Database
    from app.summaries.parts import Part

REACH_DAYS = 2
"""A visit lasts 24 hours at most, which is two midnights where a day is short."""


class Repeat:
    """``visitors`` who had a value on ``day`` and, latest before that, on prev_day.

    ``labels`` are the value's, as the part's columns; none where there is one value.
    """

    def __init__(
        self, day: date, prev_day: date, value_id: int, labels: tuple[object, ...]
    ) -> None:
        self.day = day
        self.prev_day = prev_day
        self.value_id = value_id
        self.labels = labels
        self.visitors = 0


class Wanderers:
    """The visitors around some days who were there on two; found when first asked."""

    def __init__(self, db: Database, project_id: int, days: Collection[date]) -> None:
        self._db = db
        self._project_id = project_id
        self._days = set(days)
        reach = range(REACH_DAYS + 1)
        self._window = sorted(
            {day - timedelta(days=back) for day in days for back in reach}
        )
        self._found: dict[str, list[int]] = {}

    def repeats(self, part: Part) -> list[Repeat]:
        """Return the repeats of a part on these days; of entries and exits are none."""
        if part.source == "visits" or not self._days:
            return []
        ids = self._ids(part.source)
        if not ids:
            return []
        active: dict[tuple[object, ...], list[date]] = {}
        value_of: dict[tuple[object, ...], int] = {}
        rows = daily_store.list_active(
            self._db, self._project_id, part, ids, self._window
        )
        for row in rows:
            labels = tuple(row[name] for name in row if name.startswith("label_"))
            active.setdefault((row["visitor_id"], *labels), []).append(row["day"])
            value_id = value_of.get(labels, row["value_id"])
            value_of[labels] = min(value_id, row["value_id"])
        found: dict[tuple[object, ...], Repeat] = {}
        for (_, *key), days in active.items():
            labels = tuple(key)
            days.sort()
            for prev_day, day in zip(days, days[1:]):
                if day in self._days:
                    made = Repeat(day, prev_day, value_of[labels], labels)
                    found.setdefault((day, prev_day, labels), made).visitors += 1
        return list(found.values())

    def _ids(self, source: str) -> list[int]:
        if source not in self._found:
            self._found[source] = daily_store.list_wanderers(
                self._db, self._project_id, source, self._window
            )
        return self._found[source]
