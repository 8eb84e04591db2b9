"""An event as a beacon reports it."""

from __future__ import annotations

from app import fields, ids
from app.clock import to_local
from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import Any

    from app.client.url import Page
    from app.projects.store import Project
    from app.senders.sender import Sender

MAX_NAME_BYTES = 120
MAX_PROPERTIES = 30
MAX_PROPERTIES_BYTES = 8192
MAX_PROPERTY_NAME_BYTES = 60
MAX_VALUE_BYTES = 255


class Event:
    """Something that happened, with the ids of all it refers to; 0 stands for none.

    ``at`` is UTC to the second, ``day`` and ``hour`` the project's local ones.
    """

    page: Page | None = None

    def __init__(
        self, secret: bytes, project: Project, at: datetime, name: str, sender: Sender
    ) -> None:
        self._secret = secret
        self._project_id = project.id
        self.at = at.replace(microsecond=0)
        local = to_local(self.at, project.timezone)
        self.day: date = local.date()
        self.hour = local.hour
        self.name = name
        self.sender = sender
        self.id = ids.time_ordered(at)
        self.name_id = self.id_of_name(name)
        self.page_id = 0
        self.properties: dict[str, str] = {}

    def id_of_name(self, name: str) -> int:
        """Return the id that an event's name has in this project."""
        return self._id_of("event name", name)

    def with_beacon_id(self, beacon_id: str) -> None:
        """Take the id that the sender gave, so that a repeat changes nothing."""
        secret, project_id = self._secret, self._project_id
        self.id = ids.keyed_in_order(secret, "event", project_id, beacon_id)

    def with_page(self, page: Page) -> None:
        """Take the page on which it happened."""
        self.page = page
        self.page_id = self._id_of("page", page.host, page.path)

    def _id_of(self, kind: str, *parts: object) -> int:
        return ids.keyed(self._secret, kind, self._project_id, *parts)


def properties_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the event's properties as texts, in JSON's writing if they are none.

    A property that is null is left out; a long value is cut.

    :raise InvalidInput: ``props`` are no object, or too much of one.
    """
    if not object_text(body, "props", MAX_PROPERTIES_BYTES):
        return {}
    given: dict[str, Any] = body["props"]
    if len(given) > MAX_PROPERTIES:
        message = f"props may have {MAX_PROPERTIES} properties"
        raise InvalidInput(message, field="props")
    return {
        _property_name(name): _text(value)
        for name, value in given.items()
        if value is not None
    }


def object_text(body: Mapping[str, Any], name: str, max_bytes: int) -> str:
    """Return an object as JSON text; absent and null are the empty text.

    :raise InvalidInput: it is no object, or too much of one.
    """
    if not isinstance(body.get(name), (dict, type(None))):
        raise InvalidInput(f"{name} must be an object", field=name)
    return fields.json_text(body, name, max_bytes)


def _property_name(name: str) -> str:
    try:
        return fields.whole_text({"": name}, "", MAX_PROPERTY_NAME_BYTES)
    except InvalidInput:
        message = f"props: a property's name has 1 to {MAX_PROPERTY_NAME_BYTES} bytes"
        raise InvalidInput(message, field="props") from None


def _text(value: object) -> str:
    text = value if isinstance(value, str) else fields.to_json(value)
    return fields.text({"": text}, "", MAX_VALUE_BYTES)
