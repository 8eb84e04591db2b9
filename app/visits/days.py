"""The days on which a visitor was active, and what a further one changes.

``ph_visitor_days`` counts, for each day, its visitors by the active day before.
Uniques of a range are then those whose day before lies ahead of the range.
"""

from __future__ import annotations

from datetime import timedelta

from app.clock import NULL_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Row

    Change = tuple[date, date, int]
    """(day, the visitor's active day before, by how many visitors it changes)"""

WINDOW_DAYS = 31
WINDOW = (1 << WINDOW_DAYS) - 1


class Days:
    """A visitor's active days: the newest 31 one by one, and the newest before.

    Bit i of ``recent`` is the day ``i`` days before ``last_day``.
    """

    def __init__(
        self, first_day: date, last_day: date, recent: int, older_day: date
    ) -> None:
        self.first_day = first_day
        self.last_day = last_day
        self.recent = recent
        self.older_day = older_day

    @classmethod
    def starting(cls, day: date) -> Days:
        """Return the days of a visitor first seen on ``day``."""
        return cls(day, day, 1, NULL_DAY)

    @staticmethod
    def first_change(day: date) -> list[Change]:
        """Return what a visitor first seen on ``day`` changes."""
        return [(day, NULL_DAY, 1)]

    @classmethod
    def of(cls, row: Row) -> Days:
        """Return the days that a row of ph_visitors holds."""
        return cls(row["first_day"], row["last_day"], row["recent"], row["older_day"])

    def add(self, day: date) -> list[Change]:
        """Mark ``day`` as active; return the changes to ``ph_visitor_days``.

        A day in the middle relinks the chain: the next active day has another day
        before it now. No change if the day was active. After a clock that was a
        month ahead, days come that are older than ``recent`` shows: they count if
        they are later than ``older_day``.
        """
        age = (self.last_day - day).days
        if age < 0:
            previous = self.last_day
            self._move_to(day, -age)
            return [(day, previous, 1)]
        is_recent = age < WINDOW_DAYS
        if self.recent >> age & 1 or not (is_recent or day > self.older_day):
            return []
        following, previous = self._next(age), self._previous(age)
        if is_recent:
            self.recent |= 1 << age
        else:
            self.older_day = day
        self.first_day = min(self.first_day, day)
        return [(day, previous, 1), (following, previous, -1), (following, day, 1)]

    def remove(self, day: date) -> list[Change]:
        """Take an active ``day`` back; return the changes to ``ph_visitor_days``.

        ``recent`` is 0 when no day is left.
        """
        age = (self.last_day - day).days
        previous = self._previous(age)
        self.recent &= ~(1 << age)
        changes = [(day, previous, -1)]
        if age:
            following = self._next(age)
            changes += [(following, day, -1), (following, previous, 1)]
        if day == self.first_day and age:
            self.first_day = self._next(age)
        if not age:
            self._fall_back()
        return changes

    def _move_to(self, day: date, distance: int) -> None:
        shifted = self.recent << distance
        lost = shifted >> WINDOW_DAYS
        if lost:
            newest_lost = (lost & -lost).bit_length() - 1 + WINDOW_DAYS
            self.older_day = day - timedelta(days=newest_lost)
        self.recent = shifted & WINDOW | 1
        self.last_day = day

    def _fall_back(self) -> None:
        """Make the newest day that is left the last one."""
        if self.recent:
            step = (self.recent & -self.recent).bit_length() - 1
            self.recent >>= step
            self.last_day -= timedelta(days=step)
        elif self.older_day != NULL_DAY:
            self.last_day, self.recent = self.older_day, 1
            self.older_day = min(self.first_day, self.older_day)

    def _next(self, age: int) -> date:
        later = self.recent & ((1 << age) - 1)
        return self.last_day - timedelta(days=later.bit_length() - 1)

    def _previous(self, age: int) -> date:
        earlier = self.recent >> (age + 1)
        if not earlier:
            return self.older_day
        step = (earlier & -earlier).bit_length()
        return self.last_day - timedelta(days=age + step)
