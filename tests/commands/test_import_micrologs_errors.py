"""python -m app import micrologs: its errors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.db import Database, micrologs_errors
from app.errors import import_store, importer
from app.problems import Problem
from tests.commands.micrologs import SECRET_KEY, TABLES, Small, import_from
from tests.conftest import Actor
from tests.errors.test_track_error import detail, listed, report
from tests.mariadb_server import MariadbServer

ERROR_TABLES = {
    "error_groups": "id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT,"
    " project_id INT UNSIGNED, fingerprint CHAR(64), error_type VARCHAR(100),"
    " message VARCHAR(1024), file VARCHAR(512), line INT UNSIGNED,"
    " severity VARCHAR(10), environment VARCHAR(12), status VARCHAR(15),"
    " occurrence_count INT UNSIGNED, first_seen DATETIME, last_seen DATETIME,"
    " KEY idx_last_seen (project_id, last_seen)",
    "error_events": "id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,"
    " group_id INT UNSIGNED, project_id INT UNSIGNED, location_id INT UNSIGNED,"
    " device_id INT UNSIGNED, stack_trace TEXT, url VARCHAR(2048),"
    " environment VARCHAR(12), severity VARCHAR(10), context LONGTEXT,"
    " created_at DATETIME, KEY idx_group_id (group_id),"
    " KEY idx_project_id (project_id)",
}
MOMENT = datetime(2026, 3, 3, 12)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STACK = """TypeError: total is not a function
    at showCart (https://old.example/shop.js:10:23)"""
MARCH = "?range=custom&from=2026-02-20&to=2026-03-04"


class Source(Small):
    """A Micrologs with one project and the errors that a test puts in."""

    tables = {**TABLES, **ERROR_TABLES}

    def group(self, number: int, count: int, **more: Any) -> None:
        row = {
            "error_type": "TypeError",
            "message": f"no place {number}",
            "file": "https://old.example/shop.js",
            "line": 10,
            "severity": "error",
            "environment": "production",
            "status": "open",
            "first_seen": MOMENT,
            "last_seen": MOMENT,
            "project_id": 7,
            **more,
        }
        self.insert("error_groups", id=number, occurrence_count=count, **row)

    def event(self, group: int, at: datetime | None = MOMENT, **more: Any) -> None:
        row = {
            "project_id": 7,
            "stack_trace": STACK,
            "url": "https://old.example/cart",
            "environment": "production",
            "severity": "error",
            **more,
        }
        self.insert("error_events", group_id=group, created_at=at, **row)

    def whole(self, number: int, ats: list[datetime], **more: Any) -> None:
        """Add a group with an event at each of these times, as 2.x does."""
        ends = {"first_seen": min(ats), "last_seen": max(ats)}
        self.group(number, len(ats), **{**ends, **more})
        for at in ats:
            self.event(number, at)

    def again(self, number: int, at: datetime, status: str = "open") -> None:
        """Let the error of a group occur once more."""
        self.run(
            "UPDATE error_groups SET occurrence_count = occurrence_count + 1,"
            " last_seen = %s, status = %s WHERE id = %s",
            at,
            status,
            number,
        )
        self.event(number, at)


@pytest.fixture(scope="module")
def server(mariadb: MariadbServer) -> Iterator[Source]:
    with Source.made(mariadb, "old_errors") as made:
        yield made


@pytest.fixture
def source(server: Source) -> Source:
    server.begin_anew()
    return server


def _trend(actor: Actor) -> dict[str, int]:
    """Return the errors of each day that has some."""
    answer = actor.get("/api/analytics/errors-trend" + MARCH)
    days = answer.data["over_time"]
    return {day["date"]: day["occurrences"] for day in days if day["occurrences"]}


def _state(actor: Actor) -> Any:
    """Return all that is stored of errors, but which of them are a sample."""
    tables = {
        "ph_error_groups": "id",
        "ph_error_keys": "id",
        "ph_error_kinds": "id",
        "ph_error_days": "day, kind_id",
        "ph_error_imports": "id",
    }
    rows = actor.installation.rows
    found = [
        rows(f"SELECT * FROM {table} ORDER BY {tables[table]}") for table in tables
    ]
    kept = "SELECT * FROM ph_occurrences WHERE slot < 150 ORDER BY group_id, slot"
    return [*found, rows(kept)]


def assert_exact(actor: Actor) -> None:
    """Assert that kinds and days count the same."""
    sums = [
        actor.installation.rows(f"SELECT SUM({column}) AS n FROM {table}")[0]["n"]
        for table, column in (
            ("ph_error_kinds", "occurrence_count"),
            ("ph_error_days", "occurrences"),
        )
    ]
    assert sums[0] == sums[1]


def test_it_takes_over_groups_with_their_events(old: Actor, source: Source) -> None:
    source.insert(
        "devices",
        id=1,
        project_id=7,
        device_type="mobile",
        os="iOS",
        browser="Safari",
        browser_version="19",
    )
    source.insert(
        "locations",
        id=1,
        project_id=7,
        country="Switzerland",
        country_code="CH",
        region="Bern",
        city="Bern",
    )
    source.group(
        1,
        2,
        severity="critical",
        environment="staging",
        status="investigating",
        first_seen=MOMENT - DAY,
    )
    source.event(1, MOMENT - DAY, stack_trace=None, severity="info")
    source.event(
        1, MOMENT, device_id=1, location_id=1, context='{"user": {"id": "\u00e9"}}'
    )
    text = import_from(source, old)
    assert f"  errors{2:>28}{2:>12}\n" in text
    assert f"  error groups{1:>22}{1:>12}" in text
    assert "undated" not in text
    assert "joined" not in text
    [group] = listed(old, MARCH)["errors"]
    found = detail(old, group["id"])
    shown = {name: group[name] for name in ("error_type", "message", "file", "line")}
    assert shown == {
        "error_type": "TypeError",
        "message": "no place 1",
        "file": "https://old.example/shop.js",
        "line": 10,
    }
    assert group["severity"] == "critical"
    assert (group["environment"], group["status"]) == ("staging", "investigating")
    assert group["first_seen"] == "2026-03-02 12:00:00"
    assert group["last_seen"] == "2026-03-03 12:00:00"
    assert group["occurrence_count"] == 2
    assert group["people"] == 0
    newest, oldest = found["events"]
    assert newest["stack_trace"] == STACK
    assert newest["url"] == "https://old.example/cart"
    assert newest["context"] == {"user": {"id": "\u00e9"}}
    assert newest["created_at"] == "2026-03-03 12:00:00"
    assert newest["device"] == {"type": "mobile", "os": "iOS", "browser": "Safari"}
    assert newest["location"]["city"] == "Bern"
    assert (oldest["stack_trace"], oldest["context"]) == ("", None)
    assert oldest["severity"] == "info"
    assert oldest["device"] == {"type": None, "os": None, "browser": None}
    assert oldest["location"]["city"] is None
    assert _trend(old) == {"2026-03-02": 1, "2026-03-03": 1}
    assert_exact(old)


def test_it_puts_later_reports_into_the_same_group(old: Actor, source: Source) -> None:
    source.whole(1, [MOMENT])
    import_from(source, old)
    [group] = listed(old, MARCH)["errors"]
    sent = {"message": "no place 1", "line": 10, "stack": STACK}
    again = report(old, {"Origin": "https://old.example"}, file=group["file"], **sent)
    assert again["group_id"] == group["id"]
    assert listed(old)["errors"][0]["occurrence_count"] == 2


def test_it_counts_what_version_1_has_no_events_of(old: Actor, source: Source) -> None:
    source.group(1, 41, first_seen=MOMENT - 3 * DAY)
    source.group(2, 1, first_seen=MOMENT, error_type="RangeError")
    text = import_from(source, old)
    assert f"  errors{42:>28}{42:>12}\n" in text
    assert "undated: 42 errors" in text
    assert _trend(old) == {"2026-02-28": 41, "2026-03-03": 1}
    assert_exact(old)
    before = _state(old)
    import_from(source, old)
    assert _state(old) == before
    source.run("UPDATE error_groups SET occurrence_count = 43 WHERE id = 1")
    assert f"  errors{44:>28}{44:>12}\n" in import_from(source, old)
    assert_exact(old)


def test_it_makes_one_group_of_what_is_one_cause(old: Actor, source: Source) -> None:
    messages = {number: f"no user {number}" for number in (11, 12, 13)}
    source.whole(1, [MOMENT], message=messages[11], status="resolved", severity="info")
    source.whole(
        2,
        [MOMENT - 2 * DAY, MOMENT + 2 * MINUTE],
        message=messages[12],
        status="ignored",
        severity="critical",
    )
    source.whole(3, [MOMENT - DAY], message=messages[13], status="resolved")
    text = import_from(source, old)
    assert "  joined: 3 error groups are 1 here" in text
    [group] = listed(old, MARCH)["errors"]
    assert (group["status"], group["severity"]) == ("ignored", "critical")
    assert group["resolved_at"] is None
    assert group["occurrence_count"] == 4
    assert group["first_seen"] == "2026-03-01 12:00:00"
    assert group["last_seen"] == "2026-03-03 12:02:00"
    kinds = detail(old, group["id"])["kinds"]
    assert sorted(kind["message"] for kind in kinds) == list(messages.values())
    assert_exact(old)


@pytest.mark.parametrize(
    ("statuses", "joined"),
    [
        (("resolved", "resolved"), "resolved"),
        (("resolved", "investigating"), "investigating"),
        (("ignored", "open"), "open"),
        (("open", "resolved"), "open"),
        (("investigating", "ignored"), "investigating"),
    ],
)
def test_it_keeps_the_liveliest_status(
    old: Actor, source: Source, statuses: tuple[str, str], joined: str
) -> None:
    for number, status in enumerate(statuses, 1):
        source.whole(number, [MOMENT + number * MINUTE], status=status)
    import_from(source, old)
    [group] = listed(old, MARCH)["errors"]
    assert group["status"] == joined
    assert group["regressions"] == 0
    resolved_at = "2026-03-03 12:02:00" if joined == "resolved" else None
    assert group["resolved_at"] == resolved_at


def test_it_reopens_what_was_resolved_there_when_it_comes_back(
    old: Actor, source: Source
) -> None:
    source.whole(1, [MOMENT], status="resolved")
    import_from(source, old)
    sent = {"message": "no place 1", "line": 10, "stack": STACK}
    report(old, {"Origin": "https://old.example"}, **sent)
    [group] = listed(old, "")["errors"]
    assert (group["status"], group["regressions"]) == ("open", 1)


def test_it_brings_what_is_new_when_it_is_run_again(old: Actor, source: Source) -> None:
    for number, status in ((1, "resolved"), (2, "resolved"), (3, "open"), (4, "open")):
        source.whole(number, [MOMENT], status=status, error_type=f"Error{number}")
    import_from(source, old)
    groups = {row["error_type"]: row["id"] for row in listed(old, MARCH)["errors"]}
    body = {"ids": [groups["Error4"]], "status": "ignored"}
    answer = old.installation.call(
        "POST",
        "/api/track/errors-update-status",
        body,
        headers={"X-API-Key": SECRET_KEY},
    )
    assert answer.status == 200
    source.again(1, MOMENT + MINUTE)
    source.again(2, MOMENT + MINUTE, "resolved")
    source.again(4, MOMENT + DAY)
    source.whole(5, [MOMENT - DAY], error_type="Error5")
    for _ in range(2):
        assert f"  errors{8:>28}{8:>12}\n" in import_from(source, old)
        found = {row["error_type"]: row for row in listed(old, MARCH)["errors"]}
        statuses = {name: row["status"] for name, row in found.items()}
        assert statuses == {
            "Error1": "open",
            "Error2": "resolved",
            "Error3": "open",
            "Error4": "ignored",
            "Error5": "open",
        }
        assert found["Error1"]["regressions"] == 1
        assert found["Error2"]["resolved_at"] == "2026-03-03 12:01:00"
        assert _trend(old) == {"2026-03-02": 1, "2026-03-03": 6, "2026-03-04": 1}
        assert_exact(old)


def test_it_follows_a_group_that_was_merged(old: Actor, source: Source) -> None:
    for number in (1, 2):
        source.whole(number, [MOMENT], error_type=f"Error{number}")
    import_from(source, old)
    groups = {row["error_type"]: row["id"] for row in listed(old, MARCH)["errors"]}
    answer = old.installation.call(
        "POST",
        "/api/errors/merge",
        {"into": groups["Error2"], "ids": [groups["Error1"]]},
        headers={"X-API-Key": SECRET_KEY},
    )
    assert answer.status == 200, answer.body
    source.again(1, MOMENT + MINUTE)
    import_from(source, old)
    [group] = listed(old, MARCH)["errors"]
    assert (group["id"], group["occurrence_count"]) == (groups["Error2"], 3)
    assert len(detail(old, group["id"])["events"]) == 3
    assert_exact(old)


def test_it_goes_on_where_it_was_cut_off(
    old: Actor, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at any of its transactions, it loses and doubles nothing."""
    monkeypatch.setattr(micrologs_errors, "SLICE_EVENTS", 3)
    sql = micrologs_errors.LIST_EVENTS.replace("LIMIT 250", "LIMIT 3")
    monkeypatch.setattr(micrologs_errors, "LIST_EVENTS", sql)
    for number in (1, 2):
        ats = [MOMENT - DAY + minute * MINUTE for minute in range(7)]
        source.whole(number, ats, error_type=f"Error{number}", status="resolved")
        source.run("UPDATE error_groups SET occurrence_count = 9")
    import_from(source, old)
    whole = _state(old)
    assert len(whole[0]) == 2
    confirm = {"id": 7, "confirm": "Old"}
    assert old.installation.as_admin("/api/projects/delete", confirm).status == 200
    set_mark = import_store.set_mark
    for last in (0, 0, 1, 2):
        marks: list[Any] = []

        def fail(*values: Any, marks: list[Any] = marks, last: int = last) -> None:
            marks.append(values)
            set_mark(*values)
            if len(marks) > last:
                raise KeyboardInterrupt

        monkeypatch.setattr(import_store, "set_mark", fail)
        with pytest.raises(KeyboardInterrupt):
            import_from(source, old)
    monkeypatch.setattr(import_store, "set_mark", set_mark)
    text = import_from(source, old)
    assert f"  errors{18:>28}{18:>12}\n" in text
    assert "undated: 4 errors" in text
    assert _state(old) == whole
    assert_exact(old)


def test_it_repeats_what_a_lost_commit_may_have_done(
    old: Actor, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.whole(1, [MOMENT, MOMENT])
    commits: list[str] = []
    transaction = Database.transaction

    def twice(self: Database, work: Any) -> Any:
        result = transaction(self, work)
        if work.__qualname__.startswith("_Saving") and "errors" in work.__module__:
            commits.append(work.__qualname__)

            def lost() -> Any:
                self.commit_lost = True
                return work()

            assert transaction(self, lost) == result
        return result

    monkeypatch.setattr(Database, "transaction", twice)
    import_from(source, old)
    assert commits
    assert _trend(old) == {"2026-03-03": 2}
    assert_exact(old)


def test_it_moves_to_its_day_what_had_no_event_yet(old: Actor, source: Source) -> None:
    """Micrologs counts an error before it stores the event."""
    source.whole(1, [MOMENT - DAY], first_seen=MOMENT - DAY)
    source.run("UPDATE error_groups SET occurrence_count = 2")
    assert "undated: 1 error of" in import_from(source, old)
    assert _trend(old) == {"2026-03-02": 2}
    source.event(1, MOMENT)
    assert "undated" not in import_from(source, old)
    assert _trend(old) == {"2026-03-02": 1, "2026-03-03": 1}
    assert_exact(old)


def test_it_takes_any_value_that_the_columns_can_have(
    old: Actor, source: Source
) -> None:
    nothing = dict.fromkeys(
        "error_type message file line severity environment status first_seen"
        " last_seen".split()
    )
    source.group(1, 2, **nothing)
    source.event(
        1, None, stack_trace=None, url=None, environment=None, severity=None, context=""
    )
    source.event(1, datetime(9999, 12, 31, 23, 59, 59), context="{broken")
    source.group(
        2,
        9,
        error_type="\u20ac" * 100,
        message="\U0001f4a5" * 1024,
        file="\u00e9" * 512,
        line=2**32 - 1,
        environment="unknown",
        severity="fatal",
        status="closed",
        first_seen=MOMENT,
        last_seen=MOMENT - DAY,
    )
    source.event(2, stack_trace="\u20ac" * 21845, url="\u00e9" * 2048)
    deep = "[" * 30_000
    for context in (
        "NaN",
        "7",
        deep,
        '{"a": ' + "1" * 9000 + "}",
        '"\\ud800"',
        "[1e999]",
    ):
        source.event(2, context=context)
    source.event(2, context='{"a": "\\ud800"}')
    source.event(2, device_id=99, location_id=99, context="null")
    source.group(3, 0)
    source.event(3)
    source.group(4, 1, message="more events than errors", error_type="More")
    source.event(4)
    source.event(4)
    text = import_from(source, old)
    assert f"  errors{12:>28}{12:>12}\n" in text
    found = listed(old, "?range=custom&from=2025-06-01&to=2026-03-04")["errors"]
    by_type = {row["error_type"]: row for row in found}
    long = next(row for name, row in by_type.items() if "\u20ac" in name)
    assert long["environment"] == "production"
    assert (long["severity"], long["status"], long["line"]) == ("error", "open", None)
    events = detail(old, long["id"])["events"]
    contexts = [event["context"] for event in events]
    assert len(events) == 9
    assert [list(context) for context in contexts if context] == [["a"]]
    [unknown] = old.installation.rows(
        "SELECT first_seen FROM ph_error_groups WHERE error_type = 'Unknown'"
    )
    assert unknown["first_seen"] == datetime(1970, 1, 1)
    assert by_type["More"]["occurrence_count"] == 1
    assert_exact(old)
    before = _state(old)
    import_from(source, old)
    assert _state(old) == before


def test_it_leaves_out_what_is_another_projects(old: Actor, source: Source) -> None:
    source.insert("devices", id=1, project_id=8, device_type="mobile", os="Secret")
    source.insert("locations", id=1, project_id=8, country="Secret", city="Secret")
    source.whole(1, [MOMENT])
    source.whole(2, [MOMENT], project_id=8, message="Secret")
    source.run("UPDATE error_events SET device_id = 1, location_id = 1")
    source.event(1, project_id=8, url="https://other.example/secret")
    text = import_from(source, old)
    assert f"  errors{1:>28}{1:>12}\n" in text
    assert "secret" not in repr(_state(old)).lower()
    assert old.installation.rows("SELECT COUNT(*) AS n FROM ph_places") == [{"n": 0}]
    import_from(source, old)
    assert_exact(old)


def test_it_keeps_at_most_200_reports_of_a_group(old: Actor, source: Source) -> None:
    """Whatever order they come in, the newest is among them."""
    source.group(1, 900, first_seen=MOMENT - 899 * MINUTE, message="late 1")
    source.group(2, 300, first_seen=MOMENT - 3 * DAY, message="late 2")
    sql = (
        "INSERT INTO error_events (group_id, project_id, url, created_at)"
        " SELECT %s, 7, CONCAT('https://old.example/', seq),"
        " %s + INTERVAL seq MINUTE FROM seq_1_to_{}"
    )
    source.run(sql.format(900), 1, MOMENT - 900 * MINUTE)
    source.run(sql.format(300), 2, MOMENT - 4 * DAY)
    import_from(source, old)
    rows = old.installation.rows("SELECT slot, at FROM ph_occurrences ORDER BY at DESC")
    assert len(rows) == 200
    assert {row["slot"] for row in rows} == set(range(200))
    [group] = listed(old, MARCH)["errors"]
    assert group["occurrence_count"] == 1200
    events = detail(old, group["id"])["events"]
    newest = [event["url"].rpartition("/")[2] for event in events[:100]]
    assert newest == [str(number) for number in range(900, 800, -1)]
    assert_exact(old)


def test_it_puts_what_is_too_various_together(old: Actor, source: Source) -> None:
    for number in range(1, 61):
        source.group(number, 1)
    text = import_from(source, old)
    assert "joined: 60 error groups are 1 here" in text
    [group] = listed(old, MARCH)["errors"]
    assert group["occurrence_count"] == 60
    assert len(detail(old, group["id"])["kinds"]) == 51
    source.run("UPDATE error_groups SET occurrence_count = 2")
    import_from(source, old)
    assert listed(old, MARCH)["errors"][0]["occurrence_count"] == 120
    assert_exact(old)


def test_it_joins_what_beacons_have_reported_meanwhile(
    old: Actor, source: Source
) -> None:
    import_from(source, old)
    headers = {"Origin": "https://old.example"}
    sent = {"message": "no place 1", "line": 10, "stack": STACK}
    file = "https://old.example/shop.js"
    first = report(old, headers, file=file, **sent)["group_id"]
    source.whole(1, [MOMENT - DAY, MOMENT], status="resolved")
    import_from(source, old)
    [group] = listed(old)["errors"]
    assert (group["id"], group["occurrence_count"]) == (first, 3)
    assert group["status"] == "open"
    assert group["first_seen"] == "2026-03-02 12:00:00"
    assert group["last_seen"] == "2026-03-04 13:00:00"
    assert_exact(old)


def test_it_stops_where_another_import_goes_on(
    old: Actor, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.whole(1, [MOMENT])
    list_events = micrologs_errors.list_events

    def overtaken(*values: Any) -> Any:
        monkeypatch.setattr(micrologs_errors, "list_events", list_events)
        import_from(source, old)
        return list_events(*values)

    monkeypatch.setattr(micrologs_errors, "list_events", overtaken)
    with pytest.raises(Problem, match="Another import"):
        import_from(source, old)
    assert listed(old, MARCH)["errors"][0]["occurrence_count"] == 1


def test_it_says_when_some_are_missing(
    old: Actor,
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source.whole(1, [MOMENT])
    count_errors = micrologs_errors.count_errors

    def one_more(*values: Any) -> Any:
        found = count_errors(*values)
        return {**found, "errors": found["errors"] + 1}

    monkeypatch.setattr(micrologs_errors, "count_errors", one_more)
    with pytest.raises(Problem, match="Old: 1 of 2 errors are here"):
        import_from(source, old)
    assert "  errors" in capsys.readouterr().out


def test_it_deletes_the_marks_with_the_project(old: Actor, source: Source) -> None:
    source.whole(1, [MOMENT])
    import_from(source, old)
    confirm = {"id": 7, "confirm": "Old"}
    assert old.installation.as_admin("/api/projects/delete", confirm).status == 200
    assert all(rows == [] for rows in _state(old))
    assert "errors" in import_from(source, old)
    assert listed(old, MARCH)["errors"][0]["occurrence_count"] == 1


def test_it_counts_what_beacons_report_at_the_same_time(
    old: Actor, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    if old.installation.config.database_url.startswith("sqlite"):
        pytest.skip("SQLite lets only one write at a time")
    import_from(source, old)
    for number in range(1, 31):
        source.whole(number, [MOMENT, MOMENT], message=f"no place {number}")
    headers = {"Origin": "https://old.example"}
    sent = {"line": 10, "stack": STACK, "file": "https://old.example/shop.js"}
    lookup, beacons = importer.Lookup, []
    with ThreadPoolExecutor(4) as pool:

        def beacon_meanwhile(*values: Any) -> Any:
            for number in (len(beacons), len(beacons) + 1):
                fields = {"message": f"no place {number}", **sent}
                beacons.append(pool.submit(report, old, headers, **fields))
            return lookup(*values)

        monkeypatch.setattr(importer, "Lookup", beacon_meanwhile)
        import_from(source, old)
        groups = {beacon.result()["group_id"] for beacon in beacons}
    rows = old.installation.rows(
        "SELECT group_id AS id, occurrence_count FROM ph_error_kinds"
    )
    assert groups == {row["id"] for row in rows}
    assert sum(row["occurrence_count"] for row in rows) == 60 + len(beacons)
    assert len(beacons) >= 60
    assert_exact(old)
