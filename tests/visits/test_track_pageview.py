"""POST /api/track/pageview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.client import address
from tests.conftest import Actor
from tests.visits.tables import assert_consistent
from tests.wsgi import BROWSER, CHROME, FIREFOX, Answer, call

PAGEVIEW = "/api/track/pageview"
HOME = "https://alice.example/"


def _today(alice: Actor) -> dict[str, Any]:
    data: dict[str, Any] = alice.visitors("range=1d")
    return data


def _drops(alice: Actor) -> dict[str, int]:
    rows = alice.installation.rows("SELECT reason, beacons FROM ph_drops")
    return {row["reason"]: row["beacons"] for row in rows}


def _post(alice: Actor, body: Any, headers: dict[str, str], **more: Any) -> Answer:
    return alice.installation.call("POST", PAGEVIEW, body, headers=headers, **more)


# What counts


def test_it_counts_a_pageview(alice: Actor) -> None:
    answer = alice.view()
    assert answer.status == 200
    assert answer.json == {"success": True, "message": "OK", "data": {"counted": True}}
    assert answer.headers["Content-Type"] == "application/json"
    assert _today(alice)["total_pageviews"] == 1


def test_it_counts_two_pages_as_one_visit(alice: Actor) -> None:
    alice.view("https://alice.example/")
    alice.installation.clock.move(minutes=1)
    alice.view("https://alice.example/two")
    data = _today(alice)
    assert data["total_sessions"] == 1
    assert data["total_pageviews"] == 2
    assert data["bounce_rate"] == 0
    assert data["unique_visitors"] == 1


def test_it_starts_a_new_visit_after_half_an_hour(alice: Actor) -> None:
    alice.view(HOME)
    alice.installation.clock.move(minutes=29, seconds=59)
    alice.view(HOME + "still-here")
    assert _today(alice)["total_sessions"] == 1
    alice.installation.clock.move(minutes=30)
    alice.view(HOME + "back-again")
    data = _today(alice)
    assert data["total_sessions"] == 2
    assert data["bounce_rate"] == 50
    assert data["unique_visitors"] == 1


def test_it_ends_a_visit_after_a_day(alice: Actor) -> None:
    alice.installation.clock.at = datetime(2026, 3, 4, 0, 0, 5)
    for step in range(60):
        alice.view(f"{HOME}{step}")
        alice.installation.clock.move(minutes=25)
    visits = alice.installation.rows("SELECT started_at, last_at FROM ph_visits")
    assert len(visits) == 2
    assert all(
        visit["last_at"] - visit["started_at"] < timedelta(hours=24) for visit in visits
    )
    assert_consistent(alice)


def test_it_drops_the_same_url_within_five_minutes(alice: Actor) -> None:
    assert alice.view(HOME).data == {"counted": True}
    alice.installation.clock.move(minutes=4, seconds=59)
    again = alice.view(HOME)
    assert again.data == {"counted": False}
    assert again.headers["X-Porthole-Ignored"] == "duplicate"
    alice.installation.clock.move(seconds=1)
    assert alice.view(HOME).data == {"counted": True}
    assert _today(alice)["total_pageviews"] == 2
    assert_consistent(alice)


def test_it_counts_urls_that_differ_in_their_query(alice: Actor) -> None:
    for query in ("", "?p=1", "?p=2"):
        assert alice.view(HOME + query).data == {"counted": True}
    pages = alice.installation.rows("SELECT host, path FROM ph_pages")
    assert pages == [{"host": "alice.example", "path": "/"}]


def test_it_counts_the_same_url_of_two_visitors(alice: Actor) -> None:
    alice.view(HOME, headers={"User-Agent": CHROME})
    assert alice.view(HOME, headers={"User-Agent": FIREFOX}).data["counted"]
    assert _today(alice)["unique_visitors"] == 2


def test_it_counts_a_beacon_with_an_id_once(alice: Actor) -> None:
    for sent in range(3):
        answer = alice.view(HOME, id="beacon-1", address=f"192.0.2.{sent}")
        assert answer.data == {"counted": sent == 0}
        alice.installation.clock.move(minutes=10)
    assert alice.view(HOME, id="beacon-2").data == {"counted": True}
    assert _today(alice)["total_pageviews"] == 2
    assert_consistent(alice)


def test_it_counts_a_beacon_once_though_it_is_repeated_after_midnight(
    alice: Actor,
) -> None:
    alice.installation.clock.at = datetime(2026, 3, 4, 23, 55)
    assert alice.view(HOME, id="beacon-1").data["counted"]
    alice.installation.clock.move(minutes=20)
    assert not alice.view(HOME, id="beacon-1").data["counted"]


def test_it_tells_long_ids_apart_to_the_last_letter(alice: Actor) -> None:
    for ending in ("1", "2"):
        answer = alice.view(HOME + ending, id="x" * 5000 + ending)
        assert answer.data == {"counted": True}
    assert not alice.view(HOME + "3", id="x" * 5000 + "2").data["counted"]


def test_it_keeps_one_projects_ids_apart_from_anothers(
    alice: Actor, charlie: Actor
) -> None:
    assert alice.view(HOME, id="same", session_token="same").data["counted"]
    theirs = charlie.view("https://charlie.example/", id="same", session_token="same")
    assert theirs.data["counted"]
    assert _today(charlie)["total_sessions"] == 1


def test_it_never_splits_or_joins_visits_by_their_token(alice: Actor) -> None:
    alice.view(HOME, session_token="one")
    alice.view(HOME + "2", session_token="two")
    alice.view(HOME, session_token="one", address="192.0.2.1")
    assert _today(alice)["total_sessions"] == 2


def test_it_counts_a_late_beacon_at_its_own_time(alice: Actor) -> None:
    assert alice.view(HOME, age=86400).data["counted"]
    days = alice.visitors("range=2d")["over_time"]
    assert [day["pageviews"] for day in days] == [1, 0]


def test_it_attributes_a_visit_to_its_first_view_by_time(alice: Actor) -> None:
    alice.view(HOME + "second")
    alice.view(HOME + "first", age=600, referrer="https://www.google.com/search?q=x")
    [row] = alice.installation.rows(
        "SELECT e.path AS entry, x.path AS leave_, r.host, r.category, r.url"
        " FROM ph_visits s JOIN ph_pages e ON e.id = s.entry_page_id"
        " JOIN ph_pages x ON x.id = s.exit_page_id"
        " JOIN ph_referrers r ON r.id = s.referrer_id"
    )
    assert row == {
        "entry": "/first",
        "leave_": "/second",
        "host": "google.com",
        "category": "organic_search",
        "url": "https://www.google.com/search",
    }


def test_it_keeps_the_newest_title(alice: Actor) -> None:
    alice.view(HOME, page_title="Old")
    alice.installation.clock.move(minutes=10)
    alice.view(HOME, page_title="Too soon")
    titles = alice.installation.rows("SELECT title FROM ph_pages")
    assert titles == [{"title": "Old"}]
    alice.installation.clock.move(hours=1)
    alice.view(HOME, page_title="New")
    titles = alice.installation.rows("SELECT title FROM ph_pages")
    assert titles == [{"title": "New"}]


def test_it_takes_campaigns_from_the_url_and_not_from_the_body(alice: Actor) -> None:
    alice.view(HOME + "?utm_source=news&utm_x[]=1&utm_medium=e%2Dmail", utm_term="no")
    [row] = alice.installation.rows("SELECT * FROM ph_campaigns")
    assert (row["utm_source"], row["utm_medium"]) == ("news", "e-mail")
    assert (row["utm_campaign"], row["utm_term"], row["utm_content"]) == ("", "", "")


def test_it_stores_what_it_promises_and_nothing_more(alice: Actor) -> None:
    alice.view(
        HOME + "?token=in-the-query",
        visitor_id="visitor-in-clear",
        session_token="token-in-clear",
        fingerprint="print-in-clear",
        referrer="https://user:password@other.example/path?secret=1#x",
        address="203.0.113.77",
    )
    tables = {
        row["name"]: alice.installation.rows(f"SELECT * FROM {row['name']}")
        for row in alice.installation.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'ph%%'"
            if alice.installation.config.database_url.startswith("sqlite")
            else "SELECT table_name AS name FROM information_schema.tables"
            " WHERE table_schema = DATABASE()"
        )
    }
    assert len(tables) > 12
    stored = repr(tables)
    for private in ("203.0.113", "in-clear", "in-the-query", "password", "Chrome/140"):
        assert private not in stored


# Identity


def test_it_tells_cookieless_visitors_apart_by_address_and_browser(
    alice: Actor,
) -> None:
    alice.view(HOME, visitor_id="ignored", address="192.0.2.1")
    alice.view(HOME + "2", visitor_id="other", address="192.0.2.1")
    alice.view(HOME, address="192.0.2.2")
    assert _today(alice)["unique_visitors"] == 2


def test_it_forgets_a_cookieless_visitor_at_local_midnight(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Kathmandu")
    alice.installation.clock.at = datetime(2026, 3, 4, 17, 0)  # 22:45 there
    alice.view(HOME)
    alice.installation.clock.move(hours=3)
    alice.view(HOME)
    days = alice.visitors("range=2d")["over_time"]
    assert [day["unique_visitors"] for day in days] == [1, 1]
    assert alice.visitors("range=2d")["unique_visitors"] == 2


def test_it_keeps_a_visit_whole_across_midnight(alice: Actor) -> None:
    alice.installation.clock.at = datetime(2026, 3, 4, 23, 50)
    for step in range(4):
        alice.view(f"{HOME}{step}")
        alice.installation.clock.move(minutes=20)
    data = alice.visitors("range=2d")
    assert (data["unique_visitors"], data["total_sessions"]) == (1, 1)
    assert [day["pageviews"] for day in data["over_time"]] == [1, 3]
    assert_consistent(alice)


def test_it_deletes_a_salt_48_hours_after_its_day(alice: Actor) -> None:
    for _ in range(5):
        alice.view(HOME)
        alice.installation.clock.move(days=1)
    rows = alice.installation.rows("SELECT day FROM ph_salts ORDER BY day")
    assert [row["day"].day for row in rows] == [6, 7, 8]


def test_it_deletes_salts_though_no_beacon_comes_any_more(alice: Actor) -> None:
    alice.view(HOME)
    alice.installation.clock.move(days=2)
    alice.visitors()
    assert len(alice.installation.rows("SELECT day FROM ph_salts")) == 1
    alice.installation.clock.move(days=1)
    alice.visitors()
    assert alice.installation.rows("SELECT day FROM ph_salts") == []


def test_it_knows_a_cookie_visitor_again(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    alice.view(HOME, visitor_id="v1", address="192.0.2.1")
    alice.installation.clock.move(days=5)
    alice.view(HOME, visitor_id="v1", address="192.0.2.2")
    data = alice.visitors("range=30d")
    assert (data["unique_visitors"], data["total_sessions"]) == (1, 2)
    alice.view(HOME, address="192.0.2.3")  # without an id: cookieless
    assert alice.visitors("range=30d")["unique_visitors"] == 2
    assert_consistent(alice)


# Who may send


def test_it_takes_the_key_in_the_header_or_in_the_body(alice: Actor) -> None:
    header = {**BROWSER, "X-API-Key": alice.public_key}
    assert _post(alice, {"url": HOME}, header).data["counted"]
    body = {"url": HOME + "2", "public_key": alice.public_key}
    assert _post(alice, body, BROWSER).data["counted"]


def test_it_refuses_a_missing_unknown_or_secret_key(alice: Actor) -> None:
    missing = _post(alice, {"url": HOME}, BROWSER)
    assert (missing.status, missing.json) == (
        401,
        {"success": False, "message": "API key is required"},
    )
    for key in ("x", "0" * 32, "é" * 32, alice.secret_key):
        for headers, body in (
            ({**BROWSER, "X-API-Key": key}, {"url": HOME}),
            (BROWSER, {"url": HOME, "public_key": key}),
        ):
            answer = _post(alice, body, headers)
            assert (answer.status, answer.json["message"]) == (401, "Invalid API key")


@pytest.mark.parametrize("key", [1, None, True, [], {}, "", ["x"]])
def test_it_refuses_a_key_of_another_type(alice: Actor, key: object) -> None:
    assert _post(alice, {"url": HOME, "public_key": key}, BROWSER).status == 401


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Origin": "https://alice.example"}, True),
        ({"Origin": "https://www.ALICE.example:8443"}, True),
        ({"Origin": "https://shop.alice.example"}, True),
        ({"Origin": "https://alice.example."}, True),
        ({"Origin": "https://notalice.example"}, False),
        ({"Origin": "https://alice.example.evil.example"}, False),
        ({"Origin": "https://charlie.example"}, False),
        ({"Origin": "null"}, True),
        ({"Origin": "null", "Referer": "https://charlie.example/"}, False),
        ({"Origin": "garbage"}, False),
        ({"Origin": "http://[::"}, False),
        ({"Referer": "https://alice.example/page"}, True),
        ({"Referer": "https://charlie.example/page"}, False),
        ({}, True),
    ],
)
def test_it_counts_only_on_the_projects_domains(
    alice: Actor, headers: dict[str, str], allowed: bool
) -> None:
    answer = alice.view(headers=headers)
    assert answer.status == (200 if allowed else 403)
    if allowed:
        origin = headers.get("Origin")
        assert answer.headers.get("Access-Control-Allow-Origin") == origin
    else:
        assert answer.json["message"] == "Domain not allowed for this key"
        assert answer.headers["X-Porthole-Ignored"] == "domain"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert _drops(alice) == {"domain": 1}


def test_it_answers_a_preflight_of_any_origin(alice: Actor) -> None:
    for path in (PAGEVIEW, PAGEVIEW + ".php"):
        answer = alice.installation.call(
            "OPTIONS", path, headers={"Origin": "https://alice.example"}
        )
        assert (answer.status, answer.body) == (200, b"")
        origin = answer.headers["Access-Control-Allow-Origin"]
        assert origin == "https://alice.example"
        assert "X-API-Key" in answer.headers["Access-Control-Allow-Headers"]
        assert answer.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize("origin", ["https://a\r\n Set-Cookie: x=1", "a b", "\xe9"])
def test_it_repeats_no_strange_origin(alice: Actor, origin: str) -> None:
    answer = alice.installation.call("OPTIONS", PAGEVIEW, headers={"Origin": origin})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_it_refuses_other_methods(alice: Actor) -> None:
    answer = alice.installation.call("GET", PAGEVIEW)
    assert (answer.status, answer.json["message"]) == (405, "Method not allowed")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, "bot"),
        ({"User-Agent": ""}, "bot"),
        ({"Accept-Language": ""}, "bot"),
        ({"Accept": ""}, "bot"),
        ({"DNT": "1"}, "dnt"),
        ({"Sec-GPC": "1"}, "dnt"),
    ],
)
def test_it_stores_nothing_of_robots_and_of_who_asks_not_to_be_counted(
    alice: Actor, headers: dict[str, str], reason: str
) -> None:
    answer = alice.view(headers=headers)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["X-Porthole-Ignored"].split(":")[0] == reason
    assert _today(alice)["total_pageviews"] == 0
    assert _drops(alice) == {reason: 1}
    assert alice.installation.rows("SELECT id FROM ph_visitors") == []


def test_it_counts_do_not_track_where_the_project_says_so(alice: Actor) -> None:
    database = alice.installation.db
    database.transaction(lambda: database.run("UPDATE ph_projects SET respect_dnt = 0"))
    assert alice.view(headers={"DNT": "1"}).data["counted"]


# Addresses


def test_it_believes_forwarded_for_only_from_a_trusted_proxy(alice: Actor) -> None:
    forged = {"X-Forwarded-For": "198.51.100.9"}
    alice.view(HOME, address="192.0.2.1")
    alice.view(HOME + "2", headers=forged, address="192.0.2.1")
    assert _today(alice)["unique_visitors"] == 1

    proxied = alice.installation.with_settings(
        trusted_proxies=address.parse_networks("192.0.2.0/24")
    )
    body = {"public_key": alice.public_key, "url": HOME + "3"}
    for forwarded in ("198.51.100.9", "10.9.9.9, 198.51.100.9, 192.0.2.5"):
        headers = {**BROWSER, "X-Forwarded-For": forwarded}
        body["url"] += "x"
        answer = call(
            proxied.application, "POST", PAGEVIEW, body, headers, address="192.0.2.1"
        )
        assert answer.data["counted"]
    assert _today(alice)["unique_visitors"] == 2


# Input


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"1", b"null", b"{", b"\xff{}"])
def test_it_names_a_body_that_is_no_object(alice: Actor, body: bytes) -> None:
    headers = {**BROWSER, "X-API-Key": alice.public_key}
    answer = _post(alice, body, headers)
    assert answer.status == 400
    assert answer.json["message"] == "Invalid or missing JSON body"
    assert _today(alice)["total_pageviews"] == 0


def test_it_refuses_a_body_over_64_kb(alice: Actor) -> None:
    headers = {**BROWSER, "X-API-Key": alice.public_key}
    fits = b'{"url":"https://alice.example/","x":"%b"}'
    padding = b"x" * (65536 - len(fits) + 2)
    assert _post(alice, fits % padding, headers).status == 200
    answer = _post(alice, fits % (padding + b"x"), headers)
    assert (answer.status, answer.json["message"]) == (413, "Payload too large")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", 1),
        ("url", ["x"]),
        ("url", {}),
        ("url", ""),
        ("url", None),
        ("url", "/relative"),
        ("url", "javascript:alert(1)"),
        ("url", "http://[::"),
        ("page_title", 5),
        ("referrer", True),
        ("visitor_id", []),
        ("session_token", {"a": 1}),
        ("screen_resolution", 1920),
        ("timezone", 1),
        ("fingerprint", []),
        ("id", 1.5),
        ("id", True),
        ("age", "1"),
        ("age", -1),
        ("age", 172801),
        ("age", 10**400),
        ("age", 1.5),
    ],
)
def test_it_names_the_field_it_cannot_take(
    alice: Actor, field: str, value: object
) -> None:
    answer = alice.view(**{"url": HOME, field: value})  # type: ignore[arg-type]
    assert answer.status == 400
    assert answer.json["field"] == field
    assert field in answer.json["message"]
    assert _today(alice)["total_pageviews"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        "\x00",
        "\u202e<script>",
        "'; DROP TABLE ph_visits; --",
        "\\",
        "%s",
        "😀",
    ],
)
def test_it_stores_any_text(alice: Actor, text: str) -> None:
    answer = alice.view(
        HOME + text, page_title=text, referrer=f"https://x.example/{text}", id=text
    )
    assert answer.status == 200, answer.body
    [row] = alice.installation.rows("SELECT title FROM ph_pages")
    expected = "" if text in ("\ud800", "\x00") else text
    assert row["title"] == expected


def test_it_cuts_long_texts_between_characters(alice: Actor) -> None:
    assert alice.view(HOME, page_title="é" * 600).data["counted"]
    [row] = alice.installation.rows("SELECT title FROM ph_pages")
    assert row["title"] == "é" * 256


def test_it_takes_numbers_too_big_to_print(alice: Actor) -> None:
    raw = b'{"url":"https://alice.example/","id":%b}' % (b"9" * 4000)
    headers = {**BROWSER, "X-API-Key": alice.public_key}
    assert _post(alice, raw, headers).status == 200


# Micrologs' dialect


def test_it_speaks_micrologs_under_the_php_name(alice: Actor) -> None:
    body = {
        "url": HOME,
        "page_title": "Home",
        "referrer": "",
        "visitor_id": "3f0a",
        "session_token": "t" * 200,
        "fingerprint": "f",
        "screen_resolution": "1920x1080",
        "timezone": "Europe/Berlin",
        "utm_source": "",
        "utm_medium": "",
        "utm_campaign": "",
        "utm_content": "",
        "utm_term": "",
    }
    headers = {
        **BROWSER,
        "X-API-Key": alice.public_key,
        "Origin": "https://alice.example",
    }
    answer = alice.installation.call(
        "POST",
        PAGEVIEW + ".php",
        body,
        headers=headers,
        CONTENT_TYPE="application/json",
    )
    assert answer.status == 200
    assert answer.json == {"success": True, "message": "OK", "data": {"counted": True}}


@pytest.mark.parametrize("missing", ["url", "visitor_id", "session_token"])
def test_it_requires_what_micrologs_requires_under_the_php_name(
    alice: Actor, missing: str
) -> None:
    body = {"url": HOME, "visitor_id": "v", "session_token": "s"}
    del body[missing]
    headers = {**BROWSER, "X-API-Key": alice.public_key}
    answer = alice.installation.call("POST", PAGEVIEW + ".php", body, headers=headers)
    assert answer.status == 400
    assert answer.json["message"] == "url, visitor_id and session_token are required"
    assert answer.json["field"] == missing


# The database


def test_it_answers_503_while_the_database_is_away_and_nothing_may_wait(
    alice: Actor,
) -> None:
    away = alice.installation.with_settings(
        database_url="mysql://nobody:hunter2@127.0.0.1:1/none",
        timeout_seconds=1,
        spool_max_bytes=0,
    )
    body = {"url": HOME, "public_key": alice.public_key}
    answer = call(away.application, "POST", PAGEVIEW, body, BROWSER)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["success"] is False
    assert b"hunter2" not in answer.body
