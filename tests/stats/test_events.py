"""GET /api/analytics/events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import NOON, Actor

EVENTS = "/api/analytics/events"
HOME = "https://alice.example/"


@pytest.fixture
def busy(alice: Actor) -> Actor:
    """Signups of two visitors on two days, and what a backend counted."""
    alice.installation.clock.at = NOON.replace(day=3)
    alice.view(HOME)
    alice.send("event", name="signup", url=HOME, props={"plan": "pro", "seats": 3})
    alice.installation.clock.at = NOON
    alice.view(HOME)
    alice.send("event", name="signup", url=HOME + "b", props={"plan": "free"})
    alice.view(HOME, address="192.0.2.1", headers={"Accept-Language": "fr"})
    for plan in ("pro", "pro", "Pro"):
        fields = {"name": "signup", "props": {"plan": plan}}
        alice.send("event", address="192.0.2.1", **fields)
    alice.send("event", address="192.0.2.1", name="download")
    headers = {"X-API-Key": alice.secret_key}
    paid = {"name": "paid", "props": {"plan": "pro"}}
    alice.installation.call("POST", "/api/track/event", paid, headers=headers)
    return alice


def ask(alice: Actor, query: str = "") -> Any:
    answer = alice.get(f"{EVENTS}?range=2d&{query}")
    assert answer.status == 200, answer.body
    return answer.data


def test_it_counts_events_and_their_visitors(busy: Actor) -> None:
    assert ask(busy) == {
        "range": {"from": "2026-03-03 00:00:00", "to": "2026-03-04 23:59:59"},
        "total": 7,
        "visitors": 3,
        "count": 3,
        "events": [
            {"name": "signup", "count": 5, "visitors": 3},
            {"name": "download", "count": 1, "visitors": 1},
            {"name": "paid", "count": 1, "visitors": 0},
        ],
        "over_time": [
            {"date": "2026-03-03", "count": 1, "visitors": 1},
            {"date": "2026-03-04", "count": 6, "visitors": 2},
        ],
    }


def test_it_tells_the_properties_of_an_event(busy: Actor) -> None:
    data = ask(busy, "event=signup")
    assert (data["event"], data["total"], data["visitors"]) == ("signup", 5, 3)
    assert (data["count"], data["properties"]) == (
        2,
        [
            {"property": "plan", "count": 5, "values": 3},
            {"property": "seats", "count": 1, "values": 1},
        ],
    )
    assert [day["count"] for day in data["over_time"]] == [1, 4]


def test_it_tells_the_values_of_a_property(busy: Actor) -> None:
    data = ask(busy, "event=signup&property=plan")
    assert (data["property"], data["count"]) == ("plan", 3)
    assert data["values"] == [
        {"value": "pro", "count": 3, "visitors": 2},
        {"value": "Pro", "count": 1, "visitors": 1},
        {"value": "free", "count": 1, "visitors": 1},
    ]


def test_it_is_empty_where_there_is_nothing(busy: Actor, charlie: Actor) -> None:
    for data in (ask(charlie), ask(charlie, "event=signup"), ask(busy, "event=Signup")):
        assert (data["total"], data["visitors"], data["count"]) == (0, 0, 0)
        assert [day["count"] for day in data["over_time"]] == [0, 0]
    assert ask(busy, "event=signup&property=Plan")["values"] == []


def test_it_takes_what_other_reports_take(busy: Actor) -> None:
    assert [row["name"] for row in ask(busy, "limit=1&page=2")["events"]] == [
        "download"
    ]
    compared = busy.get(EVENTS + "?range=1d&compare=previous&event=signup").data
    assert (compared["total"], compared["compare"]["total"]) == (4, 1)
    weeks = ask(busy, "interval=week")["over_time"]
    assert weeks == [{"date": "2026-03-03", "count": 7, "visitors": 3}]
    hours = ask(busy, "interval=hour")["over_time"]
    assert len(hours) == 48
    assert [hour["count"] for hour in hours if hour["count"]] == [1, 6]
    assert hours[12]["date"] == "2026-03-03 12:00:00"


def test_it_is_also_a_table(busy: Actor) -> None:
    asked = {
        "": "name,count,visitors\r\nsignup,5,3",
        "event=signup": "property,count,values\r\nplan,5,3",
        "event=signup&property=seats": "value,count,visitors\r\n3,1,1",
    }
    for query, start in asked.items():
        answer = busy.get(f"{EVENTS}?range=2d&format=csv&{query}")
        assert answer.body.decode("utf-8-sig").startswith(start)


def test_it_takes_filters(busy: Actor) -> None:
    """Of the visits; with one on pages, of the pages on which it happened."""
    assert ask(busy, "filter[language]=fr")["total"] == 4
    assert ask(busy, "filter[language]=!fr")["total"] == 2
    assert ask(busy, "filter[page]=/")["total"] == 1
    assert ask(busy, "filter[page]=/b")["total"] == 1
    assert ask(busy, "filter[event]=download")["total"] == 4
    assert ask(busy, "event=signup&filter[event]=download")["total"] == 3
    assert ask(busy, "filter[entry_page]=/")["total"] == 6


def test_it_names_the_parameter_that_it_cannot_take(alice: Actor) -> None:
    for query, field in (("property=plan", "property"), ("events=x", "events")):
        answer = alice.get(f"{EVENTS}?{query}")
        assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York"])
def test_it_counts_by_the_days_of_the_project(
    create_project: Callable[..., Actor], zone: str
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone=zone)
    alice.installation.clock.at = NOON.replace(hour=19)
    alice.send("event", name="n")
    alice.installation.clock.at = NOON.replace(day=5, hour=3)
    alice.send("event", name="n")
    counts = [day["count"] for day in ask(alice)["over_time"]]
    assert counts == [0, 2]
