"""PyPI's micrologs 1.0.0, as people have it, against a live Porthole.

It tells a failed call by a warning and None; warnings are errors here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import micrologs
import pytest

from tests.conftest import Actor
from tests.sdk.live import serve
from tests.wsgi import BROWSER


@pytest.fixture
def address(alice: Actor) -> Iterator[str]:
    with serve(alice.installation) as found:
        yield found


@pytest.fixture
def client(alice: Actor, address: str) -> Any:
    return micrologs.Micrologs(host=address + "/", key=alice.secret_key)


def test_it_runs_the_calls_about_errors(client: Any) -> None:
    sent = client.error("Payment failed", context={"order": 7})
    group_id = sent["data"]["group_id"]
    again = client.error(
        "Payment failed",
        type="ValueError",
        severity="critical",
        file="pay.py",
        line=12,
        stack='Traceback:\n  File "/srv/pay.py", line 12, in pay',
        url="https://alice.example/pay",
        environment="staging",
    )
    assert again["data"]["group_id"] != group_id

    listed = client.analytics().errors(range="7d", severity="error", limit=10)["data"]
    assert [group["id"] for group in listed["errors"]] == [group_id]
    assert listed["summary"]["total"] == 2
    trend = client.analytics().errors_trend(range="7d", group_id=group_id)["data"]
    assert trend["total_occurrences"] == 1
    detail = client.analytics().error_detail(id=group_id, range="7d")["data"]
    assert detail["events"][0]["context"] == {"order": 7}

    done = client.update_error_status(group_id, "resolved")
    assert done["data"] == {"updated": 1, "ids": [group_id], "status": "resolved"}
    done = client.update_error_status([group_id, 7], "open")
    assert done["data"]["not_found"] == [7]
    with pytest.warns(UserWarning, match="No matching error groups"):
        assert client.update_error_status(7, "open") is None


def test_it_runs_the_calls_about_the_audit_log(client: Any) -> None:
    assert client.audit("user.login")["data"] == {"id": 1}
    client.audit("user.delete", actor="anna", context={"user": 7})
    found = client.analytics().audits(range="7d", actor="anna", limit=5)["data"]
    assert found["count"] == 1
    assert found["logs"][0]["context"] == {"user": 7}
    assert found["top_actions"] == [
        {"action": "user.delete", "count": 1},
        {"action": "user.login", "count": 1},
    ]


def test_it_runs_the_calls_about_links(alice: Actor, client: Any) -> None:
    shop = "https://alice.example/shop"
    made = client.create_link(shop, label="Sale")["data"]
    code = made["code"]
    assert made["short_url"].endswith(f"/api/redirect.php?c={code}")
    assert client.get_link(code)["data"]["total_clicks"] == 0
    changed = client.edit_link(code, label="Spring", is_active=False)["data"]
    assert (changed["label"], changed["is_active"]) == ("Spring", False)
    client.edit_link(code, destination_url=shop + "/2", is_active=True)

    clicked = alice.installation.call(
        "GET", f"/api/redirect.php?c={code}", headers=BROWSER
    )
    assert (clicked.status, clicked.headers["Location"]) == (302, shop + "/2")
    [link] = client.analytics().links(range="7d")["data"]["links"]
    assert (link["total_clicks"], link["unique_clicks"]) == (1, 1)
    detail = client.analytics().link_detail(code=code, range="7d")["data"]
    assert detail["by_device"] == [{"device_type": "desktop", "clicks": 1}]

    assert client.delete_link(code)["data"] == {"code": code}
    with pytest.warns(UserWarning, match="Link not found"):
        assert client.get_link(code) is None


def test_it_reads_the_reports(alice: Actor, client: Any) -> None:
    alice.view("https://alice.example/?utm_source=a&utm_campaign=b")
    reports = client.analytics()
    assert reports.visitors(range="7d")["data"]["unique_visitors"] == 1
    assert reports.returning(range="7d")["data"]["total_visitors"] == 1
    assert reports.sessions()["data"]["total_sessions"] == 1
    assert reports.pages(limit=5)["data"]["count"] == 1
    assert reports.devices()["data"]["by_device"]
    assert reports.locations()["data"]["by_country"] is not None
    assert reports.referrers()["data"]["by_category"]
    assert reports.utm(range="custom", from_="2026-03-01", to="2026-03-04")["data"]


def test_it_verifies_keys(alice: Actor, client: Any) -> None:
    assert client.verify(alice.public_key)["data"]["key_type"] == "public"
    assert client.verify(alice.secret_key)["data"]["project_name"] == "Alice"
    assert client.verify("nonsense")["data"] == {"valid": False}


def test_it_is_told_what_is_wrong(address: str) -> None:
    client = micrologs.Micrologs(host=address, key="0" * 64)
    with pytest.warns(UserWarning, match="Invalid API key"):
        assert client.error("x") is None
