"""GET /api/analytics/bots."""

from __future__ import annotations

import pytest

from tests.conftest import Actor

BOTS = "/api/analytics/bots"
HOME = "https://alice.example/"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_it_tells_what_was_not_counted_and_why(alice: Actor, charlie: Actor) -> None:
    alice.view(HOME)  # makes the page known
    for _ in range(3):
        alice.view(HOME, headers={"User-Agent": GOOGLE})
    alice.view(HOME + "unknown", headers={"User-Agent": "curl/8.5.0"})
    alice.view(HOME, headers={"DNT": "1"})
    alice.view(HOME, headers={"Origin": "https://charlie.example"})
    alice.view(HOME, headers={"Accept-Language": ""})
    for path in (BOTS, BOTS + ".php"):
        data = alice.get(path + "?range=1d").data
        data.pop("range")
        assert data == {
            "total": 7,
            "by_reason": [
                {"reason": "bot", "beacons": 5},
                {"reason": "dnt", "beacons": 1},
                {"reason": "domain", "beacons": 1},
            ],
            "by_robot": [
                {"robot": "googlebot", "beacons": 3},
                {"robot": "curl", "beacons": 1},
                {"robot": "no Accept-Language header", "beacons": 1},
            ],
            "by_page": [{"url": HOME, "beacons": 5}],
        }
    assert charlie.get(BOTS).data["total"] == 0
    assert alice.visitors("range=1d")["total_pageviews"] == 1


def test_it_takes_no_filter_that_it_would_ignore(alice: Actor) -> None:
    answer = alice.get(BOTS + "?filter[page]=/a")
    assert (answer.status, answer.json["field"]) == (400, "filter[page]")
    assert alice.get(BOTS + ".php?filter[page]=/a").status == 200


@pytest.mark.parametrize("varied", ["robot", "page"])
def test_it_cannot_be_filled_with_invented_robots_and_pages(
    alice: Actor, varied: str
) -> None:
    for number in range(260):
        alice.installation.clock.move(seconds=1)
        name = f"evil{chr(97 + number // 26)}{chr(97 + number % 26)}bot"
        page = HOME + (str(number) if varied == "page" else "")
        agent = name if varied == "robot" else "evilbot"
        assert alice.view(page, headers={"User-Agent": agent}).status == 204
    [row] = alice.installation.rows("SELECT COUNT(*) AS n FROM ph_drops")
    assert row["n"] <= 202
    assert alice.get(BOTS + "?range=1d").data["total"] == 260
