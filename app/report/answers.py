"""A report's question, read from a request, and its answer, as JSON or CSV."""

from __future__ import annotations

from app.clock import local_day
from app.http import Reply, ok
from app.report import question
from app.report.csv_list import to_csv
from app.summaries.store import last_pruned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from typing import Any

    from app.db import Database
    from app.http import Request
    from app.report.question import Question


INCOMPLETE = "X-Porthole-Incomplete"
"""Where CSV, which has no room for it, says what JSON says under ``incomplete``."""


def ask(
    request: Request,
    max_rows: int,
    accepted: Sequence[str],
    first_day: Callable[[Database, int], date | None],
) -> Question:
    """Return what the request asks; ``first_day`` finds where ``range=all`` begins.

    Under a Micrologs name, as Micrologs would understand it.

    :raise InvalidInput: a parameter cannot be taken.
    """
    project = request.project
    today = local_day(request.at, project.timezone)
    query = request.query()
    first = None
    if query.get("range") == "all":
        first = first_day(request.db, project.id)
    lenient = request.is_micrologs
    return question.parse(query, today, first or today, max_rows, lenient, accepted)


def answer(
    request: Request,
    asked: Question,
    title: str,
    main_list: str,
    report: Callable[..., dict[str, Any]],
) -> Reply:
    """Return the report in the form asked for; ``main_list`` is what CSV shows.

    ``report`` gets database, project and question, and is called once more for the
    days to compare with.
    """
    found = _found(request, asked, report)
    if asked.format == "csv":
        return _csv(request, found, main_list)
    data = {"range": asked.span.as_range(), **found}
    span = asked.compared()
    if span is not None:
        compared = _found(request, asked.over(span), report)
        data["compare"] = {"range": span.as_range(), **compared}
    return ok(data, f"{title} fetched successfully")


def _found(
    request: Request, asked: Question, report: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    """Return what the report finds, and what it cannot say.

    It is asked again if rows were deleted while it was counting them.
    """
    db, project = request.db, request.project
    before = last_pruned(db, project.id)
    while True:
        asked = asked.anew()
        found = report(db, project, asked)
        after = last_pruned(db, project.id)
        if after == before:
            return {**found, **asked.incomplete.as_data()}
        before = after


def _csv(request: Request, found: dict[str, Any], main_list: str) -> Reply:
    name = request.path.rpartition("/")[2]
    incomplete = found.pop("incomplete", None)
    rows = found[main_list] if main_list else _figures(found)
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    if incomplete:
        missing = ", ".join(incomplete["missing"])
        headers[INCOMPLETE] = f"before {incomplete['before']}: {missing}"
    return Reply(200, to_csv(rows), headers)


def _figures(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"figure": name, **figure} for name, figure in found.items()]
