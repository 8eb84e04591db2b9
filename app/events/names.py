"""Bounds how many names events and their properties have: more are called (other).

Anybody can send events with the public key that is on the page; a name that is made up
each time must not fill the reports, nor the database.
"""

from __future__ import annotations

import json

from app import fields
from app.events import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row
    from app.events.event import Event

MAX_NAMES = 1000
MAX_PROPERTIES = 100
OTHER = "(other)"


def bounded(db: Database, event: Event, values: Row, known: str | None) -> Row:
    """Return id and name that the event gets, of which the first 1,000 are its own.

    With them goes ``known``: the names of its properties as JSON, None if it is new.
    About as many: of those that come at once all are taken.
    """
    found = {"name_id": event.name_id, "name": event.name, "known": known}
    if known is not None or store.count_names(db, values) < MAX_NAMES:
        return found
    other = {"name_id": event.id_of_name(OTHER), "name": OTHER}
    return {**other, "known": store.get_properties(db, {**values, **other})}


def store_names(db: Database, event: Event, values: Row, known: str | None) -> None:
    """Store the event's name, and its properties: a name's first 100 as they are."""
    listed = json.loads(known) if known else []
    fresh = [name for name in event.properties if name not in listed]
    listed += fresh[: MAX_PROPERTIES - len(listed)]
    values = {**values, "properties": fields.to_json(listed)}
    if known is None:
        store.insert_name(db, values)
    elif fresh and values["properties"] != known:
        store.update_name(db, values)
    rows: dict[str, Row] = {}
    for name, value in event.properties.items():
        kept = name if name in listed else OTHER
        rows.setdefault(kept, {**values, "property": kept, "value": value})
    if rows:
        store.insert_properties(db, list(rows.values()))
