"""python -m app demo."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import clock as real_clock
from app.__main__ import main
from app.client.address import network_of
from app.client.bots import robot_reason
from app.client.channel import CHANNELS, channel_of
from app.client.referrer import source_of
from app.client.url import parse_page
from app.client.useragent import describe
from app.clock import local_day, to_local
from app.commands import demo
from app.commands.demo_tables import BROWSERS, LANDINGS, NEXT, ORIGINS, TITLES
from app.commands.demo_traffic import Traffic
from app.pages.demo import ORDER_STEPS
from app.projects import admin, admin_store, deletion_store
from app.projects.store import IDENTITIES
from tests.commands.test_run import heed_interrupts
from tests.conftest import NOON, Actor, Installation
from tests.visits.tables import assert_consistent, state

ROOT = Path(__file__).parents[2]
MADE = re.compile(r"Made (\d+) pageviews in (\d+) visits, over (\d+) days?,")
FEW = ("--days", "3", "--pageviews-per-day", "40")
SITE = "https://alice.example"


class Shell:
    """Where the command is typed; the installation's clock shows the real time."""

    def __init__(
        self, installation: Installation, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.installation = installation
        self.capsys = capsys

    def run(self, *arguments: str) -> str:
        """Return what ``demo`` prints."""
        status = main(["demo", *arguments])
        said = self.capsys.readouterr()
        assert (status, said.err) == (0, "")
        self.installation.clock.at = real_clock.now()
        return said.out

    def fail(self, *arguments: str) -> str:
        """Return the sentence with which it refuses."""
        status = main(["demo", *arguments])
        said = self.capsys.readouterr()
        assert (status, said.out) == (1, "")
        assert said.err.count("\n") == 1, said.err
        return said.err

    def projects(self) -> list[tuple[int, str]]:
        rows = admin_store.list_projects(self.installation.db)
        return [(row["id"], row["name"]) for row in rows]


@pytest.fixture
def shell(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    monkeypatch.setenv("PORTHOLE_CONFIG", installation.config.path)
    return Shell(installation, capsys)


def made_by(said: str) -> tuple[int, int]:
    found = MADE.search(said)
    assert found, said
    return int(found[1]), int(found[2])


def totals(actor: Actor) -> tuple[int, int]:
    """Return pageviews and visits; a day more, in case midnight has passed."""
    data = actor.visitors("range=4d")
    return data["total_pageviews"], data["total_sessions"]


def fill(
    actor: Actor,
    seed: int = 1,
    zone: str = "UTC",
    now: datetime = NOON,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Traffic:
    """Fill three days of 40 pageviews."""
    installation = actor.installation
    row = admin_store.get_project(installation.db, actor.id)
    traffic = Traffic(seed, zone, now, 3, 40)
    demo.fill(installation.db, installation.config.secret, row, traffic, on_progress)
    return traffic


@pytest.mark.parametrize("identity", IDENTITIES)
def test_it_fills_a_project_and_may_do_so_again(
    shell: Shell, create_project: Callable[..., Actor], identity: str
) -> None:
    alice = create_project("Alice", ["alice.example"], identity=identity)
    expected = (0, 0)
    for _ in range(2):
        views, visits = made_by(shell.run("--project", str(alice.id), *FEW))
        assert 60 < views < 125
        expected = (expected[0] + views, expected[1] + visits)
        assert totals(alice) == expected
        assert_consistent(alice)


def test_pages_are_looked_at_and_things_happen_on_them(alice: Actor) -> None:
    traffic = fill(alice)
    alice.installation.clock.at = NOON
    read = alice.get("/api/analytics/engagement?range=4d").data
    assert read["measured_views"] == traffic.pageviews
    assert 5 < read["median_seconds"] < 120
    assert 20 < read["median_scroll"] < 90
    happened = alice.get("/api/analytics/events?range=4d").data
    assert 1 <= happened["visitors"] <= happened["total"] < traffic.pageviews
    assert alice.get("/api/analytics/sessions").data["avg_duration_seconds"] > 30


def test_the_same_seed_makes_more_traffic_the_second_time(alice: Actor) -> None:
    first, second = fill(alice), fill(alice)
    alice.installation.clock.at = NOON
    assert first.pageviews == second.pageviews
    assert totals(alice) == (2 * first.pageviews, 2 * first.visits)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_the_same_seed_makes_the_same_traffic(
    create_project: Callable[..., Actor], identity: str
) -> None:
    def tables(seed: int) -> dict[str, Any]:
        actor = create_project("One", ["alice.example"], identity=identity)
        fill(actor, seed)
        return state(actor)

    assert tables(7) == tables(7)
    assert tables(7) != tables(8)


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Asia/Kathmandu", datetime(2026, 3, 4, 18, 20)),  # 00:05 there
        ("Europe/Berlin", datetime(2026, 3, 29, 20, 0)),  # a day of 23 hours
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 3, 0)),  # of 24.5 hours
    ],
)
def test_it_is_right_in_every_zone(
    create_project: Callable[..., Actor], identity: str, zone: str, now: datetime
) -> None:
    alice = create_project("A", ["a.example"], timezone=zone, identity=identity)
    traffic = fill(alice, zone=zone, now=now)
    alice.installation.clock.at = now
    assert_consistent(alice)
    assert totals(alice) == (traffic.pageviews, traffic.visits)
    (last,) = alice.installation.rows("SELECT MAX(at) AS at FROM ph_pageviews")
    assert str(last["at"]) <= str(now)


def test_it_keeps_no_salt_of_what_it_made_up(alice: Actor) -> None:
    fill(alice)
    assert alice.installation.rows("SELECT * FROM ph_salts") == []
    assert alice.view().data == {"counted": True}


def test_people_come_back_if_the_project_has_cookies(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    traffic = fill(alice)
    (row,) = alice.installation.rows(
        "SELECT COUNT(*) AS n, SUM(first_day < last_day) AS back FROM ph_visitors"
    )
    assert row["n"] < traffic.visits
    assert row["back"] > 0


def test_it_gives_people_places_though_no_file_lists_them(alice: Actor) -> None:
    traffic = fill(alice)
    rows = alice.installation.rows("SELECT country_code, city FROM ph_places")
    assert {"country_code": "DE", "city": "Hamburg"} in rows
    (row,) = alice.installation.rows(
        "SELECT COUNT(*) AS n FROM ph_visits AS s"
        " JOIN ph_places AS p ON p.project_id = s.project_id AND p.id = s.place_id"
    )
    assert traffic.visits * 0.8 < row["n"] <= traffic.visits


def test_it_makes_a_project_called_demo_once(shell: Shell) -> None:
    said = shell.run(*FEW)
    ((number, name),) = shell.projects()
    assert name == "Demo"
    assert "shown only now" in said
    again = shell.run(*FEW)
    assert shell.projects() == [(number, name)]
    assert f"rotate-keys {number}" in again
    assert not re.search(r"\b[0-9a-f]{64}\b", again)


def test_its_curl_line_reads_what_it_says_it_made(shell: Shell) -> None:
    said = shell.run("--days", "1", "--pageviews-per-day", "500")
    line = re.search(r"curl .*\\\n.*", said)
    assert line
    program, option, header, url = shlex.split(line[0].replace("\\\n", ""))
    assert (program, option) == ("curl", "-H")
    assert url.endswith("range=1d")
    name, _, value = header.partition(": ")
    path = url.replace("http://127.0.0.1:8000", "").replace("1d", "2d")
    answer = shell.installation.call("GET", path, headers={name: value})
    views, visits = made_by(said)
    assert answer.data["total_pageviews"] == views
    assert answer.data["total_sessions"] == visits


def test_it_shows_a_range_that_the_reports_take(
    shell: Shell, create_project: Callable[..., Actor]
) -> None:
    alice = create_project("Alice", ["alice.example"])
    options = ("--days", "730", "--pageviews-per-day", "1")
    said = shell.run("--project", str(alice.id), *options)
    query = re.search(r"visitors\?(range=\w+)", said)
    assert query
    alice.visitors(query[1])


def test_it_says_in_one_sentence_what_cannot_be(shell: Shell) -> None:
    assert shell.fail("--project", "77") == (
        "porthole: There is no project 77. See: python -m app project list\n"
    )
    for days in ("0", "731", "-1"):
        assert shell.fail("--days", days) == (
            f"porthole: --days must be 1 to 730, not {days}.\n"
        )
    for views in ("0", "100001"):
        assert shell.fail("--pageviews-per-day", views) == (
            f"porthole: --pageviews-per-day must be 1 to 100000, not {views}.\n"
        )
    assert shell.projects() == []


def test_it_goes_on_when_the_projects_keys_are_changed(alice: Actor) -> None:
    db = alice.installation.db
    calls: list[int] = []

    def rotate(done: int) -> None:
        calls.append(done)
        alice.secret_key = admin.rotate_keys(db, alice.id, NOON)["secret_key"]

    traffic = fill(alice, on_progress=rotate)
    assert calls[-1] == traffic.pageviews
    assert totals(alice) == (traffic.pageviews, traffic.visits)


def test_it_stops_when_the_project_is_deleted(alice: Actor) -> None:
    def delete(done: int) -> None:
        deletion_store.mark_deleted(alice.installation.db, alice.id, NOON)

    with pytest.raises(demo.NotFound):
        fill(alice, on_progress=delete)


def test_ctrl_c_leaves_what_is_made_so_far(
    installation: Installation, alice: Actor
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "demo", "--project", str(alice.id)],
        cwd=ROOT,
        env={
            # An interrupt in the middle of what coverage measures has hung it.
            **{name: os.environ[name] for name in os.environ if name[:3] != "COV"},
            "PORTHOLE_CONFIG": installation.config.path,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heed_interrupts,
    )
    views = 0
    deadline = time.monotonic() + 60
    with process:
        try:
            while views < 1000 and time.monotonic() < deadline:
                time.sleep(0.05)
                (row,) = installation.rows("SELECT COUNT(*) AS n FROM ph_pageviews")
                views = row["n"]
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, said) == (130, "")
    assert views >= 1000
    assert_consistent(alice)


def test_it_tells_how_far_it_is(alice: Actor) -> None:
    steps: list[int] = []
    traffic = fill(alice, on_progress=steps.append)
    assert steps == sorted(steps)
    assert steps[-1] == traffic.pageviews


# What follows looks at the made-up traffic itself, without a database.


@pytest.fixture(scope="module")
def month() -> dict[date, list[Any]]:
    """Thirty days in Berlin, up to Wednesday, 13:00."""
    traffic = Traffic(5, "Europe/Berlin", NOON, 30, 300)
    return {day: traffic.views(day, SITE) for day in traffic.days}


def entries(month: dict[date, list[Any]]) -> list[Any]:
    """Return the first view of each visit: the one that did not come from a page."""
    views = [view for day in month.values() for view in day]
    return [view for view in views if not view.referrer.startswith(SITE)]


def test_the_month_has_the_size_and_the_rhythm_that_was_asked_for(
    month: dict[date, list[Any]],
) -> None:
    sizes = {day: len(views) for day, views in month.items()}
    today = sizes.pop(max(sizes))
    assert 8500 < sum(sizes.values()) + today <= 9000
    assert 50 < today < 300
    spike = max(sizes.values())
    assert spike > 1.8 * sorted(sizes.values())[-2]
    saturdays = [n for day, n in sizes.items() if day.weekday() == 5 and n != spike]
    sundays = [n for day, n in sizes.items() if day.weekday() == 6 and n != spike]
    assert min(saturdays) > max(sundays)
    hours = Counter(
        to_local(view.at, "Europe/Berlin").hour
        for views in month.values()
        for view in views
    )
    assert hours[12] > 10 * hours[3] > 0


def test_nothing_lies_in_the_future_or_before_the_first_day(
    month: dict[date, list[Any]],
) -> None:
    moments = [view.at for views in month.values() for view in views]
    assert max(moments) <= NOON
    assert local_day(min(moments), "Europe/Berlin") == min(month)


def test_visits_have_one_to_eight_pages_and_half_of_them_one(
    month: dict[date, list[Any]],
) -> None:
    lengths: list[int] = []
    by_person: dict[Any, list[Any]] = {}
    for views in month.values():
        for view in views:
            by_person.setdefault(view.person, []).append(view)
    for views in by_person.values():
        last = datetime.min
        for view in sorted(views, key=lambda view: view.at):
            if view.at - last >= timedelta(minutes=30):
                lengths.append(0)
                assert not view.referrer.startswith(SITE)
            lengths[-1] += 1
            last = view.at
    assert len(lengths) == len(entries(month))
    assert 0.45 < lengths.count(1) / len(lengths) < 0.6
    assert max(lengths) == 8
    assert len(by_person) < len(lengths)


def test_visits_come_through_every_channel(month: dict[date, list[Any]]) -> None:
    categories, channels = Counter(), Counter()
    for view in entries(month):
        source = source_of(view.referrer, ["alice.example"])
        campaign = parse_page(f"{SITE}{view.path}?{view.query}").campaign
        categories[source.category if source else ""] += 1
        channels[CHANNELS[channel_of(source, *campaign[:2])]] += 1
    assert set(categories) == {"", "organic_search", "social", "email", "referral"}
    assert set(channels) == set(CHANNELS)


def test_every_browser_is_a_known_one_and_no_robot() -> None:
    devices = [describe(browser.user_agent) for browser in BROWSERS]
    assert len(set(devices)) == len(BROWSERS) >= 20
    assert {device.type for device in devices} == {"desktop", "mobile", "tablet"}
    assert all("Unknown" not in device for device in devices)
    for browser in BROWSERS:
        assert robot_reason(browser.user_agent, "*/*", "en") == ""


def test_its_pages_are_those_of_the_demo_site_and_a_blog() -> None:
    steps = {f"/order/{step}".rstrip("/"): ORDER_STEPS[step] for step in ORDER_STEPS}
    assert steps.items() <= TITLES.items()
    assert {"/", "/menu", "/visit"} <= set(TITLES)
    assert len(TITLES) > 24
    for pages in [*LANDINGS.values(), *NEXT.values()]:
        assert set(pages) <= set(TITLES)
    assert {origin.landing for origin in ORIGINS} < set(LANDINGS)


def test_nobody_is_at_an_address_that_somebody_has(
    month: dict[date, list[Any]],
) -> None:
    for view in entries(month):
        # https://www.rfc-editor.org/rfc/rfc3849
        assert network_of(view.person.address).startswith("2001:db8:")


@pytest.mark.parametrize(
    ("domains", "site"),
    [
        (["127.0.0.1", "localhost"], "http://127.0.0.1:8000"),
        (["localhost"], "http://localhost:8000"),
        (["alice.example", "localhost"], "https://alice.example"),
        (["2001:db8::1"], "https://[2001:db8::1]"),
        ([], "https://bakery.example"),
    ],
)
def test_its_pages_are_on_the_projects_first_domain(
    domains: list[str], site: str
) -> None:
    assert demo._site(domains) == site
    assert parse_page(site).host
