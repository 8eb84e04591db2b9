"""GET /api/analytics/link-detail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.mmdb import write_mmdb
from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow
from tests.wsgi import FIREFOX

DETAIL = "/api/analytics/link-detail"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def clicked(alice: Actor, tmp_path: Path) -> str:
    """The code of a link with seven clicks on two days, 2026-03-04 and 06."""
    place = {"country": {"iso_code": "CH", "names": {"en": "Switzerland"}}}
    write_mmdb(tmp_path / "geoip.mmdb", {"198.51.100.0/24": place})
    alice.installation = alice.installation.with_settings(
        geoip=str(tmp_path / "geoip.mmdb")
    )
    code: str = create(alice, label="Sale", code="Spring")["code"]
    follow(alice, code, {"Referer": "https://www.google.com/"}, "198.51.100.1")
    follow(alice, code, {"Referer": "https://t.co/x"}, "198.51.100.1")
    follow(alice, code, {"Referer": "https://alice.example/own"})
    follow(alice, code, {"User-Agent": PHONE})
    alice.installation.clock.move(days=2, hours=1)
    follow(alice, code, {"User-Agent": FIREFOX, "DNT": "1"})
    follow(alice, code, {"Referer": "https://t.co/y"}, "198.51.100.2")
    follow(alice, code, {"User-Agent": PHONE})
    return code


def test_it_answers_in_the_contracts_words(alice: Actor, clicked: str) -> None:
    for suffix in ("", ".php"):
        answer = alice.get(f"{DETAIL}{suffix}?range=3d&code={clicked}")
        assert answer.json["message"] == "Link detail fetched successfully"
        data = answer.data
        assert data.pop("link").pop("id") > 0
        assert data == {
            "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-06 23:59:59"},
            "total_clicks": 7,
            "unique_clicks": 5,
            "by_country": [
                {"country": "", "country_code": "", "clicks": 4},
                {"country": "Switzerland", "country_code": "CH", "clicks": 3},
            ],
            "by_referrer": [
                {"category": "direct", "clicks": 3},
                {"category": "social", "clicks": 2},
                {"category": "organic_search", "clicks": 1},
                {"category": "referral", "clicks": 1},
            ],
            "by_device": [
                {"device_type": "desktop", "clicks": 4},
                {"device_type": "mobile", "clicks": 2},
                {"device_type": "unknown", "clicks": 1},
            ],
            "over_time": [
                {"date": "2026-03-04", "clicks": 4},
                {"date": "2026-03-05", "clicks": 0},
                {"date": "2026-03-06", "clicks": 3},
            ],
        }


def test_it_says_which_link_it_is(alice: Actor, clicked: str) -> None:
    link = alice.get(f"{DETAIL}?code={clicked}").data["link"]
    assert link == {
        "id": alice.get(f"/api/links/detail?code={clicked}").data["id"],
        "code": "Spring",
        "label": "Sale",
        "destination_url": SHOP,
        "created_at": "2026-03-04 12:00:00",
    }


def test_it_goes_in_steps_of_any_length(alice: Actor, clicked: str) -> None:
    def steps(query: str) -> dict[str, int]:
        data = alice.get(f"{DETAIL}?code={clicked}&{query}").data
        return {step["date"]: step["clicks"] for step in data["over_time"]}

    hours = steps("range=3d&interval=hour")
    assert len(hours) == 72
    assert hours["2026-03-04 12:00:00"] == 4
    assert hours["2026-03-06 13:00:00"] == 3
    assert sum(hours.values()) == 7
    assert steps("range=7d&interval=week") == {"2026-02-28": 0, "2026-03-02": 7}
    assert steps("range=7d&interval=month") == {"2026-02-28": 0, "2026-03-01": 7}
    assert steps("range=all") == {"2026-03-04": 4, "2026-03-05": 0, "2026-03-06": 3}
    data = alice.get(f"{DETAIL}?code={clicked}&range=today&compare=previous").data
    assert (data["total_clicks"], data["compare"]["total_clicks"]) == (3, 0)


def test_it_counts_by_the_projects_days(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Tokyo")
    code = create(alice)["code"]
    alice.installation.clock.move(hours=4)
    follow(alice, code)
    data = alice.get(f"{DETAIL}?code={code}&range=2d&interval=hour").data
    steps = {step["date"]: step["clicks"] for step in data["over_time"]}
    assert steps["2026-03-05 01:00:00"] == 1


def test_it_gives_its_steps_as_csv(alice: Actor, clicked: str) -> None:
    answer = alice.get(f"{DETAIL}?code={clicked}&range=2d&format=csv")
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert lines == ["date,clicks", "2026-03-05,0", "2026-03-06,3"]


def test_it_keeps_what_a_link_had_when_it_leads_elsewhere(
    alice: Actor, clicked: str
) -> None:
    alice.post("/api/links/edit", code=clicked, destination_url="https://new.example/")
    data = alice.get(f"{DETAIL}?code={clicked}").data
    assert data["link"]["destination_url"] == "https://new.example/"
    assert data["total_clicks"] == 7


@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_refuses_in_the_contracts_words(
    alice: Actor, charlie: Actor, suffix: str
) -> None:
    answer = alice.get(DETAIL + suffix)
    assert (answer.status, answer.json["message"]) == (400, "code is required")
    theirs = create(charlie)["code"]
    for code in (theirs, "nothing", "%C3%BC"):
        answer = alice.get(f"{DETAIL}{suffix}?code={code}")
        assert (answer.status, answer.json["message"]) == (404, "Link not found")
    assert alice.get(f"{DETAIL}?code={theirs}&x=1").json["field"] == "x"
