"""demo: fills a project with believable traffic, recorded as real beacons are."""

from __future__ import annotations

import os
import sys

from app import clock
from app.client.location import Locator, Place
from app.client.referrer import source_of
from app.client.url import parse_page
from app.commands import demo_tables as tables
from app.commands.demo_traffic import Traffic
from app.commands.progress import Progress
from app.commands.run import DEMO_NAME
from app.events.event import Event
from app.events.record import record_event
from app.problems import NotFound, Problem
from app.projects import admin, admin_store, store
from app.projects.store import ProjectChanged
from app.report.question import MAX_DAYS as MAX_RANGE_DAYS
from app.senders.identity import ONE_DAY, visitor_ids
from app.senders.sender import Sender
from app.senders.traces import traces_of
from app.visits import store as visits
from app.visits.engagement import Engagement, Engaging
from app.visits.pageview import Pageview
from app.visits.record import Recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from app.commands.demo_traffic import View
    from app.db import Database, Row
    from app.projects.store import Project
    from app.senders.identity import VisitorIds

MAX_DAYS = 730
MAX_PAGEVIEWS_PER_DAY = 100_000
LOCAL_HOSTS = ("127.0.0.1", "localhost")
ADDRESS = "http://127.0.0.1:8000"
"""Where ``python -m app run`` serves."""
BATCH = 250
"""So many pageviews a transaction: a real beacon waits for no longer than that."""


def demo(
    db: Database,
    secret: bytes,
    project_id: int | None,
    days: int,
    pageviews_per_day: int,
    seed: int | None,
) -> str:
    """Return what was made, and how to read it.

    Without an id the project is the one called "Demo", made if there is none.

    :raise NotFound: there is no such project.
    :raise Problem: too few or too many days or pageviews.
    """
    _check("--days", days, MAX_DAYS)
    _check("--pageviews-per-day", pageviews_per_day, MAX_PAGEVIEWS_PER_DAY)
    row, secret_key = _project(db, project_id)
    traffic = Traffic(seed, row["timezone"], clock.now(), days, pageviews_per_day)
    progress = Progress(row["name"], traffic.pageviews)
    try:
        fill(db, secret, row, traffic, progress.show)
    finally:
        progress.end()
    return _report(row, secret_key, traffic)


def fill(
    db: Database,
    secret: bytes,
    row: Row,
    traffic: Traffic,
    on_progress: Callable[[int], None],
) -> None:
    """Record the traffic; ``on_progress`` gets the pageviews committed so far."""
    recorder = _Recorder(db, secret, row, traffic)
    done = 0
    for day in traffic.days:
        views = traffic.views(day, recorder.site)
        for start in range(0, len(views), BATCH):
            batch = views[start : start + BATCH]
            recorder.record(batch)
            done += len(batch)
            on_progress(done)


class _Atlas(Locator):
    """Knows where the made-up people live; no file lists addresses such as theirs."""

    def __init__(self) -> None:
        super().__init__("")

    def find(self, address: str) -> Place | None:
        """Return the place of the home that the address's network stands for."""
        home = tables.HOMES[int(address.split(":")[2], 16)]
        if not home.country_code:
            return None
        return Place(home.country_code, home.country, home.region, home.city, True)


class _Recorder:
    """Records views of a project as if they had come in time."""

    def __init__(self, db: Database, secret: bytes, row: Row, traffic: Traffic) -> None:
        self.db = db
        self.secret = secret
        self.project_id: int = row["id"]
        self.today = traffic.days[-1]
        self.now = clock.now()
        # These are never stored: the people who have ids by them send no beacons. One
        # day more on each side, for visits at midnight and a zone that is changed.
        days = [traffic.days[0] - ONE_DAY, *traffic.days, self.today + ONE_DAY]
        self.salts = {day: os.urandom(16) for day in days}
        self.atlas = _Atlas()
        self.project = self._read_project()
        self.hosts = self.project.allowed_domains
        self.site = _site(self.hosts)

    def record(self, views: list[View]) -> None:
        """Record all of the views, in one transaction.

        :raise NotFound: the project was deleted meanwhile.
        """

        def work() -> None:
            for shown, (view, ids) in zip(views, beacons):
                recording = Recording(self.db, self.project, view, ids, self.now)
                recording.run(self.atlas)
                self._engage(shown, view, ids)

        while True:
            beacons = [self._beacon(view) for view in views]
            try:
                self.db.transaction(work)
                break
            except ProjectChanged:
                self.project = self._read_project()
        for shown, (view, ids) in zip(views, beacons):
            if shown.reading.event:
                self._happen(shown, view, ids)

    def _engage(self, shown: View, view: Pageview, ids: VisitorIds) -> None:
        """Record how long the page was looked at."""
        seconds, scroll = shown.reading[:2]
        key = {"project_id": self.project_id, "day": view.day, "id": view.id}
        if not shown.is_last:
            # The next page tells how long the visit goes on.
            values = {**key, "seconds": seconds, "scroll": scroll}
            visits.update_engagement(self.db, values)
            return
        told = Engagement(view.id, shown.left, seconds, scroll, view.sender)
        days = {"day_two_before": view.day, "day_before": view.day}
        row = visits.find_view(self.db, {**key, **days, "day_after": view.day})
        ids = ids.including(row["visitor_id"])
        Engaging(self.db, self.project, told, row, ids, self.now).run()

    def _happen(self, shown: View, view: Pageview, ids: VisitorIds) -> None:
        """Record the event on the page, in the middle of the time spent there."""
        at = shown.at + (shown.left - shown.at) / 2
        name = shown.reading.event
        event = Event(self.secret, self.project, at, name, view.sender)
        event.with_page(view.page)
        event.properties = shown.reading.properties
        while True:
            try:
                record_event(self.db, self.project, event, ids, False, self.now)
                return
            except ProjectChanged:
                self.project = self._read_project()

    def _beacon(self, shown: View) -> tuple[Pageview, VisitorIds]:
        """Return the pageview as the endpoint would make it of a beacon."""
        person = shown.person
        url = self.site + shown.path + (f"?{shown.query}" if shown.query else "")
        traces = traces_of(self.secret, person.address, person.user_agent)
        sender = Sender(
            self.secret, self.project_id, traces, person.user_agent, person.key
        )
        view = Pageview(
            self.secret, self.project, shown.at, url, parse_page(url), sender
        )
        view.title = f"{tables.TITLES[shown.path]} · Harbour Bakery"
        view.with_source(source_of(shown.referrer, [view.page.host, *self.hosts]))
        view.with_screen(person.screen, person.home.language, person.home.timezone)
        ids = visitor_ids(
            self.db, self.secret, self.project, sender, view.day, self.today
        )
        return view, ids

    def _read_project(self) -> Project:
        row = admin_store.get_project(self.db, self.project_id)
        project = store.find_by_public_key(self.db, row["public_key"])
        if project is None:
            raise NotFound("The project was changed at this moment. Run it again.")
        project.salts = self.salts
        return project


def _check(option: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise Problem(f"{option} must be 1 to {most}, not {value}.")


def _project(db: Database, project_id: int | None) -> tuple[Row, str]:
    """Return the project's row, and its secret key if it is made now."""
    rows = admin_store.list_projects(db)
    if project_id is not None:
        rows = [row for row in rows if row["id"] == project_id]
        if not rows:
            raise NotFound(
                f"There is no project {project_id}. See: python -m app project list"
            )
        return rows[0], ""
    for row in rows:
        if row["name"] == DEMO_NAME:
            return row, ""
    made = admin.create_project(db, DEMO_NAME, LOCAL_HOSTS, clock.now())
    return admin_store.get_project(db, made["id"]), made["secret_key"]


def _site(hosts: list[str]) -> str:
    """Return scheme and host of the pages: those of ``run``, or the project's first."""
    host = hosts[0] if hosts else "bakery.example"
    if host in LOCAL_HOSTS:
        return ADDRESS.replace("127.0.0.1", host)
    return f"https://[{host}]" if ":" in host else f"https://{host}"


def _report(row: Row, secret_key: str, traffic: Traffic) -> str:
    days = len(traffic.days)
    days_or_all = f"{days}d" if days <= MAX_RANGE_DAYS else "all"
    if secret_key:
        about_key = (
            f"The project is new. Its secret key, shown only now:\n  {secret_key}"
        )
    else:
        python = os.path.relpath(sys.executable)
        about_key = (
            "Its secret key was shown when it was made. For a new pair of keys:\n"
            f"  {python} -m app project rotate-keys {row['id']}"
        )
    return f"""\
Made {traffic.pageviews} pageviews in {traffic.visits} visits, over {days} days, \
in project {row["id"]} ({row["name"]}).

{about_key}

Read the numbers while python -m app run is running:
  curl -H "X-API-Key: {secret_key or "SECRET_KEY"}" \\
    "{ADDRESS}/api/analytics/visitors?range={days_or_all}\""""
