"""Takes over the short links of a Micrologs project, codes included, and their clicks.

In slices, each in one transaction together with the mark of how far it got: an import
that was cut off goes on where it was, and nothing comes twice.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

from app import ids
from app.client.referrer import source_of
from app.clock import to_local, to_utc
from app.db import Again
from app.db import micrologs_links as micrologs
from app.links import codes, import_store, link_store
from app.problems import Problem
from app.senders import store as senders
from app.senders.labels import device_of, place_of
from app.visits.store import INSERT_REFERRER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database, Row

MAX_URL = 2048
MAX_LABEL = 255


class Import:
    """One run for one project; ``timezone`` is the one of their times."""

    def __init__(
        self,
        source: Database,
        db: Database,
        secret: bytes,
        theirs: Row,
        ours: Row,
        timezone: str,
    ) -> None:
        self._source = source
        self._db = db
        self._secret = secret
        self._their_id: int = theirs["id"]
        self._project_id: int = ours["id"]
        self._zone: str = ours["timezone"]
        self._source_zone = timezone
        self._before: datetime | None = None
        self._key = {
            "project_id": ours["id"],
            "id": theirs["id"],
            "public_key": theirs["public_key"],
        }

    def run(self, on_progress: Callable[[int], None]) -> Row:
        """Copy what has not come yet; ``on_progress`` gets clicks so far.

        Return how far it got: of their clicks up to ``last_click_id`` there are
        ``clicks`` here, and ``left_out`` belong to a link that is not here.

        :raise Problem: another import of this project is running.
        """
        state = import_store.get_state(self._db, self._key)
        while links := self._next_links(state):
            after = {**state, "last_link_id": links[-1]["id"]}
            rows = [self._link(row) for row in links if codes.is_code(row["code"])]
            state = self._save(state, after, self._saving_links(rows))
        while clicks := self._next_clicks(state):
            after = {**state, "last_click_id": clicks[-1]["id"]}
            rows = [self._click(row) for row in clicks]
            state = self._save(state, after, self._saving_clicks(rows))
            on_progress(state["clicks"] + state["left_out"])
        return state

    def missing(self) -> list[str]:
        """Return the codes of their links that other links have here, or none can."""
        here = self._db.read(lambda: import_store.list_ids(self._db, self._project_id))
        missing, after = [], 0
        while rows := micrologs.list_links(self._source, self._their_id, after):
            after = rows[-1]["id"]
            absent = [row for row in rows if row["id"] not in here]
            missing += [row["code"] for row in absent if self._is_refused(row)]
        self._source.rest()
        return missing

    def _is_refused(self, row: Row) -> bool:
        """Return whether it is not just that the owner has deleted the link here."""
        code = row["code"]
        if not codes.is_code(code):
            return True
        found = self._db.read(lambda: link_store.find_code(self._db, code))
        own = (self._project_id, row["id"])
        return found is not None and (found["project_id"], found["id"]) != own

    def _next_links(self, state: Row) -> list[Row]:
        after = state["last_link_id"]
        rows = micrologs.list_links(self._source, self._their_id, after)
        self._source.rest()
        return rows

    def _next_clicks(self, state: Row) -> list[Row]:
        after = state["last_click_id"]
        rows = micrologs.list_clicks(self._source, self._their_id, after)
        self._source.rest()
        return rows

    def _link(self, row: Row) -> Row:
        return {
            "code": row["code"],
            "project_id": self._project_id,
            # Ours are far above theirs.
            "id": row["id"],
            "destination_url": (row["destination_url"] or "")[:MAX_URL],
            "label": (row["label"] or "")[:MAX_LABEL],
            "is_active": int(bool(row["is_active"])),
            "created_at": to_utc(row["created_at"], self._source_zone),
        }

    def _click(self, row: Row) -> Row:
        """Return a click, with what it refers to in ``dimensions``, without its id."""
        at = to_utc(row["created_at"], self._source_zone, self._before)
        self._before = at
        local = to_local(at, self._zone)
        device = device_of(self._secret, self._project_id, row)
        dimensions = {senders.INSERT_DEVICE: device}
        place = place_of(self._secret, self._project_id, row)
        if place is not None:
            dimensions[senders.INSERT_PLACE] = place
        source, referrer_id = source_of(row["referrer_url"] or "", ()), 0
        if source is not None:
            referrer_id = self._id("referrer", source.url)
            dimensions[INSERT_REFERRER] = {"id": referrer_id, **source._asdict()}
        # A hash of theirs means a person for ever; ours mean one for a day.
        person = row["ip_hash"]
        visitor_id = self._id("imported click", person, local.date()) if person else 0
        return {
            "project_id": self._project_id,
            "day": local.date(),
            "link_id": row["link_id"],
            "at": at,
            "hour": local.hour,
            "visitor_id": visitor_id,
            "referrer_id": referrer_id,
            "device_id": device["id"],
            "place_id": place["id"] if place else 0,
            "dimensions": dimensions,
        }

    def _save(self, before: Row, after: Row, store: Callable[[], Row]) -> Row:
        """Store a slice if ``before`` is still how far the import got.

        Return ``after`` with what ``store`` adds to its counts.
        """

        def work() -> Row:
            found = import_store.lock_state(self._db, self._key)
            if self._db.commit_lost and found == reached:
                return reached
            if found != before:
                raise Problem("Another import of this project is running.")
            reached.update(after)
            for name, more in store().items():
                reached[name] += more
            import_store.set_state(self._db, self._key, reached)
            return reached

        reached: Row = {}
        return self._db.transaction(work)

    def _saving_links(self, rows: list[Row]) -> Callable[[], Row]:
        def store() -> Row:
            import_store.insert_links(self._db, rows)
            return {}

        return store

    def _saving_clicks(self, rows: list[Row]) -> Callable[[], Row]:
        def store() -> Row:
            here = import_store.list_ids(self._db, self._project_id)
            kept = [row for row in rows if row["link_id"] in here]
            self._store_dimensions(kept)
            import_store.insert_clicks(self._db, _with_ids(kept))
            counts = Counter(row["link_id"] for row in kept)
            # Last and in one order, as redirects do, so that nobody waits in a circle.
            for link_id, more in sorted(counts.items()):
                if not import_store.add_clicks(
                    self._db, self._project_id, link_id, more
                ):
                    raise Again("the link was deleted meanwhile")
            return {"clicks": len(kept), "left_out": len(rows) - len(kept)}

        return store

    def _store_dimensions(self, clicks: list[Row]) -> None:
        found: dict[str, dict[int, Row]] = {}
        for click in clicks:
            for statement, row in click["dimensions"].items():
                row = {"project_id": self._project_id, **row}
                found.setdefault(statement, {})[row["id"]] = row
        for statement, rows in found.items():
            import_store.insert_dimensions(self._db, statement, list(rows.values()))

    def _id(self, kind: str, *parts: object) -> int:
        return ids.keyed(self._secret, kind, self._project_id, *parts)


def _with_ids(clicks: list[Row]) -> list[Row]:
    """Return the columns of clicks with ids, drawn anew each time.

    Micrologs kept no milliseconds; drawn ones leave room for busy seconds.
    """
    drawn = int.from_bytes(os.urandom(3), "big")
    moment = timedelta(milliseconds=drawn % 1000)
    rows = []
    for number, click in enumerate(clicks):
        row = {name: value for name, value in click.items() if name != "dimensions"}
        row["id"] = ids.time_ordered(click["at"] + moment, drawn + number)
        rows.append(row)
    return rows
