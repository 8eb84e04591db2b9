"""Turns counts by day into the bars of a chart."""

from __future__ import annotations

from datetime import date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEIGHT = 100
STEP = 10
"""Width of a day; what is drawn is stretched to the width of the page."""
NICE = (1, 2, 4, 5, 10)


def draw(over_time: list[dict[str, Any]]) -> dict[str, Any]:
    """Return ``days`` with their bars, ``width``, ``height``, ``top`` and ``labels``.

    ``top`` is the end of the scale, ``labels`` five days at even distances.

    ``over_time``: date, pageviews, unique_visitors, day by day. A day gets ``x`` and
    the heights ``views`` and ``visitors``, of at most ``HEIGHT``.
    """
    top = nice_top(max((day["pageviews"] for day in over_time), default=0))
    days = [
        {
            "x": number * STEP,
            "date": date.fromisoformat(day["date"]),
            "pageviews": day["pageviews"],
            "unique_visitors": day["unique_visitors"],
            "views": _height(day["pageviews"], top),
            "visitors": _height(day["unique_visitors"], top),
        }
        for number, day in enumerate(over_time)
    ]
    last = len(days) - 1
    return {
        "days": days,
        "labels": [days[round(last * part / 4)]["date"] for part in range(5)],
        "width": len(days) * STEP,
        "height": HEIGHT,
        "top": top,
    }


def nice_top(most: int) -> int:
    """Return a round even number not below ``most``, and at least 2.

    Half of it is shown on the scale too.
    """
    unit = 1
    while unit * NICE[-1] < most:
        unit *= 10
    found = next(unit * step for step in NICE if unit * step >= most)
    return max(found + found % 2, 2)


def _height(count: int, top: int) -> float:
    return round(HEIGHT * count / top, 2)
