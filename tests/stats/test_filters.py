"""filter[dimension]=value, on every report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from app.stats.columns import DIMENSIONS
from tests.conftest import Actor, Clock
from tests.wsgi import FIREFOX

PAGES = "/api/analytics/pages"


def ask(alice: Actor, path: str = "/api/analytics/visitors", **filters: str) -> Any:
    """Return the report of the last 30 days under filters."""
    pairs = {f"filter[{name}]": value for name, value in filters.items()}
    answer = alice.get(f"{path}?{urlencode(pairs)}")
    assert answer.status == 200, answer.body
    return answer.data


def paths(alice: Actor, value: str) -> str:
    """Return the pages that a filter on them leaves, without their slash."""
    pages = ask(alice, PAGES, page=value)["pages"]
    return " ".join(sorted(page["url"].split("/")[3] for page in pages))


FORMS = {
    "/a": "a",
    "/A": "A",
    "/x": "",
    "!/a": "A ab b ba",
    "/a|/b": "a b",
    "!/a|/b": "A ab ba",
    "/a*": "a ab",
    "/A*": "A",
    "*b": "ab b",
    "*": "A a ab b ba",
    "/a*|/b": "a ab b",
    "!/a*": "A b ba",
    "~A": "A a ab ba",
    "~a": "A a ab ba",
    "!~a": "b",
    "~b|A": "A a ab b ba",
    "!~b|x": "A a",
    "~A*B": "ab",
    "": "",
    "!": "A a ab b ba",
}


def test_it_takes_each_form(alice: Actor) -> None:
    for page in ("a", "A", "ab", "b", "ba"):
        alice.view(f"https://alice.example/{page}")
    assert {value: paths(alice, value) for value in FORMS} == FORMS


SIGNS = {
    "/50%": "50%",
    "~%": "50%",
    "/5%": "",
    "/a_b": "a_b",
    "/a_*": "a_b",
    "~_": "a_b",
    "/c!d": "c!d",
    "/c!*": "c!d",
    "~!d": "c!d",
    "!~b": "50% c!d",
    "!~!|b": "50%",
    "/a'b": "a'b",
    "~'": "a'b",
    "*'b": "a'b",
    '/a"b': 'a"b',
    "/a\\b": "a\\b",
    "~\\": "a\\b",
    "/a\\*": "a\\b",
    "/x' OR '1'='1": "",
    "%(project_id)s": "",
    ":project_id": "",
}


def test_it_takes_every_sign_but_the_star_and_the_bar_as_it_is(alice: Actor) -> None:
    for page in ("50%", "a_b", "axb", "c!d", "a'b", 'a"b', "a\\b"):
        alice.view(f"https://alice.example/{page}")
    assert {value: paths(alice, value) for value in SIGNS} == SIGNS


def test_several_must_all_hold(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view("https://www.alice.example/a")
    alice.view("https://alice.example/a", {"User-Agent": FIREFOX})
    both = ask(alice, page="/a", host="alice.example", browser="Chrome")
    assert both["total_pageviews"] == 1
    assert ask(alice, page="/a", browser="Chrome")["total_pageviews"] == 2
    assert ask(alice, page="/b", browser="Firefox")["total_pageviews"] == 0


def test_an_empty_value_is_none(alice: Actor) -> None:
    alice.view("https://alice.example/?utm_source=s", referrer="https://blog.example/")
    alice.view(address="192.0.2.1")
    for name in ("referrer", "referrer_url", "utm_source"):
        assert ask(alice, **{name: ""})["total_sessions"] == 1
        assert ask(alice, **{name: "!"})["total_sessions"] == 1
    assert ask(alice, utm_source="s|")["total_sessions"] == 2
    assert ask(alice, country="")["total_sessions"] == 2
    assert ask(alice, country="!")["total_sessions"] == 0


def test_it_lists_the_dimensions_there_are(alice: Actor) -> None:
    for name in ("colour", "", "Page", "page]", "page'"):
        answer = alice.get(f"{PAGES}?filter[{name}]=x")
        assert answer.status == 400
        assert answer.json["field"] == f"filter[{name}]"
        assert answer.json["message"] == (
            f"filter[{name}] is no filter; filter[…] takes: page, host, entry_page,"
            " exit_page, referrer, referrer_url, category, channel, utm_source,"
            " utm_medium, utm_campaign, utm_term, utm_content, device, os, os_version,"
            " browser, browser_version, country, country_name, region, city, screen,"
            " language, timezone, user, event, prop:NAME"
        )


def test_it_refuses_what_only_looks_like_a_filter(alice: Actor) -> None:
    for name in ("filter", "filter[page", "filters[page]", "page]"):
        answer = alice.get(f"{PAGES}?{name}=/a")
        assert (answer.status, answer.json["field"]) == (400, name)


def test_it_bounds_what_one_request_may_ask(alice: Actor) -> None:
    def refused(query: str) -> tuple[int, str, str]:
        answer = alice.get(f"{PAGES}?{query}")
        return answer.status, answer.json["field"], answer.json["message"]

    too_much = "filter[page] may have 20 choices, 1024 characters"
    for value in ("|" * 20, "x" * 1025):
        query = f"filter[page]={value}"
        assert refused(query) == (400, "filter[page]", too_much)
    ask(alice, page="|" * 19)
    ask(alice, page="x" * 1024)
    names = list(DIMENSIONS)
    query = "&".join(f"filter[{name}]=x" for name in names[:11])
    assert refused(query) == (400, "filter", "There may be 10 filters")
    ask(alice, **dict.fromkeys(names[:10], "~x|y*"))


def test_each_dimension_takes_each_form_and_any_text(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    for name in DIMENSIONS:
        for value in ("nothing", "", "~", "n*", "Zürich|~ü", "~ÜBER|日本", "*😀\x00\\"):
            found = ask(alice, **{name: value})["total_pageviews"]
            rest = ask(alice, **{name: "!" + value})["total_pageviews"]
            assert found + rest == 1, (name, value)


VALUES = {
    "host": "alice.example",
    "entry_page": "/Apples",
    "exit_page": "/Pears",
    "referrer": "blog.example",
    "referrer_url": "https://blog.example/X",
    "category": "referral",
    "channel": "email",
    "utm_source": "News",
    "device": "desktop",
    "os": "Linux",
    "browser": "Chrome",
    "language": "de-CH",
    "screen": "1x1",
    "timezone": "Europe/Berlin",
}


def test_case_counts_unless_a_text_is_to_be_contained(alice: Actor) -> None:
    alice.view(
        "https://alice.example/Apples?utm_source=News&utm_medium=email",
        referrer="https://blog.example/X",
        screen_resolution="1x1",
        timezone="Europe/Berlin",
    )
    alice.installation.clock.move(seconds=5)
    alice.view("https://alice.example/Pears")

    def visits(name: str, *values: str) -> list[int]:
        return [ask(alice, **{name: text})["total_sessions"] for text in values]

    for name, value in VALUES.items():
        other = value.swapcase()
        same = visits(name, value, value[:-1] + "*", "~" + other, "~" + other[1:])
        assert same == [1, 1, 1, 1], name
        assert visits(name, other, other[:-1] + "*", "*" + other[1:]) == [0, 0, 0], name


def test_a_contained_text_is_found_in_any_case_of_any_script(alice: Actor) -> None:
    alice.view("https://alice.example/?utm_campaign=%C3%84rzte")
    assert ask(alice, utm_campaign="~ÄRZTE")["total_pageviews"] == 1
    assert ask(alice, utm_campaign="~ärzte")["total_pageviews"] == 1
    assert ask(alice, utm_campaign="~arzte")["total_pageviews"] == 0


def test_under_a_page_filter_views_match_and_visits_have_one_that_does(
    alice: Actor, clock: Clock
) -> None:
    for page in "ab":
        alice.view(f"https://alice.example/{page}")
        clock.move(minutes=6)
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b", address="192.0.2.1")
    data = ask(alice, page="/a")
    assert data["total_pageviews"] == 2
    assert data["total_sessions"] == data["unique_visitors"] == 1
    assert data["bounce_rate"] == 0
    data = ask(alice, page="/b")
    assert (data["total_pageviews"], data["total_sessions"]) == (2, 2)
    # The first visit is no bounce: it has other pages.
    assert data["bounce_rate"] == 50
    sessions = ask(alice, "/api/analytics/sessions", page="/b")
    assert sessions["avg_pages_per_session"] == 2
    assert sessions["avg_duration_engaged"] == 720
    pages = ask(alice, PAGES, page="/a")["pages"]
    assert [page["url"] for page in pages] == ["https://alice.example/a"]


def test_under_a_page_filter_one_view_must_match_all_of_it(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://www.alice.example/b")
    data = ask(alice, page="/a", host="www.alice.example")
    assert (data["total_pageviews"], data["total_sessions"]) == (0, 0)


def test_a_visit_counts_on_its_day_if_the_match_is_after_midnight(
    alice: Actor, clock: Clock
) -> None:
    clock.at = datetime(2026, 3, 3, 23, 50)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 0, 10)
    alice.view("https://alice.example/b")
    yesterday = alice.visitors("range=yesterday&filter[page]=/b")
    assert (yesterday["total_pageviews"], yesterday["total_sessions"]) == (0, 1)
    today = alice.visitors("range=today&filter[page]=/b")
    assert (today["total_pageviews"], today["total_sessions"]) == (1, 0)


def test_uniques_are_exact_under_any_filter(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    seen = {
        (1, "a", "/x"),
        (1, "b", "/y"),
        (2, "a", "/x"),
        (2, "a", "/y"),
        (4, "c", "/x"),
        (4, "b", "/x"),
    }
    for day, name, path in sorted(seen):
        alice.installation.clock.at = datetime(2026, 3, day, 12)
        alice.view(
            f"https://alice.example{path}",
            {"User-Agent": FIREFOX} if name == "b" else {},
            visitor_id=name,
        )
    for first in range(1, 5):
        for last in range(first, 5):
            for path in ("/x", "/y"):
                span = f"from=2026-03-{first:02}&to=2026-03-{last:02}"
                data = alice.visitors(f"{span}&filter[page]={path}&interval=week")
                views = [
                    (day, name)
                    for day, name, page in seen
                    if first <= day <= last and page == path
                ]
                assert data["unique_visitors"] == len({name for _, name in views})
                assert data["total_pageviews"] == len(views)
    assert alice.visitors("filter[browser]=Firefox")["unique_visitors"] == 1
    assert alice.visitors("filter[browser]=!Firefox")["unique_visitors"] == 2
    days = alice.visitors("range=4d&filter[page]=/x")["over_time"]
    assert [day["unique_visitors"] for day in days] == [1, 1, 0, 2]


def test_a_visits_filters_go_by_its_first_view(alice: Actor, clock: Clock) -> None:
    alice.view("https://alice.example/a?utm_source=s")
    clock.move(seconds=5)
    alice.view("https://alice.example/b?utm_source=t")
    assert ask(alice, utm_source="s")["total_pageviews"] == 2
    assert ask(alice, utm_source="t")["total_pageviews"] == 0
    assert ask(alice, entry_page="/a")["total_pageviews"] == 2
    assert ask(alice, exit_page="/b")["total_pageviews"] == 2
    assert ask(alice, entry_page="/b")["total_pageviews"] == 0


def test_it_shows_a_project_only_its_own_rows(alice: Actor, charlie: Actor) -> None:
    alice.view("https://alice.example/a")
    assert ask(charlie, page="*", os="*")["total_pageviews"] == 0
