"""GET /api/analytics/engagement."""

from __future__ import annotations

from typing import Any

import pytest

from app.stats.events import median
from tests.conftest import Actor

ENGAGEMENT = "/api/analytics/engagement"
HOME = "https://alice.example/"


def read(alice: Actor, page: str, seconds: int, scroll: int, **more: Any) -> None:
    """Have a page read for so long; it is left after an hour."""
    clock = alice.installation.clock
    beacon = f"{page}{clock.at}"
    alice.view(HOME + page, page_title=f"Title of {page}", id=beacon, age=3600, **more)
    told = {"pageview_id": beacon, "seconds": seconds, "scroll": scroll}
    assert alice.send("engagement", **told).data["counted"]
    clock.move(minutes=6)


@pytest.fixture
def busy(alice: Actor) -> Actor:
    for seconds, scroll in ((10, 20), (40, 100), (31, 50)):
        read(alice, "a", seconds, scroll)
    read(alice, "b", 100, 0, address="192.0.2.1")
    alice.view(HOME + "b")
    alice.view(HOME + "c")
    return alice


def ask(alice: Actor, query: str = "") -> Any:
    answer = alice.get(f"{ENGAGEMENT}?range=1d&{query}")
    assert answer.status == 200, answer.body
    return answer.data


def test_it_tells_medians_and_means_of_what_was_measured(busy: Actor) -> None:
    data = ask(busy)
    del data["range"]
    assert data == {
        "measured_views": 4,
        "median_seconds": 35.5,
        "mean_seconds": 45.2,
        "median_scroll": 35,
        "mean_scroll": 42.5,
        "count": 2,
        "pages": [
            {
                "url": HOME + "a",
                "page_title": "Title of a",
                "measured_views": 3,
                "median_seconds": 31,
                "mean_seconds": 27,
                "median_scroll": 50,
                "mean_scroll": 56.7,
            },
            {
                "url": HOME + "b",
                "page_title": "Title of b",
                "measured_views": 1,
                "median_seconds": 100,
                "mean_seconds": 100,
                "median_scroll": 0,
                "mean_scroll": 0,
            },
        ],
    }


def test_it_is_empty_before_anything_is_measured(alice: Actor) -> None:
    alice.view(HOME)
    data = ask(alice)
    del data["range"]
    assert data.pop("pages") == []
    assert set(data.values()) == {0}


def test_it_takes_what_other_reports_take(busy: Actor) -> None:
    assert [row["url"] for row in ask(busy, "limit=1&page=2")["pages"]] == [HOME + "b"]
    assert ask(busy, "filter[page]=/b")["mean_seconds"] == 100
    assert ask(busy, "filter[page]=/c")["measured_views"] == 0
    assert ask(busy, "compare=previous")["compare"]["measured_views"] == 0
    answer = busy.get(f"{ENGAGEMENT}?range=1d&format=csv")
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("url,page_title,measured_views,median_seconds")
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], 0), ([5], 5), ([1, 2], 1.5), ([1, 1, 9], 1), ([0, 0, 3, 9], 1.5)],
)
def test_it_finds_the_middle(values: list[int], expected: float) -> None:
    rows = [{"value": one, "count": values.count(one)} for one in sorted(set(values))]
    assert median(rows) == expected
