"""What a beacon may load: under CGI every import is paid by the visitor's page."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import ROOT
from app.routes import ROUTES
from tests.conftest import SECRET, Actor
from tests.examples import make_link
from tests.wsgi import BROWSER

FORBIDDEN = {
    "_hashlib",  # OpenSSL
    "argparse",
    "asyncio",
    "configparser",
    "contextlib",
    "crawleruseragents",
    "cryptography",
    "dataclasses",
    "decimal",
    "email",
    "flask",
    "geoip2",
    "getpass",
    "html",
    "http",
    "inspect",
    "ipaddress",
    "itsdangerous",
    "jinja2",
    "linecache",
    "logging",
    "maxminddb",
    "pathlib",
    "random",
    "secrets",
    "selectors",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "textwrap",
    "threading",
    "tokenize",
    "traceback",
    "typing",
    "ua_parser",
    "urllib",
    "user_agents",
    "uuid",
    "werkzeug",
    "wsgiref",
}

SCRIPT = """
import io, json, sys
request = json.load(sys.stdin)
loaded_before = set(sys.modules)
import passenger_wsgi
for method, path, query, body in request["beacons"]:
    raw = json.dumps(body).encode() if body else b""
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "REMOTE_ADDR": "203.0.113.7", "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": io.BytesIO(raw), "wsgi.url_scheme": "http",
        "SERVER_NAME": "s", "SERVER_PORT": "80", **request["headers"],
    }
    status = []
    answer = b"".join(passenger_wsgi.application(
        environ, lambda line, headers: status.append(line)))
    assert status[0][:3] in ("200", "302"), (status, answer)
print(json.dumps(sorted(set(sys.modules) - loaded_before)))
"""

BODIES: dict[str, Callable[[Actor], dict[str, object]]] = {
    "/api/track/pageview": lambda alice: {
        "public_key": alice.public_key,
        "url": "https://alice.example/known",
        "id": "new",
    },
    "/api/track/event": lambda alice: {
        "public_key": alice.public_key,
        "name": "signup",
        "props": {"plan": "pro"},
        "url": "https://alice.example/known",
    },
    "/api/track/identify": lambda alice: {
        "public_key": alice.public_key,
        "user_id": "7",
        "visitor_id": "v",
    },
    "/api/track/batch": lambda alice: {
        "public_key": alice.public_key,
        "beacons": [{"type": "pageview", "url": "https://alice.example/known"}],
    },
    "/api/track/engagement": lambda alice: {
        "public_key": alice.public_key,
        "pageview_id": "new",
        "seconds": 5,
        "scroll": 50,
    },
    "/api/track/error": lambda alice: {
        "public_key": alice.public_key,
        "message": "x is undefined",
        "stack": "TypeError: x\n    at f (https://alice.example/a.js:1:2)",
    },
    "/api/track/audit": lambda alice: {
        "public_key": alice.public_key,
        "action": "login",
        "context": {"from": "mobile"},
        "id": "beacon",
    },
    "/l/<code>": lambda alice: {},
    "/api/redirect": lambda alice: {},
}


def _load(alice: Actor, folder: Path, hot_door: str = "yes") -> set[str]:
    """Return the modules that a fresh process has loaded after each hot route."""
    code = make_link(alice)
    beacons = [
        (
            route.method,
            route.path.replace("<code>", code),
            f"c={code}",
            BODIES[route.path](alice),
        )
        for route in ROUTES
        if route.hot
    ]
    return _load_for(alice, folder, beacons, BROWSER, hot_door)


def _load_for(
    alice: Actor,
    folder: Path,
    beacons: list[tuple[str, str, str, dict[str, object]]],
    headers: dict[str, str],
    hot_door: str = "yes",
) -> set[str]:
    settings = alice.installation.config
    config = folder / "hot.ini"
    config.write_text(
        f"[server]\nhot_door = {hot_door}\n[database]\nurl = {settings.database_url}\n"
        f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
    )
    request = {
        "beacons": beacons,
        "headers": {
            "HTTP_" + name.upper().replace("-", "_"): value
            for name, value in headers.items()
        },
    }
    done = subprocess.run(
        [sys.executable, "-X", "frozen_modules=off", "-c", SCRIPT],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PORTHOLE_CONFIG": str(config)},
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_it_loads_nothing_heavy_for_a_beacon_from_a_known_browser(
    alice: Actor, tmp_path: Path
) -> None:
    # The process has a clock of its own.
    import datetime

    alice.installation.clock.at = datetime.datetime.now(datetime.timezone.utc).replace(
        tzinfo=None
    )
    alice.view("https://alice.example/known", address="192.0.2.1")
    loaded = _load(alice, tmp_path)
    assert sorted(name for name in loaded if name.split(".")[0] in FORBIDDEN) == []
    # Nothing waits in the spool, so nothing of it is needed.
    assert sorted(name for name in loaded if name.startswith("app.spool")) == []


def test_it_would_notice(alice: Actor, tmp_path: Path) -> None:
    loaded = _load(alice, tmp_path, hot_door="no")
    assert {"flask", "werkzeug", "jinja2", "logging"} <= loaded


@pytest.mark.parametrize("query", ["health", "analytics/pages", "links/list"])
def test_it_loads_no_page_for_a_query(alice: Actor, tmp_path: Path, query: str) -> None:
    asked: list[tuple[str, str, str, dict[str, object]]]
    asked = [("GET", f"/api/{query}", "", {})]
    loaded = _load_for(alice, tmp_path, asked, {"X-API-Key": alice.secret_key})
    assert "flask" in loaded
    assert sorted(name for name in loaded if name.startswith("app.pages")) == []


def test_it_loads_the_pages_for_a_page(alice: Actor, tmp_path: Path) -> None:
    loaded = _load_for(alice, tmp_path, [("GET", "/sign-in", "", {})], {})
    assert "app.pages.panel" in loaded


@pytest.mark.parametrize("route", [route for route in ROUTES if route.hot])
def test_it_has_a_body_for_each_hot_route(route: object) -> None:
    assert route.path in BODIES  # type: ignore[attr-defined]
