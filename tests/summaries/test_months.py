"""Months: summed up from their days, read in their place, and made anew with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from threading import Thread
from typing import Any

import pytest

from app.clock import NULL_DAY
from app.db import Database, connect
from app.db.sqlite import SqliteDriver
from app.projects import admin_store
from app.summaries import chores, late_store, store
from app.summaries.closing import Closing
from app.summaries.due import LONGEST, Due
from app.summaries.months import Months
from app.summaries.parts import MONTH_MADE
from tests.conftest import Actor
from tests.db.killer import Killed, dying
from tests.spool.outage import drain, during_outage, waiting
from tests.summaries.days import Crowd, ask, close_days, recounted

IDENTITIES = ["cookieless", "cookie"]
SPAN = "from=2026-01-01&to=2026-03-02"
CUT_SPANS = ("from=2026-01-05&to=2026-02-27", "from=2026-02-02&to=2026-03-02")
EVENING = datetime(2026, 1, 31, 18)
LATE_DAY = date(2026, 2, 28)
CALLS = ("execute", "execute_many", "begin", "commit")


@pytest.fixture(params=IDENTITIES)
def alice(
    request: pytest.FixtureRequest, create_project: Callable[..., Actor]
) -> Actor:
    return _create(create_project, request.param)


@pytest.fixture
def cookieless(create_project: Callable[..., Actor]) -> Actor:
    return _create(create_project, "cookieless")


def _create(create_project: Callable[..., Actor], identity: str) -> Actor:
    return create_project("Alice", ["alice.example"], timezone="UTC", identity=identity)


def _fill(alice: Actor) -> Callable[[], None]:
    """Have traffic around both ends of February; return what delivers the late part."""
    clock = alice.installation.clock
    crowd, away = Crowd(alice), during_outage(alice)
    clock.at = EVENING
    crowd.views(4)
    _stay_up(alice, EVENING)
    crowd.views(20)
    clock.at = EVENING + timedelta(days=28)
    crowd.views(2)
    crowd.views(2, away)
    [file] = waiting(alice)
    content = file.read_bytes()
    file.unlink()
    _stay_up(alice, clock())
    crowd.views(20)
    clock.at = datetime(2026, 3, 5, 12)
    # No request makes stats from now on.
    Due(alice.installation.config.var).set(clock() + LONGEST)

    def deliver() -> None:
        file.write_bytes(content)
        drain(alice)

    return deliver


def _stay_up(alice: Actor, evening: datetime) -> None:
    """Have somebody on a page before and after midnight."""
    clock = alice.installation.clock
    clock.at = evening.replace(hour=23, minute=50)
    for _ in range(2):
        assert alice.view("https://alice.example/0").status == 200
        clock.move(minutes=15)


def _project(alice: Actor) -> dict[str, Any]:
    return admin_store.get_project(alice.installation.db, alice.id)


def _months_made(alice: Actor) -> list[date]:
    sql = f"SELECT month FROM ph_months WHERE parts = {MONTH_MADE} ORDER BY month"
    return [row["month"] for row in alice.installation.rows(sql)]


def _begin(alice: Actor, day: date) -> None:
    db = alice.installation.db
    store.begin(db, alice.id, day)
    db.rest()


def _ask(alice: Actor, span: str = SPAN) -> dict[str, Any]:
    return _of_months(ask(alice, span))


def _of_months(answers: dict[str, Any]) -> dict[str, Any]:
    """Return what months answer too: not what is told by day."""
    del answers["events"]["over_time"]
    return answers


def _forget_days(alice: Actor) -> None:
    """Leave nothing of January and February but the sums of their months."""
    db = alice.installation.db
    for table in ("ph_day_stats", "ph_day_engagement"):
        sql = f"DELETE FROM {table} WHERE day < '2026-03-01'"
        assert db.transaction(lambda sql=sql: db.run(sql)) > 0  # type: ignore[misc]
    assert _months_made(alice) == [date(2026, 1, 1), date(2026, 2, 1)]


def test_it_reads_whole_months_from_their_sums(alice: Actor) -> None:
    _fill(alice)
    expected = _ask(alice)
    assert expected["pages"]["count"] > 3
    close_days(alice)
    _forget_days(alice)
    assert _ask(alice) == expected


def test_it_does_not_use_a_month_that_the_span_cuts(alice: Actor) -> None:
    _fill(alice)
    expected = [_ask(alice, span) for span in CUT_SPANS]
    close_days(alice)
    db = alice.installation.db
    db.transaction(lambda: db.run("DELETE FROM ph_month_stats WHERE month > 0"))
    january = "UPDATE ph_months SET parts = 0 WHERE month < '2026-02-01'"
    db.transaction(lambda: db.run(january))
    assert [_ask(alice, span) for span in CUT_SPANS] == expected


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_names_no_day_of_a_month_to_the_database(
    cookieless: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(cookieless)
    close_days(cookieless)
    execute, counts = SqliteDriver.execute, []

    def counting(driver: SqliteDriver, sql: str, params: Any) -> Any:
        if "stats.summed_store.Summed" in sql:
            counts.append(len(params))
        return execute(driver, sql, params)

    monkeypatch.setattr(SqliteDriver, "execute", counting)
    reports = ("pages", "exit-pages", "browsers")
    ask(cookieless, "from=2026-01-01&to=2026-02-28", reports)
    assert len(counts) == len(reports)
    # Two months, two empty lists of days, and the project, span, part and limits.
    assert max(counts) == 10


def test_it_makes_a_month_when_its_last_day_is_closed(cookieless: Actor) -> None:
    clock = cookieless.installation.clock
    clock.at = datetime(2026, 1, 20, 12)
    cookieless.view()
    clock.at = datetime(2026, 2, 3)
    clock.move(seconds=-1)
    close_days(cookieless)
    assert _months_made(cookieless) == []
    clock.move(seconds=1)
    close_days(cookieless)
    assert _months_made(cookieless) == [date(2026, 1, 1)]


def test_it_counts_what_comes_late_at_once_and_sums_up_again(alice: Actor) -> None:
    deliver = _fill(alice)
    close_days(alice)
    before = _ask(alice)
    deliver()
    expected = _of_months(recounted(alice, SPAN))
    assert _ask(alice) == expected != before
    _begin(alice, LATE_DAY)
    assert _months_made(alice) == [date(2026, 1, 1)]
    assert _ask(alice) == expected
    close_days(alice)
    _forget_days(alice)
    assert _ask(alice) == expected


def test_it_makes_all_months_anew_when_all_days_are(alice: Actor) -> None:
    _fill(alice)
    close_days(alice)
    db, now = alice.installation.db, alice.installation.clock()
    days = [LATE_DAY]
    db.transaction(lambda: late_store.mark_all(db, alice.id, days, now))
    expected = recounted(alice, SPAN)
    assert ask(alice, SPAN) == expected
    _begin(alice, NULL_DAY)
    assert _months_made(alice) == []
    assert ask(alice, SPAN) == expected
    close_days(alice)
    assert ask(alice, SPAN) == expected
    assert len(_months_made(alice)) == 2


def test_it_keeps_months_whose_rows_are_deleted(cookieless: Actor) -> None:
    _fill(cookieless)
    db = cookieless.installation.db
    reports = ("pages", "exit-pages", "browsers", "engagement")
    expected = ask(cookieless, SPAN, reports)
    edit = {"id": cookieless.id, "retention_days": 7}
    assert cookieless.installation.as_admin("/api/projects/edit", edit).status == 200
    now = cookieless.installation.clock() + timedelta(days=15)
    done = chores.run(db, 0, now, 60)
    db.rest()
    assert done.is_complete
    [deleted] = done.deleted.values()
    assert deleted["ph_pageviews"] > 0
    _forget_days(cookieless)
    assert ask(cookieless, SPAN, reports) == expected


def test_it_goes_on_where_it_was_killed(cookieless: Actor) -> None:
    _fill(cookieless)
    expected = _ask(cookieless)
    project, now = _project(cookieless), cookieless.installation.clock()
    db = cookieless.installation.db
    assert Closing(db, project, now).make(lambda: False) == []
    db.transaction(lambda: db.run("DELETE FROM ph_months"))
    for run in count(1):
        # A part has 16 edges: it is killed at each of them in its turn.
        if _is_killed(cookieless, project, 17 + run * 5 % 36):
            if run % 5 == 0:
                assert _ask(cookieless) == expected
        else:
            break
    assert run > 10
    _forget_days(cookieless)
    assert _ask(cookieless) == expected


def _is_killed(alice: Actor, project: dict[str, Any], fatal: int) -> bool:
    database = dying(alice.installation.config.database_url, fatal, *CALLS)
    try:
        now = alice.installation.clock()
        return not Months(database, project, now).make(lambda: False)
    except Killed:
        return True
    finally:
        database.close()


@pytest.mark.parametrize("is_finished", [False, True])
def test_it_sums_up_no_day_that_is_begun_anew_meanwhile(
    cookieless: Actor, is_finished: bool
) -> None:
    alice = cookieless
    deliver = _fill(alice)
    db, project = alice.installation.db, _project(alice)
    now = alice.installation.clock()
    assert Closing(db, project, now).make(lambda: False) == []
    found = []

    def be_overtaken() -> bool:
        """Once, when some parts are made, have another process begin a day anew."""
        if not found:
            found.append(deliver)
            db.rest()
            deliver()
            if is_finished:
                close_days(alice)
            else:
                for day in store.list_marked(db, alice.id):
                    _begin(alice, day)
        return False

    Months(db, project, now).make(be_overtaken)
    db.rest()
    assert found
    expected = _of_months(recounted(alice, SPAN))
    assert _ask(alice) == expected
    close_days(alice)
    _forget_days(alice)
    assert _ask(alice) == expected


def test_it_is_right_whoever_is_at_it_at_once(cookieless: Actor) -> None:
    alice = cookieless
    _fill(alice)
    close_days(alice)
    expected = _ask(alice)
    project, now = _project(alice), alice.installation.clock()
    failures: list[BaseException] = []

    def run(work: Callable[[Database, int], None]) -> None:
        database = connect(alice.installation.config.database_url, 20)
        try:
            for number in range(6):
                work(database, number)
        except BaseException as failure:
            failures.append(failure)
        finally:
            database.close()

    def begin(database: Database, number: int) -> None:
        days = [NULL_DAY, LATE_DAY, LATE_DAY - timedelta(days=1)]
        store.begin(database, alice.id, days[number % 3])
        Closing(database, project, now).make(lambda: number % 2 == 0)

    def sum_up(database: Database, _number: int) -> None:
        Months(database, project, now).make(lambda: False)

    workers = [Thread(target=run, args=[work]) for work in (begin, sum_up, sum_up)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    close_days(alice)
    _forget_days(alice)
    assert _ask(alice) == expected
