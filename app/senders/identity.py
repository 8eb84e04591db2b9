"""Who is this visitor? The answer is an id that says nothing about a person."""

from __future__ import annotations

from datetime import timedelta

from app import ids
from app.digests import sha256
from app.projects import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database
    from app.projects.store import Project
    from app.senders.sender import Sender


ONE_DAY = timedelta(days=1)


class VisitorIds:
    """The ids under which a visitor may be known around one local day.

    ``day`` is the id of the day itself; ``day_before`` that of the day before, under
    which a visit may still be open; ``day_after`` that of the next day, under which a
    late beacon may find the rest of its visit. 0 where there is none.
    """

    def __init__(self, day: int, day_before: int = 0, day_after: int = 0) -> None:
        self.day = day
        self.day_before = day_before
        self.day_after = day_after

    def including(self, visitor_id: int) -> VisitorIds:
        """Return these ids, or just ``visitor_id`` if it is none of them."""
        own = (self.day, self.day_before, self.day_after)
        return self if visitor_id in own else VisitorIds(visitor_id)


def visitor_ids(
    db: Database,
    secret: bytes,
    project: Project,
    sender: Sender,
    day: date,
    today: date,
) -> VisitorIds:
    """Return the ids of the sender of a beacon about the local ``day``.

    In a cookie project the id is a keyed hash of the cookie's value. Otherwise it is
    a hash, with the salt of the local day, of a keyed hash of address and
    User-Agent; when the salt is deleted, nobody can tell who it was.
    """
    if not (project.identity == store.COOKIE and sender.visitor_key):
        if day not in project.salts:
            store.add_salt(db, project, day, today)
        elif day < today and day + ONE_DAY not in project.salts:
            store.read_salts(db, project)
    return _ids(secret, project, sender, day)


def known_ids(
    db: Database,
    secret: bytes,
    project: Project,
    sender: Sender,
    day: date,
    today: date,
) -> VisitorIds:
    """Return the same of who was here on ``day``; no salt is made for it."""
    known = (day, min(day + ONE_DAY, today))
    if not all(known_day in project.salts for known_day in known):
        store.read_salts(db, project)
    return _ids(secret, project, sender, day)


def _ids(secret: bytes, project: Project, sender: Sender, day: date) -> VisitorIds:
    if project.identity == store.COOKIE and sender.visitor_key:
        return VisitorIds(cookie_visitor_id(secret, project.id, sender.visitor_key))

    def salted(other: date) -> int:
        salt = project.salts.get(other)
        return ids.keyed(salt, "visitor", sender.traces.person) if salt else 0

    return VisitorIds(salted(day), salted(day - ONE_DAY), salted(day + ONE_DAY))


def cookie_visitor_id(secret: bytes, project_id: int, visitor_key: str) -> int:
    """Return the visitor id of a first-party id.

    It is hashed by way of its SHA-256, which is all that Micrologs keeps of it: so
    imported visitors are known again.
    """
    digest = sha256(visitor_key.encode()).hexdigest()
    return hashed_visitor_id(secret, project_id, digest)


def hashed_visitor_id(secret: bytes, project_id: int, digest: str) -> int:
    """Return the visitor id of a first-party id whose SHA-256, in hex, is known."""
    return ids.keyed(secret, "cookie", project_id, digest)
