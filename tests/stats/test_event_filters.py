"""filter[event], filter[prop:…] and filter[user], on every report."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from app import routes
from tests.conftest import Actor

HOME = "https://alice.example/"


@pytest.fixture
def busy(create_project: Callable[..., Actor]) -> Actor:
    """Visits a to d: signup pro; signup free and download pro; download; nothing."""
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    done = {
        "a": [("signup", "pro")],
        "b": [("signup", "free"), ("download", "pro")],
        "c": [("download", None)],
        "d": [],
    }
    for visit, events in done.items():
        alice.view(HOME + visit, visitor_id=visit, address="192.0.2.1")
        alice.send("identify", visitor_id=visit, user_id=f"user {visit}")
        for name, plan in events:
            fields = {"name": name, "props": {"plan": plan, "n": 1}}
            alice.send("event", visitor_id=visit, **fields)
    return alice


def visits(alice: Actor, **filters: str) -> str:
    """Return the visits that are left, by views, and check the other figures."""
    pairs = {f"filter[{name.replace('_', ':')}]": one for name, one in filters.items()}
    query = urlencode({"range": "1d", **pairs})
    pages = alice.get(f"/api/analytics/pages?{query}").data["pages"]
    found = "".join(sorted(page["url"][-1] for page in pages))
    data = alice.visitors(query)
    assert data["total_sessions"] == data["unique_visitors"] == len(found)
    assert data["over_time"][0]["pageviews"] == len(found)
    ends = alice.get(f"/api/analytics/entry-pages?{query}").data["pages"]
    assert "".join(sorted(page["url"][-1] for page in ends)) == found
    return found


EXPECTED: list[tuple[dict[str, str], str]] = [
    ({"event": "signup"}, "ab"),
    ({"event": "Signup"}, ""),
    ({"event": "~SIGN"}, "ab"),
    ({"event": "*load"}, "bc"),
    ({"event": "signup|download"}, "abc"),
    ({"event": "!signup"}, "cd"),
    ({"event": "!signup|download"}, "d"),
    ({"event": ""}, "d"),
    ({"event": "!"}, "abc"),
    ({"event": "signup|"}, "abd"),
    ({"event": "*"}, "abcd"),
    ({"event": "!*"}, ""),
    ({"prop_plan": "pro"}, "ab"),
    ({"prop_plan": "!pro"}, "cd"),
    ({"prop_plan": "pro|free"}, "ab"),
    ({"prop_plan": ""}, "cd"),
    ({"prop_plan": "!"}, "ab"),
    ({"prop_Plan": "pro"}, ""),
    ({"prop_n": "1"}, "abc"),
    ({"prop_x' OR '1'='1": "pro"}, ""),
    ({"event": "signup", "prop_plan": "pro"}, "a"),
    ({"event": "download", "prop_plan": "pro"}, "b"),
    ({"event": "signup", "prop_plan": "!pro"}, ""),
    ({"event": "!download", "prop_plan": "pro"}, "a"),
    ({"event": "!download", "prop_plan": "!pro"}, "d"),
    ({"event": "download", "prop_plan": ""}, "c"),
    ({"event": "signup", "page": "/a"}, "a"),
    ({"user": "user a"}, "a"),
    ({"user": "user *", "event": "signup"}, "ab"),
    ({"user": "!user a"}, "bcd"),
]


def test_it_finds_visits_by_what_happened_in_them(busy: Actor) -> None:
    assert [(asked, visits(busy, **asked)) for asked, _ in EXPECTED] == EXPECTED


def test_it_finds_them_over_midnight(alice: Actor) -> None:
    clock = alice.installation.clock
    clock.at = clock.at.replace(hour=23, minute=50)
    alice.view(HOME + "a")
    clock.move(minutes=20)
    alice.view(HOME + "b")
    alice.send("event", name="signup")
    for days in (1, 2):
        path = f"/api/analytics/pages?range={days}d&filter[event]=signup"
        assert alice.get(path).data["count"] == days
    clock.move(minutes=20)
    alice.view(HOME + "c")
    yesterday = alice.visitors("range=yesterday&filter[event]=signup")
    assert yesterday["total_sessions"] == 1


def test_every_report_takes_them(busy: Actor) -> None:
    pairs = {"event": "signup", "prop:plan": "!free", "user": "~user", "page": "*"}
    query = urlencode({f"filter[{name}]": value for name, value in pairs.items()})
    for route in routes.ROUTES:
        takes_none = route.path.endswith(("/realtime", "/bots"))
        if route.target.startswith("stats.") and not takes_none:
            assert busy.get(f"{route.path}?range=1d&{query}").status == 200, route.path


def test_it_refuses_a_property_without_a_name(busy: Actor) -> None:
    for name in ("prop:", "prop", "Prop:plan"):
        answer = busy.get(f"/api/analytics/pages?filter[{name}]=x")
        assert (answer.status, answer.json["field"]) == (400, f"filter[{name}]")
