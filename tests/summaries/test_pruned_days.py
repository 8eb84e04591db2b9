"""Reports about days whose rows are deleted, wholly or in part: an answer, always."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest

from app.summaries import chores
from tests.conftest import Actor
from tests.examples import make_link
from tests.summaries.days import REPORTS, Crowd, ask
from tests.wsgi import BROWSER

DAYS = 10
GONE = {"from": "2026-03-01", "to": "2026-03-05"}
SPANS = (GONE, {"range": "1d"}, {"range": "all"})
CHROME = {"filter[browser]": "Chrome"}
MANNERS = (
    {},
    CHROME,
    {"interval": "hour"},
    {"interval": "hour", **CHROME},
    {"interval": "week", **CHROME},
    {"interval": "month"},
    {"compare": "previous", "filter[page]": "/1"},
    {"compare": "year"},
    {"format": "csv"},
    {"format": "csv", **CHROME},
    {"limit": "1", "page": "2"},
)


def _fill(alice: Actor) -> str:
    """Have traffic on days that are deleted and later ones; return a link's code."""
    clock = alice.installation.clock
    code = make_link(alice)
    alice.installation.call("GET", f"/l/{code}", headers=BROWSER)
    Crowd(alice, 3).views(20)
    clock.move(days=60)
    Crowd(alice, 4).views(5)
    clock.move(days=4)
    edit = {"id": alice.id, "retention_days": DAYS}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    assert chores.run(alice.installation.db, 0, clock(), 60).is_complete
    alice.installation.db.rest()
    return code


@pytest.mark.parametrize("identity", ["cookieless", "cookie"])
def test_it_answers_in_every_manner(alice: Actor, identity: str) -> None:
    edit = {"id": alice.id, "identity": identity}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    code = _fill(alice)
    asked: list[tuple[str, dict[str, str]]] = [
        (report, {}) for report in (*REPORTS, "bots", "links", "errors")
    ]
    asked.append(("link-detail", {"code": code}))
    failed = []
    for report, more in asked:
        for span in SPANS:
            for manner in MANNERS:
                query = urlencode({**span, **manner, **more})
                answer = alice.get(f"/api/analytics/{report}?{query}")
                if not _may_be(answer.status, answer.body, manner):
                    failed.append((report, query, answer.status, answer.body))
    assert not failed, failed[:3]


def _may_be(status: int, body: bytes, manner: dict[str, str]) -> bool:
    """Return whether it answers, or refuses what it does not take, by its name."""
    if status != 400:
        return status == 200
    return bool(json.loads(body)["field"] in manner)


def test_it_says_that_none_of_the_days_is_there(alice: Actor) -> None:
    code = _fill(alice)
    gone, chrome = urlencode(GONE), urlencode(CHROME)
    found = ask(alice, f"{gone}&{chrome}")
    assert all("days" in one["incomplete"]["missing"] for one in found.values())
    assert found["visitors"]["over_time"] == found["pages"]["pages"] == []
    assert found["visitors"]["total_pageviews"] == 0
    detail = alice.get(f"/api/analytics/link-detail?{gone}&code={code}").data
    assert detail["incomplete"]["missing"] == ["days"]
    assert (detail["total_clicks"], detail["over_time"]) == (0, [])


def test_it_answers_if_there_are_gaps_in_what_is_deleted(alice: Actor) -> None:
    _fill(alice)
    db, first = alice.installation.db, date(2026, 3, 6)
    gaps = [{"day": first + timedelta(days=2 * number)} for number in range(20)]
    db.transaction(lambda: db.many("DELETE FROM ph_days WHERE day = %(day)s", gaps))
    answer = alice.get("/api/analytics/visitors?from=2026-03-04&to=2026-04-20")
    assert answer.status == 200
    assert answer.data["total_pageviews"] > 0
