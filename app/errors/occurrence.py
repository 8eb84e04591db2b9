"""One report of an error, as a beacon brings it."""

from __future__ import annotations

import os

from app import ids
from app.clock import local_day
from app.errors.grouping import Grouping, Report, group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.projects.store import Project

SEVERITIES = ("info", "warning", "error", "critical")
ENVIRONMENTS = ("production", "staging", "development")
STATUSES = ("open", "investigating", "resolved", "ignored")
MAX_URL_BYTES = 2048
MAX_CONTEXT_BYTES = 8192
MAX_LINE = 2**31 - 1

SAFE_ID = 2**53 - 1
"""Clients read ids as JavaScript's numbers."""


def new_id() -> int:
    """Return a random id."""
    return int.from_bytes(os.urandom(7), "big") & SAFE_ID or 1


class Occurrence:
    """What was reported, and the ids of all it refers to; 0 stands for none.

    ``at`` is UTC to the second, ``count`` how often it happened. ``beacon_id`` is 0 if
    the client gave none; ``id`` is then a random one.
    """

    environment = "production"
    severity = "error"
    release = ""
    release_id = 0
    url = ""
    context = ""
    count = 1
    beacon_id = 0
    is_among_too_many = False

    def __init__(
        self, secret: bytes, project: Project, at: datetime, report: Report
    ) -> None:
        self.secret = secret
        self.project = project
        self.at = at.replace(microsecond=0)
        self.day = local_day(self.at, project.timezone)
        self.report = report
        self.grouping: Grouping = group(report)
        self.id = new_id()

    def with_release(self, release: str) -> None:
        """Take the version of the program in which it happened."""
        self.release = release
        self.release_id = self.id_of("release", release) if release else 0

    def with_beacon_id(self, beacon_id: str) -> None:
        """Take the id that the sender gave, so that a repeat changes nothing."""
        self.id = self.beacon_id = self.id_of("error", beacon_id) & SAFE_ID

    @property
    def strict_id(self) -> int:
        """The key of reports that have the same cause; also the id of their group."""
        return self._key("strict", self.grouping.strict)

    @property
    def loose_id(self) -> int:
        """The key by which a report in other words finds its group; 0 if none."""
        loose = self.grouping.loose
        return self._key("loose", loose) if loose else 0

    @property
    def kind_id(self) -> int:
        """What the report is, as far as its group could be split."""
        return self._key("kind", (*self.grouping.strict, "", *self.grouping.variant))

    @property
    def rest_id(self) -> int:
        """The kind of what comes when there are too many kinds with the same key."""
        return self._key("rest", self.grouping.strict)

    def join_too_many(self) -> None:
        """Belong to the group of all that came when there were too many groups."""
        self.is_among_too_many = True
        self.grouping = Grouping(
            ("too many groups",), (), (), [], "Too many different errors", ""
        )

    def id_of(self, kind: str, *parts: object) -> int:
        """Return the id of something in this project."""
        return ids.keyed(self.secret, kind, self.project.id, *parts)

    def _key(self, kind: str, parts: tuple[str, ...]) -> int:
        return self.id_of(kind, self.environment, *parts) & SAFE_ID or 1
