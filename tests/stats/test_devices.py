"""GET /api/analytics/devices."""

from __future__ import annotations

from tests.conftest import Actor
from tests.wsgi import CHROME, FIREFOX

DEVICES = "/api/analytics/devices"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) {WEBKIT}"
    " Version/17.1 Mobile/15E148 Safari/604.1"
)
IPAD = (
    f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT}"
    " Version/16.6 Mobile/15E148 Safari/604.1"
)


def test_it_answers_in_the_contracts_words(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view("https://alice.example/a", {"User-Agent": FIREFOX})
    alice.view("https://alice.example/a", {"User-Agent": IPHONE})
    for name in (DEVICES, DEVICES + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Devices fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "by_device": [
                    {"device_type": "desktop", "pageviews": 3, "unique_visitors": 2},
                    {"device_type": "mobile", "pageviews": 1, "unique_visitors": 1},
                ],
                "by_os": [
                    {"os": "Linux", "pageviews": 2},
                    {"os": "Windows", "pageviews": 1},
                    {"os": "iOS", "pageviews": 1},
                ],
                "by_browser": [
                    {"browser": "Chrome", "pageviews": 2},
                    {"browser": "Firefox", "pageviews": 1},
                    {"browser": "Safari", "pageviews": 1},
                ],
            },
        }


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (DEVICES, DEVICES + ".php"):
        data = alice.get(name).data
        del data["range"]
        assert data == {"by_device": [], "by_os": [], "by_browser": []}


def test_an_iphone_and_an_ipad_are_ios_not_macos(alice: Actor) -> None:
    alice.view("https://alice.example/a", {"User-Agent": IPHONE})
    alice.view("https://alice.example/a", {"User-Agent": IPAD})
    data = alice.get(DEVICES).data
    assert data["by_os"] == [{"os": "iOS", "pageviews": 2}]
    types = {row["device_type"]: row["pageviews"] for row in data["by_device"]}
    assert types == {"mobile": 1, "tablet": 1}


def test_it_loses_no_view_whose_device_is_not_known(alice: Actor) -> None:
    # Micrologs joins devices with INNER JOIN.
    alice.view("https://alice.example/a")
    installation = alice.installation
    installation.db.transaction(lambda: installation.db.run("DELETE FROM ph_devices"))
    installation.db.rest()
    data = alice.get(DEVICES).data
    assert data["by_device"] == [
        {"device_type": "unknown", "pageviews": 1, "unique_visitors": 1}
    ]
    assert data["by_os"] == [{"os": "", "pageviews": 1}]


def test_it_takes_a_filter(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/a", {"User-Agent": IPHONE})
    data = alice.get(DEVICES + "?filter[os]=iOS").data
    assert [row["browser"] for row in data["by_browser"]] == ["Safari"]


def test_it_knows_no_limit_under_the_php_name(alice: Actor) -> None:
    for number, agent in enumerate((CHROME, FIREFOX)):
        page = f"https://alice.example/{number}"
        alice.view(page, headers={"User-Agent": agent})
    path = "/api/analytics/devices"
    assert len(alice.get(path + ".php?limit=1").data["by_browser"]) == 2
    assert len(alice.get(path + "?limit=1").data["by_browser"]) == 1
