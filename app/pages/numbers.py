"""What /numbers shows: the API's own answers, asked for one project."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from app import clock, routes
from app.client import location
from app.db import migrate
from app.pages import chart
from app.problems import InvalidInput, NotFound
from app.projects import admin_store, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Row
    from app.http import Request
    from app.projects.store import Project

RANGE = "30d"
TOP = 8
MAX_COUNTED_PROJECTS = 12
"""So many have today's visitors beside their names; of more it would take long."""
MAX_ID_DIGITS = 10


def read(request: Request) -> dict[str, Any]:
    """Return ``projects`` and, if there are any, everything about the chosen one.

    :raise NotFound: no project has the id that is asked for.
    :raise InvalidInput: that is no id.
    """
    migrate.check_database(request.db)
    rows = admin_store.list_projects(request.db)
    chosen = _chosen(rows, request.query().get("project"))
    if chosen is None:
        return {"projects": []}
    project = _project(request, chosen)
    return {
        "projects": [_listed(request, row, len(rows)) for row in rows],
        "chosen": chosen,
        "is_cookieless": project.identity == store.COOKIELESS,
        "places_by": _places_by(request.config.geoip),
        "at": clock.to_local(request.at, project.timezone),
        **_reports(request, project),
    }


def _reports(request: Request, project: Project) -> dict[str, Any]:
    def ask(report: str, **query: object) -> Any:
        return answer(request, project, f"/api/analytics/{report}", **query)

    over_time = ask("visitors", range=RANGE)["over_time"]
    sources = ask("referrers", range=RANGE, limit=TOP)
    return {
        "now": ask("realtime"),
        "today": ask("summary", range="today"),
        "month": ask("summary", range=RANGE),
        "chart": chart.draw(over_time),
        "pages": ask("pages", range=RANGE, limit=TOP)["pages"],
        "channels": ask("channels", range=RANGE, limit=TOP)["channels"],
        "referrers": sources["top_referrers"],
        "countries": ask("locations", range=RANGE, limit=TOP)["by_country"],
        "errors": ask("errors", range=RANGE, limit=TOP, status="open"),
    }


def _places_by(path: str) -> str:
    """Return whose places are shown, whom their licence wants to be named; or ''."""
    try:
        kind = location.about(path)[0]
    except (ValueError, ImportError):
        return ""
    return "MaxMind" if kind.startswith(("GeoIP", "GeoLite")) else "DB-IP"


def answer(
    request: Request, project: Project, path: str, **query: object
) -> dict[str, Any]:
    """Return the ``data`` that the API answers to the owner of the project's keys."""
    part = request.part({}, path)
    part.environ = {**request.environ, "QUERY_STRING": urlencode(query)}
    part.of_project(project)
    data: dict[str, Any] = json.loads(routes.get(path).load()(part).body)["data"]
    return data


def _chosen(rows: list[Row], wanted: str | None) -> Row | None:
    if wanted is None:
        return rows[0] if rows else None
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > MAX_ID_DIGITS:
        raise InvalidInput("project must be the number of one", field="project")
    for row in rows:
        if row["id"] == int(wanted):
            return row
    raise NotFound("There is no such project")


def _project(request: Request, row: Row) -> Project:
    project = store.find_by_public_key(request.db, row["public_key"])
    if project is None:
        raise NotFound("There is no such project any more")
    return project


def _listed(request: Request, row: Row, count: int) -> dict[str, Any]:
    shown = {"id": row["id"], "name": row["name"], "visitors": None}
    if 1 < count <= MAX_COUNTED_PROJECTS:
        project = _project(request, row)
        today = answer(request, project, "/api/analytics/summary", range="today")
        shown["visitors"] = today["visitors"]["value"]
    return shown
