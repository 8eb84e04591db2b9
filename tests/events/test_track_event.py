"""POST /api/track/event."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from app import routes
from app.events import names
from tests.conftest import NOON, Actor
from tests.examples import send
from tests.visits.tables import assert_consistent
from tests.wsgi import BROWSER, Answer

HOME = "https://alice.example/"
ROUTE = next(route for route in routes.ROUTES if route.path == "/api/track/event")

EVENTS = """
SELECT e.at, e.day, e.hour, n.name, COALESCE(p.path, '') AS path, e.visitor_id,
  COALESCE(s.started_at, '') AS started_at, s.visitor_id AS visitor_of_visit
FROM ph_events AS e
JOIN ph_event_names AS n ON n.project_id = e.project_id AND n.id = e.name_id
LEFT JOIN ph_pages AS p ON p.project_id = e.project_id AND p.id = e.page_id
LEFT JOIN ph_visits AS s
  ON s.project_id = e.project_id AND s.day = e.visit_day AND s.id = e.visit_id
WHERE e.project_id = {}
ORDER BY e.at, n.name
"""


def events(actor: Actor) -> list[dict[str, Any]]:
    return actor.installation.rows(EVENTS.format(actor.id))


def properties(actor: Actor) -> dict[str, str]:
    sql = "SELECT name, value FROM ph_event_props WHERE project_id = {}"
    rows = actor.installation.rows(sql.format(actor.id))
    return {row["name"]: row["value"] for row in rows}


def from_backend(actor: Actor, **fields: Any) -> Answer:
    """Send an event as a program does, with the secret key and little else."""
    return actor.installation.call(
        "POST",
        "/api/track/event",
        fields,
        headers={"X-API-Key": actor.secret_key, "User-Agent": "Python-urllib/3.11"},
    )


def test_it_counts_what_happened_in_the_visit_that_is_open(alice: Actor) -> None:
    alice.view(HOME + "a")
    alice.installation.clock.move(minutes=20)
    answer = alice.send("event", name="signup", url=HOME + "join?x=1", id="e")
    assert answer.json == {"success": True, "message": "OK", "data": {"counted": True}}
    [event] = events(alice)
    assert (event["name"], event["path"], event["hour"]) == ("signup", "/join", 12)
    assert str(event["started_at"]) == "2026-03-04 12:00:00"
    assert event["visitor_id"] == event["visitor_of_visit"]
    # It is no pageview, and makes the visit no longer.
    data = alice.get("/api/analytics/sessions?range=1d").data
    assert (data["bounce_rate"], data["avg_duration_seconds"]) == (100, 0)
    assert alice.visitors("range=1d")["total_pageviews"] == 1
    assert_consistent(alice)


def test_it_needs_no_visit(alice: Actor) -> None:
    assert alice.send("event", name="before").data["counted"]
    alice.installation.clock.move(hours=2)
    alice.view(HOME)
    alice.installation.clock.move(minutes=31)
    assert alice.send("event", name="after").data["counted"]
    found = [(event["name"], event["started_at"]) for event in events(alice)]
    assert found == [("before", ""), ("after", "")]
    assert alice.visitors("range=1d")["unique_visitors"] == 1
    assert alice.visitors("range=1d")["total_sessions"] == 1


def test_it_finds_its_visit_also_if_its_page_is_told_after_it(alice: Actor) -> None:
    alice.send("event", name="first")
    alice.installation.clock.move(seconds=3)
    alice.view(HOME, id="a")
    alice.send("event", name="second", age=2)
    alice.installation.clock.move(minutes=40)
    alice.send("event", name="third")
    alice.send("engagement", pageview_id="a", seconds=2400)
    starts = {event["name"]: str(event["started_at"]) for event in events(alice)}
    assert set(starts.values()) == {"2026-03-04 12:00:03"}
    assert len(starts) == 3
    assert_consistent(alice)


def test_it_goes_with_its_visit_into_another(
    create_project: Callable[..., Actor],
) -> None:
    """The visit after midnight turns out to be the rest of the one before."""
    alice = create_project("Alice", ["alice.example"])
    alice.installation.clock.at = datetime(2026, 3, 5, 0, 15)
    alice.view(HOME + "after")
    alice.send("event", name="signup")
    [event] = events(alice)
    assert event["visitor_id"] == event["visitor_of_visit"]
    alice.view(HOME + "before", age=20 * 60)
    [moved] = events(alice)
    assert str(moved["started_at"]) == "2026-03-04 23:55:00"
    assert moved["visitor_id"] == moved["visitor_of_visit"] != event["visitor_id"]
    assert_consistent(alice)


def test_it_counts_a_beacon_with_an_id_once(alice: Actor) -> None:
    for _ in range(2):
        answer = alice.send("event", name="signup", id="e", props={"plan": "pro"})
    assert answer.data == {"counted": False}
    assert answer.headers["X-Porthole-Ignored"] == "duplicate"
    alice.installation.clock.at = NOON.replace(day=5, hour=1)
    again = alice.send("event", name="signup", id="e", age=13 * 3600)
    assert again.data == {"counted": False}
    # Without an id nobody can know, and things do happen twice.
    assert alice.send("event", name="signup").data == {"counted": True}
    assert alice.send("event", name="signup").data == {"counted": True}
    assert len(events(alice)) == 3


def test_it_keeps_properties_as_texts(alice: Actor) -> None:
    props = {
        "text": "  pro\nplan ",
        "whole": 3,
        "number": 19.5,
        "large": 10**30,
        "yes": True,
        "no": False,
        "nothing": None,
        "empty": "",
        "list": [1, "ä"],
        "object": {"a": {"b": 1}},
        "long": "ä" * 200,
        "broken": "\ud800",
        "broken list": ["\ud800"],
    }
    assert alice.send("event", name="order", props=props).data["counted"]
    assert properties(alice) == {
        "text": "pro plan",
        "whole": "3",
        "number": "19.5",
        "large": "1" + "0" * 30,
        "yes": "true",
        "no": "false",
        "empty": "",
        "list": '[1,"ä"]',
        "object": '{"a":{"b":1}}',
        "long": "ä" * 127,
        "broken": "",
        "broken list": '["\ufffd"]',
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", " \n"),
        ("name", 5),
        ("props", []),
        ("props", "plan=pro"),
        ("props", {str(number): 1 for number in range(31)}),
        ("props", {"text": "x" * 8200}),
        ("props", {"": 1}),
        ("props", {"\n": 1}),
        ("props", {"x" * 61: 1}),
        ("url", "/a"),
        ("url", 5),
        ("visitor_id", {}),
        ("id", 1.5),
        ("age", -1),
        ("colour", "blue"),
    ],
)
def test_it_names_the_field_that_it_cannot_take(
    alice: Actor, field: str, value: object
) -> None:
    answer = alice.send("event", **{"name": "signup", field: value})
    assert (answer.status, answer.json["field"]) == (400, field)
    assert events(alice) == []


def test_it_survives_any_depth(alice: Actor) -> None:
    """What the parser has just room for, the writer may not have."""
    for depth in [*range(850, 1000, 5), 20000]:
        deep = "[" * depth + "]" * depth
        body = f'{{"name":"n","props":{{"deep":{deep}}}}}'.encode()
        headers = {**BROWSER, "X-API-Key": alice.public_key}
        answer = alice.installation.call("POST", ROUTE.path, body, headers=headers)
        assert answer.status in (200, 400), depth


def test_it_cuts_a_long_name_between_characters(alice: Actor) -> None:
    alice.send("event", name="é" * 100)
    assert events(alice)[0]["name"] == "é" * 60


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({"DNT": "1"}, 204, "dnt"),
        ({"Sec-GPC": "1"}, 204, "dnt"),
        ({"User-Agent": "Googlebot"}, 204, "bot: robot: googlebot"),
        ({"Accept-Language": ""}, 204, "bot: no Accept-Language header"),
        ({"Origin": "https://charlie.example"}, 403, "domain"),
    ],
)
def test_it_counts_what_a_page_sends_as_it_counts_pageviews(
    alice: Actor, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = alice.send("event", headers, name="signup")
    assert answer.status == status
    assert answer.headers["X-Porthole-Ignored"] == reason
    assert events(alice) == []
    drops = alice.installation.rows("SELECT reason, beacons FROM ph_drops")
    assert drops == [{"reason": reason.partition(":")[0], "beacons": 1}]


def test_it_knows_robots_of_the_list(alice: Actor) -> None:
    agent = "Mozilla/5.0 (compatible; Yahoo Ad monitoring; https://yahoo.com/)"
    for _ in range(2):
        answer = alice.send("event", {"User-Agent": agent}, name="signup")
        assert answer.status == 204
    assert events(alice) == []


def test_it_lets_the_page_read_the_answer(alice: Actor) -> None:
    headers = {"Origin": "https://alice.example"}
    answer = alice.send("event", headers, name="signup")
    origin = answer.headers["Access-Control-Allow-Origin"]
    assert (origin, answer.headers["Vary"]) == ("https://alice.example", "Origin")


# With the secret key


def test_it_counts_whatever_a_backend_sends(alice: Actor) -> None:
    answer = from_backend(alice, name="paid", props={"amount": 20}, id="order 7")
    assert (answer.status, answer.data) == (200, {"counted": True})
    assert from_backend(alice, name="paid", id="order 7").data == {"counted": False}
    headers = {"DNT": "1", "Origin": "https://shop.example", "X-API-Key": ""}
    keyed = {**headers, "X-API-Key": alice.secret_key}
    assert alice.send("event", keyed, name="paid").data == {"counted": True}
    found = events(alice)
    assert [event["name"] for event in found] == ["paid", "paid"]
    assert {event["visitor_id"] for event in found} == {0}
    assert properties(alice) == {"amount": "20"}


def test_it_finds_the_visitor_whom_a_backend_names(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    alice.view(HOME, visitor_id="cookie")
    assert from_backend(alice, name="paid", visitor_id="cookie", url=HOME).data
    assert from_backend(alice, name="other", visitor_id="else").data
    other, paid = sorted(events(alice), key=lambda event: event["name"])
    assert paid["visitor_id"] == paid["visitor_of_visit"]
    assert paid["path"] == "/"
    assert other["visitor_id"] not in (0, paid["visitor_id"])
    assert other["started_at"] == ""


def test_a_backend_is_no_visitor_of_a_cookieless_project(alice: Actor) -> None:
    alice.view(HOME, visitor_id="cookie")
    from_backend(alice, name="paid", visitor_id="cookie")
    assert events(alice)[0]["visitor_id"] == 0


def test_it_takes_no_secret_key_out_of_the_body(alice: Actor) -> None:
    body = {"name": "paid", "public_key": alice.secret_key}
    answer = alice.installation.call("POST", "/api/track/event", body, headers=BROWSER)
    assert answer.status == 401


def test_it_keeps_the_title_that_a_view_tells_later(alice: Actor) -> None:
    alice.send("event", name="signup", url=HOME + "a")
    alice.view(HOME + "a", page_title="Title")
    pages = alice.get("/api/analytics/pages").data["pages"]
    assert [page["page_title"] for page in pages] == ["Title"]


def test_it_counts_everything_that_is_sent_at_once(alice: Actor) -> None:
    """Views and events of new visitors: nothing lost, each in its visit."""

    def send_one(number: int) -> int:
        address = f"198.51.100.{number % 20}"
        if number // 20 % 2:
            fields = {"name": f"name {number % 7}", "props": {"number": number}}
            answer = alice.send("event", address=address, url=HOME + "new", **fields)
        else:
            answer = alice.view(f"{HOME}{number}", address=address)
        return answer.status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send_one, range(160))) == {200}
    found = events(alice)
    assert len(found) == 80
    # One more view, or what it tells of how long it was read, picks up the rest.
    for number in range(20):
        alice.view(HOME + "last", address=f"198.51.100.{number}")
    assert all(event["started_at"] for event in events(alice))
    assert alice.visitors("range=1d")["total_sessions"] == 20
    assert_consistent(alice)


def test_it_takes_its_example_from_both_keys(alice: Actor) -> None:
    for key in (alice.public_key, alice.secret_key):
        answer = send(alice, ROUTE, {"name": "n"}, {"X-API-Key": key})
        assert answer.data == {"counted": True}


def test_it_bounds_how_many_names_there_are(
    alice: Actor, charlie: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the public key can make up a name for each event."""
    monkeypatch.setattr(names, "MAX_NAMES", 3)
    for number in range(6):
        assert alice.send("event", name=f"made-up {number}").data["counted"]
        alice.installation.clock.move(seconds=1)
    assert alice.send("event", name="made-up 1", props={"a": 1}).data["counted"]
    known = ["made-up 0", "made-up 1", "made-up 2"]
    found = [event["name"] for event in events(alice)]
    assert found == [*known, "(other)", "(other)", "(other)", "made-up 1"]
    assert properties(alice) == {"a": "1"}
    charlie.send("event", name="charlie's own")
    assert [event["name"] for event in events(charlie)] == ["charlie's own"]
    # A repeat is found under the name that it got.
    for counted in (True, False):
        answer = alice.send("event", name="made-up 9", id="once")
        assert answer.data["counted"] is counted


def test_it_bounds_how_many_properties_a_name_has(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MAX_PROPERTIES", 3)
    for props in ({"b": 1, "a\u00e9": 2}, {"a\u00e9": 3}, {"c": 4, "d": 5, "e": 6}):
        alice.send("event", name="order", props=props)
        alice.installation.clock.move(seconds=1)
    alice.send("event", name="other", props={"d": 7})
    rows = alice.installation.rows("SELECT name, value FROM ph_event_props")
    found = sorted((row["name"], row["value"]) for row in rows)
    kept = [("a\u00e9", "2"), ("a\u00e9", "3"), ("b", "1"), ("c", "4"), ("d", "7")]
    assert found == [("(other)", "5"), *kept]
