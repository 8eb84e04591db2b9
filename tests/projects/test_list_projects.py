"""GET /api/projects/list."""

from __future__ import annotations

from tests.conftest import Actor, Installation

LIST = "/api/projects/list"


def test_it_lists_the_newest_first_in_the_contracts_words(
    alice: Actor, charlie: Actor
) -> None:
    alice.view("https://alice.example/")
    alice.view("https://alice.example/2")
    for path in (LIST, LIST + ".php"):
        data = alice.installation.as_admin(path).data
        assert data["count"] == 2
        assert [project["name"] for project in data["projects"]] == ["Charlie", "Alice"]
        assert data["projects"][1] == {
            "id": alice.id,
            "name": "Alice",
            "public_key": alice.public_key,
            "allowed_domains": ["alice.example"],
            "timezone": "UTC",
            "identity": "cookieless",
            "respect_dnt": True,
            "retention_days": None,
            "is_active": True,
            "created_at": "2026-03-04 12:00:00",
            "updated_at": "2026-03-04 12:00:00",
            "stats": {"total_links": 0, "total_pageviews": 2, "total_errors": 0},
        }


def test_it_is_empty_at_first(installation: Installation) -> None:
    assert installation.as_admin(LIST).data == {"count": 0, "projects": []}


def test_it_never_shows_a_secret_key_or_its_hash(alice: Actor) -> None:
    body = alice.installation.as_admin(LIST).body.decode()
    assert alice.secret_key not in body
    assert "hash" not in body
