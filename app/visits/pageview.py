"""A pageview as a beacon reports it."""

from __future__ import annotations

from datetime import timedelta

from app import ids
from app.client.channel import channel_of
from app.clock import to_local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from app.client.referrer import Source
    from app.client.url import Page
    from app.projects.store import Project
    from app.senders.sender import Sender

LONGEST_VISIT = timedelta(hours=24)
DUPLICATE_GAP = timedelta(minutes=5)
"""The same visitor and URL within this counts once. Source: Micrologs."""


class Pageview:
    """One page shown, with the ids of all it refers to; 0 stands for none.

    ``at`` is UTC to the second (MySQL would round, into the next day), ``exact_at`` to
    the millisecond, ``day`` and ``hour`` the project's local ones.
    """

    title = ""
    source: Source | None = None
    screen = ""
    language = ""
    timezone = ""

    def __init__(
        self,
        secret: bytes,
        project: Project,
        at: datetime,
        url: str,
        page: Page,
        sender: Sender,
    ) -> None:
        self.secret = secret
        self._project_id = project.id
        self.exact_at = at
        self.at = at.replace(microsecond=0)
        local = to_local(self.at, project.timezone)
        self.day: date = local.date()
        self.hour = local.hour
        self.page = page
        self.sender = sender
        self.id = ids.time_ordered(at)
        self.url_hash = self.id_of("url", url) & 0xFFFFFFFF
        self.page_id = self.id_of("page", page.host, page.path)
        self.campaign_id = (
            self.id_of("campaign", *page.campaign) if any(page.campaign) else 0
        )
        self.referrer_id = 0
        self.screen_id = 0
        self.token_id = 0

    def with_beacon_id(self, beacon_id: str) -> None:
        """Take the id that the sender gave, so that a repeat changes nothing."""
        self.id = pageview_id(self.secret, self._project_id, beacon_id)

    def with_source(self, source: Source | None) -> None:
        """Take the page that the visitor came from; None if he came from nowhere."""
        self.source = source
        self.referrer_id = self.id_of("referrer", source.url) if source else 0

    @property
    def channel(self) -> int:
        """The channel through which a visit that begins here came."""
        utm_source, utm_medium = self.page.campaign[:2]
        return channel_of(self.source, utm_source, utm_medium)

    def with_screen(self, screen: str, language: str, timezone: str) -> None:
        """Take what the browser says about its screen, language and time zone."""
        self.screen, self.language, self.timezone = screen, language, timezone
        self.screen_id = self.id_of("screen", screen, language, timezone)

    def with_token(self, token: str) -> None:
        """Take the sender's session token, by which others may ask for the visit."""
        self.token_id = self.id_of("token", token) if token else 0

    def id_of(self, kind: str, *parts: object) -> int:
        """Return the id of something in this project."""
        return ids.keyed(self.secret, kind, self._project_id, *parts)


def pageview_id(secret: bytes, project_id: int, beacon_id: str) -> int:
    """Return the id of the pageview whose beacon had this id."""
    return ids.keyed_in_order(secret, "pageview", project_id, beacon_id)
