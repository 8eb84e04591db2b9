"""The days that a report covers, and the buckets they are shown in."""

from __future__ import annotations

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
ONE_YEAR = timedelta(weeks=52)
"""Weekdays matter more than dates: a Monday is compared with a Monday."""

INTERVALS = ("day", "hour", "week", "month")


class Span:
    """Calendar days in the project's time zone, ``first`` and ``last`` included.

    None, if ``first`` is after ``last``.
    """

    def __init__(self, first: date, last: date) -> None:
        self.first = first
        self.last = last

    def __len__(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def days(self) -> list[date]:
        """Return each day, in order."""
        return [self.first + timedelta(days=step) for step in range(len(self))]

    def as_range(self) -> dict[str, str]:
        """Return the contract's ``range``: from and to with times, local."""
        return {"from": f"{self.first} 00:00:00", "to": f"{self.last} 23:59:59"}

    def previous(self) -> Span:
        """Return as many days, just before."""
        return Span(self.first - timedelta(days=len(self)), self.first - ONE_DAY)

    def year_before(self) -> Span:
        """Return the same weekdays a year ago."""
        return Span(self.first - ONE_YEAR, self.last - ONE_YEAR)

    def buckets(self, interval: str) -> list[Span]:
        """Return the weeks (from Monday) or months in it, cut where it ends."""
        found: list[Span] = []
        for day in self.days():
            starts = day.weekday() == 0 if interval == "week" else day.day == 1
            if starts or not found:
                found.append(Span(day, day))
            found[-1].last = day
        return found
