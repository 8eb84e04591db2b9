"""Senders' devices and places, written when they are first seen.

That another process may have been first is no matter, because the same thing has the
same id everywhere. ``known`` is what the project knows of the sender: ``robot`` and
``network_place_id``, null where the sender is new, which each area reads on its way.
"""

from __future__ import annotations

from app import ids
from app.client import bots
from app.senders import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.client.location import Locator
    from app.db import Database, Row
    from app.projects.store import Project
    from app.senders.sender import Sender

ROBOT = "bot"
"""The type of a device that is a robot; its browser is the robot's name."""


class SentByRobot(Exception):
    """The beacon is not from a person, as the list of robots knows; nothing is stored.

    ``name`` is the robot's; ``is_new`` is True if the project sees it first.
    """

    def __init__(self, name: str, is_new: bool) -> None:
        super().__init__(name)
        self.name = name
        self.is_new = is_new


def robot_of(sender: Sender, known: Row) -> str:
    """Return the name of the robot that the sender is, '' if he is a person.

    The list of robots is asked only about a device that the project has never seen.
    """
    name: str | None = known["robot"]
    return bots.listed_robot(sender.user_agent) if name is None else name


def store_device(db: Database, project: Project, sender: Sender, known: Row) -> None:
    """Store the sender's device if it is new."""
    if known["robot"] is None:
        from app.client import useragent

        device = useragent.describe(sender.user_agent)
        _insert(db, store.INSERT_DEVICE, project, sender.device_id, device._asdict())


def store_robot(db: Database, project: Project, sender: Sender, name: str) -> None:
    """Remember that the device is a robot."""
    from app.client import useragent

    device = useragent.Device(ROBOT, "Unknown", "", name, "")
    _insert(db, store.INSERT_DEVICE, project, sender.device_id, device._asdict())


def store_place(
    db: Database,
    secret: bytes,
    locator: Locator,
    project: Project,
    sender: Sender,
    known: Row,
) -> int:
    """Return the id of the sender's place, stored if it is new; 0 if unknown.

    A network is remembered once its place is known to the project, so that a beacon
    to which everything is new does not pay for it.
    """
    if known["network_place_id"] is not None:
        place_id: int = known["network_place_id"]
        return place_id
    place = sender.traces.place(locator)
    if place is None:
        return 0
    labels = (place.country_code, place.country, place.region, place.city)
    place_id = ids.keyed(secret, "place", project.id, *labels)
    names = ("country_code", "country", "region", "city")
    is_new = _insert(
        db, store.INSERT_PLACE, project, place_id, dict(zip(names, labels))
    )
    if not is_new and place.whole_network and sender.network_id:
        values = {"place_id": place_id}
        _insert(db, store.INSERT_NETWORK, project, sender.network_id, values)
    return place_id


def _insert(
    db: Database, statement: str, project: Project, row_id: int, values: Row
) -> bool:
    row = {"project_id": project.id, "id": row_id, **values}
    return store.insert_dimension(db, statement, row)
