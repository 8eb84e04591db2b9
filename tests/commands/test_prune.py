"""python -m app prune, and what reports say about days whose rows are deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.__main__ import main
from app.summaries import prune_store
from tests.conftest import Actor
from tests.errors.test_track_error import report
from tests.examples import make_link
from tests.spool.outage import drain, during_outage, log_of, waiting
from tests.summaries.days import Crowd, ask, recounted
from tests.wsgi import BROWSER

DAYS = 10
UNKNOWN = ("pages", "channels", "browsers", "languages", "events", "devices")
FILTERED = "filter[browser]=Chrome"


@pytest.fixture(autouse=True)
def _clock(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.clock.now", alice.installation.clock)
    monkeypatch.setenv("PORTHOLE_CONFIG", alice.installation.config.path)


@pytest.fixture(params=["cookieless", "cookie"])
def alice(
    request: pytest.FixtureRequest, create_project: Callable[..., Actor]
) -> Actor:
    zone, identity = "Europe/Berlin", request.param
    return create_project("Alice", ["alice.example"], timezone=zone, identity=identity)


def _has_cookies(alice: Actor) -> bool:
    [row] = alice.installation.rows("SELECT identity FROM ph_projects")
    return bool(row["identity"] == "cookie")


def _fill(alice: Actor) -> None:
    """Have some days of traffic, an error and a click, and keep ten days of them."""
    report(alice)
    code = make_link(alice)
    alice.installation.call("GET", f"/l/{code}", headers=BROWSER)
    crowd = Crowd(alice, 7)
    crowd.views(120)
    alice.installation.clock.move(days=DAYS)
    crowd.views(60)
    edit = {"id": alice.id, "retention_days": DAYS}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200


def _prune(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    assert main(["prune", *options]) == 0
    return capsys.readouterr().out


def _counts(alice: Actor) -> dict[str, int]:
    found = {}
    for table in prune_store.TABLES:
        [row] = alice.installation.rows(f"SELECT COUNT(*) AS n FROM {table}")
        found[table] = row["n"]
    return found


def _oldest(alice: Actor) -> Any:
    [row] = alice.installation.rows("SELECT day FROM ph_pageviews ORDER BY day LIMIT 1")
    return row["day"]


def test_it_says_what_goes_and_then_that_nothing_is_left(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    before = _counts(alice)
    assert min(before.values()) > 0
    would = _prune(capsys, "--dry-run")
    assert _counts(alice) == before
    assert _prune(capsys) == would.replace("would be ", "") + "Nothing is left to do.\n"
    after = _counts(alice)
    for table in prune_store.TABLES:
        gone = before[table] - after[table]
        line = f"{alice.id} (Alice): {gone} rows of {table} deleted\n"
        assert gone > 0
        assert line in would.replace("would be ", "")
    assert _prune(capsys) == "Nothing is left to do.\n"
    assert _prune(capsys, "--dry-run") == "There is nothing to do.\n"
    # Of the two days before the first one with rows there are some for its sake.
    today = alice.installation.clock().date()
    assert _oldest(alice) >= today - timedelta(days=DAYS + 2)


def test_it_answers_from_stats_as_if_all_rows_were_there(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    queries = ("range=30d", "range=14d&interval=week", "range=20d&compare=previous")
    before = {query: ask(alice, query) for query in queries}
    _prune(capsys)
    for query in queries:
        after = ask(alice, query)
        for name, expected in before[query].items():
            _assert_same_but_unknown(alice, name, after[name], expected)


def _assert_same_but_unknown(
    alice: Actor, name: str, found: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Check that what differs is null, and said to be missing."""
    incomplete = found.pop("incomplete", None)
    if not _has_cookies(alice):
        assert incomplete is None
    elif name in UNKNOWN:
        assert incomplete["missing"] in (["unique_visitors"], ["visitors"])
    if incomplete:
        for key in incomplete["missing"]:
            _forget(expected, found, key)
    if "compare" in found:
        found["compare"].pop("incomplete", None)
        for key in ("unique_visitors", "visitors"):
            if incomplete or name in UNKNOWN:
                _forget(expected["compare"], found["compare"], key)
    assert found == expected, name


def _forget(expected: Any, found: Any, key: str) -> None:
    if isinstance(found, dict):
        if key in found and found[key] is None:
            expected[key] = None
        for inner in found:
            _forget(expected[inner], found[inner], key)
    elif isinstance(found, list):
        for one, other in zip(expected, found):
            _forget(one, other, key)


def test_it_leaves_days_out_that_a_filtered_question_cannot_see(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    today = alice.installation.clock().date()
    first = today - timedelta(days=DAYS - 1)
    known = ask(alice, f"from={first}&to={today}&{FILTERED}")
    before = ask(alice, f"range=30d&{FILTERED}")
    assert known["visitors"] != before["visitors"]
    _prune(capsys)
    after = ask(alice, f"range=30d&{FILTERED}")
    for name, found in after.items():
        incomplete = found.pop("incomplete")
        assert incomplete["before"] == str(first)
        assert "days" in incomplete["missing"]
        assert incomplete["why"].startswith("Single pageviews")
        assert found.pop("range") == before[name]["range"]
        expected = known[name]
        expected.pop("range")
        if name == "summary":
            assert {one.pop("previous") for one in found.values()} == {None}
            assert {one.pop("change") for one in found.values()} == {None}
            for one in expected.values():
                del one["previous"], one["change"]
        assert found == expected, name
    told = alice.get(f"/api/analytics/pages?range=30d&format=csv&{FILTERED}")
    assert told.headers["X-Porthole-Incomplete"] == f"before {first}: days"


def test_it_says_the_same_of_the_days_that_are_kept(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    queries = [f"range={days}d{more}" for days in (1, 5, 9) for more in ("", FILTERED)]
    queries = [query.replace("dfilter", "d&filter") for query in queries]
    # summary would compare with days that are gone.
    reports = [name for name in ask(alice, "range=1d") if name != "summary"]
    before = [ask(alice, query, reports) for query in queries]
    _prune(capsys)
    assert [ask(alice, query, reports) for query in queries] == before
    alice.installation.clock.move(days=3)
    assert _prune(capsys).startswith(f"{alice.id} (Alice): ")
    expected = recounted(alice, "range=9d")
    assert ask(alice, "range=9d", reports) == {name: expected[name] for name in reports}


def test_it_counts_pageviews_of_a_project_that_are_deleted(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    path = "/api/projects/list"
    before = alice.installation.as_admin(path).data["projects"][0]["stats"]
    _prune(capsys)
    assert alice.installation.as_admin(path).data["projects"][0]["stats"] == before


def test_it_refuses_what_comes_for_a_day_that_is_pruned(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    away = during_outage(alice)
    assert away.view("https://alice.example/late").status == 202
    assert away.send("event", name="late").status == 202
    [file] = waiting(alice)
    content = file.read_bytes()
    file.unlink()
    _fill(alice)
    # Another host has pruned, and these wait on this one.
    _prune(capsys)
    before = ask(alice, "range=30d")
    file.write_bytes(content)
    assert main(["prune"]) == 1
    assert "Run: python -m app drain" in capsys.readouterr().err
    drain(alice)
    assert "2 refused with 400 Bad Request" in log_of(alice)
    assert ask(alice, "range=30d") == before


def test_it_does_not_wait_for_a_visitor_who_is_forgotten(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.view(id="view")
    told = {"pageview_id": "view", "seconds": 9, "scroll": 9}
    assert during_outage(alice).send("engagement", **told).status == 202
    [file] = waiting(alice)
    content = file.read_bytes()
    file.unlink()
    alice.installation.clock.move(days=12)
    _prune(capsys)
    left = alice.installation.rows("SELECT id FROM ph_visitors")
    assert len(left) == (1 if _has_cookies(alice) else 0)
    file.write_bytes(content)
    drain(alice)
    assert ask(alice, "range=30d") == recounted(alice, "range=30d")


def test_it_forgets_who_has_a_cookie_when_it_has_ended(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.view(visitor_id="v")
    alice.send("identify", visitor_id="v", user_id="7")
    edit = {"id": alice.id, "retention_days": DAYS}
    alice.installation.as_admin("/api/projects/edit", edit)
    alice.installation.clock.move(days=300)
    _prune(capsys)
    rows = alice.installation.rows
    assert len(rows("SELECT id FROM ph_visitors")) == int(_has_cookies(alice))
    alice.installation.clock.move(days=101)
    _prune(capsys)
    assert rows("SELECT id FROM ph_visitors") == []
    assert rows("SELECT user_id FROM ph_identities") == []
    assert alice.visitors("range=all")["unique_visitors"] == 1


def test_it_says_what_is_not_known_any_more_of_errors_and_links(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    code = make_link(alice)
    alice.installation.call("GET", f"/l/{code}", headers=BROWSER)
    paths = [
        "errors?range=30d",
        "links?range=30d",
        f"link-detail?code={code}&range=30d",
    ]
    paths = [f"/api/analytics/{path}" for path in paths]
    _, links, detail = (alice.get(path).data for path in paths)
    assert sum(link["total_clicks"] for link in links["links"]) == 2
    _prune(capsys)
    first = str(alice.installation.clock().date() - timedelta(days=DAYS - 1))
    errors, links_after, detail_after = (alice.get(path).data for path in paths)
    assert errors["incomplete"]["missing"] == ["people", "people_pct"]
    assert errors["errors"][0]["people"] is None
    assert errors["errors"][0]["occurrence_count"] == 1
    assert links_after["incomplete"]["missing"] == ["days"]
    assert sum(link["total_clicks"] for link in links_after["links"]) == 1
    assert (detail["total_clicks"], detail_after["total_clicks"]) == (2, 1)
    assert detail_after["incomplete"]["before"] == first
    assert detail_after["over_time"][0]["date"] == first
    listed = alice.get("/api/links/list").data["links"]
    assert [link["total_clicks"] for link in listed] == [2]


def test_it_keeps_rows_for_ever_if_nobody_says_otherwise(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(alice)
    before = _counts(alice)
    edit = {"id": alice.id, "retention_days": None}
    alice.installation.as_admin("/api/projects/edit", edit)
    assert "rows of ph_pageviews" not in _prune(capsys)
    assert _counts(alice) == before
    path = alice.installation.config.path
    with open(path, "a") as file:
        file.write(f"[retention]\ndays = {DAYS}\n")
    assert "rows of ph_pageviews" in _prune(capsys)
