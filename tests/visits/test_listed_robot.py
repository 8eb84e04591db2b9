"""A robot that only the list knows: asked once, remembered, never counted."""

from __future__ import annotations

import pytest

from app.client import bots
from tests.conftest import Actor
from tests.visits.tables import assert_consistent
from tests.wsgi import CHROME

ROBOT = {"User-Agent": f"{CHROME} Ghost Inspector (63c85ddbde52d6697f57c623)"}


def test_it_is_not_counted_and_is_remembered(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    listed_robot = bots.listed_robot

    def count(user_agent: str) -> str:
        asked.append(user_agent)
        return listed_robot(user_agent)

    monkeypatch.setattr(bots, "listed_robot", count)
    for number in range(3):
        answer = alice.view(f"https://alice.example/{number}", headers=ROBOT)
        assert answer.status == 204
        said = answer.headers["X-Porthole-Ignored"]
        assert said == "bot: robot: ghost-inspector"
    assert len(asked) == 1
    rows = alice.installation.rows
    assert rows("SELECT type, browser FROM ph_devices") == [
        {"type": "bot", "browser": "ghost-inspector"}
    ]
    assert rows("SELECT robot, SUM(beacons) AS n FROM ph_drops GROUP BY robot") == [
        {"robot": "ghost-inspector", "n": 3}
    ]
    for table in ("ph_pageviews", "ph_visits", "ph_visitors", "ph_visitor_days"):
        assert rows(f"SELECT * FROM {table}") == []
    assert_consistent(alice)


def test_a_person_is_asked_about_once(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(bots, "listed_robot", lambda text: asked.append(text) or "")
    for number in range(3):
        answer = alice.view(
            f"https://alice.example/{number}", address=f"9.9.9.{number}"
        )
        assert answer.data["counted"]
    assert asked == [CHROME]
