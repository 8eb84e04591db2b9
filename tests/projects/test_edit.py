"""POST /api/projects/edit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from app import db
from app.projects import admin
from app.projects.keys import hash_secret_key
from tests.conftest import Actor

EDIT = "/api/projects/edit"


def test_it_changes_what_is_given_and_nothing_else(alice: Actor) -> None:
    alice.installation.clock.move(hours=1)
    answer = alice.installation.as_admin(EDIT, {"id": alice.id, "name": "Alicia"})
    assert answer.status == 200
    assert answer.data["name"] == "Alicia"
    assert answer.data["allowed_domains"] == ["alice.example"]
    assert answer.data["updated_at"] == "2026-03-04 13:00:00"
    assert answer.data["is_active"] is True


def test_it_changes_domains_at_once_in_every_process(alice: Actor) -> None:
    there = alice.installation.with_settings()
    other = alice.through(there)
    old = {"Origin": "https://alice.example"}
    new = {"Origin": "https://new.example"}
    assert other.view("https://alice.example/", headers=old).data["counted"]
    assert alice.view(headers=new).status == 403
    change = {"id": alice.id, "allowed_domains": ["https://new.example:8080/x"]}
    changed = alice.installation.as_admin(EDIT, change)
    assert changed.data["allowed_domains"] == ["new.example"]
    for actor in (other, alice):
        assert actor.view("https://new.example/1", headers=new).status == 200
        assert actor.view("https://new.example/2", headers=old).status == 403


def test_it_changes_do_not_track_at_once_in_every_process(alice: Actor) -> None:
    there = alice.installation.with_settings()
    other = alice.through(there)
    assert other.view(headers={"DNT": "1"}).status == 204
    change = {"id": alice.id, "respect_dnt": False}
    assert alice.installation.as_admin(EDIT, change).data["respect_dnt"] is False
    assert other.view(headers={"DNT": "1"}).data["counted"]


def test_it_changes_how_long_rows_are_kept(alice: Actor) -> None:
    for days in (30, 0, None):
        change = {"id": alice.id, "retention_days": days}
        edited = alice.installation.as_admin(EDIT, change)
        assert edited.data["retention_days"] == days
        alice.installation.as_admin(EDIT, {"id": alice.id, "name": "Alice"})
        [listed] = alice.installation.as_admin("/api/projects/list").data["projects"]
        assert listed["retention_days"] == days


def test_it_changes_the_zone_for_later_days_only(alice: Actor) -> None:
    alice.installation.clock.at = datetime(2026, 3, 4, 22, 0)
    alice.view("https://alice.example/")
    change = {"id": alice.id, "timezone": "Asia/Tokyo"}
    assert alice.installation.as_admin(EDIT, change).data["timezone"] == "Asia/Tokyo"
    alice.view("https://alice.example/2")
    days = alice.visitors("range=2d")["over_time"]
    assert [(day["date"], day["pageviews"]) for day in days] == [
        ("2026-03-04", 1),
        ("2026-03-05", 1),
    ]


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({}, 400, "Nothing to update. Provide name or allowed_domains."),
        ({"name": " "}, 400, "name cannot be empty"),
        ({"name": []}, 400, "name must be a text"),
        ({"id": None, "name": "x"}, 400, "id is required"),
        (
            {"id": "1", "name": "x"},
            400,
            "id must be a whole number from 0 to 4294967295",
        ),
        ({"id": 0, "name": "x"}, 400, "id is required"),
        ({"id": 999999, "name": "x"}, 404, "Project not found"),
        ({"id": 10**30, "name": "x"}, 400, None),
        ({"allowed_domains": []}, 400, "allowed_domains must be a non-empty array"),
        ({"timezone": "x"}, 400, None),
        ({"identity": 5}, 400, "identity must be one of: cookieless, cookie"),
    ],
)
def test_it_refuses_what_makes_no_sense(
    alice: Actor, change: dict[str, object], status: int, message: str | None
) -> None:
    answer = alice.installation.as_admin(EDIT, {"id": alice.id, **change})
    assert answer.status == status
    if message is not None:
        assert answer.json["message"] == message


def test_it_takes_an_id_in_quotes_from_micrologs_clients(alice: Actor) -> None:
    body = {"id": f" {alice.id}", "name": "Alicia", "unknown": 1}
    answer = alice.installation.as_admin(EDIT + ".php", body)
    assert answer.data["name"] == "Alicia"


@pytest.mark.parametrize("number", ["\u00b2", "1.0", "9" * 30, "-1", "x", " "])
def test_it_refuses_what_is_no_id_in_quotes(alice: Actor, number: str) -> None:
    body = {"id": number, "name": "Alicia"}
    answer = alice.installation.as_admin(EDIT + ".php", body)
    assert (answer.status, answer.json.get("field")) == (400, "id")


def test_it_revives_no_key_that_was_rotated_meanwhile(alice: Actor) -> None:
    """An edit writes what it is told to, and not what it read before."""
    installation = alice.installation
    url = installation.config.database_url

    def change(number: int) -> dict[str, str]:
        database = db.connect(url, 5)
        try:
            if number % 5 == 0:
                return admin.rotate_keys(database, alice.id, installation.clock())
            dnt = {"respect_dnt": bool(number % 2)}
            admin.edit_project(database, alice.id, dnt, installation.clock())
            return {}
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        made = [keys for keys in pool.map(change, range(50)) if keys]
    [row] = installation.rows(
        "SELECT public_key, secret_key_hash AS hash FROM ph_projects"
    )
    [kept] = [keys for keys in made if keys["public_key"] == row["public_key"]]
    assert row["hash"] == hash_secret_key(kept["secret_key"])
