"""The fields of a packed day: THE table of what it keeps of visits and their views."""

from __future__ import annotations


class Field:
    """A column of visits ``s`` or of views ``v``, under its number in ph_packed_days.

    ``sql`` is where its numbers are. Numbers are in tables: never use one again.
    """

    def __init__(self, number: int, sql: str) -> None:
        self.number = number
        self.sql = sql


VISITOR = Field(1, "s.visitor_id")
HOUR = Field(2, "s.hour")
CHANNEL = Field(3, "s.channel")
ENTRY = Field(4, "s.entry_page_id")
EXIT = Field(5, "s.exit_page_id")
REFERRER = Field(6, "s.referrer_id")
CAMPAIGN = Field(7, "s.campaign_id")
DEVICE = Field(8, "s.device_id")
PLACE = Field(9, "s.place_id")
SCREEN = Field(10, "s.screen_id")
PAGEVIEWS = Field(11, "s.pageviews")
SECONDS = Field(12, "TIMESTAMPDIFF(SECOND, s.started_at, s.last_at)")
NUMBER = Field(
    13,
    "COALESCE((SELECT n.number FROM ph_visitor_numbers AS n"
    " WHERE n.project_id = s.project_id AND n.visitor_id = s.visitor_id),"
    " -s.visitor_id)",
)
"""Of visitors with cookies; less than 0 until he has one."""
OF_VISITS = (
    *(VISITOR, HOUR, CHANNEL, ENTRY, EXIT, REFERRER, CAMPAIGN, DEVICE, PLACE),
    *(SCREEN, PAGEVIEWS, SECONDS, NUMBER),
)

VIEWS = Field(26, "")
"""How many views a visit has on the day on which it began."""
STRAY_VISIT = Field(27, "")
"""The place of the visit, among those of the day, of each view on another day."""
STRAY_DAYS = Field(28, "")
"""How many days after its visit began such a view was."""
OF_STRAYS = (STRAY_VISIT, STRAY_DAYS)

VIEW_HOUR = Field(22, "v.hour")
PAGE = Field(23, "v.page_id")
ENGAGED = Field(24, "COALESCE(v.engaged_seconds, -1)")
SCROLL = Field(25, "COALESCE(v.scroll, -1)")
OF_VIEWS = (VIEW_HOUR, PAGE, ENGAGED, SCROLL)

ALL = (*OF_VISITS, VIEWS, *OF_STRAYS, *OF_VIEWS)
BY_SQL = {field.sql: field for field in ALL if field.sql}
