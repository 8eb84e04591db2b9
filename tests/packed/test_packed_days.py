"""Filters and engagement over closed days, which are read packed."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from app.packed.column import Column, both
from tests.conftest import Actor
from tests.spool.outage import drain, during_outage
from tests.summaries.days import REPORTS, Crowd, ask, close_days, recounted

FILTERS = (
    "filter[page]=/1",
    "filter[page]=!/1|/2",
    "filter[host]=~ALICE",
    "filter[entry_page]=/3",
    "filter[exit_page]=!/3",
    "filter[browser]=Chrome",
    "filter[browser]=!Chrome",
    "filter[channel]=organic_search",
    "filter[channel]=!direct",
    "filter[referrer]=",
    "filter[category]=direct",
    "filter[utm_source]=news",
    "filter[country]=",
    "filter[screen]=000x100",
    "filter[language]=*",
    "filter[browser]=nobody",
    "filter[browser]=Chrome&filter[page]=/1",
    "filter[page]=/1&filter[host]=alice.example&filter[os]=Windows|iOS",
)
SPANS = ("range=30d", "range=6d", "range=6d&interval=hour", "range=30d&interval=week")
PACKED = [one for one in REPORTS if one not in ("visitors-returning", "events")]
NUMBERS: tuple[list[int], ...] = (
    [],
    [0],
    [-1, -1, 5],
    [2**63 - 1, 1, -(2**63)],
    list(range(256)),
    list(range(257)) * 2,
    [random.Random(1).getrandbits(62) for _ in range(70_000)],
)


@pytest.fixture(params=["cookieless", "cookie"])
def alice(
    request: pytest.FixtureRequest, create_project: Callable[..., Actor]
) -> Actor:
    zone, identity = "Europe/Berlin", request.param
    return create_project("Alice", ["alice.example"], timezone=zone, identity=identity)


def test_it_says_what_a_recount_says(alice: Actor) -> None:
    crowd = Crowd(alice, 7)
    crowd.views(90)
    away = during_outage(alice)
    crowd.views(20, away)
    crowd.views(20)
    alice.installation.clock.move(hours=60)
    close_days(alice)
    crowd.views(10)
    for number, chosen in enumerate(FILTERS):
        query = f"{SPANS[number % len(SPANS)]}&{chosen}"
        some = PACKED[number % 8 :: 8]
        assert ask(alice, query, some) == recounted(alice, query, some), query
    drain(alice)
    query = f"range=30d&{FILTERS[0]}"
    assert ask(alice, query, PACKED) == recounted(alice, query, PACKED)
    close_days(alice)
    assert ask(alice, query, PACKED) == recounted(alice, query, PACKED)


def test_it_reads_no_rows_of_closed_days(alice: Actor) -> None:
    Crowd(alice, 8).views(100)
    alice.installation.clock.move(days=9)
    close_days(alice)
    queries = ["range=20d", f"range=20d&{FILTERS[5]}", f"range=20d&{FILTERS[0]}"]
    expected = [ask(alice, query, PACKED) for query in queries]
    assert all(one["pages"]["pages"] for one in expected)
    db = alice.installation.db
    for table in ("ph_pageviews", "ph_visits"):
        db.transaction(lambda table=table: db.run(f"DELETE FROM {table}"))  # type: ignore[misc]
    assert [ask(alice, query, PACKED) for query in queries] == expected


def test_it_reads_rows_if_a_day_is_begun_anew_meanwhile(alice: Actor) -> None:
    Crowd(alice, 8).views(60)
    alice.installation.clock.move(days=5)
    close_days(alice)
    query = f"range=20d&{FILTERS[5]}"
    expected = ask(alice, query, PACKED)
    db = alice.installation.db
    sql = "DELETE FROM ph_packed_days WHERE field > 5 OR day > '2026-03-05'"
    assert db.transaction(lambda: db.run(sql)) > 1
    assert ask(alice, query, PACKED) == expected


def test_it_reads_rows_of_a_day_that_is_damaged(alice: Actor) -> None:
    Crowd(alice, 8).views(90)
    alice.installation.clock.move(days=6)
    close_days(alice)
    query = f"range=20d&{FILTERS[5]}"
    expected = ask(alice, query, PACKED)
    damages: list[Callable[[bytes], bytes]] = [
        lambda numbers: b"",
        lambda numbers: numbers[:-1],
        lambda numbers: numbers[:9] + b"?" + numbers[10:],
        lambda numbers: zlib.compress(b"2" + zlib.decompress(numbers)),
        lambda numbers: zlib.compress(b""),
    ]
    packed = "SELECT field, day, numbers FROM ph_packed_days ORDER BY field, day"
    for number, row in enumerate(alice.installation.rows(packed)):
        damage = damages[number % len(damages)]
        _set_numbers(alice, {**row, "numbers": damage(row["numbers"])})
    assert ask(alice, query, PACKED) == expected


def _set_numbers(alice: Actor, row: dict[str, Any]) -> None:
    sql = (
        "UPDATE ph_packed_days SET numbers = %(numbers)s"
        " WHERE field = %(field)s AND day = %(day)s"
    )
    db = alice.installation.db
    db.transaction(lambda: db.run(sql, row))


def test_it_reads_rows_where_only_they_can_tell(alice: Actor) -> None:
    crowd = Crowd(alice, 9)
    crowd.views(60)
    alice.installation.clock.move(days=5)
    close_days(alice)
    for chosen in ("filter[event]=name 1", "filter[prop:plan]=pro", "filter[user]="):
        query = f"range=30d&{chosen}"
        some = ("visitors", "pages", "engagement", "events")
        assert ask(alice, query, some) == recounted(alice, query, some), query


def test_it_adds_very_many_values_of_an_open_day_to_closed_ones(alice: Actor) -> None:
    Crowd(alice, 8).views(20)
    alice.installation.clock.move(days=5)
    close_days(alice)
    # No statement of SQLite puts more than 500 SELECT side by side.
    for width in range(501):
        sender = {"address": f"192.0.2.{width % 250}", "visitor_id": str(width)}
        told = alice.view(screen_resolution=f"{width}x9", **sender)
        assert told.status == 200
        alice.installation.clock.move(seconds=30)
    query = "range=20d&limit=1000"
    found = ask(alice, query, ["screens"])
    assert found == recounted(alice, query, ["screens"])
    assert found["screens"]["count"] == 503


def test_a_text_cut_at_a_space_is_the_text_before_it(alice: Actor) -> None:
    for number, screen in enumerate(("1234567890123456789", "1234567890123456789 0")):
        sender = {"address": f"192.0.2.{number}", "visitor_id": str(number)}
        assert alice.view(screen_resolution=screen, **sender).status == 200
    alice.installation.clock.move(days=40)
    close_days(alice)
    for query in ("range=all", "range=all&filter[browser]=Chrome"):
        found = ask(alice, query, ["screens"])
        assert found == recounted(alice, query, ["screens"])
        assert found["screens"]["count"] == 1


@pytest.mark.parametrize("numbers", NUMBERS, ids=len)
def test_a_column_comes_out_as_it_went_in(numbers: list[int]) -> None:
    column = Column.unpack(Column.of(numbers).pack())
    assert list(column.numbers()) == numbers
    odd = column.mask(bytes(value % 2 for value in column.values))
    assert list(odd) == [number % 2 for number in numbers]
    assert both(odd, None) == both(None, odd) == both(odd, odd) == odd
