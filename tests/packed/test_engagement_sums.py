"""How pages were looked at, over closed days and months: summed up, and made anew."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from statistics import mean, median
from typing import Any

import pytest

from app.packed import histogram
from app.packed.looks import Looks
from app.summaries import chores
from tests.conftest import Actor
from tests.spool.outage import drain, during_outage, waiting
from tests.summaries.days import Crowd, ask, close_days, recounted

HOME = "https://alice.example/"
MONTHS = "from=2026-04-01&to=2026-05-31"
SPANS = (
    MONTHS,
    "range=all",
    "from=2026-03-20&to=2026-05-10",
    "from=2026-04-02&to=2026-05-31&limit=2&page=2",
    "from=2026-04-04&to=2026-04-24",
    "range=30d&compare=previous",
)
OF_ROWS = ("ph_pageviews", "ph_visits", "ph_packed_days")


@pytest.fixture(params=["cookieless", "cookie"])
def alice(
    request: pytest.FixtureRequest, create_project: Callable[..., Actor]
) -> Actor:
    zone, identity = "Europe/Berlin", request.param
    return create_project("Alice", ["alice.example"], timezone=zone, identity=identity)


def _fill(alice: Actor) -> None:
    """Have people come by and read from 5 March to June, and all of it closed."""
    crowd = Crowd(alice, 11)
    for _ in range(9):
        crowd.views(25)
        alice.installation.clock.move(days=11)
    close_days(alice)


def _ask(alice: Actor, query: str) -> Any:
    return ask(alice, query, ["engagement"])["engagement"]


def _recounted(alice: Actor, query: str) -> Any:
    return recounted(alice, query, ["engagement"])["engagement"]


def _delete(alice: Actor, *tables: str) -> None:
    """Delete what is there of the days within the two months."""
    db = alice.installation.db
    for table in tables:
        sql = f"DELETE FROM {table} WHERE day BETWEEN '2026-04-03' AND '2026-05-28'"
        assert db.transaction(lambda sql=sql: db.run(sql)) > 0  # type: ignore[misc]


def test_it_says_what_a_recount_says(alice: Actor) -> None:
    _fill(alice)
    assert _ask(alice, MONTHS)["measured_views"] > 30
    for span in SPANS:
        assert _ask(alice, span) == _recounted(alice, span), span


def test_it_says_what_each_view_has_told(alice: Actor) -> None:
    _fill(alice)
    views = alice.installation.rows(
        "SELECT page_id, engaged_seconds, scroll FROM ph_pageviews"
        " WHERE day BETWEEN '2026-03-20' AND '2026-05-10' AND scroll IS NOT NULL"
    )
    found = _ask(alice, SPANS[2])
    assert found["measured_views"] == len(views)
    for measure, column in (("seconds", "engaged_seconds"), ("scroll", "scroll")):
        values = [view[column] for view in views]
        assert found[f"mean_{measure}"] == round(mean(values), 1)
        assert found[f"median_{measure}"] == median(values)
    of_pages: dict[int, list[int]] = {}
    for view in views:
        of_pages.setdefault(view["page_id"], []).append(view["engaged_seconds"])
    told = [(page["measured_views"], page["median_seconds"]) for page in found["pages"]]
    order = sorted(of_pages.items(), key=lambda item: (-len(item[1]), item[0]))
    assert told == [(len(seconds), median(seconds)) for _, seconds in order]


def test_it_counts_open_days_beside_closed_ones(alice: Actor) -> None:
    crowd = Crowd(alice, 12)
    for _ in range(8):
        crowd.views(30)
        close_days(alice)
        for span in ("range=all", "range=3d", "range=1d"):
            assert _ask(alice, span) == _recounted(alice, span), span


def test_it_reads_nothing_of_the_days_in_a_month(alice: Actor) -> None:
    _fill(alice)
    expected = _ask(alice, MONTHS)
    _delete(alice, *OF_ROWS, "ph_day_stats", "ph_day_engagement")
    assert _ask(alice, MONTHS) == expected


def test_it_reads_no_rows_of_closed_days(alice: Actor) -> None:
    _fill(alice)
    spans = [*SPANS[2:5], "from=2026-04-04&to=2026-05-27"]
    expected = [_ask(alice, span) for span in spans]
    _delete(alice, *OF_ROWS)
    assert [_ask(alice, span) for span in spans] == expected


def test_a_view_counts_on_its_own_day(alice: Actor) -> None:
    clock = alice.installation.clock
    clock.at = clock.at.replace(month=4, day=30, hour=21, minute=50)
    for page, seconds in (("before", 600), ("after", 90)):
        alice.view(HOME + page, id=page)
        clock.move(minutes=15)
        told = {"pageview_id": page, "seconds": seconds, "scroll": 7}
        assert alice.send("engagement", **told).data["counted"]
    clock.move(days=40)
    close_days(alice)
    for span, seconds in (
        ("from=2026-04-01&to=2026-04-30", 600),
        ("from=2026-05-01&to=2026-05-31", 90),
        ("from=2026-04-20&to=2026-04-30", 600),
        ("from=2026-05-01&to=2026-05-02", 90),
        (MONTHS, 345),
    ):
        found = _ask(alice, span)
        assert found["mean_seconds"] == seconds
        assert found == _recounted(alice, span)


def test_it_sums_up_again_what_comes_late(alice: Actor) -> None:
    clock = alice.installation.clock
    clock.at = clock.at.replace(month=4, day=29, hour=9)
    alice.view(HOME, id="seen", visitor_id="a")
    away = during_outage(alice)
    told = {"pageview_id": "seen", "visitor_id": "a"}
    clock.move(minutes=9)
    assert alice.send("engagement", seconds=9, scroll=9, **told).data["counted"]
    clock.move(minutes=9)
    assert away.send("engagement", seconds=300, scroll=50, **told).status == 202
    assert away.view(HOME + "late", id="late", visitor_id="b").status == 202
    clock.move(minutes=9)
    late = {"pageview_id": "late", "visitor_id": "b", "seconds": 40, "scroll": 4}
    assert away.send("engagement", **late).status == 202
    [file] = waiting(alice)
    content = file.read_bytes()
    file.unlink()
    # The visitor without a cookie is not forgotten yet.
    clock.move(days=5)
    close_days(alice)
    spans = ("from=2026-04-01&to=2026-04-30", "from=2026-04-20&to=2026-05-01")
    for span in spans:
        found = _ask(alice, span)
        assert (found["measured_views"], found["mean_seconds"]) == (1, 9)
    file.write_bytes(content)
    drain(alice)
    for is_made_anew in (False, True):
        if is_made_anew:
            close_days(alice)
            _forget_rows(alice)
        for span in spans:
            found = _ask(alice, span)
            assert (found["measured_views"], found["mean_seconds"]) == (2, 170)
            assert len(found["pages"]) == 2


def _forget_rows(alice: Actor) -> None:
    db = alice.installation.db
    for table in OF_ROWS:
        db.transaction(lambda table=table: db.run(f"DELETE FROM {table}"))  # type: ignore[misc]


def test_it_knows_days_whose_rows_are_deleted(alice: Actor) -> None:
    _fill(alice)
    spans = [span for span in SPANS if span != "range=all"]
    expected = [_ask(alice, span) for span in spans]
    edit = {"id": alice.id, "retention_days": 30}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    db, now = alice.installation.db, alice.installation.clock()
    assert chores.run(db, 0, now, 60).is_complete
    pruned = alice.installation.rows("SELECT day FROM ph_days WHERE is_pruned = 1")
    assert pruned[-1]["day"] > now.date() - timedelta(days=32)
    assert [_ask(alice, span) for span in spans] == expected
    filtered = _ask(alice, f"{MONTHS}&filter[browser]=Chrome")
    assert filtered["incomplete"]["missing"] == ["days"]


def test_it_keeps_nothing_of_a_day_that_is_empty_now(alice: Actor) -> None:
    _fill(alice)
    db = alice.installation.db
    for table in ("ph_pageviews", "ph_visits", "ph_events"):
        db.transaction(lambda table=table: db.run(f"DELETE FROM {table}"))  # type: ignore[misc]
    db.transaction(lambda: db.run("UPDATE ph_days SET parts = 0"))
    db.transaction(lambda: db.run("DELETE FROM ph_months"))
    db.transaction(
        lambda: db.run(
            "INSERT INTO ph_pageviews (project_id, day, id, at, hour, visit_day,"
            " visit_id, visitor_id, page_id, url_hash)"
            f" VALUES ({alice.id}, '2026-03-05', 1, '2026-03-05', 0, '2026-03-05', 1,"
            " 1, 1, 1)"
        )
    )
    close_days(alice)
    assert alice.installation.rows("SELECT day FROM ph_day_engagement") == []
    assert alice.installation.rows("SELECT month FROM ph_month_engagement") == []


def test_a_histogram_comes_out_as_it_went_in() -> None:
    dice = random.Random(5)
    sizes = [(0, 1), (1, 1), (9, 100), (9, 10**6), (5000, 3), (9000, 300)]
    for count, most in sizes:
        counts = Counter(dice.randrange(most) for _ in range(count))
        packed = histogram.pack(counts)
        assert histogram.unpack(packed) == counts
        assert list(histogram.unpack(packed)) == sorted(counts)
    assert len(histogram.pack({3: 1, 40: 2})) == 4


def test_it_does_not_take_a_text_that_was_cut_off() -> None:
    row = {"page_id": 1, "views": 3, "seconds": "1,2,3", "scroll": "10,2"}
    with pytest.raises(RuntimeError, match="max_allowed_packet"):
        Looks.of([row])


def test_it_reads_rows_if_a_day_is_damaged(alice: Actor) -> None:
    _fill(alice)
    query = "from=2026-04-04&to=2026-04-24"
    expected = _ask(alice, query)
    assert expected["measured_views"] > 1
    db = alice.installation.db
    sql = "UPDATE ph_day_engagement SET seconds = %(damaged)s"
    db.transaction(lambda: db.run(sql, {"damaged": b"x"}))
    assert _ask(alice, query) == expected
