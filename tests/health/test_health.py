"""GET /api/health."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import Actor, Installation

HEALTH = "/api/health"
CHECKS = {
    "python",
    "database",
    "schema",
    "size",
    "geoip",
    "storage",
    "spool",
    "limits",
    "summaries",
}


def test_it_is_healthy_on_a_fresh_installation(installation: Installation) -> None:
    for path in (HEALTH, HEALTH + ".php"):
        answer = installation.call("GET", path)
        assert answer.status == 200
        assert answer.json["status"] == "healthy"
        assert re.fullmatch(r"[\d-]{10} [\d:]{8}", answer.json["timestamp"])
        checks = answer.json["checks"]
        assert set(checks) == CHECKS
        assert {tuple(sorted(check)) for check in checks.values()} == {
            ("message", "status")
        }
        words = {name: check["status"] for name, check in checks.items()}
        assert words.pop("geoip") == "warn"
        assert set(words.values()) == {"ok"}


def test_it_is_unhealthy_without_the_database(installation: Installation) -> None:
    away = installation.with_settings(
        database_url="mysql://nobody:hunter2@127.0.0.1:1/none", timeout_seconds=1
    )
    stranger = away.call("GET", HEALTH)
    assert stranger.status == 503
    assert stranger.json["status"] == "unhealthy"
    assert stranger.json["checks"]["database"]["status"] == "fail"
    assert stranger.json["checks"]["schema"]["status"] == "fail"
    admin = away.as_admin(HEALTH)
    assert "127.0.0.1" in admin.json["checks"]["database"]["message"]
    for answer in (stranger, admin):
        assert b"hunter2" not in answer.body


def test_it_is_unhealthy_without_the_schema(
    installation: Installation, tmp_path: Path
) -> None:
    empty = installation.with_settings(database_url=f"sqlite:///{tmp_path}/empty")
    answer = empty.call("GET", HEALTH)
    assert answer.status == 503
    assert "sql/001_initial.sql" in answer.json["checks"]["schema"]["message"]


def test_it_tells_a_stranger_no_version_and_no_path(
    installation: Installation, tmp_path: Path
) -> None:
    stranger = installation.call("GET", HEALTH).body.decode()
    admin = installation.as_admin(HEALTH).body.decode()
    for private in (str(tmp_path), "Python 3."):
        assert private not in stranger
        assert private in admin


def test_it_warns_of_what_does_not_stop_the_service(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    odd = installation.with_settings(var=str(tmp_path / "a-file" / "var"))
    answer = odd.call("GET", HEALTH)
    assert answer.status == 200
    assert answer.json["checks"]["storage"]["status"] == "warn"
    assert answer.json["checks"]["limits"]["status"] == "warn"


def test_it_finds_the_geoip_file_and_its_age(
    installation: Installation, tmp_path: Path
) -> None:
    import os

    path = tmp_path / "geoip.mmdb"
    path.touch()
    with_file = installation.with_settings(geoip=str(path))
    now = with_file.clock().timestamp()
    os.utime(path, (now, now))
    assert with_file.call("GET", HEALTH).json["checks"]["geoip"]["status"] == "ok"
    os.utime(path, (now, now - 90 * 86400))
    stale = with_file.call("GET", HEALTH).json["checks"]["geoip"]
    assert stale == {"status": "warn", "message": "The GeoIP file is 90 days old."}


def test_it_takes_only_get(alice: Actor) -> None:
    assert alice.installation.call("POST", HEALTH, {}).status == 405
