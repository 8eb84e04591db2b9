"""What the owner of a project reads."""

from __future__ import annotations

from app.clock import local_day
from app.http import Reply, ok
from app.problems import InvalidInput
from app.report.answers import answer, ask
from app.report.question import DAYS, ROWS, refuse_unknown
from app.stats import events as of_events
from app.stats import filters, present, reports, store
from app.stats.summary import summary as summarise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from app.db import Database
    from app.http import Request
    from app.projects.store import Project
    from app.report.question import Question

MAX_ROWS_MICROLOGS = 100
UNFILTERED = (*DAYS, "compare", "interval", *ROWS)
ACCEPTED = (*UNFILTERED, "filter[…]")


def visitors(request: Request) -> Reply:
    """GET /api/analytics/visitors, secret key: the range's headline numbers."""
    return _answer(request, "Visitor analytics", "over_time", reports.visitors)


def visitors_returning(request: Request) -> Reply:
    """GET /api/analytics/visitors-returning, secret key: new and returning visitors."""

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        lenient = request.is_micrologs
        return reports.visitors_returning(db, project, asked, lenient)

    return _answer(request, "Visitor retention", "over_time", report)


def sessions(request: Request) -> Reply:
    """GET /api/analytics/sessions, secret key: how long visits last."""
    return _answer(request, "Session analytics", "over_time", reports.sessions)


def pages(request: Request) -> Reply:
    """GET /api/analytics/pages, secret key: the pages most seen."""
    return _answer(request, "Pages", "pages", reports.pages)


def entry_pages(request: Request) -> Reply:
    """GET /api/analytics/entry-pages, secret key: where visits begin."""
    return _answer(request, "Entry pages", "pages", reports.entry_pages)


def exit_pages(request: Request) -> Reply:
    """GET /api/analytics/exit-pages, secret key: where visits end."""
    return _answer(request, "Exit pages", "pages", reports.exit_pages)


def devices(request: Request) -> Reply:
    """GET /api/analytics/devices, secret key: devices, systems, browsers."""
    return _answer(request, "Devices", "by_device", reports.devices)


def locations(request: Request) -> Reply:
    """GET /api/analytics/locations, secret key: countries, regions, cities."""
    return _answer(request, "Locations", "by_country", reports.locations)


def referrers(request: Request) -> Reply:
    """GET /api/analytics/referrers, secret key: where visitors come from."""
    return _answer(request, "Referrers", "top_referrers", reports.referrers)


def utm(request: Request) -> Reply:
    """GET /api/analytics/utm, secret key: campaigns."""
    return _answer(request, "UTM data", "campaigns", reports.utm)


def channels(request: Request) -> Reply:
    """GET /api/analytics/channels, secret key: search, social, e-mail and so on."""
    return _breakdown(request, "channels", {"channel": "channel"})


def screens(request: Request) -> Reply:
    """GET /api/analytics/screens, secret key: screen sizes."""
    return _breakdown(request, "screens", {"screen": "screen"})


def languages(request: Request) -> Reply:
    """GET /api/analytics/languages, secret key: what browsers are set to."""
    return _breakdown(request, "languages", {"language": "language"})


def timezones(request: Request) -> Reply:
    """GET /api/analytics/timezones, secret key: the visitors' time zones."""
    return _breakdown(request, "timezones", {"timezone": "timezone"})


def browsers(request: Request) -> Reply:
    """GET /api/analytics/browsers, secret key: browsers with their versions."""
    names = {"browser": "browser", "browser_version": "browser_version"}
    return _breakdown(request, "browsers", names)


def systems(request: Request) -> Reply:
    """GET /api/analytics/os, secret key: systems with their versions."""
    return _breakdown(request, "os", {"os": "os", "os_version": "os_version"})


def hours(request: Request) -> Reply:
    """GET /api/analytics/hours, secret key: the hours of the week."""
    return _answer(request, "Hours", "hours", reports.hours)


def summary(request: Request) -> Reply:
    """GET /api/analytics/summary, secret key: headline figures and their change."""
    return _answer(request, "Summary", "", summarise)


def events(request: Request) -> Reply:
    """GET /api/analytics/events, secret key: what happened, and its properties."""
    query = request.query()
    event, name = query.get("event", ""), query.get("property", "")
    if name and not event:
        raise InvalidInput("property goes with event", field="property")

    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        return of_events.events(db, project, asked, event, name)

    main_list = "values" if name else "properties" if event else "events"
    asked = _question(request, (*ACCEPTED, "event", "property"))
    return answer(request, asked, "Events", main_list, report)


def engagement(request: Request) -> Reply:
    """GET /api/analytics/engagement, secret key: how pages are looked at."""
    return _answer(request, "Engagement", "pages", of_events.engagement)


def bots(request: Request) -> Reply:
    """GET /api/analytics/bots, secret key: what was not counted, and why."""
    asked = _question(request, UNFILTERED)
    return answer(request, asked, "Bots", "by_robot", present.bots)


def realtime(request: Request) -> Reply:
    """GET /api/analytics/realtime, secret key: who is there now."""
    if not request.is_micrologs:
        refuse_unknown(request.query(), ())
    today = local_day(request.at, request.project.timezone)
    now = request.at.replace(microsecond=0)
    found = present.realtime(request.db, request.project, now, today)
    return ok(found, "Realtime fetched successfully")


def _breakdown(request: Request, key: str, names: dict[str, str]) -> Reply:
    def report(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        return reports.breakdown(db, project, asked, key, names)

    return _answer(request, key.capitalize(), key, report)


def _answer(
    request: Request,
    title: str,
    main_list: str,
    report: Callable[..., dict[str, Any]],
) -> Reply:
    return answer(request, _question(request), title, main_list, report)


def _question(request: Request, accepted: Sequence[str] = ACCEPTED) -> Question:
    most = MAX_ROWS_MICROLOGS if request.is_micrologs else reports.ALL_ROWS
    asked = ask(request, most, accepted, store.first_day)
    if not request.is_micrologs:
        asked.filters = filters.parse(request.query())
    elif not request.path.endswith("/pages.php"):
        # Micrologs knows a limit for no other of these reports.
        asked.limit = 0
    return asked
