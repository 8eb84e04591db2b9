"""POST /api/projects/create."""

from __future__ import annotations

import pytest

from tests.conftest import SECRET, Actor, Installation

CREATE = "/api/projects/create"
BODY = {
    "name": "My site",
    "allowed_domains": ["https://Example.com/", "example.com", "shop.example.org"],
}


def test_it_creates_a_project_that_counts(installation: Installation) -> None:
    answer = installation.as_admin(CREATE, BODY)
    assert answer.status == 200
    assert answer.json["message"].endswith("it is not shown again.")
    assert answer.data["name"] == "My site"
    assert answer.data["allowed_domains"] == ["example.com", "shop.example.org"]
    assert len(answer.data["public_key"]) == 32
    assert len(answer.data["secret_key"]) == 64
    actor = Actor(installation, **answer.data)
    assert actor.view("https://example.com/").data["counted"]
    assert actor.visitors("range=1d")["total_pageviews"] == 1


@pytest.mark.parametrize(
    ("path", "identity"), [(CREATE, "cookieless"), (CREATE + ".php", "cookie")]
)
def test_it_makes_micrologs_projects_know_the_cookie(
    installation: Installation, path: str, identity: str
) -> None:
    assert installation.as_admin(path, BODY).status == 200
    [project] = installation.as_admin("/api/projects/list").data["projects"]
    assert project["identity"] == identity


def test_it_takes_more_than_micrologs_does(installation: Installation) -> None:
    more = {"timezone": "Asia/Kathmandu", "identity": "cookie", "respect_dnt": False}
    assert installation.as_admin(CREATE, {**BODY, **more}).status == 200
    [project] = installation.as_admin("/api/projects/list").data["projects"]
    assert {name: project[name] for name in more} == more


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"name": None}, "name", "name is required"),
        ({"name": " "}, "name", "name is required"),
        ({"name": 5}, "name", "name must be a text"),
        ({"name": "x" * 101}, "name", "name must be 100 characters or less"),
        ({"name": "😀" * 101}, "name", "name must be 100 characters or less"),
        ({"allowed_domains": ["com"]}, "allowed_domains", "'com' is not a domain"),
        ({"allowed_domains": ["*.de"]}, "allowed_domains", "'*.de' is not a domain"),
        (
            {"zone": "Europe/Berlin"},
            "zone",
            "zone is not a field; accepted: name, allowed_domains, timezone, identity,"
            " respect_dnt, retention_days",
        ),
        (
            {"timezone": "right/UTC"},
            "timezone",
            "timezone 'right/UTC' is unknown; give a name such as Europe/Berlin",
        ),
        (
            {"allowed_domains": None},
            "allowed_domains",
            "allowed_domains must be a non-empty array",
        ),
        (
            {"allowed_domains": []},
            "allowed_domains",
            "allowed_domains must be a non-empty array",
        ),
        (
            {"allowed_domains": "example.com"},
            "allowed_domains",
            "allowed_domains must be a non-empty array",
        ),
        ({"allowed_domains": [" "]}, "allowed_domains", "No valid domains provided"),
        ({"allowed_domains": [5]}, "allowed_domains", "allowed_domains must be a text"),
        (
            {"allowed_domains": [f"{n}.example" for n in range(21)]},
            "allowed_domains",
            "Maximum 20 allowed domains per project",
        ),
        (
            {"allowed_domains": ["x" * 254]},
            "allowed_domains",
            f"Domain '{'x' * 40}...' is too long",
        ),
        (
            {"timezone": "Mars/Olympus"},
            "timezone",
            "timezone 'Mars/Olympus' is unknown; give a name such as Europe/Berlin",
        ),
        (
            {"identity": "x"},
            "identity",
            "identity must be one of: cookieless, cookie",
        ),
        (
            {"respect_dnt": "yes"},
            "respect_dnt",
            "respect_dnt must be true or false",
        ),
        (
            {"retention_days": 6},
            "retention_days",
            "retention_days must be 0 (for ever) or 7 to 36500",
        ),
        (
            {"retention_days": -1},
            "retention_days",
            "retention_days must be a whole number from 0 to 36500",
        ),
    ],
)
def test_it_names_what_it_cannot_take(
    installation: Installation, change: dict[str, object], field: str, message: str
) -> None:
    answer = installation.as_admin(CREATE, {**BODY, **change})
    assert answer.status == 400
    assert answer.json == {"success": False, "message": message, "field": field}
    assert installation.as_admin("/api/projects/list").data["count"] == 0


def test_it_wants_the_admin_key(installation: Installation) -> None:
    for headers in (
        {},
        {"X-Admin-Key": ""},
        {"X-Admin-Key": SECRET + "x"},
        {"X-Admin-Key": "\xe9"},
        {"X-API-Key": SECRET},
    ):
        answer = installation.call("POST", CREATE, BODY, headers=headers)
        assert (answer.status, answer.json["message"]) == (401, "Unauthorized")


def test_it_makes_a_guesser_of_the_admin_key_wait(installation: Installation) -> None:
    def guess(key: str, address: str = "192.0.2.1") -> int:
        return installation.call(
            "POST", CREATE, BODY, headers={"X-Admin-Key": key}, address=address
        ).status

    assert [guess(f"guess {n}") for n in range(20)] == [401] * 20
    assert guess("guess") == 429
    assert guess("guess", "192.0.2.2") == 401
    # Nobody may lock the owner out, whose address a proxy may share.
    assert guess(SECRET) == 200
    installation.clock.move(seconds=61)
    assert guess("guess") == 401


def test_it_takes_a_whole_ipv6_subnet_for_one_guesser(
    installation: Installation,
) -> None:
    def guess(number: int) -> int:
        headers = {"X-Admin-Key": f"guess {number}"}
        address = f"2001:db8::{number + 1:x}"
        return installation.call(
            "POST", CREATE, BODY, headers=headers, address=address
        ).status

    assert [guess(number) for number in range(25)] == [401] * 20 + [429] * 5
