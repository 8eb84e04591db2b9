"""python -m app import micrologs."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import clock, ids
from app.__main__ import main
from app.commands.import_micrologs import import_micrologs
from app.problems import Problem
from app.projects import deletion
from app.visits import import_store
from tests.commands.micrologs import (
    FIRST_DAY,
    PUBLIC_KEY,
    SECRET_KEY,
    ZONE,
    Micrologs,
    Small,
    import_from,
)
from tests.conftest import Actor, Installation
from tests.mariadb_server import MariadbServer
from tests.visits.tables import assert_consistent
from tests.wsgi import Answer


@pytest.fixture(scope="module")
def micrologs(mariadb: MariadbServer) -> Iterator[Micrologs]:
    with Micrologs.made(mariadb, "micrologs") as made:
        _fill(made)
        yield made


def _fill(micrologs: Micrologs) -> None:
    at = {"created_at": FIRST_DAY, "updated_at": FIRST_DAY}
    micrologs.insert(
        "projects",
        id=7,
        name="Old site",
        secret_key=SECRET_KEY,
        public_key=PUBLIC_KEY,
        allowed_domains="old.example,x.example:8080",
        is_active=1,
        **at,
    )
    micrologs.insert(
        "projects",
        id=8,
        name="Turned off",
        secret_key="6" * 64,
        public_key="8" * 32,
        allowed_domains="off.example",
        is_active=0,
        **at,
    )
    micrologs.insert(
        "devices",
        id=1,
        project_id=7,
        device_type="mobile",
        os="iOS",
        browser="Safari",
        browser_version="19",
    )
    micrologs.insert(
        "locations",
        id=1,
        project_id=7,
        country="Switzerland",
        country_code="CH",
        region="Bern",
        city="Bern",
    )
    dice = random.Random(1)
    session = 0
    for visitor in range(1, 451):
        micrologs.insert(
            "visitors",
            id=visitor,
            project_id=7,
            visitor_hash=hashlib.sha256(f"visitor {visitor}".encode()).hexdigest(),
        )
        for _ in range(dice.choice([1, 1, 2, 3])):
            session += 1
            _fill_session(micrologs, dice, visitor, session)
    # Fault 5 of Micrologs: a view that was given to another project's session.
    _view(
        micrologs, 1, 999999, FIRST_DAY + timedelta(days=3), "https://old.example/lost"
    )
    _view(micrologs, 2, 999998, FIRST_DAY + timedelta(days=3), "not a url")


def _fill_session(
    micrologs: Micrologs, dice: random.Random, visitor: int, session: int
) -> None:
    start = FIRST_DAY + timedelta(minutes=dice.randrange(12 * 1440))
    count = dice.choice([1, 1, 2, 4])
    end = start + timedelta(minutes=3 * (count - 1))
    micrologs.insert(
        "sessions",
        id=session,
        project_id=7,
        visitor_id=visitor,
        session_token=f"token {session}",
        started_at=start,
        last_activity=end,
        is_bounced=int(count == 1),
    )
    for number in range(count):
        at = start + timedelta(minutes=3 * number)
        _view(micrologs, visitor, session, at, f"https://old.example/{number}?q=1#x")


def _view(
    micrologs: Micrologs, visitor: int, session: int, at: datetime, url: str
) -> None:
    micrologs.insert(
        "pageviews",
        project_id=7,
        session_id=session,
        visitor_id=visitor,
        device_id=1 if visitor % 2 else None,
        location_id=1 if visitor % 3 else None,
        url=url,
        page_title="It's old",
        referrer_url="https://www.google.com/search?q=secret" if visitor % 5 else "",
        referrer_category="organic_search",
        utm_source="news" if visitor % 7 == 0 else "",
        utm_medium="",
        utm_campaign="",
        utm_content="",
        utm_term="",
        screen_resolution="390x844",
        timezone="Europe/Zurich",
        created_at=at,
    )


@pytest.fixture
def imported(old: Actor, micrologs: Micrologs) -> Actor:
    assert "Old site (project 7)" in import_from(micrologs, old)
    return old


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-02-20", "2026-03-04"),
        ("2026-02-20", "2026-02-20"),
        ("2026-02-24", "2026-02-28"),
        ("2026-03-03", "2026-03-03"),
    ],
)
def test_it_answers_visitors_with_the_same_totals(
    imported: Actor, micrologs: Micrologs, first: str, last: str
) -> None:
    data = imported.visitors(f"range=custom&from={first}&to={last}")
    span = (f"{first} 00:00:00", f"{last} 23:59:59")
    [[views, visitors]] = micrologs.run(
        "SELECT COUNT(*), COUNT(DISTINCT visitor_id) FROM pageviews"
        " WHERE project_id = 7 AND created_at BETWEEN %s AND %s",
        *span,
    )
    [[sessions, bounces]] = micrologs.run(
        "SELECT COUNT(*), SUM(is_bounced) FROM sessions"
        " WHERE project_id = 7 AND started_at BETWEEN %s AND %s",
        *span,
    )
    # The two views that Micrologs gave to no session of the project are visits here.
    lost = 2 if first <= "2026-02-23" <= last else 0
    assert data["total_pageviews"] == views
    assert data["unique_visitors"] == visitors
    assert data["total_sessions"] == sessions + lost
    assert data["bounce_rate"] == pytest.approx(
        100 * (int(bounces) + lost) / (sessions + lost), abs=0.06
    )


def test_it_keeps_keys_and_settings(
    imported: Actor, installation: Installation
) -> None:
    projects = installation.as_admin("/api/projects/list").data["projects"]
    off, old = projects
    assert (old["id"], old["name"], old["public_key"]) == (7, "Old site", PUBLIC_KEY)
    assert old["allowed_domains"] == ["old.example", "x.example"]
    assert (old["timezone"], old["identity"]) == (ZONE, "cookie")
    assert (off["name"], off["is_active"]) == ("Turned off", False)


def test_it_takes_over_where_visits_came_from(imported: Actor) -> None:
    rows = imported.installation.rows(
        "SELECT r.category, COUNT(*) AS visits FROM ph_visits AS s"
        " JOIN ph_referrers AS r ON r.project_id = s.project_id"
        " AND r.id = s.referrer_id GROUP BY r.category"
    )
    assert [row["category"] for row in rows] == ["organic_search"]
    for table, column, value in (
        ("ph_devices", "browser", "Safari"),
        ("ph_places", "city", "Bern"),
        ("ph_campaigns", "utm_source", "news"),
        ("ph_screens", "timezone", "Europe/Zurich"),
        ("ph_pages", "title", "It's old"),
    ):
        found = imported.installation.rows(f"SELECT {column} AS value FROM {table}")
        assert value in {row["value"] for row in found}, table
    assert "secret" not in repr(
        imported.installation.rows("SELECT * FROM ph_referrers")
    )


def test_it_knows_imported_visitors_again(imported: Actor) -> None:
    before = imported.visitors("range=365d")["unique_visitors"]
    assert imported.view("https://old.example/", visitor_id="visitor 3").data["counted"]
    assert imported.visitors("range=365d")["unique_visitors"] == before
    assert imported.view("https://old.example/", visitor_id="stranger").data["counted"]
    assert imported.visitors("range=365d")["unique_visitors"] == before + 1


def test_it_brings_nothing_twice(imported: Actor, micrologs: Micrologs) -> None:
    before = imported.visitors("range=365d")
    import_micrologs(imported.installation.config, micrologs.url, ZONE)
    assert imported.visitors("range=365d") == before


def test_it_goes_on_where_it_was_cut_off(
    installation: Installation,
    old: Actor,
    micrologs: Micrologs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed while the second slice is written, it loses and doubles nothing."""
    set_mark = import_store.set_mark
    marks = []

    def fail_at_second(*values: Any) -> None:
        marks.append(values)
        if len(marks) == 3:
            raise KeyboardInterrupt
        set_mark(*values)

    with monkeypatch.context() as patch:
        patch.setattr(import_store, "set_mark", fail_at_second)
        with pytest.raises(KeyboardInterrupt):
            import_micrologs(installation.config, micrologs.url, ZONE)
    half = old.visitors("range=365d")
    # Views that arrive meanwhile, from somebody not imported yet, stay too.
    installation.clock.at = datetime(2026, 3, 4, 12)
    assert old.view("https://old.example/", visitor_id="visitor 440").data["counted"]
    import_micrologs(installation.config, micrologs.url, ZONE)
    whole = old.visitors("range=365d")
    [[views, visitors]] = micrologs.run(
        "SELECT COUNT(*), COUNT(DISTINCT visitor_id) FROM pageviews"
    )
    assert half["total_pageviews"] < views
    assert whole["total_pageviews"] == views + 1
    assert whole["unique_visitors"] == visitors


def test_it_reports_counts_on_both_sides(
    installation: Installation,
    micrologs: Micrologs,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", installation.config.path)
    command = ["import", "micrologs", "--from", micrologs.url, "--timezone", ZONE]
    assert main(command) == 0
    report = capsys.readouterr().out
    [[views]] = micrologs.run("SELECT COUNT(*) FROM pageviews")
    assert f"  pageviews{views:>25}{views:>12}\n" in report
    assert "visits" in report
    assert SECRET_KEY not in report


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "sqlite:///x"], "--from wants mysql://user:password@host/name"),
        (["--from", "mysql://x", "--timezone", "Mars"], "timezone 'Mars' is unknown"),
        (
            ["--from", "mysql://me:hunter2@127.0.0.1:1/x"],
            "The database cannot be used",
        ),
    ],
)
def test_it_says_what_is_wrong_in_a_sentence(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", installation.config.path)
    assert main(["import", "micrologs", *arguments]) == 1
    printed = capsys.readouterr().err
    assert message in printed
    assert "hunter2" not in printed
    assert "Traceback" not in printed


def test_it_imports_a_deleted_project_anew(
    imported: Actor, micrologs: Micrologs
) -> None:
    before = imported.visitors("range=365d")
    confirm = {"id": 7, "confirm": "Old site"}
    assert imported.installation.as_admin("/api/projects/delete", confirm).status == 200
    import_micrologs(imported.installation.config, micrologs.url, ZONE)
    assert imported.visitors("range=365d") == before


def test_it_leaves_consistent_summaries(imported: Actor) -> None:
    assert_consistent(imported)


@pytest.fixture(scope="module")
def small_server(mariadb: MariadbServer) -> Iterator[Small]:
    with Small.made(mariadb, "small") as made:
        yield made


@pytest.fixture
def small(small_server: Small) -> Small:
    small_server.begin_anew()
    return small_server


MOMENT = datetime(2026, 3, 3, 12)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def _count(actor: Actor, table: str) -> int:
    [row] = actor.installation.rows(f"SELECT COUNT(*) AS n FROM {table}")
    return int(row["n"])


def test_it_keeps_a_visitor_whose_beacon_comes_meanwhile(
    old: Actor, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    if old.installation.config.database_url.startswith("sqlite"):
        pytest.skip("SQLite lets only one write at a time")
    small.whole(1, MOMENT)
    small.whole(2, MOMENT)
    lock_visitors = import_store.lock_visitors
    beacons = []

    def beacon_first(*values: Any) -> Any:
        # One that has taken the visitor's row just before the import asks for it.
        if not beacons:
            beacons.append(old.view("https://old.example/x", visitor_id="visitor 1"))
        return lock_visitors(*values)

    monkeypatch.setattr(import_store, "lock_visitors", beacon_first)
    import_from(small, old)
    assert [beacon.status for beacon in beacons] == [200]
    assert_consistent(old)
    assert old.visitors("range=30d")["unique_visitors"] == 2


def test_it_locks_visitors_who_are_not_there_yet(
    old: Actor, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A beacon of such a visitor waits for the import, and then knows the visitor."""
    if old.installation.config.database_url.startswith("sqlite"):
        pytest.skip("SQLite lets only one write at a time")
    small.whole(1, MOMENT)
    lock_visitors = import_store.lock_visitors
    beacons: list[Future[Answer]] = []
    with ThreadPoolExecutor(1) as pool:

        def lock(*values: Any) -> Any:
            rows = lock_visitors(*values)
            if not beacons:
                beacons.append(
                    pool.submit(
                        old.view, "https://old.example/x", visitor_id="visitor 1"
                    )
                )
                time.sleep(0.3)
                assert not beacons[0].done()
            return rows

        monkeypatch.setattr(import_store, "lock_visitors", lock)
        import_from(small, old)
        assert beacons[0].result().status == 200
    assert_consistent(old)
    assert old.visitors("range=30d")["unique_visitors"] == 1


def test_it_brings_what_is_new_when_it_is_run_again(old: Actor, small: Small) -> None:
    for number in (1, 2):
        small.whole(number, MOMENT)
    assert "pageviews" in import_from(small, old)
    # The first visit goes on, the same visitor comes back, and a third one comes.
    later = MOMENT + 10 * MINUTE
    small.run("UPDATE sessions SET last_activity = %s WHERE id = 1", later)
    small.view(1, 1, later, url="https://old.example/exit")
    small.session(5, 1, MOMENT + DAY)
    small.view(5, 1, MOMENT + DAY)
    small.whole(3, MOMENT - DAY)
    for _ in range(2):
        import_from(small, old)
        assert _count(old, "ph_pageviews") == 5
        assert _count(old, "ph_visits") == 4
        assert_consistent(old)
    [visit] = old.installation.rows(
        "SELECT s.pageviews, s.last_at, p.path FROM ph_visits AS s JOIN ph_pages AS p"
        " ON p.project_id = s.project_id AND p.id = s.exit_page_id"
        " WHERE s.pageviews = 2"
    )
    assert visit == {
        "pageviews": 2,
        "last_at": clock.to_utc(later, ZONE),
        "path": "/exit",
    }


def test_it_extends_a_visit_that_went_on_here(old: Actor, small: Small) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    old.installation.clock.at = clock.to_utc(MOMENT + 20 * MINUTE, ZONE)
    old.view("https://old.example/here", visitor_id="visitor 1")
    small.view(1, 1, MOMENT + 10 * MINUTE, url="https://old.example/there")
    import_from(small, old)
    assert _count(old, "ph_visits") == 1
    assert _count(old, "ph_pageviews") == 3
    assert_consistent(old)


def test_it_says_when_something_is_missing(
    installation: Installation,
    old: Actor,
    small: Small,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", installation.config.path)
    small.whole(1, MOMENT)
    small.whole(2, MOMENT)
    small.run("DELETE FROM pageviews WHERE id = 1")
    import_from(small, old)
    small.view(1, 1, MOMENT, id=1)
    command = ["import", "micrologs", "--from", small.url, "--timezone", ZONE]
    assert main(command) == 1
    printed = capsys.readouterr()
    assert "Old: 1 of 2 pageviews are here" in printed.err
    assert "  pageviews" in printed.out


def test_it_takes_thousands_of_views_in_one_second(old: Actor, small: Small) -> None:
    small.run(
        "INSERT INTO pageviews (project_id, session_id, visitor_id, url, created_at)"
        " SELECT 7, seq, seq MOD 50, 'https://old.example/', %s FROM seq_1_to_6000",
        MOMENT,
    )
    import_from(small, old)
    assert _count(old, "ph_pageviews") == 6000
    assert _count(old, "ph_visits") == 6000


def test_it_draws_another_id_if_one_is_taken(
    old: Actor, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    taken = [row["id"] for row in old.installation.rows("SELECT id FROM ph_visits")]
    small.whole(2, MOMENT)
    time_ordered = ids.time_ordered

    def first_taken(at: datetime) -> int:
        return taken.pop() if taken else time_ordered(at)

    monkeypatch.setattr(ids, "time_ordered", first_taken)
    import_from(small, old)
    assert taken == []
    assert _count(old, "ph_visits") == 2


def test_it_reads_the_source_in_its_own_zone(old: Actor, small: Small) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    edit = {"id": 7, "timezone": "America/New_York"}
    assert old.installation.as_admin("/api/projects/edit", edit).status == 200
    small.whole(2, MOMENT)
    import_from(small, old)
    views = old.installation.rows("SELECT at, hour FROM ph_pageviews ORDER BY hour")
    assert [view["at"] for view in views] == [clock.to_utc(MOMENT, ZONE)] * 2
    assert [view["hour"] for view in views] == [6, 12]


def test_it_refuses_another_zone_than_before(old: Actor, small: Small) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    with pytest.raises(Problem, match="--timezone Europe/Berlin"):
        import_from(small, old, "UTC")


def test_it_knows_a_project_whose_keys_are_new(old: Actor, small: Small) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    keys = {"id": 7, "rotate_public": True, "rotate_secret": True}
    url = "/api/projects/regenerate-keys"
    assert old.installation.as_admin(url, keys).status == 200
    small.whole(2, MOMENT)
    import_from(small, old)
    assert _count(old, "ph_projects") == 1
    assert _count(old, "ph_pageviews") == 2


def test_it_finishes_a_deletion_first(
    old: Actor, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    with monkeypatch.context() as patch:
        patch.setattr(deletion, "SECONDS_A_REQUEST", -1)
        confirm = {"id": 7, "confirm": "Old"}
        answer = old.installation.as_admin("/api/projects/delete", confirm)
        assert answer.status == 200
    assert _count(old, "ph_projects") == 1
    import_from(small, old)
    assert _count(old, "ph_pageviews") == 1


def test_it_says_that_a_project_is_just_being_deleted(
    old: Actor, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.whole(1, MOMENT)
    import_from(small, old)
    old.installation.as_admin("/api/projects/delete", {"id": 7, "confirm": "Old"})
    monkeypatch.setattr(clock, "now", old.installation.clock)
    with pytest.raises(Problem, match="is being deleted"):
        import_from(small, old)


def test_it_keeps_views_whose_visitor_is_gone(old: Actor, small: Small) -> None:
    small.whole(2, MOMENT)
    for number in (1, 3):
        small.session(number, number, MOMENT)
        small.view(number, number, MOMENT)
    assert "2 visitors whose row is gone" in import_from(small, old)
    assert _count(old, "ph_visitors") == 3
    small.view(3, 3, MOMENT + DAY)
    import_from(small, old)
    assert _count(old, "ph_visitors") == 3
    assert_consistent(old)


def test_it_takes_nulls_for_empty_texts(old: Actor, small: Small) -> None:
    small.visitor(1)
    for number, url in enumerate([None, "https://old.example/a"]):
        small.view(number, 1, MOMENT, url=url, page_title=None, utm_campaign="c")
    small.insert(
        "sessions",
        id=1,
        project_id=7,
        visitor_id=1,
        started_at=MOMENT,
        last_activity=MOMENT,
    )
    small.insert(
        "locations", id=1, project_id=7, country="\u00c9", country_code="\u00e9"
    )
    small.run("UPDATE pageviews SET location_id = 1")
    import_from(small, old)
    tokens = old.installation.rows("SELECT token_id FROM ph_visits")
    assert [row["token_id"] for row in tokens] == [0, 0]
    assert "None" not in repr(old.installation.rows("SELECT * FROM ph_campaigns"))
    assert old.visitors("range=30d")["total_pageviews"] == 2


def test_it_reports_what_it_left_out(old: Actor, small: Small) -> None:
    small.whole(1, MOMENT)
    small.visitor(2)
    small.session(2, 2, MOMENT)
    small.run("UPDATE projects SET allowed_domains = 'foo bar!,$$$'")
    report = import_from(small, old)
    assert _count(old, "ph_visits") == 1
    assert "1 session without a pageview" in report
    assert "'foo bar!'" in report
    assert "no usable domain" in report


def test_it_rebuilds_days_older_than_those_kept_one_by_one(
    old: Actor, small: Small
) -> None:
    for days in (70, 60, 10):
        small.session(days, 1, MOMENT - days * DAY)
        small.view(days, 1, MOMENT - days * DAY)
    small.visitor(1)
    small.visitor(2)
    for days in (0, 45):
        small.session(100 + days, 2, MOMENT - days * DAY)
        small.view(100 + days, 2, MOMENT - days * DAY)
    small.run("RENAME TABLE pageviews TO kept")
    small.run("CREATE TABLE pageviews LIKE kept")
    try:
        import_from(small, old)
        for _ in range(3):
            old.view(visitor_id="visitor 1", url="https://old.example/here")
            old.view(visitor_id="visitor 2", url="https://old.example/here")
            old.installation.clock.move(days=40)
    finally:
        small.run("DROP TABLE pageviews")
        small.run("RENAME TABLE kept TO pageviews")
    import_from(small, old)
    assert _count(old, "ph_pageviews") == 11
    assert_consistent(old)


def test_it_knows_the_hour_that_came_twice(old: Actor, small: Small) -> None:
    first, second = datetime(2025, 10, 26, 2, 50), datetime(2025, 10, 26, 2, 10)
    small.visitor(1)
    small.session(1, 1, first, second)
    small.view(1, 1, first, url="https://old.example/entry")
    small.view(1, 1, second, url="https://old.example/exit")
    import_from(small, old)
    [visit] = old.installation.rows(
        "SELECT s.started_at, s.last_at, p.path FROM ph_visits AS s"
        " JOIN ph_pages AS p ON p.id = s.entry_page_id"
    )
    assert visit == {
        "started_at": datetime(2025, 10, 26, 0, 50),
        "last_at": datetime(2025, 10, 26, 1, 10),
        "path": "/entry",
    }
    assert_consistent(old)


def test_it_stops_where_another_import_goes_on(
    old: Actor, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.whole(1, MOMENT)
    get_state = import_store.get_state

    def overtaken(database: Any, key: Any) -> Any:
        state = get_state(database, key)
        monkeypatch.setattr(import_store, "get_state", get_state)
        import_from(small, old)
        return state

    monkeypatch.setattr(import_store, "get_state", overtaken)
    with pytest.raises(Problem, match="Another import"):
        import_from(small, old)
    assert _count(old, "ph_pageviews") == 1
