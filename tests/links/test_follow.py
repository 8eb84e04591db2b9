"""GET /l/<code>."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.client.mmdb import write_mmdb
from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow, total_clicks
from tests.wsgi import CHROME, FIREFOX

THREADS = 8
CLICKS = 1000


def test_it_redirects_and_counts(alice: Actor) -> None:
    code = create(alice)["code"]
    answer = follow(alice, code)
    assert answer.status == 302
    assert answer.body == b""
    assert answer.headers["Location"] == SHOP
    assert answer.headers["Cache-Control"] == "no-store"
    # The page with the link decides what the destination learns of it.
    assert "Referrer-Policy" not in answer.headers
    assert total_clicks(alice, code) == 1


def test_it_stores_a_click_without_its_sender(alice: Actor, tmp_path: Path) -> None:
    place = {"country": {"iso_code": "CH", "names": {"en": "Switzerland"}}}
    write_mmdb(tmp_path / "geoip.mmdb", {"203.0.113.0/24": place})
    alice.installation = alice.installation.with_settings(
        geoip=str(tmp_path / "geoip.mmdb")
    )
    made = create(alice)
    headers = {"Referer": "https://www.google.com/search?q=secret"}
    for _ in range(2):
        assert follow(alice, made["code"], headers).status == 302
    [row, again] = alice.installation.rows(
        "SELECT c.*, d.browser, p.country, r.url, r.category FROM ph_clicks AS c"
        " JOIN ph_devices AS d ON d.id = c.device_id"
        " JOIN ph_places AS p ON p.id = c.place_id"
        " JOIN ph_referrers AS r ON r.id = c.referrer_id"
    )
    assert row["id"] != again["id"]
    assert (row["link_id"], str(row["at"])) == (made["id"], "2026-03-04 12:00:00")
    assert (str(row["day"]), row["hour"]) == ("2026-03-04", 12)
    assert (row["browser"], row["country"]) == ("Chrome", "Switzerland")
    assert row["url"] == "https://www.google.com/search"
    assert row["category"] == "organic_search"
    everything = repr([row, alice.installation.rows("SELECT * FROM ph_devices")])
    assert "203.0.113" not in everything
    assert CHROME not in everything


def test_it_knows_a_visitor_again_on_the_same_day_only(alice: Actor) -> None:
    code = create(alice)["code"]
    for _ in range(2):
        follow(alice, code)
    follow(alice, code, {"User-Agent": FIREFOX})
    alice.installation.clock.move(days=1)
    follow(alice, code)
    rows = alice.installation.rows("SELECT visitor_id FROM ph_clicks ORDER BY day, id")
    assert len({row["visitor_id"] for row in rows}) == 3
    assert 0 not in {row["visitor_id"] for row in rows}
    assert total_clicks(alice, code) == 4


ROBOTS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "python-requests/2.32",
    "",
]


def test_it_redirects_robots_and_counts_none(alice: Actor) -> None:
    code = create(alice)["code"]
    for user_agent in ROBOTS:
        assert follow(alice, code, {"User-Agent": user_agent}).status == 302
        assert total_clicks(alice, code) == 0, user_agent


def test_it_counts_no_robot_that_only_the_list_knows(alice: Actor) -> None:
    code = create(alice)["code"]
    robot = "Mozilla/5.0 (X11; Linux x86_64) NewsBlur"
    for _ in range(2):
        assert follow(alice, code, {"User-Agent": robot}).status == 302
    assert total_clicks(alice, code) == 0
    devices = alice.installation.rows("SELECT type FROM ph_devices")
    assert devices == [{"type": "bot"}]


AHEAD = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
]


def test_it_counts_nobody_who_fetches_ahead(alice: Actor) -> None:
    code = create(alice)["code"]
    for headers in AHEAD:
        assert follow(alice, code, headers).status == 302
        assert total_clicks(alice, code) == 0, headers


def test_it_answers_head_and_counts_it_not(alice: Actor) -> None:
    code = create(alice)["code"]
    answer = follow(alice, code, method="HEAD")
    assert (answer.status, answer.headers["Location"]) == (302, SHOP)
    assert total_clicks(alice, code) == 0


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_it_keeps_only_the_count_of_who_asks_not_to_be_tracked(
    alice: Actor, create_project: Callable[..., Actor], header: str
) -> None:
    code = create(alice)["code"]
    referer = {"Referer": "https://news.example/"}
    assert follow(alice, code, {header: "1", **referer}).status == 302
    assert total_clicks(alice, code) == 1
    [row] = alice.installation.rows("SELECT * FROM ph_clicks")
    assert (row["visitor_id"], row["device_id"], row["place_id"]) == (0, 0, 0)
    assert alice.installation.rows("SELECT * FROM ph_devices") == []
    assert row["referrer_id"] != 0
    eve = create_project("Eve", ["eve.example"], respect_dnt=False)
    follow(eve, create(eve)["code"], {header: "1"})
    [row] = eve.installation.rows(
        f"SELECT * FROM ph_clicks WHERE project_id = {eve.id}"
    )
    assert 0 not in (row["visitor_id"], row["device_id"])


def test_it_knows_only_links_that_are_there(alice: Actor) -> None:
    for code in ("nothing", "a.b", "\u00fc", "x" * 41, "'", "%s", "\xff", "NoSuch00"):
        answer = follow(alice, code.encode().decode("latin-1"))
        assert answer.status == 404
        assert answer.body == b"Link not found"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_it_tells_upper_from_lower_case(alice: Actor) -> None:
    create(alice, code="Spring")
    assert follow(alice, "Spring").status == 302
    assert follow(alice, "spring").status == 404


def test_it_does_not_mind_a_host_that_is_none(alice: Actor) -> None:
    code = create(alice)["code"]
    for host in ("...", "a:99999", "x y", "\xff", "x" * 999, "[::1"):
        assert follow(alice, code, {"Host": host}).status == 302


def test_it_is_no_other_path(alice: Actor) -> None:
    create(alice, code="aaa")
    long_way = alice.installation.with_settings(hot_door=False)
    for path in ("/l/", "/l", "/l/aaa/b", "/l//aaa", "/l/aaa/"):
        for door in (alice.installation, long_way):
            answer = door.call("GET", path)
            assert answer.status == 404, path
            assert answer.json == {"success": False, "message": "Not found"}


def test_it_follows_no_link_that_is_turned_off(alice: Actor) -> None:
    code = create(alice, is_active=False)["code"]
    assert follow(alice, code).status == 404
    alice.post("/api/links/edit", code=code, is_active=True)
    assert follow(alice, code).status == 302


def test_it_follows_no_link_that_has_expired(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Tokyo")
    # Noon in UTC is nine in the evening there.
    code = create(alice, expires_at="2026-03-04 21:00:01")["code"]
    day = create(alice, expires_at="2026-03-04")["code"]
    assert follow(alice, code).status == 302
    alice.installation.clock.move(seconds=1)
    assert follow(alice, code).status == 404
    assert follow(alice, day).status == 302
    alice.installation.clock.move(hours=3)
    assert follow(alice, day).status == 404
    assert total_clicks(alice, code) == 1


def test_it_follows_a_link_as_often_as_it_may_and_never_more(alice: Actor) -> None:
    code = create(alice, max_clicks=5)["code"]

    def click(number: int) -> int:
        return follow(alice, code, address=f"192.0.2.{number}").status

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(click, range(24))) == [302] * 5 + [404] * 19
    assert total_clicks(alice, code) == 5
    assert follow(alice, code, {"User-Agent": "Twitterbot/1.0"}).status == 404
    alice.post("/api/links/edit", code=code, max_clicks=6)
    assert follow(alice, code).status == 302


def test_it_counts_each_of_a_thousand_clicks_sent_at_once(alice: Actor) -> None:
    code = create(alice)["code"]

    def click(number: int) -> int:
        address = f"198.51.{number % 50}.{number % 200}"
        return follow(alice, code, address=address).status

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(click, range(CLICKS)))
    assert statuses == [302] * CLICKS
    assert total_clicks(alice, code) == CLICKS
    detail = alice.get(f"/api/analytics/link-detail?range=1d&code={code}").data
    assert detail["total_clicks"] == CLICKS
    assert detail["unique_clicks"] == 200


def test_it_keeps_the_links_of_a_project_that_is_turned_off(alice: Actor) -> None:
    code = create(alice)["code"]
    toggle = {"id": alice.id, "is_active": False}
    alice.installation.as_admin("/api/projects/toggle", toggle)
    assert follow(alice, code).status == 302
    toggle["is_active"] = True
    alice.installation.as_admin("/api/projects/toggle", toggle)
    assert total_clicks(alice, code) == 1
    alice.installation.as_admin(
        "/api/projects/delete", {"id": alice.id, "confirm": "Alice"}
    )
    assert follow(alice, code).status == 404


def test_it_looks_at_the_destination_anew(alice: Actor) -> None:
    code = create(alice)["code"]
    mine = create(alice, "https://shop.alice.example/")["code"]
    alice.installation = alice.installation.with_settings(destinations=("own",))
    answer = follow(alice, code)
    assert (answer.status, answer.body) == (400, b"Invalid destination URL")
    assert follow(alice, mine).status == 302
    assert total_clicks(alice, code) == 0


def test_it_leads_nowhere_a_browser_should_not_go(alice: Actor) -> None:
    code = create(alice)["code"]
    database = alice.installation.db
    spoil = "UPDATE ph_links SET destination_url = %(url)s"
    for url in ("javascript:alert(1)", "ftp://x.example/", "", "http://a\r\nb/", "x"):
        values = {"url": url}
        database.transaction(lambda values=values: database.run(spoil, values))
        answer = follow(alice, code)
        assert (answer.status, answer.body) == (400, b"Invalid destination URL")
        assert "Location" not in answer.headers


def test_it_takes_no_other_method(alice: Actor) -> None:
    code = create(alice)["code"]
    for method in ("POST", "PUT", "DELETE", "BREW"):
        answer = follow(alice, code, method=method)
        assert answer.status == 405
        assert answer.body == b"Method not allowed"
        assert answer.headers["Allow"] == "GET, OPTIONS"


def test_it_makes_who_follows_too_many_wait(alice: Actor) -> None:
    code = create(alice)["code"]
    preview = {"User-Agent": "Twitterbot/1.0"}
    statuses = [follow(alice, code, preview).status for _ in range(1201)]
    assert statuses == [302] * 1200 + [429]
    assert follow(alice, code, address="192.0.2.1").status == 302


def test_it_says_so_when_the_database_is_away(alice: Actor, tmp_path: Path) -> None:
    away = alice.installation.with_settings(
        database_url=f"sqlite:///{tmp_path}/empty/x.sqlite"
    )
    answer = away.call("GET", "/l/anything")
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Retry-After"] == "30"
    assert answer.body.startswith(b"The database cannot be used")
