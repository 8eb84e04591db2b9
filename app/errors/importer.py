"""Takes over the error groups of a Micrologs project, with the events they have.

Group by group, in parts that are one transaction each together with the mark of what
is here: an import that was cut off goes on where it was, and nothing comes twice. Each
group goes through our own grouping, so that several of theirs may become one.
"""

from __future__ import annotations

from app.db import Again, micrologs_errors
from app.errors import change_store, import_store, sampling, store
from app.errors.imported import Converter, joined_status
from app.errors.occurrence import SEVERITIES
from app.errors.record import NEW_GROUP, Lookup, common_values
from app.problems import Problem
from app.projects import store as projects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database, Row
    from app.errors.imported import Part

NOTHING: Row = {"event_id": 0, "occurrences": 0, "undated": 0, "kind_id": 0}
"""The mark of a group of which nothing is here."""

KEPT_NEWEST = range(sampling.FIRST, sampling.FIRST + sampling.NEWEST)


def import_errors(
    source: Database,
    db: Database,
    secret: bytes,
    theirs: Row,
    ours: Row,
    on_progress: Callable[[int], None],
) -> None:
    """Copy what ``theirs`` has into ``ours``; ``on_progress`` gets errors so far.

    :raise Problem: another import of this project is running.
    """
    key = {
        "project_id": ours["id"],
        "source_id": theirs["id"],
        "public_key": theirs["public_key"],
    }
    importing = _Importing(source, db, secret, key, ours["public_key"])
    # Once more, for what has come there meanwhile.
    while importing.bring_new(on_progress):
        pass


class _Importing:
    def __init__(
        self, source: Database, db: Database, secret: bytes, key: Row, public_key: str
    ) -> None:
        self._source = source
        self._db = db
        self._key = key
        self._source_id: int = key["source_id"]
        project = projects.find_by_public_key(db, public_key)
        if project is None:
            raise Problem("The project is gone.")
        zone = import_store.get_zone(db, key)
        self._converter = Converter(secret, project, self._source_id, zone)

    def bring_new(self, on_progress: Callable[[int], None]) -> bool:
        """Bring what is not here of each group; return whether there was any."""
        done, after, found_new = 0, -1, False
        while groups := micrologs_errors.list_groups(
            self._source, self._source_id, after
        ):
            after = groups[-1]["id"]
            marks = self._marks(groups[0]["id"], after)
            for group in groups:
                mark = marks.get(group["id"], NOTHING)
                while not _is_here(group, mark):
                    found_new = True
                    on_progress(done + mark["occurrences"])
                    mark = self._bring_part(group, mark)
                done += group["occurrence_count"]
            on_progress(done)
        self._source.rest()
        return found_new

    def _marks(self, first_id: int, last_id: int) -> dict[int, Row]:
        db = self._db
        marks = db.read(
            lambda: import_store.list_marks(db, self._key, first_id, last_id)
        )
        db.rest()
        return marks

    def _bring_part(self, group: Row, mark: Row) -> Row:
        """Bring the next events, or what is left; return the mark then."""
        events, stack = [], None
        if group["event_id"] > mark["event_id"]:
            events = micrologs_errors.list_events(
                self._source, self._source_id, group, mark["event_id"]
            )
        if events and not mark["kind_id"]:
            stack = micrologs_errors.newest_stack(self._source, self._source_id, group)
        self._source.rest()
        is_last = len(events) < micrologs_errors.SLICE_EVENTS
        part = self._converter.convert(group, events, stack, mark, is_last)
        after = {
            "event_id": group["event_id"] if is_last else events[-1]["id"],
            "occurrences": mark["occurrences"] + part.count,
            "undated": mark["undated"] + part.undated,
        }
        return _Saving(self._db, self._key, part).run(group["id"], mark, after)


def _is_here(group: Row, mark: Row) -> bool:
    names = {"occurrences": "occurrence_count", "event_id": "event_id"}
    return all(mark[ours] >= group[theirs] for ours, theirs in names.items())


class _Saving:
    """Stores a part, with the mark that it is stored."""

    def __init__(self, db: Database, key: Row, part: Part) -> None:
        self._db = db
        self._key = key
        self._part = part
        self._values = common_values(part.occurrence, None)

    def run(self, their_id: int, before: Row, after: Row) -> Row:
        """Do it, if ``before`` is still the mark; return the mark then."""

        def work() -> Row:
            if not import_store.lock_import(self._db, self._key):
                raise Problem("The project is being deleted.")
            marks = import_store.list_marks(self._db, self._key, their_id, their_id)
            found = marks.get(their_id, NOTHING)
            if self._db.commit_lost and {**found, **after} == found:
                return found
            if found != before:
                raise Problem("Another import of this project is running.")
            made = {**after, "kind_id": self._save(before["kind_id"])}
            import_store.set_mark(self._db, {**self._key, "id": their_id, **made})
            return made

        return self._db.transaction(work)

    def _save(self, known_kind_id: int) -> int:
        """Store the part in its group; return its kind."""
        offered = 0
        if known_kind_id:
            kind_id = self._values["kind_id"] = known_kind_id
            group = import_store.lock_group_of_kind(self._db, self._row())
            offered = group["offered"]
            self._extend(group, is_known=True)
        else:
            lookup = Lookup(self._db, self._part.occurrence, self._values)
            if lookup.group is None:
                self._create()
            else:
                offered = lookup.group["offered"]
                self._extend(lookup.group, is_known=False)
            lookup.store_keys()
            kind_id = self._values["kind_id"]
        self._count()
        self._keep(offered)
        return int(kind_id)

    def _create(self) -> None:
        part = self._part
        # Nobody knows when it was: after its last occurrence, or it were open.
        resolved_at = part.last_seen if part.status == "resolved" else None
        new = {**NEW_GROUP, "status": part.status, "resolved_at": resolved_at}
        row = self._row(
            **new,
            id=self._values["group_id"],
            offered=len(part.events),
            first_seen=part.first_seen,
            last_seen=part.last_seen,
            first_release_id=0,
            last_release_id=0,
        )
        if not store.insert_group(self._db, row):
            raise Again("a beacon stored this group first")

    def _extend(self, group: Row, is_known: bool) -> None:
        part = self._part
        self._values["group_id"] = group["id"]
        severities = (group["severity"], part.occurrence.severity)
        row = {
            **group,
            **joined_status(group, part, is_known),
            "project_id": self._key["project_id"],
            "severity": max(severities, key=SEVERITIES.index),
            "offered": group["offered"] + len(part.events),
            "first_seen": min(group["first_seen"], part.first_seen),
            "last_seen": max(group["last_seen"], part.last_seen),
        }
        store.update_group(self._db, row)
        if row["resolved_at"] != group["resolved_at"]:
            change_store.set_status(self._db, row)

    def _count(self) -> None:
        part = self._part
        ends = ((part.first_seen, part.count), (part.last_seen, 0))
        import_store.count_kind(
            self._db, [self._row(at=at, count=count) for at, count in ends]
        )
        import_store.count_days(
            self._db,
            [self._row(day=day, count=part.days[day]) for day in sorted(part.days)],
        )

    def _keep(self, offered: int) -> None:
        """Store those of the events that the sample takes, after ``offered`` others."""
        part = self._part
        owned = {"project_id": self._key["project_id"]}
        import_store.store_devices(self._db, [{**row, **owned} for row in part.devices])
        import_store.store_places(self._db, [{**row, **owned} for row in part.places])
        kept = self._sampled(offered)
        import_store.keep_occurrences(
            self._db,
            [self._row(count=1, slot=slot, **kept[slot]) for slot in sorted(kept)],
        )

    def _sampled(self, offered: int) -> dict[int, Row]:
        """Return by slot which of the events are to be kept."""
        newest: dict[int, datetime] = {}
        if self._part.events and offered > sampling.FIRST:
            newest = import_store.list_slots(self._db, self._values, KEPT_NEWEST)
        kept = {}
        for number, event in enumerate(self._part.events, offered):
            at = event["at"]
            for slot in sampling.slots(number):
                if slot in KEPT_NEWEST:
                    # A report that is here may be newer than one that is imported.
                    if newest.get(slot, at) > at:
                        continue
                    newest[slot] = at
                kept[slot] = event
        return kept

    def _row(self, **columns: object) -> Row:
        return {**self._values, **columns}
