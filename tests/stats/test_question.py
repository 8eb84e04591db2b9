"""The parameters that every report takes: range, compare, interval, limit, format."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tests.conftest import Actor, Clock

VISITORS = "/api/analytics/visitors"
PAGES = "/api/analytics/pages"


CSV_HEADERS = {
    "visitors": "date,pageviews,unique_visitors",
    "visitors-returning": "date,new_visitors,returning_visitors",
    "sessions": "date,sessions,avg_duration_seconds",
    "summary": "figure,value,previous,change",
    "pages": "url,page_title,pageviews,unique_visitors",
    "entry-pages": "url,page_title,visits,unique_visitors,bounce_rate",
    "exit-pages": "url,page_title,visits,unique_visitors,bounce_rate",
    "referrers": "referrer_url,pageviews",
    "channels": "channel,visits,pageviews,unique_visitors",
    "utm": "utm_source,utm_medium,utm_campaign,pageviews,unique_visitors",
    "devices": "device_type,pageviews,unique_visitors",
    "browsers": "browser,browser_version,visits,pageviews,unique_visitors",
    "os": "os,os_version,visits,pageviews,unique_visitors",
    "screens": "screen,visits,pageviews,unique_visitors",
    "languages": "language,visits,pageviews,unique_visitors",
    "timezones": "timezone,visits,pageviews,unique_visitors",
    "locations": "country,country_code,pageviews,unique_visitors",
    "hours": "weekday,hour,pageviews,visits,unique_visitors",
}
"""What the CSV of each report begins with."""


def shown(data: dict[str, Any]) -> tuple[str, str]:
    """Return the first and the last day of an answer, without their times."""
    span = data["range"]
    assert span["from"].endswith(" 00:00:00")
    assert span["to"].endswith(" 23:59:59")
    return span["from"][:10], span["to"][:10]


SPANS = (
    ("", "2026-02-03", "2026-03-04"),
    ("range=", "2026-02-03", "2026-03-04"),
    ("range=7d", "2026-02-26", "2026-03-04"),
    ("range=today", "2026-03-04", "2026-03-04"),
    ("range=yesterday", "2026-03-03", "2026-03-03"),
    ("range=month", "2026-03-01", "2026-03-04"),
    ("range=year", "2026-01-01", "2026-03-04"),
    ("range=all", "2026-03-04", "2026-03-04"),
    ("range=custom&from=2026-01-05&to=2026-01-06", "2026-01-05", "2026-01-06"),
    ("from=2026-01-05&to=2026-01-06", "2026-01-05", "2026-01-06"),
    ("from=2026-03-09&to=2026-03-09", "2026-03-09", "2026-03-09"),
)


def test_it_takes_each_range(alice: Actor) -> None:
    for query, first, last in SPANS:
        assert shown(alice.visitors(query)) == (first, last)


def test_all_begins_with_the_first_view(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2023, 5, 6, 12)
    alice.view()
    clock.at = datetime(2026, 3, 4, 12)
    data = alice.visitors("range=all&interval=month")
    assert shown(data) == ("2023-05-06", "2026-03-04")
    assert (data["total_pageviews"], len(data["over_time"])) == (1, 35)


def test_today_is_the_projects_day(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Asia/Kathmandu")
    alice.installation.clock.at = datetime(2026, 2, 28, 18, 30)  # 1 March, 00:15 there
    assert shown(alice.visitors("range=today")) == ("2026-03-01", "2026-03-01")
    assert shown(alice.visitors("range=month")) == ("2026-03-01", "2026-03-01")
    assert shown(alice.visitors("range=yesterday")) == ("2026-02-28", "2026-02-28")


def test_every_report_takes_every_parameter(alice: Actor) -> None:
    alice.view("https://alice.example/a?utm_source=s", referrer="https://t.co/")
    query = (
        "?from=2026-03-03&to=2026-03-04&compare=previous&interval=hour&limit=5&page=1"
        "&filter[page]=/a&filter[utm_source]=s"
    )
    for report in CSV_HEADERS:
        path = f"/api/analytics/{report}"
        data = alice.get(f"{path}{query}&format=json").data
        assert shown(data) == ("2026-03-03", "2026-03-04")
        assert shown(data["compare"]) == ("2026-03-01", "2026-03-02")
        assert set(data["compare"]) == set(data) - {"compare"}
        answer = alice.get(f"{path}{query}&format=csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        answer = alice.get(f"{path}?rage=7d")
        assert (answer.status, answer.json["field"]) == (400, "rage")


COMPARED = (
    ("range=today&compare=previous", "2026-03-03", "2026-03-03"),
    ("range=7d&compare=previous", "2026-02-19", "2026-02-25"),
    # The days just before, as many as there are, not the month before.
    ("range=month&compare=previous", "2026-02-25", "2026-02-28"),
    # 52 weeks: Wednesday 4 March 2026 and Wednesday 5 March 2025.
    ("range=today&compare=year", "2025-03-05", "2025-03-05"),
    ("range=7d&compare=year", "2025-02-27", "2025-03-05"),
    ("from=2024-02-29&to=2024-03-01&compare=year", "2023-03-02", "2023-03-03"),
)


def test_it_compares_with_earlier_days(alice: Actor) -> None:
    for query, first, last in COMPARED:
        assert shown(alice.visitors(query)["compare"]) == (first, last)


def test_it_shows_the_same_figures_of_the_days_compared_with(
    alice: Actor, clock: Clock
) -> None:
    clock.at = datetime(2025, 3, 5, 12)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 3, 12)
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    clock.at = datetime(2026, 3, 4, 12)
    for page in "abc":
        alice.view(f"https://alice.example/{page}")
    data = alice.visitors("range=1d&compare=previous")
    assert data["total_pageviews"] == 3
    assert data["compare"] == {
        "range": {"from": "2026-03-03 00:00:00", "to": "2026-03-03 23:59:59"},
        "unique_visitors": 1,
        "total_pageviews": 2,
        "total_sessions": 1,
        "bounce_rate": 0,
        "over_time": [{"date": "2026-03-03", "pageviews": 2, "unique_visitors": 1}],
    }
    compared = alice.visitors("range=1d&compare=year")["compare"]
    assert compared["total_pageviews"] == 1
    filtered = alice.visitors("range=1d&compare=previous&filter[page]=/b")
    assert filtered["compare"]["total_pageviews"] == 1


def test_its_hours_are_zero_filled(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 4, 0, 30)
    alice.view("https://alice.example/a")
    clock.at = datetime(2026, 3, 4, 23, 30)
    alice.view("https://alice.example/b")
    alice.view("https://alice.example/c")
    hours = alice.visitors("range=2d&interval=hour")["over_time"]
    assert [hour["date"] for hour in hours[:2]] == [
        "2026-03-03 00:00:00",
        "2026-03-03 01:00:00",
    ]
    assert [hour["pageviews"] for hour in hours] == [0] * 24 + [1] + [0] * 22 + [2]
    assert [hour["unique_visitors"] for hour in hours[-2:]] == [0, 1]


def test_its_weeks_begin_on_monday_and_end_with_the_range(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    for month, day in ((2, 26), (2, 27), (3, 2), (3, 4)):
        alice.installation.clock.at = datetime(2026, month, day, 12)
        alice.view(visitor_id="a")
    query = "from=2026-02-13&to=2026-03-04&interval="
    # Whoever comes twice in a week counts once in it.
    assert alice.visitors(query + "week")["over_time"] == [
        {"date": "2026-02-13", "pageviews": 0, "unique_visitors": 0},
        {"date": "2026-02-16", "pageviews": 0, "unique_visitors": 0},
        {"date": "2026-02-23", "pageviews": 2, "unique_visitors": 1},
        {"date": "2026-03-02", "pageviews": 2, "unique_visitors": 1},
    ]
    assert alice.visitors(query + "month")["over_time"] == [
        {"date": "2026-02-13", "pageviews": 2, "unique_visitors": 1},
        {"date": "2026-03-01", "pageviews": 2, "unique_visitors": 1},
    ]


def test_its_months_are_zero_filled_over_the_turn_of_a_year(alice: Actor) -> None:
    query = "from=2025-11-15&to=2026-02-01&interval=month"
    months = alice.visitors(query)["over_time"]
    assert [month["date"] for month in months] == [
        "2025-11-15",
        "2025-12-01",
        "2026-01-01",
        "2026-02-01",
    ]


def test_hours_are_for_31_days_at_most(alice: Actor) -> None:
    assert len(alice.visitors("range=31d&interval=hour")["over_time"]) == 31 * 24
    answer = alice.get(VISITORS + "?range=32d&interval=hour")
    assert answer.json == {
        "success": False,
        "message": "interval=hour is for 31 days at most",
        "field": "interval",
    }


RANGES = "range must be one of: 1d to 365d, today, yesterday, month, year, all, custom"
NOT_A_DAY = "Invalid date format. Use YYYY-MM-DD"
LIMIT = "limit must be a whole number from 1 to 1000"
PAGE = "page must be a whole number from 1 to 100000"


REFUSALS = (
    ("range=tomorrow", "range", RANGES),
    ("range=Today", "range", RANGES),
    ("range=7", "range", RANGES),
    ("range=7d%0A", "range", RANGES),
    ("from=2026-03-01", "to", NOT_A_DAY),
    ("to=2026-03-01", "from", NOT_A_DAY),
    ("from=&to=", "from", NOT_A_DAY),
    ("from=2026-03-02&to=2026-03-01", "from", "'from' must be before 'to'"),
    ("range=today&to=2026-03-01", "to", "to goes with range=custom"),
    ("range=7d&from=2026-03-01", "from", "from goes with range=custom"),
    ("compare=week", "compare", "compare must be one of: previous, year"),
    ("compare=Previous", "compare", "compare must be one of: previous, year"),
    (
        "interval=minute",
        "interval",
        "interval must be one of: day, hour, week, month",
    ),
    ("format=xml", "format", "format must be one of: json, csv"),
    ("format=", "format", "format must be one of: json, csv"),
    ("limit=0", "limit", LIMIT),
    ("limit=-1", "limit", LIMIT),
    ("limit=1001", "limit", LIMIT),
    ("limit=ten", "limit", LIMIT),
    ("limit=%D9%A3", "limit", LIMIT),
    ("limit=99999999999999999999", "limit", LIMIT),
    ("page=0", "page", PAGE),
    ("page=100001", "page", PAGE),
    ("page=1.5", "page", PAGE),
    (
        "sort=url",
        "sort",
        "sort is not a parameter; accepted: range, from, to, compare, interval,"
        " limit, page, format, filter[…]",
    ),
)


def test_it_names_the_field_and_what_is_accepted(alice: Actor) -> None:
    for query, field, message in REFUSALS:
        answer = alice.get(f"{PAGES}?{query}")
        assert answer.status == 400, query
        assert answer.json == {"success": False, "message": message, "field": field}


IGNORED = (
    "compare=week",
    "compare=previous",
    "interval=minute",
    "interval=hour",
    "format=csv",
    "format=xml",
    "page=0",
    "page=2",
    "limit=ten",
    "filter[page]=/b",
    "filter[colour]=red",
    "rage=7d",
    "from=2026-03-01",
)


def test_under_micrologs_name_it_is_lenient(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    for path in (VISITORS, PAGES):
        plain = alice.get(path + ".php")
        assert shown(plain.data) == ("2026-02-03", "2026-03-04")
        for query in IGNORED:
            assert alice.get(f"{path}.php?{query}").body == plain.body, query


LIMITS = (("0", 1), ("-3", 3), ("2abc", 2), ("999999999999", 4), ("", 4))


def test_under_micrologs_name_it_brings_a_limit_within_1_and_100(alice: Actor) -> None:
    for number in range(4):
        alice.view(f"https://alice.example/{number}")
    for limit, count in LIMITS:
        data = alice.get(f"{PAGES}.php?limit={limit}").data
        assert data["count"] == len(data["pages"]) == count


def test_of_a_repeated_parameter_the_first_counts(alice: Actor) -> None:
    data = alice.visitors("range=today&range=yesterday")
    assert shown(data)[0] == "2026-03-04"


def table(alice: Actor, path: str) -> tuple[str, list[list[str]]]:
    """Return a CSV answer as text and as rows."""
    answer = alice.get(path)
    assert answer.status == 200
    assert answer.body.startswith(b"\xef\xbb\xbf")  # tells Excel that it is UTF-8
    text = answer.body.decode("utf-8-sig")
    return text, list(csv.reader(io.StringIO(text, newline="")))


def test_its_csv_is_the_main_list_with_a_header(alice: Actor) -> None:
    title = 'Über "uns",\u2003und'
    alice.view("https://alice.example/a", page_title=title)
    alice.view("https://alice.example/b")
    text, rows = table(alice, PAGES + "?format=csv")
    assert rows == [
        ["url", "page_title", "pageviews", "unique_visitors"],
        ["https://alice.example/a", title, "1", "1"],
        ["https://alice.example/b", "", "1", "1"],
    ]
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == 3


def test_its_csv_takes_range_interval_filter_and_limit(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    query = "range=2d&format=csv&filter[page]=/a"
    assert table(alice, f"{VISITORS}?{query}")[1] == [
        ["date", "pageviews", "unique_visitors"],
        ["2026-03-03", "0", "0"],
        ["2026-03-04", "1", "1"],
    ]
    assert len(table(alice, f"{VISITORS}?{query}&interval=hour")[1]) == 49
    _, rows = table(alice, PAGES + "?format=csv&limit=1&page=2")
    assert [row[0] for row in rows] == ["url", "https://alice.example/b"]


def test_its_csv_has_a_name_and_a_header(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    alice.view(
        "https://alice.example/?utm_source=s",
        referrer="https://blog.example/",
        visitor_id="a",
    )
    for report, header in CSV_HEADERS.items():
        answer = alice.get(f"/api/analytics/{report}?format=csv")
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="{report}.csv"'
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        text, rows = table(alice, f"/api/analytics/{report}?format=csv")
        assert text.startswith(header + "\r\n")
        assert len(rows) > 1


FORMULAS = (
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-1+1|cmd",
    "@SUM(1)",
    # Excel reads these wide signs as the narrow ones. Source: OWASP.
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
)


def test_no_cell_of_its_csv_is_a_formula(alice: Actor) -> None:
    for number, text in enumerate(FORMULAS):
        alice.view(
            f"https://alice.example/{number}?utm_source={quote(text)}",
            page_title=text,
            address=f"192.0.2.{number}",
        )
    safe = {"'" + text for text in FORMULAS}
    _, [_, *pages] = table(alice, PAGES + "?format=csv")
    assert {page[1] for page in pages} == safe
    _, [_, *campaigns] = table(alice, "/api/analytics/utm?format=csv")
    assert {campaign[0] for campaign in campaigns} == safe
    # JSON is read by programs, and has it as it is.
    titles = {page["page_title"] for page in alice.get(PAGES).data["pages"]}
    assert titles == set(FORMULAS)


def test_numbers_below_zero_stay_numbers_in_its_csv(alice: Actor, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 3, 12)
    alice.view()
    clock.at = datetime(2026, 3, 4, 12)
    _, rows = table(alice, "/api/analytics/summary?range=today&format=csv")
    assert rows[1] == ["visitors", "0", "1", "-100"]


def test_its_csv_is_no_more_than_a_mark_where_there_is_nothing(alice: Actor) -> None:
    assert table(alice, PAGES + "?format=csv") == ("", [])


def test_its_csv_is_for_the_secret_key_only(alice: Actor) -> None:
    answer = alice.installation.call(
        "GET", PAGES + "?format=csv", headers={"X-API-Key": alice.public_key}
    )
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/json"
