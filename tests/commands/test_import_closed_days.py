"""Imported days, once they are closed: their stats say what their rows said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from tests.commands.micrologs import PUBLIC_KEY, SECRET_KEY, Small, import_from
from tests.conftest import Actor, Installation
from tests.mariadb_server import MariadbServer
from tests.summaries.days import ask, close_days

QUERIES = (
    "range=30d",
    "from=2026-02-19&to=2026-02-20",
    "from=2026-02-20&to=2026-02-21",
    "from=2026-02-19&to=2026-02-23&interval=hour",
)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def small(mariadb: MariadbServer) -> Iterator[Small]:
    with Small.made(mariadb, "micrologs_closed") as made:
        yield made


@pytest.fixture
def old_in_utc(
    installation: Installation, create_project: Callable[..., Actor], small: Small
) -> Actor:
    """Return the project of a Micrologs whose sessions begin before their views."""
    actor = create_project("Alice", ["alice.example"], timezone="UTC")
    small.begin_anew()
    moments = [datetime(2026, 2, 21), datetime(2026, 2, 22, 10)]
    for number, moment in enumerate(moments, 1):
        small.visitor(number)
        small.session(number, number, moment - SECOND)
        small.view(number, number, moment)
    import_from(small, actor, "UTC")
    [row] = installation.rows("SELECT id FROM ph_projects WHERE name = 'Old'")
    keys = {"public_key": PUBLIC_KEY, "secret_key": SECRET_KEY}
    return Actor(installation, id=row["id"], name="Old", **keys)


def test_it_says_the_same_of_sessions_that_began_before_their_view(
    old_in_utc: Actor,
) -> None:
    before = [ask(old_in_utc, query) for query in QUERIES]
    assert before[1]["sessions"]["total_sessions"] == 0
    assert before[2]["sessions"]["total_sessions"] == 1
    close_days(old_in_utc)
    assert [ask(old_in_utc, query) for query in QUERIES] == before


def test_it_keeps_when_they_began(old_in_utc: Actor) -> None:
    rows = old_in_utc.installation.rows("SELECT started_at FROM ph_visits ORDER BY 1")
    assert [str(row["started_at"]) for row in rows] == [
        "2026-02-20 23:59:59",
        "2026-02-22 09:59:59",
    ]
