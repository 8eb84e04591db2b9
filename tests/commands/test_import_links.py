"""python -m app import micrologs: the short links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.links import import_store
from app.problems import Problem
from tests.commands.micrologs import Micrologs, import_from
from tests.conftest import Actor
from tests.links.calls import create, follow, total_clicks
from tests.mariadb_server import MariadbServer

MOMENT = datetime(2026, 3, 3, 12)
DAY = timedelta(days=1)


class Links(Micrologs):
    """A source with one project, and the links that a test puts in."""

    def link(self, number: int, code: str, url: str = "", **more: Any) -> None:
        row = {"label": f"Link {number}", "is_active": 1, **more}
        self.insert(
            "tracked_links",
            id=number,
            project_id=row.pop("project_id", 7),
            code=code,
            destination_url=url or "https://old.example/",
            created_at=MOMENT,
            **row,
        )

    def click(self, link: int, person: str, at: datetime = MOMENT, **more: Any) -> None:
        row = {"referrer_url": "", "referrer_category": "direct", **more}
        self.insert("link_clicks", link_id=link, ip_hash=person, created_at=at, **row)


@pytest.fixture(scope="module")
def server(mariadb: MariadbServer) -> Iterator[Links]:
    with Links.made(mariadb, "links") as made:
        yield made


@pytest.fixture
def source(server: Links) -> Links:
    server.begin_anew()
    return server


def test_it_takes_over_links_as_they_were(old: Actor, source: Links) -> None:
    source.link(3, "aB3xYz12", "https://old.example/?a=1")
    source.link(4, "Off00000", is_active=0, label=None)
    source.link(5, "Bad00000", "javascript:alert(1)")
    report = import_from(source, old)
    assert f"  links{3:>29}{3:>12}\n" in report
    found = old.get("/api/links/list.php").data["links"]
    assert found[-1] == {
        "id": 3,
        "code": "aB3xYz12",
        "short_url": "http://stats.example/api/redirect.php?c=aB3xYz12",
        "destination_url": "https://old.example/?a=1",
        "label": "Link 3",
        "is_active": True,
        "total_clicks": 0,
        "created_at": "2026-03-03 12:00:00",
    }
    php = "/api/redirect.php?c="
    answer = follow(old, "aB3xYz12", path=php)
    assert answer.headers["Location"] == "https://old.example/?a=1"
    assert follow(old, "ab3xyz12", path=php).status == 404
    assert follow(old, "Off00000", path=php).status == 404
    assert follow(old, "Bad00000", path=php).status == 400
    # One made here is another.
    assert create(old)["id"] > 5


def test_it_takes_over_clicks_with_all_they_had(old: Actor, source: Links) -> None:
    source.link(3, "aB3xYz12")
    source.insert("devices", id=1, project_id=7, device_type="mobile", os="iOS")
    source.insert(
        "locations", id=1, project_id=7, country="Switzerland", country_code="CH"
    )
    known = {"device_id": 1, "location_id": 1}
    source.click(3, "p1", referrer_url="https://www.google.com/search?q=x", **known)
    source.click(3, "p1")
    source.click(3, "p2", referrer_url="https://old.example/own")
    source.click(3, "p1", MOMENT + DAY)
    source.click(3, "", MOMENT + DAY)
    report = import_from(source, old)
    assert f"  clicks{5:>28}{5:>12}\n" in report + "\n"
    assert total_clicks(old, "aB3xYz12") == 5
    query = "range=custom&from=2026-03-03&to=2026-03-04&code=aB3xYz12"
    data = old.get(f"/api/analytics/link-detail?{query}").data
    assert (data["total_clicks"], data["unique_clicks"]) == (5, 3)
    assert [day["clicks"] for day in data["over_time"]] == [3, 2]
    assert data["by_country"][1] == {
        "country": "Switzerland",
        "country_code": "CH",
        "clicks": 1,
    }
    assert data["by_device"][1] == {"device_type": "mobile", "clicks": 1}
    referrers = {row["category"]: row["clicks"] for row in data["by_referrer"]}
    assert referrers == {"direct": 3, "organic_search": 1, "referral": 1}


def test_it_brings_only_what_is_new_when_it_is_run_again(
    old: Actor, source: Links
) -> None:
    source.link(3, "aB3xYz12")
    source.click(3, "p1")
    for _ in range(2):
        import_from(source, old)
        assert total_clicks(old, "aB3xYz12") == 1
    old.post("/api/links/edit", code="aB3xYz12", label="Renamed here")
    follow(old, "aB3xYz12")
    source.click(3, "p2")
    source.link(4, "New00000")
    source.click(4, "p2")
    import_from(source, old)
    assert total_clicks(old, "aB3xYz12") == 3
    assert total_clicks(old, "New00000") == 1
    found = old.get("/api/links/detail?code=aB3xYz12").data
    assert found["label"] == "Renamed here"
    old.post("/api/links/delete", code="New00000")
    source.click(4, "p3")
    assert "left out: 1 clicks of links not here" in import_from(source, old)
    assert follow(old, "New00000").status == 404


def test_it_goes_on_where_it_was_cut_off(
    old: Actor, source: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.link(3, "aB3xYz12")
    source.run(
        "INSERT INTO link_clicks (link_id, ip_hash, created_at)"
        " SELECT 3, seq MOD 9, %s FROM seq_1_to_2500",
        MOMENT,
    )
    set_state = import_store.set_state
    states = []

    def fail_at_third(*values: Any) -> None:
        states.append(values)
        if len(states) == 3:
            raise KeyboardInterrupt
        set_state(*values)

    with monkeypatch.context() as patch:
        patch.setattr(import_store, "set_state", fail_at_third)
        with pytest.raises(KeyboardInterrupt):
            import_from(source, old)
    assert total_clicks(old, "aB3xYz12") == 1000
    import_from(source, old)
    assert total_clicks(old, "aB3xYz12") == 2500


def test_it_says_which_codes_are_taken(
    old: Actor, charlie: Actor, source: Links
) -> None:
    create(charlie, code="Taken000")
    source.link(3, "Taken000")
    source.link(4, "taken000")
    source.link(5, "a.b")
    source.click(3, "p1")
    source.click(4, "p1")
    for _ in range(2):
        with pytest.raises(Problem, match="Old: these codes .*: Taken000, a.b"):
            import_from(source, old)
    assert total_clicks(old, "taken000") == 1
    assert total_clicks(charlie, "Taken000") == 0


def test_it_leaves_other_projects_links_alone(old: Actor, source: Links) -> None:
    source.link(3, "aB3xYz12")
    source.link(4, "Other000", project_id=8)
    source.click(4, "p1")
    source.click(99, "p1")
    source.click(3, "p1")
    import_from(source, old)
    assert old.get("/api/links/list").data["count"] == 1
    assert total_clicks(old, "aB3xYz12") == 1


def test_it_stops_where_another_import_goes_on(
    old: Actor, source: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.link(3, "aB3xYz12")
    source.click(3, "p1")
    get_state = import_store.get_state

    def overtaken(database: Any, key: Any) -> Any:
        state = get_state(database, key)
        monkeypatch.setattr(import_store, "get_state", get_state)
        import_from(source, old)
        return state

    monkeypatch.setattr(import_store, "get_state", overtaken)
    with pytest.raises(Problem, match="Another import"):
        import_from(source, old)
    assert total_clicks(old, "aB3xYz12") == 1
