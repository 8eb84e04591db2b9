"""What the demo's made-up people do on a page: how they read it, and what happens."""

from __future__ import annotations

from typing import NamedTuple

from app.commands.demo_tables import POSTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import random


class Deed(NamedTuple):
    """An event that happens on a share of a page's views, with what it may tell."""

    share: float
    name: str
    properties: dict[str, list[str]]


_ORDER = Deed(
    1,
    "order",
    {"product": ["bread", "bread", "cake"], "total": ["6.2", "9.8", "14.5", "38"]},
)
DEEDS = {
    "/order/thanks": _ORDER,
    "/menu": Deed(0.12, "menu-download", {"format": ["pdf", "pdf", "print"]}),
    "/visit": Deed(0.2, "directions", {"by": ["foot", "car", "ferry", "ferry"]}),
    "/jobs": Deed(0.1, "application", {"role": ["baker", "counter"]}),
    **{path: Deed(0.03, "newsletter-signup", {"topic": ["recipes"]}) for path in POSTS},
}


class Reading(NamedTuple):
    """How long a page was looked at, how far down, and the event there, if any."""

    seconds: int
    scroll: int
    event: str
    properties: dict[str, str]


def read(dice: random.Random, path: str, seconds: float) -> Reading:
    """Return what somebody does who has ``seconds`` for the page."""
    looked = int(seconds * dice.uniform(0.5, 1))
    # The longer, the deeper; some only look at what is at the top.
    scroll = round(min(100, 15 + looked * dice.uniform(0.2, 2)))
    deed = DEEDS.get(path)
    if deed is None or dice.random() > deed.share:
        return Reading(looked, scroll, "", {})
    told = {name: dice.choice(some) for name, some in deed.properties.items()}
    return Reading(looked, scroll, deed.name, told)
