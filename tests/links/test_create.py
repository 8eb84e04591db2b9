"""POST /api/links/create."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.client.address import parse_networks
from app.links import codes
from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow

CREATE = "/api/links/create"


def test_it_answers_micrologs_clients_in_the_contracts_words(alice: Actor) -> None:
    answer = alice.post(CREATE + ".php", destination_url=SHOP, label=" Sale ")
    assert answer.status == 200
    code = answer.data["code"]
    assert re.fullmatch("[0-9A-Za-z]{8}", code)
    assert answer.data == {
        "code": code,
        "short_url": f"http://stats.example/api/redirect.php?c={code}",
        "destination_url": SHOP,
        "label": "Sale",
    }


def test_it_ignores_what_micrologs_does_not_know(alice: Actor) -> None:
    answer = alice.post(
        CREATE + ".php",
        destination_url=SHOP,
        code="mine",
        max_clicks="no number",
        utm_source="x",
        is_active=False,
    )
    assert answer.data["code"] != "mine"
    assert answer.data["destination_url"] == SHOP
    assert follow(alice, answer.data["code"]).status == 302


def test_it_answers_with_the_whole_link(alice: Actor) -> None:
    made = create(alice, label="Sale", code="Spring_26-x", max_clicks=3)
    assert 0 < made["id"] < 2**53
    assert made == {
        "id": made["id"],
        "code": "Spring_26-x",
        "short_url": "http://stats.example/l/Spring_26-x",
        "destination_url": SHOP,
        "label": "Sale",
        "is_active": True,
        "total_clicks": 0,
        "created_at": "2026-03-04 12:00:00",
        "expires_at": None,
        "max_clicks": 3,
    }
    assert alice.get("/api/links/detail?code=Spring_26-x").data == made


@pytest.mark.parametrize("suffix", ["", ".php"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_it_wants_a_destination(alice: Actor, value: object, suffix: str) -> None:
    answer = alice.post(CREATE + suffix, destination_url=value)
    assert answer.status == 400
    assert answer.json == {
        "success": False,
        "message": "destination_url is required",
        "field": "destination_url",
    }


BAD = [
    "shop.example",
    "/sale",
    "//shop.example/sale",
    "javascript:alert(1)",
    "javascript://shop.example/%0aalert(1)",
    "ftp://shop.example/",
    "data:text/html,x",
    "https://",
    "https:///sale",
    "https://user@shop.example/",
    "https://user:password@shop.example/",
    "https://shop.example\\@evil.example/",
    "https://shop.example/a b",
    "https://shop.example/\r\nSet-Cookie: x=1",
    "https://shop.example/\x00x",
    "https://shop.example/\ud800x",
    "https://shop.example:99999/",
    "https://shop.example:x/",
    "https://[::g]/",
    "https://[::1/",
    "https://shop..example/",
    "https://" + "a" * 64 + ".example/",
    "https://a\u2100b.example/",
    "https://shop%2eexample/",
    "https://shop.example/" + "a" * 2048,
]


def test_it_refuses_what_is_no_url_of_the_web(alice: Actor) -> None:
    message = "destination_url is not a valid URL"
    for url in BAD:
        answer = alice.post(CREATE + ".php", destination_url=url)
        assert answer.status == 400, url
        assert answer.json["message"] == message
        plain = alice.post(CREATE, destination_url=url)
        assert plain.status == 400
        assert plain.json["field"] == "destination_url"
        assert plain.json["message"].startswith(f"{message}: it ")


GOOD = {
    "https://shop.example": "https://shop.example",
    "HTTPS://Shop.Example:443/A?B#C": "https://shop.example/A?B#C",
    "http://shop.example:8080/?a=1&b=%20#x": "http://shop.example:8080/?a=1&b=%20#x",
    "https://shop.example?q=1": "https://shop.example?q=1",
    "http://[2001:db8::1]:8080/x": "http://[2001:db8::1]:8080/x",
    "http://192.0.2.1/": "http://192.0.2.1/",
    "http://localhost:5000/": "http://localhost:5000/",
    "https://b\u00fccher.example/\u00fc?\u00fc#\u00fc": (
        "https://xn--bcher-kva.example/%C3%BC?%C3%BC#%C3%BC"
    ),
    "https://stra\u00dfe.example/": "https://xn--strae-oqa.example/",
    "https://shop.example/%2F?next=https://a@b.example/": (
        "https://shop.example/%2F?next=https://a@b.example/"
    ),
    'https://shop.example/"<>|[]': "https://shop.example/%22%3C%3E%7C%5B%5D",
}


def test_it_takes_any_url_of_the_web_and_keeps_it(alice: Actor) -> None:
    for url, location in GOOD.items():
        made = create(alice, url)
        assert made["destination_url"] == url
        assert follow(alice, made["code"]).headers["Location"] == location


CIRCLES = [
    "/l/other",
    "/l/other.php",
    "/api/redirect?c=x",
    "/api/redirect.php?c=x",
    "//l/other",
    "/x/../l/other",
    "/%6c/other",
    "/\\l/other",
]


def test_it_refuses_a_circle(alice: Actor) -> None:
    for path in CIRCLES:
        answer = alice.post(CREATE, destination_url=f"https://stats.example{path}")
        assert answer.status == 400, path
        assert answer.json["message"] == "destination_url is a short link itself"
        assert create(alice, f"https://other.example{path}")


def test_it_takes_another_page_of_its_own_host(alice: Actor) -> None:
    assert create(alice, "https://stats.example/list")
    assert create(alice, "https://stats.example/api/redirects")


@pytest.mark.parametrize(
    ("url", "campaign", "expected"),
    [
        (SHOP, {"utm_source": "news"}, SHOP + "?utm_source=news"),
        (
            SHOP + "?a=1&utm_source=old&b=%20#top",
            {"utm_source": "new & old", "utm_medium": "e-mail"},
            SHOP + "?a=1&b=%20&utm_source=new%20%26%20old&utm_medium=e-mail#top",
        ),
        (
            SHOP + "?utm_source=kept&utm_term=t",
            {"utm_campaign": "c", "utm_source": "", "utm_term": None},
            SHOP + "?utm_source=kept&utm_term=t&utm_campaign=c",
        ),
        ("https://shop.example", {"utm_content": "\u00fc"}, "%C3%BC"),
    ],
)
def test_it_adds_the_campaign_to_the_destination(
    alice: Actor, url: str, campaign: dict[str, Any], expected: str
) -> None:
    assert create(alice, url, **campaign)["destination_url"].endswith(expected)


def test_it_refuses_a_campaign_that_makes_the_url_too_long(alice: Actor) -> None:
    url = "https://shop.example/" + "a" * 2000
    answer = alice.post(CREATE, destination_url=url, utm_source="x" * 100)
    assert answer.status == 400
    assert answer.json["message"].endswith("it has more than 2048 bytes")


CODES = [
    *("ab", "x" * 41, "a b", "a.b", "\u00fcber", "a/b", "abc\nd", "robots.txt", ""),
    *("api", "Admin", "STATIC", "numbers", "setup", "health", 5, ["abc"]),
]


def test_it_refuses_a_code_that_none_may_have(alice: Actor) -> None:
    for code in CODES:
        answer = alice.post(CREATE, destination_url=SHOP, code=code)
        assert answer.status == 400, code
        assert answer.json["field"] == "code"


def test_it_gives_a_code_only_once_in_the_installation(
    alice: Actor, charlie: Actor
) -> None:
    create(alice, code="Spring")
    for actor in (alice, charlie):
        answer = actor.post(CREATE, destination_url=SHOP, code="Spring")
        assert answer.status == 409
        assert answer.json == {
            "success": False,
            "message": "code Spring is taken",
            "field": "code",
        }
    assert create(charlie, code="spring")["code"] == "spring"


def test_it_gives_a_code_once_to_many_who_want_it_at_once(
    alice: Actor, charlie: Actor
) -> None:
    def want(number: int) -> int:
        actor = (alice, charlie)[number % 2]
        return actor.post(CREATE, destination_url=SHOP, code="wanted").status

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(want, range(16))) == [200] + [409] * 15


def test_it_draws_another_code_when_one_is_taken(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(codes, "draw", lambda: next(drawn))
    assert create(alice)["code"] == "AAAAAAAA"
    assert create(alice)["code"] == "BBBBBBBB"


def test_it_draws_every_character_as_often_as_any_other() -> None:
    drawn = "".join(codes.draw() for _ in range(20_000))
    counts = [drawn.count(character) for character in codes.ALPHABET]
    expected = len(drawn) / 62
    # Chi-squared with 61 degrees of freedom: over 150 in one of 1e9 runs.
    assert sum((count - expected) ** 2 / expected for count in counts) < 150


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-12-24 18:00:00", "2026-12-24 18:00:00"),
        ("2026-12-31", "2027-01-01 00:00:00"),
        (None, None),
    ],
)
def test_it_takes_the_end_in_the_projects_time(
    create_project: Callable[..., Actor], text: str | None, shown: str | None
) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Tokyo")
    assert create(alice, expires_at=text)["expires_at"] == shown


UNTAKEN: list[tuple[str, object]] = [
    ("expires_at", "tomorrow"),
    ("expires_at", ""),
    ("expires_at", "2026-02-30"),
    ("expires_at", "2026-12-24T18:00:00Z"),
    ("expires_at", "0001-01-01"),
    ("expires_at", "9999-12-31"),
    ("expires_at", 1_800_000_000),
    ("max_clicks", 0),
    ("max_clicks", -1),
    ("max_clicks", "5"),
    ("max_clicks", 2**31),
    ("max_clicks", True),
    ("is_active", 1),
    ("label", 5),
    ("utm_source", 5),
    ("destination", SHOP),
]


def test_it_names_a_field_it_cannot_take(alice: Actor) -> None:
    for name, value in UNTAKEN:
        answer = alice.post(CREATE, **{"destination_url": SHOP, name: value})
        assert answer.status == 400, (name, value)
        assert answer.json["field"] == name
    assert alice.get("/api/links/list").data["count"] == 0


def test_it_tells_where_the_caller_found_porthole(alice: Actor) -> None:
    def made(headers: dict[str, str], **environ: str) -> str:
        keyed = {"X-API-Key": alice.secret_key, **headers}
        answer = alice.installation.call(
            "POST", CREATE, {"destination_url": SHOP}, headers=keyed, **environ
        )
        url: str = answer.data["short_url"]
        return url.rpartition("/l/")[0]

    assert made({"Host": "other.example:8080"}) == "http://other.example:8080"
    assert made({"Host": "[::1]:80"}) == "http://[::1]:80"
    assert made({}, SCRIPT_NAME="/porthole") == "http://stats.example/porthole"
    assert made({"Host": "evil.example/x?"}) == "http://stats.example"
    assert made({"Host": "a:99999"}) == "http://a:99999"
    # Only a proxy that is trusted may say that the outside is encrypted.
    proxied = {"Host": "stats.example", "X-Forwarded-Proto": "https"}
    assert made(proxied) == "http://stats.example"
    trusting = parse_networks("203.0.113.7")
    alice.installation = alice.installation.with_settings(trusted_proxies=trusting)
    assert made(proxied) == "https://stats.example"
    alice.installation = alice.installation.with_settings(public_url="https://s.ch/p")
    assert made({"Host": "other.example"}) == "https://s.ch/p"


@pytest.mark.parametrize(
    ("accepted", "allowed", "refused"),
    [
        (("own",), "https://www.alice.example/x", "https://notalice.example/"),
        (
            ("own",),
            "https://alice.example:8443/",
            "https://alice.example.evil.example/",
        ),
        (("b.example", "xn--bcher-kva.example"), "https://b\u00fccher.example", SHOP),
        (("b.example",), "https://a.b.example/", "https://alice.example/"),
    ],
)
def test_it_leads_only_where_the_owner_of_the_installation_lets_it(
    alice: Actor, accepted: tuple[str, ...], allowed: str, refused: str
) -> None:
    alice.installation = alice.installation.with_settings(destinations=accepted)
    assert create(alice, allowed)
    answer = alice.post(CREATE, destination_url=refused)
    assert answer.status == 400
    assert answer.json == {
        "success": False,
        "message": "destination_url is on a domain to which no link may lead",
        "field": "destination_url",
    }
