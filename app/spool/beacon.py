"""A beacon as the spool keeps it: never the address, only its traces."""

from __future__ import annotations

import json
from datetime import datetime

from app import auth
from app.client.domains import host_of
from app.client.location import Place
from app.http import Request
from app.problems import InvalidInput
from app.projects import keys
from app.senders.sender import traces_of_request
from app.senders.traces import Traces

HEADERS = ("User-Agent", "Accept", "Accept-Language", "DNT", "Sec-GPC")
MAX_HEADER_LENGTH = 2048


def kind_of(path: str) -> str:
    """Return what a beacon for ``path`` waits among.

    Audit entries keep their order, so new ones wait for those; they are few, and go
    first.
    """
    return "audit" if path.startswith("/api/track/audit") else "beacon"


def packed(request: Request) -> str:
    """Return the beacon as JSON in ASCII.

    :raise InvalidInput: it has no body that can be kept.
    """
    traces = traces_of_request(request)
    place = traces.place(request.locator)
    kept = {
        "at": request.at.isoformat(),
        "path": request.path,
        "seed": request.seed,
        "person": traces.person.hex(),
        "network": traces.network.hex(),
        "place": list(place) if place else None,
        "headers": _headers(request),
        "fields": request.fields(),
    }
    try:
        return json.dumps(kept, separators=(",", ":"))
    except RecursionError:
        raise InvalidInput("The body is nested too deeply") from None


def unpacked(content: bytes) -> Request:
    """Return the request that was kept, without what dispatch fills in."""
    kept = json.loads(content)
    environ = {"REQUEST_METHOD": "POST"}
    for name, value in kept["headers"].items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    request = Request(environ, datetime.fromisoformat(kept["at"]), "", kept["path"])
    place = Place(*kept["place"]) if kept["place"] else None
    person, network = bytes.fromhex(kept["person"]), bytes.fromhex(kept["network"])
    traces = Traces(person, network, place=place)
    request.again(kept["fields"], kept["seed"], traces)
    return request


def _headers(request: Request) -> dict[str, str]:
    """Return what decides later whether the beacon counts, and for whom."""
    found = {name: request.header(name)[:MAX_HEADER_LENGTH] for name in HEADERS}
    key = auth.header_key(request)
    if len(key) == keys.SECRET_KEY_LENGTH:
        key = keys.hash_secret_key(key)
    found["X-API-Key"] = key
    page = auth.page_of(request)
    if page:
        host = host_of(page)
        found["Origin"] = f"https://[{host}]" if ":" in host else f"https://{host}"
    return {name: value for name, value in found.items() if value}
