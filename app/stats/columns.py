"""What reports can be broken down and filtered by: THE table of dimensions.

Every text here is a literal: nothing of a request becomes part of a statement.
"""

from __future__ import annotations

from app.client.channel import CHANNELS

JOINS = {
    "": "",
    "page": "LEFT JOIN ph_pages AS page"
    " ON page.project_id = v.project_id AND page.id = v.page_id",
    "entry": "LEFT JOIN ph_pages AS entry"
    " ON entry.project_id = s.project_id AND entry.id = s.entry_page_id",
    "leave": "LEFT JOIN ph_pages AS leave_"
    " ON leave_.project_id = s.project_id AND leave_.id = s.exit_page_id",
    "referrer": "LEFT JOIN ph_referrers AS referrer"
    " ON referrer.project_id = s.project_id AND referrer.id = s.referrer_id",
    "campaign": "LEFT JOIN ph_campaigns AS campaign"
    " ON campaign.project_id = s.project_id AND campaign.id = s.campaign_id",
    "device": "LEFT JOIN ph_devices AS device"
    " ON device.project_id = s.project_id AND device.id = s.device_id",
    "place": "LEFT JOIN ph_places AS place"
    " ON place.project_id = s.project_id AND place.id = s.place_id",
    "identity": "LEFT JOIN ph_identities AS identity_"
    " ON identity_.project_id = s.project_id AND identity_.visitor_id = s.visitor_id",
    "screen": "LEFT JOIN ph_screens AS screen"
    " ON screen.project_id = s.project_id AND screen.id = s.screen_id",
}
"""How each dimension's table hangs on a view ``v`` or its visit ``s``. LEFT, so that
what has no referrer or place is not lost."""

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
