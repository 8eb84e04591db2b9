"""check: whether the reports' totals agree with summary's."""

from __future__ import annotations

from contextlib import suppress

from app import clock
from app.commands.project import MAX_ID
from app.problems import NotFound
from app.projects import admin_store, store
from app.projects.store import COOKIE
from app.report import question
from app.stats import reports
from app.stats.store import first_day
from app.stats.summary import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question

    Report = dict[str, Any]
    Totals = dict[str, float]

FIGURES = (
    "pageviews",
    "visits",
    "visitors",
    "bounce_rate",
    "duration_seconds",
    "views_per_visit",
)
NAMES = {
    "unique_visitors": "visitors",
    "total_visitors": "visitors",
    "total_pageviews": "pageviews",
    "total_sessions": "visits",
    "sessions": "visits",
    "avg_duration_seconds": "duration_seconds",
    "avg_pages_per_session": "views_per_visit",
}
"""What the contract calls our figures."""

BREAKDOWNS: dict[str, dict[str, str]] = {
    "channels": {"channel": "channel"},
    "screens": {"screen": "screen"},
    "languages": {"language": "language"},
    "timezones": {"timezone": "timezone"},
    "browsers": {"browser": "browser", "browser_version": "browser_version"},
    "os": {"os": "os", "os_version": "os_version"},
}
SUMS = ("pageviews", "visits")
MOST_NAMED = 3
ATTEMPTS = 3
"""Somebody may come between two reports: then they are read again."""


class Line:
    """A report's totals; each must be the same as, or (of parts) at least, summary's.

    Visitors of parts are only at least as many: one may be in several of them.
    """

    def __init__(self, name: str, totals: Totals, at_least: Iterable[str] = ()) -> None:
        self.name = name
        self.totals = totals
        self.at_least = frozenset(at_least)

    def is_wrong(self, figure: str, expected: float) -> bool:
        """Return whether the report's total cannot go with summary's."""
        found = self.totals.get(figure, expected)
        return found < expected if figure in self.at_least else found != expected


def check(db: Database, project_id: int | None, asked_range: str) -> tuple[str, str]:
    """Return the totals of each report beside summary's, and what is wrong, if any.

    Without ``project_id`` every project is checked.

    :raise NotFound: there is no such project.
    :raise InvalidInput: the range cannot be taken.
    """
    tables, wrongs = [], []
    for project in _projects(db, project_id):
        today = clock.local_day(clock.now(), project.timezone)
        first = first_day(db, project.id) or today
        query = {"range": asked_range, "limit": str(reports.ALL_ROWS)}
        asked = question.parse(
            query, today, first, reports.ALL_ROWS, False, (*question.DAYS, "limit")
        )
        lines = _read(db, project, asked)
        tables.append(_table(project, asked, lines))
        wrongs += [f"{project.name}: {wrong}" for wrong in _wrongs(lines)]
    if not tables:
        tables.append("There is no project to check.")
    more = len(wrongs) - MOST_NAMED
    named = wrongs[:MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])
    return "\n\n".join(tables), "; ".join(named)


def _projects(db: Database, project_id: int | None) -> list[Project]:
    if project_id is None:
        rows = admin_store.list_projects(db)
    else:
        rows = []
        with suppress(NotFound):
            if 0 < project_id <= MAX_ID:
                rows = [admin_store.get_project(db, project_id)]
        if not rows:
            raise NotFound(
                f"There is no project {project_id}. See: python -m app project list"
            )
    found = [store.find_by_public_key(db, row["public_key"]) for row in rows]
    return [project for project in found if project is not None]


def _read(db: Database, project: Project, asked: Question) -> list[Line]:
    """Return summary's line and then those of the reports, all of one moment."""
    for _ in range(ATTEMPTS):
        headline = _summary(db, project, asked)
        lines = [headline, *_figures(db, project, asked), *_lists(db, project, asked)]
        if _summary(db, project, asked).totals == headline.totals:
            break
    return lines


def _summary(db: Database, project: Project, asked: Question) -> Line:
    found = summary(db, project, asked)
    return Line("summary", {name: found[name]["value"] for name in FIGURES})


def _figures(db: Database, project: Project, asked: Question) -> list[Line]:
    """Return the lines of the reports that have totals of their own."""
    visitors = reports.visitors(db, project, asked)
    sessions = reports.sessions(db, project, asked)
    returning = reports.visitors_returning(db, project, asked, False)
    hours = reports.hours(db, project, asked)
    lines = [
        Line("visitors", _named(visitors)),
        _sum("visitors, by day", visitors["over_time"]),
        Line("sessions", _named(sessions)),
        _sum("sessions, by day", sessions["over_time"]),
        Line("visitors-returning", _named(returning)),
        _sum("hours", hours["hours"]),
    ]
    if project.identity == COOKIE:
        both = returning["new_visitors"] + returning["returning_visitors"]
        lines.append(Line("new and returning", {"visitors": both}))
    return lines


def _lists(db: Database, project: Project, asked: Question) -> list[Line]:
    """Return the lines of the reports that are lists, each summed over all its rows."""

    def simple(report: Callable[..., Report]) -> Callable[[Question], Report]:
        return lambda asked: report(db, project, asked)

    def breakdown(name: str) -> Callable[[Question], Report]:
        names = BREAKDOWNS[name]
        return lambda asked: reports.breakdown(db, project, asked, name, names)

    lists = [
        ("pages", "pages", simple(reports.pages)),
        ("entry-pages", "pages", simple(reports.entry_pages)),
        ("exit-pages", "pages", simple(reports.exit_pages)),
        *(
            (f"devices, {key}", key, simple(reports.devices))
            for key in ("by_device", "by_os", "by_browser")
        ),
        *(
            (f"locations, {key}", key, simple(reports.locations))
            for key in ("by_country", "by_region", "by_city")
        ),
        *((name, name, breakdown(name)) for name in BREAKDOWNS),
    ]
    lines = [_sum(name, _all_rows(report, key, asked)) for name, key, report in lists]
    # This list is whole on every page of the report.
    categories = reports.referrers(db, project, asked)["by_category"]
    return [*lines, _sum("referrers, by_category", categories)]


def _all_rows(
    report: Callable[[Question], Report], key: str, asked: Question
) -> list[Row]:
    """Return the rows of a list from all its pages."""
    found: list[Row] = []
    part = asked.over(asked.span)
    while True:
        rows = report(part)[key]
        found += rows
        if len(rows) < part.limit:
            return found
        part.page += 1


def _named(report: Report) -> Totals:
    """Return the report's figures under our names."""
    found = {NAMES.get(name, name): value for name, value in report.items()}
    return {name: found[name] for name in FIGURES if name in found}


def _sum(name: str, rows: list[Row]) -> Line:
    """Return what the rows sum up to; rates and means do not."""
    named = [_named(row) for row in rows]
    figures = (*SUMS, "visitors")
    totals: Totals = {
        figure: sum(row[figure] for row in named)
        for figure in figures
        if not named or figure in named[0]
    }
    return Line(name, totals, at_least=["visitors"])


def _wrongs(lines: list[Line]) -> list[str]:
    expected = lines[0].totals
    return [
        f"{line.name} has {line.totals[figure]:g} {figure}, summary"
        f" {expected[figure]:g}"
        for line in lines
        for figure in FIGURES
        if line.is_wrong(figure, expected[figure])
    ]


def _table(project: Project, asked: Question, lines: list[Line]) -> str:
    span = asked.span
    title = f"{project.name} (project {project.id}), {span.first} to {span.last}"
    widths = {name: max(len(name) + 2, 11) for name in FIGURES}
    head = " " * 22 + "".join(f"{name:>{width}}" for name, width in widths.items())
    expected = lines[0].totals
    rows = [
        f"{line.name:<22}"
        + "".join(
            f"{_cell(line, name, expected[name]):>{width}}"
            for name, width in widths.items()
        )
        for line in lines
    ]
    state = "They disagree." if _wrongs(lines) else "All agree."
    return "\n".join([title, "", head.rstrip(), *(row.rstrip() for row in rows), state])


def _cell(line: Line, figure: str, expected: float) -> str:
    if figure not in line.totals:
        return ""
    mark = "! " if line.is_wrong(figure, expected) else ""
    # Parts may have a visitor in common.
    mark = mark or (">= " if figure in line.at_least else "")
    return f"{mark}{line.totals[figure]:g}"
