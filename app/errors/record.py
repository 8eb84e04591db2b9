"""Records a report of an error: everything that it changes, in one transaction."""

from __future__ import annotations

import json
from datetime import timedelta

from app.db import Again
from app.errors import sampling, store
from app.errors.occurrence import SEVERITIES
from app.projects.store import ProjectChanged
from app.senders import dimensions
from app.visits.store import VISIT_GAP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.client.location import Locator
    from app.db import Database, Row
    from app.errors.occurrence import Occurrence
    from app.senders.identity import VisitorIds
    from app.senders.sender import Sender

BEACON_DAYS = 4
"""So long a beacon's id is remembered: it may come two days late, and be repeated."""
MAX_KINDS = 50
"""Of reports with one key; what comes then is one more kind."""
MAX_GROUPS = 2000
"""Of a project."""
NEW_GROUP: Row = {
    "status": "open",
    "resolved_at": None,
    "regressed_at": None,
    "regressed_release_id": 0,
    "regressions": 0,
}
MAX_COMPONENTS_BYTES = 16_000


class Person:
    """Who met the error: the sender of a page's report; a backend's has none."""

    def __init__(self, sender: Sender, visitor_ids: VisitorIds | None) -> None:
        self.sender = sender
        self.visitor_ids = visitor_ids


def record_error(
    db: Database, locator: Locator, occurrence: Occurrence, person: Person | None
) -> tuple[int, bool]:
    """Return the id of the report's group, and whether it was counted.

    It is not if a beacon with its id was counted before.

    :raise ProjectChanged: the project is not what the table says any more.
    """

    def work() -> tuple[int, bool]:
        return _Recording(db, occurrence, person).run(locator)

    try:
        return db.transaction(work)
    except _TooManyGroups:
        occurrence.join_too_many()
        return db.transaction(work)


class _TooManyGroups(Exception):
    """The project may not have another group: what is sent decides how many."""


class Lookup:
    """The group that a report comes into, locked; ``group`` is None if it is new.

    ``known`` has what else is looked up with it. ``values`` gets the ids of group and
    kind.
    """

    def __init__(self, db: Database, occurrence: Occurrence, values: Row) -> None:
        self._db = db
        self._occurrence = occurrence
        self._keys = self._look_up(values)
        strict = self._keys.get(occurrence.strict_id)
        if self._is_new_kind and strict and strict["kinds"] >= MAX_KINDS:
            values["kind_id"] = occurrence.rest_id
            self._keys = self._look_up(values)
            strict = self._keys.get(occurrence.strict_id)
        found: Row | None = self.known
        if self._is_new_kind:
            found = strict or self._keys.get(occurrence.loose_id)
        self.group = found
        values["group_id"] = found["id"] if found else occurrence.strict_id
        self._values = values

    def _look_up(self, values: Row) -> dict[int, Row]:
        rows = store.lock_group(self._db, values)
        self.known = rows[0]
        self._is_new_kind = self.known["kind_group_id"] is None
        return {row["key_id"]: row for row in rows}

    def store_keys(self) -> None:
        """Let later reports with the keys come into the group too."""
        if not self._is_new_kind:
            return
        occurrence = self._occurrence
        strict_id, loose_id = occurrence.strict_id, occurrence.loose_id
        if strict_id in self._keys:
            store.count_keys_kind(self._db, occurrence.project.id, strict_id)
        elif not store.insert_key(
            self._db, {**self._values, "key_id": strict_id, "kinds": 1}
        ):
            raise Again("another process stored this key first")
        if loose_id and loose_id not in self._keys:
            values = {**self._values, "key_id": loose_id, "kinds": 0}
            store.insert_key(self._db, values)


class _Recording:
    """One attempt, from the lock on the group to the last row."""

    def __init__(
        self, db: Database, occurrence: Occurrence, person: Person | None
    ) -> None:
        self.db = db
        self.occurrence = occurrence
        self.project = occurrence.project
        self.person = person
        self.values = common_values(occurrence, person)
        self.lookup = Lookup(db, occurrence, self.values)
        self.known, self.group = self.lookup.known, self.lookup.group
        if self.known["cache_version"] != self.project.cache_version:
            raise ProjectChanged()

    def run(self, locator: Locator) -> tuple[int, bool]:
        group_id: int = self.values["group_id"]
        if self._was_counted():
            return group_id, self.db.commit_lost
        self._store_release()
        before = self.group["offered"] if self.group else 0
        if self.group:
            self._extend(self.group)
        else:
            self._create()
        self.lookup.store_keys()
        store.count_kind(self.db, self.values)
        store.count_day(self.db, self.values)
        self._store_person(locator)
        for slot in sampling.slots(before):
            store.keep_occurrence(self.db, {**self.values, "slot": slot})
        return group_id, True

    def _was_counted(self) -> bool:
        occurrence = self.occurrence
        if not occurrence.beacon_id:
            # Nobody knows its id but us, who may have lost the COMMIT's answer.
            return self.db.commit_lost and store.has_occurrence(self.db, self.values)
        oldest = self.known["oldest_beacon_day"]
        if oldest and (occurrence.day - oldest).days > BEACON_DAYS:
            store.delete_beacons(self.db, {**self.values, "day": oldest})
        is_new = store.insert_beacon(self.db, self.values)
        return not is_new

    def _store_release(self) -> None:
        if not self.occurrence.release_id or self.known["has_release"]:
            return
        if not store.store_release(self.db, self.values):
            self.values["release_id"] = 0

    def _create(self) -> None:
        at, release_id = self.occurrence.at, self.values["release_id"]
        if store.count_groups(self.db, self.project.id) >= MAX_GROUPS:
            # The group of those that are too many is one more.
            if not self.occurrence.is_among_too_many:
                raise _TooManyGroups()
        row = {
            **NEW_GROUP,
            **self.values,
            "id": self.values["group_id"],
            "offered": 1,
            "first_seen": at,
            "last_seen": at,
            "first_release_id": release_id,
            "last_release_id": release_id,
        }
        if not store.insert_group(self.db, row):
            raise Again("another process stored this group first")

    def _extend(self, group: Row) -> None:
        """Count the report in its group, which it may open again."""
        occurrence, release_id = self.occurrence, self.values["release_id"]
        row = {
            **group,
            "project_id": self.project.id,
            "severity": max(
                group["severity"], occurrence.severity, key=SEVERITIES.index
            ),
            "offered": group["offered"] + 1,
            "first_seen": min(group["first_seen"], occurrence.at),
            "last_seen": max(group["last_seen"], occurrence.at),
        }
        if release_id and occurrence.at >= group["last_seen"]:
            row["last_release_id"] = release_id
        if release_id and occurrence.at < group["first_seen"]:
            row["first_release_id"] = release_id
        # One that happened before it was resolved, and came late, proves nothing.
        if group["status"] == "resolved" and occurrence.at >= group["resolved_at"]:
            row["status"] = "open"
            row["regressed_at"] = occurrence.at
            row["regressed_release_id"] = release_id
            row["regressions"] = group["regressions"] + 1
        store.update_group(self.db, row)

    def _store_person(self, locator: Locator) -> None:
        if self.person is None:
            return
        sender = self.person.sender
        dimensions.store_device(self.db, self.project, sender, self.known)
        self.values["device_id"] = sender.device_id
        if self.person.visitor_ids is None:
            return
        self.values["visit_id"] = self.known["visit_id"] or 0
        self.values["place_id"] = dimensions.store_place(
            self.db,
            self.occurrence.secret,
            locator,
            self.project,
            sender,
            self.known,
        )
        store.insert_visitor(self.db, self.values)


def common_values(occurrence: Occurrence, person: Person | None) -> Row:
    """Return what the statements of a report need; it may have no person."""
    report, grouping = occurrence.report, occurrence.grouping
    visitor = person.visitor_ids if person else None
    components = json.dumps(grouping.components, ensure_ascii=True)
    return {
        "project_id": occurrence.project.id,
        "id": occurrence.id,
        "strict_id": occurrence.strict_id,
        "loose_id": occurrence.loose_id,
        "kind_id": occurrence.kind_id,
        "release_id": occurrence.release_id,
        "release": occurrence.release,
        "at": occurrence.at,
        "day": occurrence.day,
        "day_before": occurrence.day - timedelta(days=1),
        "day_after": occurrence.day + timedelta(days=1),
        "gap_starts": occurrence.at - VISIT_GAP,
        "count": occurrence.count,
        "environment": occurrence.environment,
        "severity": occurrence.severity,
        "error_type": report.error_type,
        "message": report.message,
        "file": report.file,
        "line": report.line,
        "stack": report.stack,
        "url": occurrence.url,
        "context": occurrence.context,
        "title": grouping.title[:200],
        "culprit": grouping.culprit[:200],
        "components": components if len(components) <= MAX_COMPONENTS_BYTES else "[]",
        "visitor_id": visitor.day if visitor else 0,
        "visitor_id_before": visitor.day_before if visitor else 0,
        "device_id": person.sender.device_id if person else 0,
        "network_id": person.sender.network_id if person else 0,
        "place_id": 0,
        "visit_id": 0,
    }
