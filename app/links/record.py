"""Records a click: its row, and one more on its link."""

from __future__ import annotations

from app import ids
from app.clock import to_local
from app.links import store
from app.senders import dimensions as senders
from app.senders.store import insert_dimension
from app.visits.store import INSERT_REFERRER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.client.location import Locator
    from app.client.referrer import Source
    from app.db import Database, Row
    from app.links.store import Link
    from app.senders.sender import Sender


class LinkClosed(Exception):
    """The link was used up, or changed, since it was read; nothing is stored."""


class Click:
    """One redirect served.

    ``sender`` is None for who asked not to be tracked: ``visitor_id`` is 0 then, and
    neither device nor place is stored.
    """

    id = 0
    visitor_id = 0
    referrer_id = 0
    source: Source | None = None
    sender: Sender | None = None

    def __init__(self, secret: bytes, link: Link, at: datetime) -> None:
        self.secret = secret
        self.link = link
        self.exact_at = at
        self.at = at.replace(microsecond=0)
        local = to_local(self.at, link.project.timezone)
        self.day = local.date()
        self.hour = local.hour

    def with_source(self, source: Source) -> None:
        """Take the page that the link was on."""
        self.source = source
        self.referrer_id = ids.keyed(
            self.secret, "referrer", self.link.project.id, source.url
        )

    def values(self) -> Row:
        """Return the columns, but for the place."""
        return {
            "project_id": self.link.project.id,
            "day": self.day,
            "id": self.id,
            "code": self.link.code,
            "link_id": self.link.id,
            "at": self.at,
            "hour": self.hour,
            "visitor_id": self.visitor_id,
            "referrer_id": self.referrer_id,
            "device_id": self.sender.device_id if self.sender else 0,
            "network_id": self.sender.network_id if self.sender else 0,
        }


def record_click(db: Database, locator: Locator, click: Click) -> None:
    """Count a click, unless the list of robots knows the sender for one.

    :raise LinkClosed: the link may not be followed any more.
    """
    known = store.find_known(db, click.values())
    sender, project = click.sender, click.link.project
    robot = senders.robot_of(sender, known) if sender else ""
    if sender and robot:
        if known["robot"] is None:
            db.transaction(lambda: senders.store_robot(db, project, sender, robot))
        return

    def work() -> None:
        if db.commit_lost and store.has_click(db, click.values()):
            return
        # Drawn anew each time: it may have been taken.
        click.id = ids.time_ordered(click.exact_at)
        place_id = _store_dimensions(db, locator, click, known)
        store.insert_click(db, {**click.values(), "place_id": place_id})
        # Last, because everybody who follows the link has to wait for it.
        if not store.count_click(db, click.values()):
            raise LinkClosed()

    db.transaction(work)


def _store_dimensions(db: Database, locator: Locator, click: Click, known: Row) -> int:
    """Store what the click refers to and is new; return the id of its place."""
    project, source = click.link.project, click.source
    if source is not None and not known["has_referrer"]:
        key = {"project_id": project.id, "id": click.referrer_id}
        insert_dimension(db, INSERT_REFERRER, {**key, **source._asdict()})
    if click.sender is None:
        return 0
    senders.store_device(db, project, click.sender, known)
    return senders.store_place(db, click.secret, locator, project, click.sender, known)
