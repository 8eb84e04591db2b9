"""/numbers: what is counted, for a person to read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.pages import chart
from tests.client.mmdb import write_mmdb
from tests.conftest import SECRET, Actor, Installation
from tests.pages.browser import Browser, assert_strict
from tests.wsgi import call

GOOGLE = "https://www.google.com/"


@pytest.fixture
def owner(installation: Installation) -> Browser:
    browser = Browser(installation.application)
    browser.sign_in(SECRET)
    return browser


def tiles(html: str, section: str) -> dict[str, str]:
    """Return the headline figures of a section, by their names."""
    part = html.split(f'id="{section}"')[1].split("</section>")[0]
    return dict(re.findall(r"<dt>(.*?)</dt>\s*<dd><b>(.*?)</b>", part))


def test_it_says_that_there_is_no_project(owner: Browser) -> None:
    page = assert_strict(owner.get("/numbers"))
    assert "No project yet" in page.text


def test_it_shows_what_the_api_answers(
    owner: Browser, alice: Actor, installation: Installation
) -> None:
    for number in range(3):
        alice.view("https://alice.example/shop", address=f"192.0.2.{number}")
    alice.view("https://alice.example/", referrer=GOOGLE, page_title="Home & garden")
    installation.clock.move(days=1)
    alice.view("https://alice.example/shop", address="192.0.2.9")
    alice.send("error", message="x is undefined", error_type="TypeError")
    owner.sign_in(SECRET)
    page = assert_strict(owner.get("/numbers"))
    shown = page.text
    month = alice.get("/api/analytics/summary?range=30d").data
    today = alice.get("/api/analytics/summary?range=today").data
    assert tiles(page.html, "today") == {
        "Visitors": str(today["visitors"]["value"]),
        "Visits": str(today["visits"]["value"]),
        "Pageviews": str(today["pageviews"]["value"]),
    }
    later = tiles(page.html, "month")
    assert later["Pageviews"] == str(month["pageviews"]["value"]) == "5"
    assert later["Visitors"] == str(month["visitors"]["value"])
    assert "1 here now" in shown
    assert "All of yesterday: 4 visitors, 4 pageviews" in shown
    assert "Home & garden" in shown
    assert "Organic search" in shown
    assert "TypeError: x is undefined" in shown
    assert "counts as two visitors" in shown


def test_its_chart_has_every_day_and_its_table_the_same(
    owner: Browser, alice: Actor
) -> None:
    alice.view()
    page = assert_strict(owner.get("/numbers"))
    titles = re.findall(r"<title>(\w+ \d+ \w+): (\d+) pageviews, (\d+) vis", page.html)
    assert len(titles) == 30
    assert titles[-1] == ("Wed 4 Mar", "1", "1")
    assert set(titles[:-1]) == {(day, "0", "0") for day, _, _ in titles[:-1]}
    rows = page.html.split("As a table")[1].split("</table>")[0].count('scope="row"')
    assert rows == 30


def test_it_shows_the_project_that_is_asked_for(
    owner: Browser, alice: Actor, charlie: Actor
) -> None:
    charlie.view("https://charlie.example/theirs")
    first = assert_strict(owner.get("/numbers"))
    assert "theirs" not in first.text
    assert "Charlie 1 today" in first.text
    second = assert_strict(owner.get(f"/numbers?project={charlie.id}"))
    assert "charlie.example/theirs" in second.text
    current = [a for a in second.named("a") if a.get("aria-current")]
    assert [a["href"] for a in current] == [
        "/numbers",
        f"/numbers?project={charlie.id}",
    ]


@pytest.mark.parametrize(
    ("asked", "status"),
    [("0", 404), ("4294967296", 404), ("9" * 11, 400), ("x", 400), ("", 400)]
    + [("-1", 400), ("1' OR 1=1", 400), ("%D9%A3", 400), ("1.0", 400)],
)
def test_it_refuses_another_project(
    owner: Browser, alice: Actor, asked: str, status: int
) -> None:
    answer = owner.get("/numbers?project=" + asked.replace(" ", "+"))
    assert answer.status == status
    assert_strict(answer)


def test_it_escapes_what_others_have_sent(
    owner: Browser, create_project: Callable[..., Actor]
) -> None:
    bad = "<script>alert(1)</script>\"'&"
    actor = create_project(f"A{bad}", ["alice.example"])
    actor.view(
        f"https://alice.example/{bad}",
        page_title=bad,
        referrer=f"https://other.example/{bad}",
    )
    actor.send("error", message=bad, error_type=bad, stack=bad)
    page = assert_strict(owner.get("/numbers"))
    assert page.named("script") == []
    assert bad in page.text


def test_it_says_that_a_project_is_turned_off(
    owner: Browser, alice: Actor, installation: Installation
) -> None:
    installation.as_admin("/api/projects/toggle", {"id": alice.id})
    assert "turned off" in assert_strict(owner.get("/numbers")).text


def test_it_names_whose_places_they_are(
    owner: Browser, alice: Actor, tmp_path: Path
) -> None:
    """The licences of the city files want that wherever places are shown."""
    assert "db-ip.com" not in owner.get("/numbers").body.decode()
    record = {"country": {"iso_code": "DE", "names": {"en": "Germany"}}}
    path = write_mmdb(tmp_path / "places.mmdb", {"0.0.0.0/0": record})
    with_file = alice.installation.with_settings(geoip=str(path))
    owner.application = with_file.application
    page = assert_strict(owner.get("/numbers"))
    assert 'href="https://db-ip.com"' in page.html


def test_it_says_that_the_database_is_away(installation: Installation) -> None:
    away = installation.with_settings(
        database_url="mysql://nobody:hunter2@127.0.0.1:1/none", timeout_seconds=1
    )
    browser = Browser(away.application)
    browser.sign_in(SECRET)
    answer = browser.get("/numbers")
    assert answer.status == 503
    assert "database cannot be used" in assert_strict(answer).text


def test_it_answers_head_and_nothing_else(
    installation: Installation, owner: Browser
) -> None:
    for method, status in (("HEAD", 303), ("POST", 405), ("PUT", 405), ("BREW", 405)):
        answer = call(installation.application, method, "/numbers")
        assert answer.status == status


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 6), (9, 10), (11, 20), (41, 50), (101, 200)]
    + [(840, 1000), (1000, 1000), (1001, 2000), (123456, 200000)],
)
def test_its_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert chart.nice_top(most) == top
