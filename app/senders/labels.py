"""Devices and places by the labels that another system gave them."""

from __future__ import annotations

from app import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Row

PLACE = ("country_code", "country", "region", "city")
DEVICE = ("device_type", "os", "browser", "browser_version")


def place_of(secret: bytes, project_id: int, row: Row) -> Row | None:
    """Return the columns of a place, with its id, or None if no label says anything.

    ``row`` has the labels of PLACE, each a text or null.
    """
    texts = {name: row[name] or "" for name in PLACE}
    code = texts["country_code"][:2]
    place = {
        "country_code": code if code.isascii() else "",
        "country": texts["country"][:60],
        "region": texts["region"][:80],
        "city": texts["city"][:80],
    }
    if not any(place.values()):
        return None
    return {"id": ids.keyed(secret, "place", project_id, *place.values()), **place}


def device_of(secret: bytes, project_id: int, row: Row) -> Row:
    """Return the columns of a device, with its id.

    ``row`` has the labels of DEVICE, each a text or null.
    """
    texts = {name: row[name] or "" for name in DEVICE}
    kind = texts["device_type"][:10]
    return {
        "id": ids.keyed(secret, "device labels", project_id, *texts.values()),
        "type": kind if kind and kind.isascii() else "unknown",
        "os": texts["os"][:60],
        "os_version": "",
        "browser": texts["browser"][:60],
        "browser_version": texts["browser_version"][:20],
    }
