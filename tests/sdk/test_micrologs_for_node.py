"""The requests of npm's @micrologs/node 1.1.0 against a live Porthole.

The package itself is on no registry that CI can reach, so its requests are written down
here as Node's fetch sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Actor
from tests.sdk.live import Response, request, serve

Ask = Callable[..., Response]


@pytest.fixture
def ask(alice: Actor) -> Iterator[Ask]:
    """Call as the client does: POST with a body, else GET with a query."""
    headers = {
        "Connection": "keep-alive",
        "X-API-Key": alice.secret_key,
        "Content-Type": "application/json",
        "Accept": "*/*",
        "Accept-Language": "*",
        "Sec-Fetch-Mode": "cors",
        "User-Agent": "node",
        "Accept-Encoding": "gzip, deflate",
    }
    with serve(alice.installation) as address:

        def send(path: str, body: Any = None, **query: Any) -> Response:
            if query:
                path += "?" + urlencode(query)
            method = "GET" if body is None else "POST"
            return request(address, method, path, body, headers)

        yield send


ERROR = {
    "message": "Payment failed",
    "error_type": "ManualError",
    "severity": "error",
    "file": "",
    "line": None,
    "stack": None,
    "url": "",
    "environment": "production",
    "context": None,
}


def test_it_takes_errors_and_audit_entries(ask: Ask) -> None:
    group_id = ask("/api/track/error.php", ERROR).data["group_id"]
    entry = {"action": "user.login", "actor": "", "context": None}
    assert ask("/api/track/audit.php", entry).data == {"id": 1}
    listed = ask("/api/analytics/errors.php", range="7d").data
    assert [group["id"] for group in listed["errors"]] == [group_id]
    assert ask("/api/analytics/errors-trend.php", range="7d").data["total_groups"] == 1
    detail = ask("/api/analytics/error-detail.php", id=group_id).data
    assert detail["events"][0]["environment"] == "production"
    assert ask("/api/analytics/audits.php", limit=5).data["count"] == 1
    status = {"ids": [group_id], "status": "ignored"}
    done = ask("/api/track/errors-update-status.php", status)
    assert done.data["updated"] == 1


def test_it_makes_and_reads_links(ask: Ask) -> None:
    body = {"destination_url": "https://alice.example/", "label": ""}
    code = ask("/api/links/create.php", body).data["code"]
    assert ask("/api/links/list.php").data["count"] == 1
    assert ask("/api/links/detail.php", code=code).data["is_active"] is True
    changed = ask("/api/links/edit.php", {"code": code, "is_active": False})
    assert changed.data["is_active"] is False
    assert ask("/api/analytics/links.php", range="7d").data["count"] == 1
    assert ask("/api/analytics/link-detail.php", code=code).data["total_clicks"] == 0
    assert ask("/api/links/delete.php", {"code": code}).data == {"code": code}
    missing = ask("/api/links/detail.php", code=code)
    assert (missing.status, b"Link not found" in missing.body) == (404, True)


@pytest.mark.parametrize(
    "report",
    [
        "visitors",
        "visitors-returning",
        "sessions",
        "pages",
        "devices",
        "locations",
        "referrers",
        "utm",
    ],
)
def test_it_reads_the_reports(ask: Ask, report: str) -> None:
    found = ask(f"/api/analytics/{report}.php", range="30d").data
    assert found["range"]["to"] == "2026-03-04 23:59:59"


def test_it_verifies_keys(alice: Actor, ask: Ask) -> None:
    found = ask("/api/projects/verify.php", {"key": alice.public_key}).data
    assert found == {"valid": True, "key_type": "public"}
