"""What the rows of a Micrologs project become here: visits with their pageviews."""

from __future__ import annotations

from datetime import timedelta

from app import ids
from app.client.channel import channel_of
from app.client.referrer import source_of
from app.client.url import Page, parse_page
from app.clock import to_local, to_utc
from app.senders import store as senders
from app.senders.identity import hashed_visitor_id
from app.senders.labels import DEVICE, PLACE, device_of, place_of
from app.visits import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.db import Row

CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
IDS = (
    "entry_page_id exit_page_id referrer_id campaign_id device_id place_id screen_id"
).split()
ONE_DAY = timedelta(days=1)
MAX_KEPT = 50_000
"""So many URLs and origins are kept in memory, and not worked out again."""


class Slice:
    """Some visitors with all that an import brings of them at once."""

    def __init__(self) -> None:
        self.visits: list[ImportedVisit] = []
        self.days_of: dict[int, set[date]] = {}
        self.dimensions: dict[str, list[Row]] = {}


class ImportedVisit:
    """The columns of a visit and of its pageviews, but for their ids.

    ``earlier`` finds a pageview that an earlier run brought: the visit is stored then.
    """

    def __init__(self, row: Row, views: list[Row], earlier: Row | None) -> None:
        self.row = row
        self.views = views
        self.earlier = earlier


class Converter:
    """Turns their rows into ours, with the ids that beacons would give."""

    def __init__(self, secret: bytes, ours: Row, source_zone: str) -> None:
        self._secret = secret
        self._source_zone = source_zone
        self._zone: str = ours["timezone"]
        self._own_hosts: list[str] = ours["allowed_domains"].split()
        self.project_id: int = ours["id"]
        self._pages: dict[str, tuple[Page, int, int]] = {}
        self._origins: dict[tuple[str, ...], Row] = {}
        self._sent: set[tuple[str, int]] = set()
        self._slice = Slice()

    def convert(
        self,
        visitors: list[Row],
        sessions: list[Row],
        views: list[Row],
        earlier: list[Row],
    ) -> Slice:
        """Return what these visitors' pageviews become; ``views`` come by id."""
        self._slice = Slice()
        hashes = {row["id"]: row["visitor_hash"] for row in visitors}
        session_of = {(row["visitor_id"], row["id"]): row for row in sessions}
        earlier_of = {(row["visitor_id"], row["session_id"]): row for row in earlier}
        before: dict[int, datetime] = {}
        groups: dict[tuple[int, int], list[Row]] = {}
        for raw in views:
            view = _without_nulls(raw)
            number = view["visitor_id"]
            view["at"] = before[number] = self._utc(
                view["created_at"], before.get(number)
            )
            groups.setdefault((number, view["session_id"]), []).append(view)
        for key, group in groups.items():
            visitor_id = self._visitor_id(key[0], hashes.get(key[0]))
            # Micrologs let a session of another project take views; that is none.
            session = session_of.get(key)
            self._add_visit(visitor_id, session, group, earlier_of.get(key))
        return self._slice

    def _visitor_id(self, number: int, digest: str | None) -> int:
        if digest:
            return hashed_visitor_id(self._secret, self.project_id, digest)
        return self._id("visitor whose row is gone", number)

    def _add_visit(
        self, visitor_id: int, session: Row | None, views: list[Row], last: Row | None
    ) -> None:
        views.sort(key=lambda view: (view["at"], view["id"]))
        started_at, last_at = views[0]["at"], views[-1]["at"]
        token = ""
        if session is not None:
            token = session["session_token"] or ""
            last_at = max(last_at, self._utc(session["last_activity"]))
            if not last and session["started_at"] != views[0]["created_at"]:
                started_at = min(started_at, self._utc(session["started_at"]))
        rows = [self._view(visitor_id, view) for view in views]
        visit = {
            "project_id": self.project_id,
            # As of any visit; Micrologs' session may begin a second before its view.
            "day": rows[0]["day"],
            "hour": rows[0]["hour"],
            "visitor_id": visitor_id,
            "started_at": started_at,
            "viewed_at": views[-1]["at"],
            "last_at": last_at,
            "pageviews": len(views),
            "token_id": self._id("token", token) if token else 0,
            **self._origin(views[0]),
            "entry_page_id": rows[0]["page_id"],
            "exit_page_id": rows[-1]["page_id"],
        }
        earlier = self._stored_view(visitor_id, last) if last else None
        self._slice.visits.append(ImportedVisit(visit, rows, earlier))

    def _stored_view(self, visitor_id: int, view: Row) -> Row:
        """Return by what a pageview of an earlier run is found."""
        at = to_utc(view["created_at"], self._source_zone)
        day = to_local(at, self._zone).date()
        return {
            "project_id": self.project_id,
            "visitor_id": visitor_id,
            "day_before": day - ONE_DAY,
            "day": day,
            "day_after": day + ONE_DAY,
            "at": at,
            "second_at": to_utc(view["created_at"].replace(fold=1), self._source_zone),
            "url_hash": self._page(view["url"] or "")[2],
        }

    def _view(self, visitor_id: int, view: Row) -> Row:
        """Return the columns of a pageview."""
        at = view["at"]
        local = to_local(at, self._zone)
        page, page_id, url_hash = self._page(view["url"])
        self._slice.days_of.setdefault(visitor_id, set()).add(local.date())
        if (store.INSERT_PAGE, page_id) not in self._sent:
            texts = {"scheme": page.scheme, "host": page.host, "path": page.path}
            key = {"page_id": page_id, "title": view["page_title"], "at": at}
            self._send(store.INSERT_PAGE, page_id, {**texts, **key})
        return {
            "project_id": self.project_id,
            "day": local.date(),
            "hour": local.hour,
            "at": at,
            "visitor_id": visitor_id,
            "page_id": page_id,
            "url_hash": url_hash,
        }

    def _page(self, url: str) -> tuple[Page, int, int]:
        """Return what a URL says, the page's id and the hash of the URL."""
        if url not in self._pages:
            if len(self._pages) >= MAX_KEPT:
                self._pages.clear()
            page = _parse(url)
            page_id = self._id("page", page.host, page.path)
            self._pages[url] = (page, page_id, self._id("url", url) & 0xFFFFFFFF)
        return self._pages[url]

    def _origin(self, view: Row) -> Row:
        """Return the ids of where a visit came from, and on what; send their rows."""
        host = self._page(view["url"])[0].host
        names = (*CAMPAIGN, *PLACE, *DEVICE, "referrer_url", "screen_resolution")
        key = (host, view["timezone"], *(view[name] for name in names))
        if key not in self._origins:
            if len(self._origins) >= MAX_KEPT:
                self._origins.clear()
            self._origins[key] = self._new_origin(view, host)
        return self._origins[key]

    def _new_origin(self, view: Row, host: str) -> Row:
        campaign = {name: view[name] for name in CAMPAIGN}
        source = source_of(view["referrer_url"], [host, *self._own_hosts])
        origin: Row = dict.fromkeys(IDS, 0)
        origin["channel"] = channel_of(
            source, campaign["utm_source"], campaign["utm_medium"]
        )
        if source is not None:
            labels = {name: getattr(source, name) for name in ("url", "host")}
            labels["category"] = source.category
            origin["referrer_id"] = self._send(
                store.INSERT_REFERRER, self._id("referrer", source.url), labels
            )
        if any(campaign.values()):
            origin["campaign_id"] = self._send(
                store.INSERT_CAMPAIGN,
                self._id("campaign", *campaign.values()),
                campaign,
            )
        place = place_of(self._secret, self.project_id, view)
        if place is not None:
            origin["place_id"] = self._send(senders.INSERT_PLACE, place["id"], place)
        device = device_of(self._secret, self.project_id, view)
        origin["device_id"] = self._send(senders.INSERT_DEVICE, device["id"], device)
        screen = (view["screen_resolution"], "", view["timezone"])
        origin["screen_id"] = self._send(
            store.INSERT_SCREEN,
            self._id("screen", *screen),
            dict(zip(("screen", "language", "timezone"), screen)),
        )
        return origin

    def _send(self, statement: str, row_id: int, labels: Row) -> int:
        """Store a dimension's row with this slice, unless an earlier one had it."""
        if (statement, row_id) not in self._sent:
            self._sent.add((statement, row_id))
            row = {"project_id": self.project_id, "id": row_id, **labels}
            self._slice.dimensions.setdefault(statement, []).append(row)
        return row_id

    def _id(self, kind: str, *parts: object) -> int:
        return ids.keyed(self._secret, kind, self.project_id, *parts)

    def _utc(self, at: datetime, before: datetime | None = None) -> datetime:
        return to_utc(at, self._source_zone, before)


def _without_nulls(row: Row) -> Row:
    """Return the row with empty texts where it had none: every column may be NULL."""
    return {name: "" if value is None else value for name, value in row.items()}


def _parse(url: str) -> Page:
    try:
        page = parse_page(url)
    except ValueError:
        # Micrologs took any text for a URL; its views count all the same.
        return Page("", "", url[:1024], ("", "", "", "", ""))
    return Page(page.scheme, page.host[:255], page.path, page.campaign)
