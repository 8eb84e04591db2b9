"""What an error group of Micrologs becomes here: reports of one kind."""

from __future__ import annotations

import json
from datetime import datetime

from app import fields, ids
from app.clock import local_day, to_utc
from app.errors.grouping import Report
from app.errors.occurrence import (
    ENVIRONMENTS,
    MAX_CONTEXT_BYTES,
    MAX_LINE,
    MAX_URL_BYTES,
    SAFE_ID,
    SEVERITIES,
    STATUSES,
    Occurrence,
)
from app.problems import InvalidInput
from app.senders.labels import device_of, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.db import Row
    from app.projects.store import Project

LIVELIEST = ("open", "investigating", "ignored", "resolved")
"""Of groups that become one here, the status that comes first stays."""

EPOCH = datetime(1970, 1, 1)
YEARS = range(1971, 2100)
"""MySQL takes times that no zone can turn into another; a time outside is none."""


class Part:
    """Some of a group: all that one transaction brings of it.

    ``occurrence`` stands for all of them, by it they find their group; ``events`` are
    the rows for the sample, in the order in which they came. ``count`` errors are
    counted, on ``days``; ``undated`` is how many more, or fewer, of those counted have
    no event that tells their day.
    """

    def __init__(self, occurrence: Occurrence, status: str) -> None:
        self.occurrence = occurrence
        self.status = status
        self.first_seen = self.last_seen = occurrence.at
        self.events: list[Row] = []
        self.places: list[Row] = []
        self.devices: list[Row] = []
        self.days: dict[date, int] = {}
        self.count = 0
        self.undated = 0


class Converter:
    """Turns their rows into ours, with the ids that beacons would give."""

    def __init__(
        self, secret: bytes, project: Project, source_id: int, source_zone: str
    ) -> None:
        self._secret = secret
        self._project = project
        self._source_id = source_id
        self._source_zone = source_zone

    def convert(
        self,
        theirs: Row,
        events: list[Row],
        stack: str | None,
        mark: Row,
        is_last: bool,
    ) -> Part:
        """Return what ``events``, the next of a group, become.

        ``stack`` is that of the newest event; ``mark`` says what of the group is here.
        What has no event comes with the last part.
        """
        first = self._utc(theirs["first_seen"], theirs["last_seen"])
        last = self._utc(theirs["last_seen"], theirs["first_seen"])
        part = Part(self._occurrence(theirs, stack, last), _status(theirs))
        ats = []
        for row in events:
            event = self._event(row, last)
            ats.append(event["at"])
            part.events.append({**event, "message": part.occurrence.report.message})
            self._add_sender(part, row)
        part.first_seen, part.last_seen = min([first, last, *ats]), max([last, *ats])
        self._count(part, theirs, mark, ats, is_last, first)
        return part

    def _occurrence(
        self, theirs: Row, stack: str | None, last_seen: datetime
    ) -> Occurrence:
        line = theirs["line"]
        report = Report(
            fields.text(theirs, "error_type", 100) or "Unknown",
            fields.lines(theirs, "message", 1024),
            fields.text(theirs, "file", 512),
            line if line is not None and line <= MAX_LINE else None,
            fields.lines({"stack": stack}, "stack", 65535),
        )
        made = Occurrence(self._secret, self._project, last_seen, report)
        made.severity = _known(theirs["severity"], SEVERITIES, "error")
        made.environment = _known(theirs["environment"], ENVIRONMENTS, "production")
        return made

    def _event(self, row: Row, default: datetime) -> Row:
        """Return the columns of a report that may be kept."""
        return {
            "id": self._id("imported error", self._source_id, row["id"]) & SAFE_ID,
            "at": self._utc(row["created_at"], default),
            "severity": _known(row["severity"], SEVERITIES, "error"),
            "environment": _known(row["environment"], ENVIRONMENTS, "production"),
            "stack": fields.lines(row, "stack_trace", 65535),
            "url": fields.text(row, "url", MAX_URL_BYTES),
            "context": _context(row["context"]),
        }

    def _add_sender(self, part: Part, row: Row) -> None:
        project_id = self._project.id
        place = place_of(self._secret, project_id, row)
        device = None
        if row["device_id"] is not None:
            device = device_of(self._secret, project_id, row)
        for found, column, rows in (
            (place, "place_id", part.places),
            (device, "device_id", part.devices),
        ):
            part.events[-1][column] = found["id"] if found else 0
            if found and found not in rows:
                rows.append(found)

    def _count(
        self,
        part: Part,
        theirs: Row,
        mark: Row,
        ats: list[datetime],
        is_last: bool,
        first_seen: datetime,
    ) -> None:
        """Count each event on its day, and what has none on the group's first day.

        Micrologs counts before it stores the event: one that was counted as having no
        event, and has one now, moves to its own day.
        """
        left = max(theirs["occurrence_count"] - mark["occurrences"], 0)
        late = min(max(len(ats) - left, 0), mark["undated"])
        dated = ats[: left + late]
        without_event = left + late - len(dated) if is_last else 0
        part.undated = without_event - late
        part.count = len(dated) + part.undated
        for at in dated:
            self._count_day(part, at, 1)
        if part.undated:
            self._count_day(part, first_seen, part.undated)

    def _count_day(self, part: Part, at: datetime, count: int) -> None:
        day = local_day(at, self._project.timezone)
        part.days[day] = part.days.get(day, 0) + count

    def _utc(self, at: object, default: object) -> datetime:
        """Return the moment of a time of theirs, or of ``default``, to the second."""
        for local in (at, default):
            if isinstance(local, datetime) and local.year in YEARS:
                return to_utc(local.replace(microsecond=0), self._source_zone)
        return EPOCH

    def _id(self, kind: str, *parts: object) -> int:
        return ids.keyed(self._secret, kind, self._project.id, *parts)


def joined_status(group: Row, part: Part, is_known: bool) -> Row:
    """Return the columns that say how our group stands once the part is in it.

    ``is_known``: an earlier part has brought their group's status. What people decided
    here since then stays, unless the error came back after it was resolved.
    """
    status, resolved_at = group["status"], group["resolved_at"]
    if status == part.status == "resolved":
        return {"resolved_at": max(resolved_at, part.last_seen)}
    if not is_known:
        joined = min(status, part.status, key=LIVELIEST.index)
        return {
            "status": joined,
            "resolved_at": resolved_at if joined == status else None,
        }
    if status == "resolved" and part.last_seen > resolved_at:
        return {
            "status": "open",
            "regressed_at": part.last_seen,
            "regressed_release_id": 0,
            "regressions": group["regressions"] + 1,
        }
    return {}


def _status(theirs: Row) -> str:
    return _known(theirs["status"], STATUSES, "open")


def _known(value: object, accepted: Sequence[str], default: str) -> str:
    return value if isinstance(value, str) and value in accepted else default


def _context(text: str | None) -> str:
    """Return the context as beacons' are kept; the empty text if it is broken."""
    try:
        context = json.loads(text or "null", parse_constant=_refuse)
        return fields.json_text({"context": context}, "context", MAX_CONTEXT_BYTES)
    except (ValueError, RecursionError, InvalidInput):
        return ""


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
