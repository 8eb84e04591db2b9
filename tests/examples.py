"""A good request for each route of the table, to start from when it is to be spoilt."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from app import routes
from tests.conftest import SECRET, Actor
from tests.wsgi import BROWSER, Answer


def make_link(actor: Actor) -> str:
    """Return the code of a link that the actor has, made now unless it was before."""
    code = f"link-{actor.id}"
    url = f"https://{actor.host}/"
    actor.post("/api/links/create", code=code, destination_url=url)
    return code


DAYS = {"range": "custom", "from": "2026-03-01", "to": "2026-03-04"}
RANGE = {
    **DAYS,
    "compare": "previous",
    "interval": "day",
    "limit": 10,
    "page": 1,
    "format": "json",
}


def _group_of(actor: Actor, error_type: str = "TypeError") -> int:
    """Return a group of errors of the actor's project; asked again it is the same."""
    report = {"message": "Failed", "error_type": error_type, "id": error_type}
    group_id: int = _post(actor, "/api/track/error", report)["group_id"]
    return group_id


def _merge_of(actor: Actor) -> int:
    """Return a merge of two groups that nobody else uses."""
    # Hypothesis seeds the random module, so that it would draw the same names again.
    names = ["".join(chr(97 + byte % 26) for byte in os.urandom(20)) for _ in range(2)]
    into, other = (_group_of(actor, name) for name in names)
    body = {"into": into, "ids": [other]}
    change_id: int = _post(actor, "/api/errors/merge", body)["change_id"]
    return change_id


def _post(actor: Actor, path: str, body: Any) -> Any:
    keyed = {"X-API-Key": actor.secret_key}
    answer = actor.installation.call("POST", path, body, headers=keyed)
    assert answer.status == 200, answer.body
    return answer.data


EXAMPLES: dict[str, Callable[[Actor], Any]] = {
    "/api/track/pageview": lambda actor: {
        "url": f"https://{actor.host}/?utm_source=s&utm_campaign=c",
        "page_title": "Title",
        "referrer": "https://other.example/",
        "visitor_id": "v",
        "session_token": "s",
        "fingerprint": "f",
        "screen_resolution": "1920x1080",
        "timezone": "Europe/Berlin",
        "id": "beacon",
        "age": 0,
    },
    "/api/track/audit": lambda actor: {
        "action": "login",
        "actor": "anna",
        "context": {"from": "mobile"},
        "id": "beacon",
        "age": 0,
    },
    "/api/track/event": lambda actor: {
        "name": "signup",
        "props": {"plan": "pro", "seats": 3, "trial": True, "coupon": None},
        "url": f"https://{actor.host}/",
        "visitor_id": "v",
        "session_token": "s",
        "id": "beacon",
        "age": 0,
    },
    "/api/track/identify": lambda actor: {
        "user_id": "user 7",
        "traits": {"plan": "pro"},
        "url": f"https://{actor.host}/",
        "visitor_id": "v",
        "session_token": "s",
        "id": "beacon",
        "age": 0,
    },
    "/api/track/batch": lambda actor: {
        "beacons": [
            {"type": "pageview", "url": f"https://{actor.host}/", "id": "in a batch"},
            {"type": "engagement", "pageview_id": "in a batch", "seconds": 5},
            {"type": "event", "name": "signup", "props": {"plan": "pro"}},
        ],
    },
    "/api/track/engagement": lambda actor: {
        "pageview_id": "beacon",
        "seconds": 40,
        "scroll": 75,
        "url": f"https://{actor.host}/",
        "visitor_id": "v",
        "session_token": "s",
        "id": "of its own",
        "age": 0,
    },
    **{
        route.path: lambda actor: {**RANGE, "filter[page]": "*"}
        for route in routes.ROUTES
        if route.path.startswith("/api/analytics/")
    },
    "/api/analytics/bots": lambda actor: RANGE.copy(),
    "/api/analytics/realtime": lambda actor: {},
    "/api/track/error": lambda actor: {
        "message": "Failed to load 17",
        "error_type": "TypeError",
        "severity": "error",
        "file": "https://alice.example/app.js",
        "line": 17,
        "stack": "TypeError: Failed to load 17\n    at load (app.js:17:3)",
        "url": f"https://{actor.host}/",
        "environment": "production",
        "context": {"user": 7},
        "release": "1.0",
        "fingerprint": "",
        "count": 1,
        "visitor_id": "v",
        "id": "beacon",
        "age": 0,
    },
    "/api/track/errors-update-status": lambda actor: {
        "ids": [_group_of(actor)],
        "status": "ignored",
    },
    "/api/analytics/errors": lambda actor: {
        **DAYS,
        "compare": "previous",
        "limit": 10,
        "page": 1,
        "format": "json",
        "status": "open",
        "severity": "error",
        "environment": "production",
        "release": "",
        "text": "",
    },
    "/api/analytics/errors-trend": lambda actor: {
        **DAYS,
        "compare": "previous",
        "format": "json",
    },
    "/api/analytics/error-detail": lambda actor: {**DAYS, "id": _group_of(actor)},
    "/api/errors/merge": lambda actor: {
        "into": _group_of(actor),
        "ids": [_group_of(actor, "RangeError")],
    },
    "/api/errors/split": lambda actor: {"id": _group_of(actor), "kinds": [1]},
    "/api/errors/undo": lambda actor: {"change_id": _merge_of(actor)},
    "/api/analytics/audits": lambda actor: {
        **DAYS,
        "limit": 10,
        "page": 1,
        "format": "json",
        "action": "login",
        "actor": "anna",
        "text": "mobile",
    },
    "/api/audit/verify": lambda actor: {"from": 1},
    "/api/audit/erase": lambda actor: {"seqs": [1], "keep_action": True},
    "/api/analytics/links": lambda actor: make_link(actor) and RANGE.copy(),
    "/api/analytics/link-detail": lambda actor: {**RANGE, "code": make_link(actor)},
    "/api/links/create": lambda actor: {
        "destination_url": f"https://{actor.host}/sale?a=1#top",
        "label": "Sale",
        "expires_at": "2030-01-01 00:00:00",
        "max_clicks": 5,
        "is_active": True,
        "utm_source": "s",
        "utm_campaign": "c",
    },
    "/api/links/list": lambda actor: make_link(actor) and {"limit": 10, "page": 1},
    "/api/links/detail": lambda actor: {"code": make_link(actor)},
    "/api/links/edit": lambda actor: {
        "code": make_link(actor),
        "destination_url": f"https://{actor.host}/other",
        "label": "Other",
        "expires_at": None,
        "max_clicks": None,
        "is_active": True,
    },
    "/api/links/delete": lambda actor: {"code": make_link(actor)},
    "/api/links/qr": lambda actor: {"code": make_link(actor), "size": 2, "border": 4},
    "/l/<code>": lambda actor: {"code": make_link(actor)},
    "/api/redirect": lambda actor: {"c": make_link(actor)},
    "/api/projects/create": lambda actor: {
        "name": "New",
        "allowed_domains": ["new.example"],
        "timezone": "Europe/Berlin",
        "identity": "cookie",
        "respect_dnt": True,
        "retention_days": 400,
    },
    "/api/projects/list": lambda actor: {},
    "/api/projects/edit": lambda actor: {
        "id": actor.id,
        "name": actor.name,
        "allowed_domains": [actor.host],
        "timezone": "UTC",
        "identity": "cookieless",
        "respect_dnt": True,
        "retention_days": 400,
    },
    "/api/projects/toggle": lambda actor: {"id": actor.id, "is_active": True},
    "/api/projects/regenerate-keys": lambda actor: {
        "id": actor.id,
        "rotate_secret": False,
        "rotate_public": False,
    },
    "/api/projects/delete": lambda actor: {"id": actor.id, "confirm": "no"},
    "/api/projects/verify": lambda actor: {"key": actor.public_key},
    "/api/health": lambda actor: {},
}
"""Body or, for GET, query. None of them ends the project that sends it."""


def key_headers(route: routes.Route, actor: Actor) -> dict[str, str]:
    """Return the headers that open the route to the actor."""
    if route.caller == routes.PUBLIC:
        return {"X-API-Key": actor.public_key}
    if route.caller in (routes.SECRET, routes.EITHER):
        return {"X-API-Key": actor.secret_key}
    return {"X-Admin-Key": SECRET} if route.caller == routes.ADMIN else {}


def _fill_in(path: str, fields: Any) -> tuple[str, Any]:
    """Return the path with its varying part, and the fields that are left."""
    found = re.search("<(.*)>", path)
    if found is None:
        return path, fields
    rest = dict(fields)
    part = str(rest.pop(found[1])).encode("utf-8", "surrogatepass").decode("latin-1")
    return path.replace(found[0], part), rest


def send(
    actor: Actor,
    route: routes.Route,
    fields: Any,
    headers: dict[str, str] | None = None,
    path: str = "",
    **environ: Any,
) -> Answer:
    """Send fields as the route takes them: a JSON body, or a query."""
    from urllib.parse import urlencode

    path, fields = _fill_in(path or route.path, fields)
    body = None
    if route.method == "GET":
        pairs = {name: str(value) for name, value in fields.items()}
        path += "?" + urlencode(pairs, errors="surrogatepass")
    else:
        body = fields
    keyed = key_headers(route, actor) if headers is None else headers
    return actor.installation.call(
        route.method, path, body, headers={**BROWSER, **keyed}, **environ
    )
