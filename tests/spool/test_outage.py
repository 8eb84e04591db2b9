"""What becomes of beacons while the database is away, and when it is back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.client.mmdb import write_mmdb
from tests.conftest import Actor, Installation
from tests.spool.outage import drain, during_outage, log_of, waiting
from tests.visits.tables import assert_consistent, state
from tests.wsgi import FIREFOX, Answer

HOME = "https://alice.example/"
BACKEND = {"User-Agent": "Python-urllib/3.11"}
OTHERS = {
    "errors": "SELECT message, occurrence_count, first_seen, last_seen"
    " FROM ph_error_kinds WHERE project_id = {id}",
    "audit": "SELECT seq, at, day, action, actor, context"
    " FROM ph_audit WHERE project_id = {id} ORDER BY seq",
    "devices": "SELECT type, os, browser FROM ph_devices WHERE project_id = {id}",
    "places": "SELECT country, city FROM ph_places WHERE project_id = {id}",
    "networks": "SELECT COUNT(*) FROM ph_networks WHERE project_id = {id}",
    "drops": "SELECT day, reason, robot, beacons FROM ph_drops WHERE project_id = {id}",
    "identities": "SELECT user_id, first_at, last_at FROM ph_identities"
    " WHERE project_id = {id}",
}


def everything(actor: Actor) -> dict[str, Any]:
    """Return all that the tables say of a project, without ids."""
    found = state(actor)
    for name, sql in OTHERS.items():
        rows = actor.installation.rows(sql.format(id=actor.id))
        found[name] = sorted(str(tuple(row.values())) for row in rows)
    return found


def send_all(actor: Actor, name: str) -> list[Answer]:
    """Send beacons of every kind, with and without ids, over an hour."""
    clock = actor.installation.clock
    home = f"https://{name}.example/"
    answers = []

    def send(kind: str, **fields: Any) -> None:
        answers.append(actor.send(kind, **fields))
        clock.move(seconds=40, milliseconds=7)

    send("pageview", url=home, id="first", referrer="https://news.example/")
    send("pageview", url=home + "menu?utm_source=x", headers={"User-Agent": FIREFOX})
    send("pageview", url=home + "old", age=600)
    send("pageview", url=home, headers={"DNT": "1"})
    send("pageview", url=home, headers={"User-Agent": "Googlebot/2.1"})
    send("event", name="signup", props={"plan": "pro \u00e9\u4e2d\u2028"}, url=home)
    send("event", name="order", id="o", visitor_id="me")
    send("engagement", pageview_id="first", seconds=20, scroll=70)
    send("identify", user_id="7", visitor_id="me", traits={"a": [1]})
    send("error", message="x is undefined", count=3, release="1.0")
    send("error", message="x is undefined", id="e")
    send("audit", action="login", actor="ann")
    send("audit", action="logout", actor="ann", id="a")
    beacons = [
        {"type": "pageview", "url": home + "batched", "age": 30},
        {"type": "event", "name": "batched"},
    ]
    send("batch", beacons=beacons)
    send("pageview", url=home + "far", address="198.51.100.9")
    with_key = {"X-API-Key": actor.secret_key, **BACKEND}
    for kind, body in (("event", {"name": "paid"}), ("audit", {"action": "paid"})):
        path = f"/api/track/{kind}"
        answers.append(actor.installation.call("POST", path, body, headers=with_key))
    borne = {"Authorization": f"Bearer {actor.secret_key}", **BACKEND}
    body = {"name": "borne"}
    answers.append(
        actor.installation.call("POST", "/api/track/event", body, headers=borne)
    )
    body = {"url": home + "php", "visitor_id": "v", "session_token": "s"}
    answers.append(
        actor.installation.call(
            "POST",
            "/api/track/pageview.php",
            {"public_key": actor.public_key, **body},
            headers={"User-Agent": FIREFOX, "Accept": "*/*", "Accept-Language": "de"},
        )
    )
    return answers


@pytest.mark.parametrize("identity", ["cookieless", "cookie"])
def test_it_stores_what_came_as_if_it_had_never_been_away(
    installation: Installation, create_project: Any, tmp_path: Path, identity: str
) -> None:
    start = installation.clock.at
    record = {"country": {"iso_code": "CH", "names": {"en": "Switzerland"}}}
    geoip = str(tmp_path / "geoip.mmdb")
    write_mmdb(tmp_path / "geoip.mmdb", {"203.0.113.0/24": record})
    there = installation.with_settings(geoip=geoip)
    alice = create_project("Alice", ["alice.example"], identity=identity)
    charlie = create_project("Charlie", ["charlie.example"], identity=identity)
    alice.installation = charlie.installation = there
    live = send_all(charlie, "charlie")
    assert {answer.status for answer in live} == {200, 204}
    installation.clock.at = start
    answers = send_all(during_outage(alice), "alice")
    assert {answer.status for answer in answers} == {200, 202}
    for answer in answers:
        if answer.status == 200:
            wanted = [{"status": 202, "data": {"queued": True}}] * 2
            assert answer.data["results"] == wanted
        else:
            assert answer.data == {"queued": True}
    # What is drained days later happened when it happened.
    installation.clock.move(days=1)
    drain(alice)
    assert everything(alice) == everything(charlie)
    assert_consistent(alice)
    assert alice.installation.rows("SELECT * FROM ph_spooled") == []
    assert alice.installation.rows("SELECT * FROM ph_leases") == []


def test_it_counts_what_is_older_than_two_days(alice: Actor) -> None:
    away = during_outage(alice)
    for number in range(12):
        assert away.view(f"{HOME}{number}", age=48 * 3600).status == 202
        alice.installation.clock.move(hours=12)
    drain(alice)
    assert alice.visitors("range=30d")["total_pageviews"] == 12
    assert_consistent(alice)


def test_it_keeps_no_address_and_no_secret(alice: Actor) -> None:
    away = during_outage(alice)
    trail = {"X-Forwarded-For": "198.51.100.77", "Referer": HOME + "private?a=b"}
    assert away.view(HOME, headers=trail).status == 202
    assert away.view(HOME, address="2001:db8:1:2::77").status == 202
    assert away.log().status == 202
    files = waiting(alice)
    content = b"".join(path.read_bytes() for path in files)
    for private in ("203.0.113", "198.51.100", "2001:db8", alice.secret_key, "private"):
        assert private.encode() not in content
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    folders = {files[0].parent, files[0].parent.parent}
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_it_is_not_held_up_by_what_is_refused(alice: Actor, charlie: Actor) -> None:
    away = during_outage(alice)
    foreign = {"Origin": "https://charlie.example"}
    for answer in (
        away.view("not a page"),
        away.view(HOME, headers=foreign),
        away.view(HOME, public_key="0" * 32),
        away.send("event", name=5),
        away.send("event", name="n", unknown=1),
        away.installation.call(
            "POST", "/api/track/audit", {"action": "x"}, headers={"X-API-Key": "0" * 64}
        ),
        away.view(HOME + "good"),
    ):
        assert answer.status == 202
    drain(alice)
    assert alice.visitors("range=1d")["total_pageviews"] == 1
    [dropped] = alice.installation.rows("SELECT reason, beacons FROM ph_drops")
    assert (dropped["reason"], dropped["beacons"]) == ("domain", 1)
    log = log_of(alice)
    # A slow machine drains them in several requests, each with an entry of its own.
    refused: dict[str, int] = {}
    for count, status in re.findall(r"(\d+) refused with (\d+)", log):
        refused[status] = refused.get(status, 0) + int(count)
    assert refused == {"400": 3, "403": 1, "401": 2}
    assert "unknown" not in log


def test_it_refuses_at_once_what_can_be_told_without_the_database(
    alice: Actor,
) -> None:
    away = during_outage(alice)
    track = "/api/track/event"
    secret = {"X-API-Key": alice.secret_key}
    call = away.installation.call
    assert call("POST", track, {"name": "n"}).status == 401
    assert call("POST", track, {"name": "n", "public_key": "x"}).status == 401
    assert call("POST", track, b"no JSON", headers=secret).status == 400
    assert call("POST", track, b"[" * 30_000, headers=secret).status == 400
    assert call("POST", track, b"1" * 70_000, headers=secret).status == 413
    assert call("POST", "/api/track/pageview", {}, headers=secret).status == 401
    view = {"type": "pageview", "url": HOME}
    answer = call("POST", "/api/track/batch", {"beacons": [view]}, headers=secret)
    assert [one["status"] for one in answer.data["results"]] == [401]
    assert waiting(alice) == []
    assert alice.installation.call("GET", "/api/health").status == 200


@pytest.mark.parametrize("depth", [100, 400, 900, 960, 980, 990])
def test_it_takes_bodies_nested_as_deeply_as_they_may_be(
    alice: Actor, depth: int
) -> None:
    body = b'{"name":"n","props":%b1%b}' % (b'{"a":' * depth, b"}" * depth)
    secret = {"X-API-Key": alice.secret_key}
    call = during_outage(alice).installation.call
    assert call("POST", "/api/track/event", body, headers=secret).status in (202, 400)
    drain(alice)


def test_it_lets_a_page_read_that_its_beacon_is_kept(alice: Actor) -> None:
    away = during_outage(alice)
    answer = away.view(HOME, headers={"Origin": "https://alice.example"})
    assert answer.status == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "https://alice.example"


def test_it_limits_who_fills_it(alice: Actor) -> None:
    away = during_outage(alice)
    statuses = [away.view(HOME + str(number)).status for number in range(301)]
    assert statuses == [202] * 300 + [429]
    assert away.view(HOME, address="198.51.100.1").status == 202
    # What is drained is not limited once more, and leaves room for others.
    drain(alice)
    assert alice.view(HOME + "more").status == 200
    assert alice.visitors("range=1d")["total_pageviews"] == 302


def test_it_is_emptied_by_a_report_too(alice: Actor) -> None:
    away = during_outage(alice)
    away.view(HOME)
    assert alice.visitors("range=1d")["total_pageviews"] == 0
    assert waiting(alice) == []
    assert alice.visitors("range=1d")["total_pageviews"] == 1


def test_it_counts_once_what_its_sender_repeats(alice: Actor) -> None:
    away = during_outage(alice)
    beacons = {
        "pageview": {"url": HOME, "id": "v"},
        "event": {"name": "n", "id": "e"},
        "error": {"message": "m", "id": "x"},
        "audit": {"action": "login", "id": "a"},
    }
    for kind, fields in beacons.items():
        assert away.send(kind, **fields).status == 202
    for kind, fields in beacons.items():
        assert away.send(kind, **fields).status == 202
    drain(alice)
    before = everything(alice)
    for kind, fields in beacons.items():
        assert alice.send(kind, **fields).status == 200
    assert everything(alice) == before
    assert alice.visitors("range=1d")["total_pageviews"] == 1
    assert len(alice.get("/api/analytics/audits").data["logs"]) == 1


def test_it_keeps_audit_entries_in_the_order_in_which_they_came(alice: Actor) -> None:
    away = during_outage(alice)
    for number in range(3):
        assert away.log(f"spooled{number}").status == 202
    # The database is back; what came before is not in it yet.
    assert alice.log("behind").status == 202
    assert alice.log("after").status == 200
    logs = alice.get("/api/analytics/audits").data["logs"]
    actions = [entry["action"] for entry in reversed(logs)]
    assert actions == ["spooled0", "spooled1", "spooled2", "behind", "after"]
    verified = alice.get("/api/audit/verify").data
    assert (verified["valid"], verified["entries"]) == (True, 5)


def test_it_waits_with_an_engagement_for_its_pageview(alice: Actor) -> None:
    away = during_outage(alice)
    away.view(HOME, id="a")
    alice.installation.clock.move(seconds=30)
    told = {"pageview_id": "a", "seconds": 20, "scroll": 50}
    assert alice.send("engagement", **told).status == 202
    drain(alice)
    rows = alice.installation.rows("SELECT engaged_seconds, scroll FROM ph_pageviews")
    assert rows == [{"engaged_seconds": 20, "scroll": 50}]
    assert alice.send("engagement", pageview_id="b").data == {"counted": False}


def test_it_answers_reports_503_as_before(alice: Actor) -> None:
    away = during_outage(alice)
    answer = away.get("/api/analytics/visitors")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert json.loads(answer.body)["success"] is False


def test_it_says_in_health_what_waits(alice: Actor) -> None:
    away = during_outage(alice)
    away.view(HOME)
    alice.installation.clock.move(minutes=75)
    away.view(HOME + "2")
    answer = away.installation.call("GET", "/api/health")
    assert answer.status == 503
    check = answer.json["checks"]["spool"]
    assert check["status"] == "warn"
    said = "2 beacons wait for the database (0.1 MB), the oldest for 1 h 15 min."
    assert check["message"] == said
    admin = away.installation.as_admin("/api/health").json["checks"]["spool"]
    assert admin["message"].startswith(f"{said} The folder is /")
    alice.installation.call("GET", "/api/health")
    check = alice.installation.call("GET", "/api/health").json["checks"]["spool"]
    assert check["status"] == "ok"
