"""Every route × every kind of caller: who gets in, and whose rows come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app import routes
from tests import conftest
from tests.conftest import SECRET, Actor
from tests.examples import EXAMPLES, send
from tests.wsgi import BROWSER

VISITORS = "/api/analytics/visitors"
PAGEVIEW = "/api/track/pageview"

CALLERS: dict[str, Callable[[Actor, Actor, Actor], dict[str, str]]] = {
    "no key": lambda alice, charlie, disabled: {},
    "wrong public key": lambda alice, charlie, disabled: {"X-API-Key": "0" * 32},
    "wrong secret key": lambda alice, charlie, disabled: {"X-API-Key": "0" * 64},
    "wrong admin key": lambda alice, charlie, disabled: {"X-Admin-Key": "0" * 64},
    "other public": lambda alice, charlie, disabled: {"X-API-Key": charlie.public_key},
    "other secret": lambda alice, charlie, disabled: {"X-API-Key": charlie.secret_key},
    "disabled public": lambda alice, charlie, disabled: {
        "X-API-Key": disabled.public_key
    },
    "disabled secret": lambda alice, charlie, disabled: {
        "X-API-Key": disabled.secret_key
    },
    "own public": lambda alice, charlie, disabled: {"X-API-Key": alice.public_key},
    "own secret": lambda alice, charlie, disabled: {"X-API-Key": alice.secret_key},
    "admin": lambda alice, charlie, disabled: {"X-Admin-Key": SECRET},
    "admin key as API key": lambda alice, charlie, disabled: {"X-API-Key": SECRET},
    "secret as admin key": lambda alice, charlie, disabled: {
        "X-Admin-Key": alice.secret_key
    },
}

LET_IN = {
    routes.PUBLIC: {"own public", "other public"},
    routes.SECRET: {"own secret", "other secret"},
    routes.EITHER: {"own public", "other public", "own secret", "other secret"},
    routes.ADMIN: {"admin"},
    routes.OPEN: set(CALLERS),
}

ROUTES = [
    (route, suffix)
    for route in routes.ROUTES
    for suffix in ("", ".php")
    # What varies ends where the path does.
    if not suffix or not route.path.endswith(">")
]
IDS = [route.path + suffix for route, suffix in ROUTES]


@pytest.fixture
def disabled(create_project: Callable[..., Actor]) -> Actor:
    actor = create_project("Disabled", ["alice.example"])
    actor.installation.as_admin("/api/projects/toggle", {"id": actor.id})
    return actor


@pytest.mark.parametrize(("route", "suffix"), ROUTES, ids=IDS)
def test_it_lets_in_whom_the_table_says(
    alice: Actor, charlie: Actor, disabled: Actor, route: routes.Route, suffix: str
) -> None:
    for name, headers in CALLERS.items():
        answer = send(
            alice,
            route,
            EXAMPLES[route.path](alice),
            headers(alice, charlie, disabled),
            route.path + suffix,
        )
        if name in LET_IN[route.caller]:
            # 404: the example names a row of alice's.
            assert answer.status in (200, 302, 400, 404), (name, answer.body)
        else:
            assert answer.status == 401, (name, answer.body)
            assert answer.json["success"] is False
        _count("access")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_it_takes_the_key_from_authorization_too(alice: Actor, scheme: str) -> None:
    def ask(method: str, path: str, body: Any = None, **headers: str) -> int:
        headers = {name.replace("_", "-"): headers[name] for name in headers}
        answer = alice.installation.call(
            method, path, body, headers={**BROWSER, **headers}
        )
        return answer.status

    secret, public = f"{scheme} {alice.secret_key}", f"{scheme} {alice.public_key}"
    view = {"url": "https://alice.example/"}
    assert ask("GET", VISITORS, Authorization=secret) == 200
    assert ask("GET", VISITORS, Authorization=public) == 401
    assert ask("GET", VISITORS, Authorization=secret, X_API_Key="0" * 64) == 401
    assert ask("GET", VISITORS, Authorization=f"Basic {alice.secret_key}") == 401
    assert ask("POST", PAGEVIEW, view, Authorization=public) == 200
    # What a proxy in front has put there is none of ours.
    view["public_key"] = alice.public_key
    assert ask("POST", PAGEVIEW, view, Authorization=f"{scheme} a.b.c") == 200
    assert ask("GET", VISITORS, Authorization=f"{scheme} a.b.c") == 401


@pytest.mark.parametrize(("route", "suffix"), ROUTES, ids=IDS)
def test_it_never_lets_another_projects_rows_out(
    alice: Actor, charlie: Actor, route: routes.Route, suffix: str
) -> None:
    if route.caller != routes.SECRET or route.method != "GET":
        return
    charlie.view("https://charlie.example/theirs")
    charlie.log(**EXAMPLES["/api/track/audit"](charlie))

    def ask() -> bytes:
        fields = EXAMPLES[route.path](charlie)
        return send(charlie, route, fields, path=route.path + suffix).body

    before = ask()
    for number in range(3):
        page = f"https://alice.example/{number}?utm_source=x"
        sender = {"address": f"192.0.2.{number}"}
        alice.view(page, **sender, id=page)
        alice.send("event", **sender, name="signup", props={"plan": "pro"})
        alice.send("engagement", **sender, pageview_id=page, seconds=0)
        alice.view(page, headers={"DNT": "1"})
    for other in routes.ROUTES:
        if other.caller == routes.EITHER:
            assert send(alice, other, EXAMPLES[other.path](alice)).status == 200
    alice.log(**{**EXAMPLES["/api/track/audit"](alice), "id": "another"})
    assert ask() == before
    alice_asks = send(alice, route, EXAMPLES[route.path](alice))
    assert alice_asks.body != before
    _count("rows")


def _count(matrix: str) -> None:
    name = f"matrix of {matrix}"
    conftest.MATRICES[name] = conftest.MATRICES.get(name, 0) + 1
