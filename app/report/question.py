"""What a report is asked: the query parameters that all of them take."""

from __future__ import annotations

import re
from datetime import date, timedelta

from app.problems import InvalidInput
from app.report.incomplete import Incomplete
from app.report.span import INTERVALS, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.db import Row
    from app.packed.counting import Counting
    from app.packed.days import Days
    from app.stats.filters import Filter
    from app.summaries.split import Split

MAX_DAYS = 365
MAX_HOURLY_DAYS = 31
DEFAULT_RANGE = "30d"
EARLIEST = date(1970, 1, 1)
LATEST = date(2999, 12, 31)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

DAYS = ("range", "from", "to")
ROWS = ("limit", "page", "format")
"""Parameters that every report, and every list, takes."""
RANGES = f"1d to {MAX_DAYS}d, today, yesterday, month, year, all, custom"
COMPARISONS = ("previous", "year")
FORMATS = ("json", "csv")


class Question:
    """The span, the filters, and in which form the answer is wanted.

    ``incomplete`` collects what the answer cannot say; ``split``, ``days`` and
    ``counting`` are how its days are counted, and ``visitor_days`` who was there, once
    that is known.
    """

    def __init__(self, span: Span) -> None:
        self.span = span
        self.compare = ""
        self.interval = "day"
        self.limit = 0
        self.page = 1
        self.format = "json"
        self.filters: list[Filter] = []
        self.incomplete = Incomplete()
        self.split: Split | None = None
        self.days: Days | None = None
        self.counting: Counting | None = None
        self.visitor_days: dict[date, Row] | None = None

    def over(self, span: Span) -> Question:
        """Return the same question about other days."""
        other = Question(span)
        known = dict.fromkeys(("split", "days", "counting", "visitor_days"))
        changes = {"span": span, "compare": "", **known}
        other.__dict__.update({**self.__dict__, **changes})
        return other

    def anew(self) -> Question:
        """Return the same question, of which nothing is known yet."""
        other = self.over(self.span)
        other.compare = self.compare
        other.incomplete = Incomplete()
        return other

    def compared(self) -> Span | None:
        """Return the days to compare with, or None."""
        if not self.compare:
            return None
        is_year = self.compare == "year"
        return self.span.year_before() if is_year else self.span.previous()

    def rows(self, default: int) -> tuple[int, int]:
        """Return how many rows a list shows, and how many it leaves out before."""
        limit = self.limit or default
        return limit, (self.page - 1) * limit


def parse(
    query: Mapping[str, str],
    today: date,
    first_day: date,
    max_limit: int,
    lenient: bool,
    accepted: Sequence[str],
) -> Question:
    """Return what is asked; ``first_day`` is where ``range=all`` begins.

    ``accepted`` are the parameters that the report takes; ``name[…]`` is a family.

    Lenient, as Micrologs is: whatever digits ``range`` has are days, brought into 1 to
    365, ``limit`` is brought into its bounds, and what is unknown is ignored.

    :raise InvalidInput: a parameter cannot be taken; strictly, also if it is unknown.
    """
    if lenient:
        question = Question(_lenient_span(query, today))
        digits = re.sub("[^0-9]", "", query.get("limit", ""))[:9]
        question.limit = min(max(int(digits), 1), max_limit) if digits else 0
        return question
    refuse_unknown(query, accepted)
    question = Question(_span(query, today, first_day))
    question.compare = _choice(query, "compare", ("", *COMPARISONS))
    question.interval = _choice(query, "interval", INTERVALS)
    question.format = _choice(query, "format", FORMATS)
    question.limit = number(query, "limit", max_limit, 0)
    question.page = number(query, "page", 100_000, 1)
    if question.interval == "hour" and len(question.span) > MAX_HOURLY_DAYS:
        message = f"interval=hour is for {MAX_HOURLY_DAYS} days at most"
        raise InvalidInput(message, field="interval")
    return question


def refuse_unknown(query: Mapping[str, str], accepted: Sequence[str]) -> None:
    """Refuse a parameter that is not ``accepted``.

    :raise InvalidInput: there is one.
    """
    families = tuple(name[:-2] for name in accepted if name.endswith("[…]"))
    for name in query:
        if name not in accepted and not (families and name.startswith(families)):
            takes = ", ".join(accepted) or "none"
            message = f"{name} is not a parameter; accepted: {takes}"
            raise InvalidInput(message, field=name)


def _span(query: Mapping[str, str], today: date, first_day: date) -> Span:
    has_days = "from" in query or "to" in query
    asked = query.get("range") or ("custom" if has_days else DEFAULT_RANGE)
    if asked == "custom":
        return _custom(query)
    if has_days:
        name = "from" if "from" in query else "to"
        raise InvalidInput(f"{name} goes with range=custom", field=name)
    yesterday = today - timedelta(days=1)
    named = {
        "today": Span(today, today),
        "yesterday": Span(yesterday, yesterday),
        "month": Span(today.replace(day=1), today),
        "year": Span(today.replace(month=1, day=1), today),
        "all": Span(min(first_day, today), today),
    }
    if asked in named:
        return named[asked]
    found = re.fullmatch("([0-9]{1,3})d", asked)
    if not found or not 1 <= int(found[1]) <= MAX_DAYS:
        raise InvalidInput(f"range must be one of: {RANGES}", field="range")
    return _last_days(int(found[1]), today)


def _lenient_span(query: Mapping[str, str], today: date) -> Span:
    asked = query.get("range", "") or DEFAULT_RANGE
    if asked == "custom":
        return _custom(query)
    digits = re.sub("[^0-9]", "", asked)[:9]
    return _last_days(min(max(int(digits or 1), 1), MAX_DAYS), today)


def _last_days(count: int, today: date) -> Span:
    return Span(today - timedelta(days=count - 1), today)


def _custom(query: Mapping[str, str]) -> Span:
    first, last = _day(query, "from"), _day(query, "to")
    if first > last:
        raise InvalidInput("'from' must be before 'to'", field="from")
    if (last - first).days > MAX_DAYS:
        message = f"Custom date range cannot exceed {MAX_DAYS} days"
        raise InvalidInput(message, field="from")
    return Span(first, last)


def _day(query: Mapping[str, str], name: str) -> date:
    text = query.get(name, "")
    try:
        # Newer Pythons take more forms than this one.
        day = date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise InvalidInput("Invalid date format. Use YYYY-MM-DD", field=name)
    return day


def _choice(query: Mapping[str, str], name: str, accepted: tuple[str, ...]) -> str:
    value = query.get(name, accepted[0])
    if value not in accepted:
        message = f"{name} must be one of: {', '.join(filter(None, accepted))}"
        raise InvalidInput(message, field=name)
    return value


def number(
    query: Mapping[str, str], name: str, high: int, default: int, low: int = 1
) -> int:
    """Return a whole number from ``low`` to ``high``; absent: ``default``.

    :raise InvalidInput: it is anything else.
    """
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,6}", text) or not low <= int(text) <= high:
        message = f"{name} must be a whole number from {low} to {high}"
        raise InvalidInput(message, field=name)
    return int(text)
