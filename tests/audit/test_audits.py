"""GET /api/analytics/audits."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from tests.audit.log import logs
from tests.conftest import Actor

AUDITS = "/api/analytics/audits"


@pytest.fixture
def busy_alice(alice: Actor, charlie: Actor) -> Actor:
    """A project with a few entries of three days."""
    for days, action, actor, context in (
        (2, "login", "anna", None),
        (2, "login", "Bert", {"from": "mobile"}),
        (1, "invoice.paid", "anna", {"amount": 5, "by": "50%_off"}),
        (0, "login", "anna", {"path": 'C:\\dir "x"', "name": "MÜLLER"}),
        (0, "logout", "anna", ["é"]),
    ):
        alice.installation.clock.move(seconds=1)
        alice.log(action, actor=actor, context=context, age=days * 86400)
    charlie.log("login", actor="anna")
    return alice


def _ask(actor: Actor, query: str) -> list[str]:
    return [f"{action} {who}" for action, who, _ in logs(actor, query)]


def test_it_answers_as_the_contract_says(busy_alice: Actor) -> None:
    answer = busy_alice.get(AUDITS + ".php?range=7d&limit=2")
    assert answer.json["message"] == "Audit logs fetched successfully"
    data = answer.data
    assert data["range"]["to"] == "2026-03-04 23:59:59"
    assert data["count"] == 2
    assert data["top_actions"] == [
        {"action": "login", "count": 3},
        {"action": "invoice.paid", "count": 1},
        {"action": "logout", "count": 1},
    ]
    newest = {
        "id": 5,
        "action": "logout",
        "actor": "anna",
        "context": ["é"],
        "created_at": "2026-03-04 12:00:05",
    }
    assert newest.items() <= data["logs"][0].items()


def test_it_shows_the_range_by_the_time_of_the_entries(busy_alice: Actor) -> None:
    assert _ask(busy_alice, "range=yesterday") == ["invoice.paid anna"]
    assert len(_ask(busy_alice, "range=2d")) == 3
    days = "from=2026-03-02&to=2026-03-02"
    assert _ask(busy_alice, days) == ["login Bert", "login anna"]
    assert len(_ask(busy_alice, "range=all")) == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=login", [4, 2, 1]),
        ("action=LOGIN", []),
        ("actor=anna", [5, 4, 3, 1]),
        ("actor=anna&action=login", [4, 1]),
        ("text=bert", [2]),
        ("text=OBIL", [2]),
        ("text=invoice.", [3]),
        ("text=invoice_", []),
        ("text=50%25_", [3]),
        ("text=%25", [3]),
        ("text=%21", []),
        ("text=m%C3%BCller", [4]),
        ("text=c:%5Cdir+%22", [4]),
        ("text=%22amount%22:5", [3]),
        ("text=anna&action=logout", [5]),
        ("text=%27+OR+1%3D1+--", []),
        ("action=&actor=&text=", [5, 4, 3, 2, 1]),
    ],
)
def test_it_filters(busy_alice: Actor, query: str, found: list[int]) -> None:
    data = busy_alice.get(f"{AUDITS}?range=7d&{query}").data
    assert [row["id"] for row in data["logs"]] == found
    assert data["count"] == data["total"] == len(found)
    # Of the whole range, whatever is asked.
    assert data["top_actions"][0] == {"action": "login", "count": 3}


def test_it_takes_micrologs_filters_and_ignores_others(busy_alice: Actor) -> None:
    data = busy_alice.get(AUDITS + ".php?actor=Bert&text=nothing&x=1&limit=999").data
    assert [row["id"] for row in data["logs"]] == [2]


def test_it_shows_page_by_page(busy_alice: Actor) -> None:
    pages = [_ask(busy_alice, f"limit=2&page={page}") for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert sum(pages, []) == _ask(busy_alice, "range=all")
    data = busy_alice.get(AUDITS + "?limit=2&page=3").data
    assert (data["count"], data["total"]) == (1, 5)


def test_it_shows_entries_of_one_second_in_their_order(alice: Actor) -> None:
    for number in range(5):
        alice.log(str(number))
    assert [action for action, *_ in logs(alice)] == ["4", "3", "2", "1", "0"]


def test_it_shows_50_rows_and_at_most_1000(alice: Actor) -> None:
    for number in range(51):
        alice.log(str(number))
    assert len(logs(alice)) == 50
    assert len(logs(alice, "limit=1000")) == 51
    assert alice.get(AUDITS + "?limit=1001").json["field"] == "limit"
    assert alice.get(AUDITS + ".php").data["count"] == 50


def test_it_speaks_csv(busy_alice: Actor) -> None:
    busy_alice.log("=cmd()", actor="+1", context={"a": "b,c"})
    answer = busy_alice.get(AUDITS + "?format=csv&range=today")
    assert answer.headers["Content-Type"].startswith("text/csv")
    text = answer.body.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {
        "id": "6",
        "action": "'=cmd()",
        "actor": "'+1",
        "context": '{"a":"b,c"}',
        "created_at": "2026-03-04 12:00:05",
        "erased": "False",
    }
    assert [row["context"] for row in rows[1:]] == [
        '["é"]',
        '{"path":"C:\\\\dir \\"x\\"","name":"MÜLLER"}',
    ]


@pytest.mark.parametrize(
    "parameter", ["colour=red", "compare=previous", "interval=day", "range=x", "page=0"]
)
def test_it_names_what_it_cannot_take(alice: Actor, parameter: str) -> None:
    answer = alice.get(f"{AUDITS}?{parameter}")
    assert answer.status == 400
    assert answer.json["field"] == parameter.partition("=")[0]


def test_it_shows_local_days(create_project: Callable[..., Actor]) -> None:
    alice = create_project("Alice", ["alice.example"], timezone="Pacific/Auckland")
    alice.log("tomorrow already")
    assert alice.get(AUDITS + "?range=today").data["range"]["from"] == (
        "2026-03-05 00:00:00"
    )
    assert len(logs(alice, "range=today")) == 1


def test_it_wants_the_secret_key(alice: Actor) -> None:
    headers = {"X-API-Key": alice.public_key}
    assert alice.installation.call("GET", AUDITS, headers=headers).status == 401
