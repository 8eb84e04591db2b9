"""How often a caller may ask, seen from outside."""

from __future__ import annotations

import pytest

from app import auth, routes
from tests.conftest import Actor
from tests.examples import EXAMPLES, send

PAGEVIEW = routes.find("/api/track/pageview")
VISITORS = routes.find("/api/analytics/visitors")
assert PAGEVIEW is not None
assert VISITORS is not None


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """The limits do not depend on the database."""
    return sqlite_url


def _views(actor: Actor, count: int, address: str = "192.0.2.1") -> list[int]:
    return [
        actor.view(f"https://{actor.host}/{number}", address=address).status
        for number in range(count)
    ]


# One of each kind of caller and limit: the rest is a line of the same table.
KINDS = {
    (route.caller, route.limit): route
    for route in reversed(routes.ROUTES)
    if route.caller != routes.EITHER and not route.for_people
}


@pytest.mark.parametrize("route", KINDS.values(), ids=lambda route: route.path)
def test_it_refuses_the_call_after_the_last_allowed(
    alice: Actor, route: routes.Route
) -> None:
    def ask() -> int:
        return send(alice, route, EXAMPLES[route.path](alice)).status

    for _ in range(route.limit):
        assert ask() in (200, 400)
    refused = send(alice, route, EXAMPLES[route.path](alice))
    assert refused.status == 429
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 60
    assert refused.json == {
        "success": False,
        "message": f"Too many requests. Try again in {wait} seconds.",
    }
    assert refused.headers["Content-Type"] == "application/json"
    alice.installation.clock.move(seconds=wait)
    assert ask() in (200, 400)


def test_it_counts_each_address_and_project_apart(alice: Actor, charlie: Actor) -> None:
    assert PAGEVIEW is not None
    assert set(_views(alice, PAGEVIEW.limit)) == {200}
    assert _views(alice, 1) == [429]
    assert _views(alice, 1, "192.0.2.2") == [200]
    assert _views(charlie, 1) == [200]


def test_it_counts_over_all_processes(alice: Actor) -> None:
    assert PAGEVIEW is not None
    other = alice.through(alice.installation.with_settings())
    half = PAGEVIEW.limit // 2
    assert set(_views(alice, half) + _views(other, half)) == {200}
    assert _views(alice, 1) == _views(other, 1) == [429]


def test_it_lets_a_page_read_how_long_to_wait(alice: Actor) -> None:
    assert PAGEVIEW is not None
    _views(alice, PAGEVIEW.limit)
    origin = "https://alice.example"
    answer = alice.view(origin, headers={"Origin": origin}, address="192.0.2.1")
    assert answer.status == 429
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_it_does_not_throttle_a_backend_like_a_stranger(alice: Actor) -> None:
    """Micrologs' 60 a minute and 15 minutes of silence are not inherited."""
    assert VISITORS is not None
    assert VISITORS.limit >= 600
    statuses = [alice.get("/api/analytics/visitors").status for _ in range(120)]
    assert set(statuses) == {200}


def test_it_limits_a_tag_where_a_backend_may_send_too(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = routes.find("/api/track/error")
    assert route is not None
    tag = {"X-API-Key": alice.public_key}
    report = EXAMPLES[route.path](alice)
    statuses = [
        send(alice, route, report, headers).status
        for headers in [tag] * (route.limit + 1) + [None] * (route.limit + 1)
    ]
    assert statuses == [200] * route.limit + [429] + [200] * (route.limit + 1)
    monkeypatch.setattr(auth, "BACKEND_CALLS_A_MINUTE", route.limit + 1)
    assert send(alice, route, report).status == 429


def test_it_slows_down_guesses_of_a_secret_key_but_not_its_owner(
    alice: Actor,
) -> None:
    def guess(number: int) -> int:
        headers = {"X-API-Key": f"{number:064x}"}
        path = "/api/analytics/visitors"
        return alice.installation.call("GET", path, headers=headers).status

    assert [guess(number) for number in range(20)] == [401] * 20
    assert guess(20) == 429
    assert alice.get("/api/analytics/visitors").status == 200


def test_it_is_not_slowed_down_by_an_old_tag(alice: Actor) -> None:
    """Pages in caches send a replaced public key for months; that is no guess."""
    old = {"public_key": "0" * 32, "url": "https://alice.example/"}
    for _ in range(40):
        answer = alice.installation.call("POST", "/api/track/pageview", old)
        assert answer.status == 401
    assert alice.view().status == 200


def test_it_works_where_the_file_cannot_be_written(
    alice: Actor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert PAGEVIEW is not None
    blocked = tmp_path_factory.mktemp("blocked") / "file"
    blocked.touch()
    alice.installation = alice.installation.with_settings(var=str(blocked / "var"))
    assert set(_views(alice, PAGEVIEW.limit)) == {200}
    assert _views(alice, 1) == [429]
