"""The parts that the stats of a day are made of: THE table of what is summed up."""

from __future__ import annotations

from app.stats.columns import DIMENSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Part:
    """The values of some dimensions together, under the number in ph_day_stats.

    ``source`` is what is counted: ``views`` (with the visit of each), ``visits`` or
    ``events``. ``identifier`` is a column with the id of a value, ``join`` the table
    that has its labels, and ``names`` the dimensions of these; without, the id itself
    is the value. ``has_sets``: months keep who had a value, as a report shows it.
    """

    def __init__(
        self,
        number: int,
        source: str,
        identifier: str,
        names: tuple[str, ...] = (),
        has_sets: bool = True,
    ) -> None:
        self.number = number
        self.source = source
        self.identifier = identifier
        self.names = names
        self.has_sets = has_sets
        self.join = DIMENSIONS[names[0]].join if names else ""

    @property
    def columns(self) -> list[str]:
        """What rows are grouped by, as SQL."""
        names = [DIMENSIONS[name].column for name in self.names]
        return names or [self.identifier]


PAGE = Part(1, "views", "v.page_id")
ENTRY = Part(2, "visits", "s.entry_page_id")
EXIT = Part(3, "visits", "s.exit_page_id")
EVENT = Part(4, "events", "v.name_id", has_sets=False)
ALL_EVENTS = Part(5, "events", "0", has_sets=False)
_REFERRER, _DEVICE, _PLACE = "s.referrer_id", "s.device_id", "s.place_id"
_SCREEN, _CAMPAIGN = "s.screen_id", "s.campaign_id"

LABELLED = (
    Part(6, "views", "s.channel", ("channel",)),
    Part(7, "views", _REFERRER, ("category",)),
    Part(8, "views", _REFERRER, ("referrer_url",), has_sets=False),
    Part(9, "views", _CAMPAIGN, ("utm_source", "utm_medium", "utm_campaign")),
    Part(10, "views", _DEVICE, ("device",)),
    Part(11, "views", _DEVICE, ("os",), has_sets=False),
    Part(12, "views", _DEVICE, ("browser",), has_sets=False),
    Part(13, "views", _DEVICE, ("os", "os_version")),
    Part(14, "views", _DEVICE, ("browser", "browser_version")),
    Part(15, "views", _PLACE, ("country_name", "country")),
    Part(16, "views", _PLACE, ("country_name", "country", "region"), has_sets=False),
    Part(17, "views", _PLACE, ("city", "region", "country"), has_sets=False),
    Part(18, "views", _SCREEN, ("screen",)),
    Part(19, "views", _SCREEN, ("language",)),
    Part(20, "views", _SCREEN, ("timezone",)),
)

PARTS = (PAGE, ENTRY, EXIT, EVENT, ALL_EVENTS, *LABELLED)
"""In the order in which they are made. Numbers are in tables: append, never reorder."""

ENGAGEMENT = 1 + len(PARTS)
"""``ph_days.parts`` when totals and parts are made, and engagement is next."""

ALL_MADE = ENGAGEMENT + 2
"""``ph_days.parts`` of a day that is whole: packing comes last."""

MONTH_MADE = len(PARTS) + 1
"""``ph_months.parts`` of a month whose stats are whole: engagement comes last."""


def find(names: Iterable[str]) -> Part | None:
    """Return the part that has these dimensions together, in any order, or None."""
    wanted = set(names)
    return next((part for part in LABELLED if set(part.names) == wanted), None)
