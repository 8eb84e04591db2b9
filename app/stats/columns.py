"""What reports can be broken down and filtered by: THE table of dimensions.

Every text here is a literal: nothing of a request becomes part of a statement.
"""

from __future__ import annotations

from app.client.channel import CHANNELS

TABLES = {
    "page": ("ph_pages", "page", "v.page_id"),
    "entry": ("ph_pages", "entry", "s.entry_page_id"),
    "leave": ("ph_pages", "leave_", "s.exit_page_id"),
    "referrer": ("ph_referrers", "referrer", "s.referrer_id"),
    "campaign": ("ph_campaigns", "campaign", "s.campaign_id"),
    "device": ("ph_devices", "device", "s.device_id"),
    "place": ("ph_places", "place", "s.place_id"),
    "screen": ("ph_screens", "screen", "s.screen_id"),
}
"""The table of a dimension, its name in statements, and the column of a view ``v`` or
its visit ``s`` that has its ids."""

JOINS = {
    "": "",
    **{
        name: f"LEFT JOIN {table} AS {alias} ON"
        f" {alias}.project_id = {column[0]}.project_id AND {alias}.id = {column}"
        for name, (table, alias, column) in TABLES.items()
    },
    "identity": "LEFT JOIN ph_identities AS identity_"
    " ON identity_.project_id = s.project_id AND identity_.visitor_id = s.visitor_id",
}
"""How the tables hang on views and visits. LEFT, so that what has no referrer or place
is not lost."""

_CHANNEL = " ".join(
    f"WHEN {number} THEN '{name}'" for number, name in enumerate(CHANNELS)
)


class Dimension:
    """A column to group and filter by; an empty text where there is no value.

    ``of`` says what has it: each ``view``, each ``event`` (of which a visit may have
    none), or else the ``visit``.
    """

    def __init__(self, join: str, column: str, *, of: str = "visit") -> None:
        self.join = join
        self.column = column
        self.of = of


def _labels(join: str, *columns: str) -> dict[str, Dimension]:
    return {
        column: Dimension(join, f"COALESCE({join}.{column}, '')") for column in columns
    }


DIMENSIONS = {
    "page": Dimension("page", "COALESCE(page.path, '')", of="view"),
    "host": Dimension("page", "COALESCE(page.host, '')", of="view"),
    "entry_page": Dimension("entry", "COALESCE(entry.path, '')"),
    "exit_page": Dimension("leave", "COALESCE(leave_.path, '')"),
    "referrer": Dimension("referrer", "COALESCE(referrer.host, '')"),
    "referrer_url": Dimension("referrer", "COALESCE(referrer.url, '')"),
    "category": Dimension("referrer", "COALESCE(referrer.category, 'direct')"),
    "channel": Dimension("", f"CASE s.channel {_CHANNEL} ELSE 'direct' END"),
    **_labels(
        "campaign",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
    ),
    "device": Dimension("device", "COALESCE(device.type, 'unknown')"),
    **_labels("device", "os", "os_version", "browser", "browser_version"),
    "country": Dimension("place", "COALESCE(place.country_code, '')"),
    "country_name": Dimension("place", "COALESCE(place.country, '')"),
    **_labels("place", "region", "city"),
    **_labels("screen", "screen", "language", "timezone"),
    "user": Dimension("identity", "COALESCE(identity_.user_id, '')"),
    "event": Dimension("", "named.name", of="event"),
}

PROPERTY = "prop:"
"""What the name of a dimension that is an event's property begins with."""

_PROPERTY = Dimension(
    "",
    "COALESCE((SELECT p.value FROM ph_event_props AS p"
    " WHERE p.project_id = e.project_id AND p.day = e.day AND p.event_id = e.id"
    " AND p.name = %(property)s), '')",
    of="event",
)


def find(name: str) -> Dimension | None:
    """Return the dimension that a filter names, or None.

    That of a property has its name still to be bound, as ``property``.
    """
    if name.startswith(PROPERTY) and name != PROPERTY:
        return _PROPERTY
    return DIMENSIONS.get(name)
