"""THE route table: every path of the API, who may call it, and what answers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from app.http import Reply, Request

PUBLIC = "public"
SECRET = "secret"
EITHER = "either"
ADMIN = "admin"
OPEN = "none"


class Route:
    """One line of the table.

    ``caller`` is the key it wants; ``limit`` how many calls a minute one caller may
    make: one address in a project, one secret key, or one address. A hot route
    answers without Flask.

    A path may end in a part that varies, such as ``/<code>``. ``for_people`` is what
    a person opens in a browser: refused in plain text, and under its Micrologs name
    answered whatever the method is.
    """

    def __init__(
        self,
        method: str,
        path: str,
        target: str,
        caller: str,
        limit: int,
        summary: str,
        *,
        hot: bool = False,
        for_people: bool = False,
    ) -> None:
        self.method = method
        self.path = path
        self.target = target
        self.caller = caller
        self.limit = limit
        self.summary = summary
        self.hot = hot
        self.for_people = for_people

    @property
    def is_beacon(self) -> bool:
        """Whether what is sent there may wait in the spool; a batch's parts do."""
        return self.path.startswith("/api/track/") and self.hot and self is not BATCH

    def load(self) -> Callable[[Request], Reply]:
        """Return the function that answers, imported on first use."""
        module, _, name = self.target.partition(":")
        loaded = __import__(f"app.{module}", fromlist=[name])
        handler: Callable[[Request], Reply] = getattr(loaded, name)
        return handler


# fmt: off
ROUTES = (
    Route("POST", "/api/track/pageview", "visits.endpoints:track_pageview", PUBLIC, 300,
          "Count a pageview", hot=True),
    Route("POST", "/api/track/error", "errors.endpoints:track_error", EITHER, 300,
          "Report an error", hot=True),
    Route("POST", "/api/track/errors-update-status",
          "errors.owner_endpoints:errors_update_status", SECRET, 300,
          "Open, investigating, resolved, ignored"),
    Route("GET", "/api/analytics/errors",
          "errors.owner_endpoints:errors", SECRET, 600,
          "Groups of errors, with whom they met"),
    Route("GET", "/api/analytics/errors-trend",
          "errors.owner_endpoints:errors_trend", SECRET, 600,
          "Errors day by day"),
    Route("GET", "/api/analytics/error-detail",
          "errors.owner_endpoints:error_detail", SECRET, 600,
          "One group: reports, releases, and why they are one"),
    Route("POST", "/api/errors/merge", "errors.owner_endpoints:merge", SECRET, 300,
          "Treat groups as one, now and later"),
    Route("POST", "/api/errors/split", "errors.owner_endpoints:split", SECRET, 300,
          "Give some of a group's kinds a group of their own"),
    Route("POST", "/api/errors/undo", "errors.owner_endpoints:undo", SECRET, 300,
          "Undo a merge or a split"),
    Route("POST", "/api/track/audit", "audit.endpoints:track_audit", EITHER, 300,
          "Add an entry to the audit log", hot=True),
    Route("POST", "/api/track/event", "events.endpoints:track_event", EITHER, 300,
          "Count something that happened, on a page or in a backend", hot=True),
    Route("POST", "/api/track/engagement", "visits.endpoints:track_engagement", PUBLIC,
          600, "How long a page was looked at, and how far down", hot=True),
    Route("POST", "/api/track/identify", "events.endpoints:track_identify", PUBLIC, 60,
          "Which of your users a visitor is, where cookies are used", hot=True),
    Route("POST", "/api/track/batch", "batch.endpoints:track_batch", EITHER, 60,
          "Up to 50 of these beacons in one request", hot=True),
    Route("GET", "/api/analytics/visitors",
          "stats.endpoints:visitors", SECRET, 600,
          "Visitors, pageviews, visits and bounce rate, day by day"),
    Route("GET", "/api/analytics/visitors-returning",
          "stats.endpoints:visitors_returning", SECRET, 600,
          "New and returning visitors"),
    Route("GET", "/api/analytics/sessions",
          "stats.endpoints:sessions", SECRET, 600,
          "How long visits last, and how many pages they have"),
    Route("GET", "/api/analytics/summary",
          "stats.endpoints:summary", SECRET, 600,
          "Headline figures, each with its change"),
    Route("GET", "/api/analytics/pages",
          "stats.endpoints:pages", SECRET, 600,
          "The pages most seen"),
    Route("GET", "/api/analytics/entry-pages",
          "stats.endpoints:entry_pages", SECRET, 600,
          "Where visits begin"),
    Route("GET", "/api/analytics/exit-pages",
          "stats.endpoints:exit_pages", SECRET, 600,
          "Where visits end"),
    Route("GET", "/api/analytics/referrers",
          "stats.endpoints:referrers", SECRET, 600,
          "Where visitors come from"),
    Route("GET", "/api/analytics/channels",
          "stats.endpoints:channels", SECRET, 600,
          "Search, social, e-mail and so on"),
    Route("GET", "/api/analytics/utm",
          "stats.endpoints:utm", SECRET, 600,
          "Campaigns"),
    Route("GET", "/api/analytics/devices",
          "stats.endpoints:devices", SECRET, 600,
          "Devices, systems and browsers"),
    Route("GET", "/api/analytics/browsers",
          "stats.endpoints:browsers", SECRET, 600,
          "Browsers with their versions"),
    Route("GET", "/api/analytics/os",
          "stats.endpoints:systems", SECRET, 600,
          "Systems with their versions"),
    Route("GET", "/api/analytics/screens",
          "stats.endpoints:screens", SECRET, 600,
          "Screen sizes"),
    Route("GET", "/api/analytics/languages",
          "stats.endpoints:languages", SECRET, 600,
          "Languages"),
    Route("GET", "/api/analytics/timezones",
          "stats.endpoints:timezones", SECRET, 600,
          "The visitors' time zones"),
    Route("GET", "/api/analytics/locations",
          "stats.endpoints:locations", SECRET, 600,
          "Countries, regions and cities"),
    Route("GET", "/api/analytics/hours",
          "stats.endpoints:hours", SECRET, 600,
          "Hours of the week"),
    Route("GET", "/api/analytics/events",
          "stats.endpoints:events", SECRET, 600,
          "Events, their properties and the values of these"),
    Route("GET", "/api/analytics/engagement",
          "stats.endpoints:engagement", SECRET, 600,
          "How long pages are looked at, and how far down"),
    Route("GET", "/api/analytics/bots",
          "stats.endpoints:bots", SECRET, 600,
          "What was not counted, by reason, robot and page"),
    Route("GET", "/api/analytics/realtime",
          "stats.endpoints:realtime", SECRET, 600,
          "Visitors of the last 5 and 30 minutes, and their pages"),
    Route("GET", "/api/analytics/audits",
          "audit.endpoints:audits", SECRET, 600,
          "The audit log, newest first"),
    Route("GET", "/api/audit/verify", "audit.endpoints:verify", SECRET, 60,
          "Whether the audit log is as it was written"),
    Route("POST", "/api/audit/erase", "audit.endpoints:erase", SECRET, 30,
          "Erase what is personal in audit entries"),
    Route("POST", "/api/links/create", "links.endpoints:create", SECRET, 300,
          "A new short link"),
    Route("GET", "/api/links/list", "links.endpoints:list_links", SECRET, 300,
          "Every link with its clicks"),
    Route("GET", "/api/links/detail", "links.endpoints:detail", SECRET, 300,
          "One link"),
    Route("POST", "/api/links/edit", "links.endpoints:edit", SECRET, 300,
          "Destination, label, on or off, expiry, most clicks"),
    Route("POST", "/api/links/delete", "links.endpoints:delete", SECRET, 300,
          "Delete a link and its clicks"),
    Route("GET", "/api/links/qr", "links.endpoints:qr", SECRET, 300,
          "A link's QR code, as SVG"),
    Route("GET", "/api/analytics/links", "links.endpoints:links", SECRET, 600,
          "The links most clicked"),
    Route("GET", "/api/analytics/link-detail", "links.endpoints:link_detail", SECRET,
          600, "One link's clicks by country, source and device, day by day"),
    Route("GET", "/l/<code>", "links.redirect_endpoints:follow", OPEN, 1200,
          "Follow a short link", hot=True, for_people=True),
    Route("GET", "/api/redirect", "links.redirect_endpoints:redirect", OPEN, 1200,
          "The same, the code being `c`", hot=True, for_people=True),
    Route("POST", "/api/projects/create", "projects.endpoints:create", ADMIN, 30,
          "A new project; its keys are shown once"),
    Route("GET", "/api/projects/list", "projects.endpoints:list_projects", ADMIN, 60,
          "Every project with its counts"),
    Route("POST", "/api/projects/edit", "projects.endpoints:edit", ADMIN, 30,
          "Name, domains, time zone, identity, Do Not Track"),
    Route("POST", "/api/projects/toggle", "projects.endpoints:toggle", ADMIN, 30,
          "Turn a project off, or on again"),
    Route("POST", "/api/projects/regenerate-keys",
          "projects.endpoints:regenerate_keys", ADMIN, 30,
          "New keys, in force at once"),
    Route("POST", "/api/projects/delete", "projects.endpoints:delete", ADMIN, 30,
          "Delete a project and all it has"),
    Route("POST", "/api/projects/verify", "projects.endpoints:verify", OPEN, 20,
          "Whether a key is valid, and which kind it is"),
    Route("GET", "/api/health", "health.endpoints:health", OPEN, 600,
          "Whether everything works"),
)
# fmt: on

BATCH = next(route for route in ROUTES if route.path == "/api/track/batch")
_BY_PATH = {route.path: route for route in ROUTES}
_BY_FOLDER = {
    route.path.rpartition("/")[0]: route for route in ROUTES if route.path[-1] == ">"
}


def find(path: str) -> Route | None:
    """Return the route at ``path``; each is also there under Micrologs' .php name."""
    folder, _, part = path.rpartition("/")
    route = _BY_PATH.get(path[:-4] if path.endswith(".php") else path)
    return route or (_BY_FOLDER.get(folder) if part else None)


def get(path: str) -> Route:
    """Return the route at ``path``, which is known to be there."""
    route = find(path)
    assert route is not None, path
    return route


def table() -> str:
    """Return the routes as README's table of endpoints."""
    lines = ["| | Endpoint | Key | |", "|---|---|---|---|"]
    for route in ROUTES:
        what = f"{route.method} | `{route.path}` | {route.caller} | {route.summary}"
        lines.append(f"| {what} |")
    return "\n".join(lines) + "\n"
