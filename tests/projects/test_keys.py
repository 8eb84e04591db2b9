"""A project's keys: what they look like, and that a new one is in force at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.problems import InvalidInput, NotFound
from app.projects import admin
from tests.conftest import Actor, Installation

HOME = "https://alice.example/"


def test_it_makes_keys_of_the_contracts_form(alice: Actor) -> None:
    assert len(alice.public_key) == 32
    assert len(alice.secret_key) == 64
    int(alice.public_key, 16)
    int(alice.secret_key, 16)


def test_it_keeps_the_secret_key_only_as_a_hash(alice: Actor) -> None:
    [row] = alice.installation.rows("SELECT * FROM ph_projects")
    assert alice.secret_key not in repr(row)


def test_it_rotates_keys_at_once_in_every_process(alice: Actor) -> None:
    other = alice.installation.with_settings()
    there = alice.through(other)
    assert alice.view(HOME).data["counted"]
    assert there.view(HOME + "2").data["counted"]
    installation = alice.installation
    made = admin.rotate_keys(installation.db, alice.id, installation.clock())
    for actor in (alice, there):
        assert actor.view(HOME + "3").status == 401
        assert actor.get("/api/analytics/visitors").status == 401
    renewed = Actor(other, id=alice.id, **made)
    assert renewed.view(HOME + "4").data["counted"]
    assert renewed.visitors("range=1d")["total_pageviews"] == 3


def test_it_rotates_nothing_of_other_projects(alice: Actor, charlie: Actor) -> None:
    installation = alice.installation
    admin.rotate_keys(installation.db, alice.id, installation.clock())
    assert charlie.view("https://charlie.example/").data["counted"]
    with pytest.raises(NotFound):
        admin.rotate_keys(installation.db, 99999, installation.clock())


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"domains": []}, "allowed_domains"),
        ({"domains": [" "]}, "allowed_domains"),
        ({"domains": ["x" * 254]}, "allowed_domains"),
        ({"domains": [f"{n}.example" for n in range(21)]}, "allowed_domains"),
        ({"domains": ["not a domain"]}, "allowed_domains"),
        ({"domains": ["a\nb"]}, "allowed_domains"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"identity": "fingerprint"}, "identity"),
    ],
)
def test_it_names_what_it_cannot_take(
    create_project: Callable[..., Actor], options: dict[str, object], field: str
) -> None:
    given = {"name": "Alice", "domains": ["alice.example"], **options}
    with pytest.raises(InvalidInput) as refused:
        create_project(**given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        ("https://Example.com/", "https://example.com"),
        ("www.example.com", "https://example.com"),
        ("example.com:8080", "http://example.com:8080"),
        ("http://example.com/path?x", "https://sub.example.com"),
        ("*.example.com", "https://sub.example.com"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("localhost:3000", "http://localhost:5173"),
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_it_takes_domains_as_people_write_them(
    installation: Installation,
    create_project: Callable[..., Actor],
    entry: str,
    origin: str,
) -> None:
    alice = create_project("Alice", [entry])
    assert alice.view("https://example.com/", headers={"Origin": origin}).status == 200
    refused = alice.view(headers={"Origin": "https://other.test"})
    assert refused.status == 403
