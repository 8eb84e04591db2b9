"""GET /api/audit/verify."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.audit import endpoints, store
from tests.audit.log import change, problem, table, verified
from tests.conftest import Actor


@pytest.fixture
def long_log(alice: Actor, charlie: Actor) -> Actor:
    """Alice with ten entries, and a stranger's log that must not matter."""
    for number in range(10):
        alice.log(f"action {number}", actor="anna", context={"n": number})
        charlie.log(f"action {number}", actor="anna", context={"n": number})
    assert verified(alice)["valid"]
    return alice


def _of(actor: Actor, *seqs: int) -> str:
    return f"project_id = {actor.id} AND seq IN ({', '.join(map(str, seqs))})"


def _shift(actor: Actor, first: int, step: int) -> list[str]:
    """Return what gives the entries from ``first`` on other numbers."""
    mine = f"project_id = {actor.id}"
    return [
        f"UPDATE ph_audit SET seq = seq + 1000 WHERE {mine} AND seq >= {first}",
        f"UPDATE ph_audit SET seq = seq - {1000 - step} WHERE {mine} AND seq >= 1000",
        f"UPDATE ph_audit_heads SET seq = seq + {step} WHERE {mine}",
    ]


COPY = (
    "INSERT INTO ph_audit SELECT project_id, {to}, {to}, at, day, 'forged', actor,"
    " context, salt, payload_digest, previous, hash, erased_by FROM ph_audit"
    " WHERE project_id = {project} AND seq = {seq}"
)


def _forget_kept(actor: Actor) -> None:
    Path(actor.installation.config.var, "audit", str(actor.id)).unlink()


def test_it_says_what_it_found_right(alice: Actor) -> None:
    empty = verified(alice)
    assert empty == {
        "valid": True,
        "entries": 0,
        "erased": 0,
        "head": {"seq": 0, "hash": ""},
        "kept_seq": None,
        "kept_problem": None,
        "first_problem": None,
        "complete": True,
        "verified_to": 0,
    }
    alice.log()
    made = alice.log().data
    assert verified(alice) == {
        **empty,
        "entries": 2,
        "head": {"seq": 2, "hash": made["hash"]},
        "kept_seq": 2,
        "verified_to": 2,
    }


@pytest.mark.parametrize(
    "edit",
    [
        "action = 'nothing'",
        "actor = 'bert'",
        "actor = 'Anna'",
        "actor = 'anna '",
        "context = '{\"n\":5}'",
        "context = NULL",
        "at = '2026-03-04 12:00:01'",
        "day = '2026-03-03'",
        "salt = ''",
        "hash = payload_digest",
        "payload_digest = previous",
        "previous = payload_digest",
        "action = '', actor = '', context = NULL, salt = '', erased_by = 2",
        "action = '', actor = '', context = NULL, salt = '', erased_by = 99",
    ],
)
def test_it_finds_an_edited_row(long_log: Actor, edit: str) -> None:
    change(long_log, f"UPDATE ph_audit SET {edit} WHERE {_of(long_log, 7)}")
    assert problem(long_log) == ("changed", 7)
    found = verified(long_log)
    assert (found["verified_to"], found["complete"]) == (6, False)


def test_it_finds_the_last_row_edited(long_log: Actor) -> None:
    change(long_log, f"UPDATE ph_audit SET at = day WHERE {_of(long_log, 10)}")
    assert problem(long_log) == ("changed", 10)


@pytest.mark.parametrize("seqs", [(1,), (5,), (5, 6, 7), (9,)])
def test_it_finds_a_removed_row(long_log: Actor, seqs: tuple[int, ...]) -> None:
    change(long_log, f"DELETE FROM ph_audit WHERE {_of(long_log, *seqs)}")
    assert problem(long_log) == ("removed", seqs[0])
    message = verified(long_log)["first_problem"]["message"]
    assert str(seqs[-1]) in message
    assert message.endswith("missing.")


def test_it_finds_a_removed_row_whose_gap_was_closed(long_log: Actor) -> None:
    change(
        long_log,
        f"DELETE FROM ph_audit WHERE {_of(long_log, 5)}",
        *_shift(long_log, 6, -1),
    )
    assert problem(long_log) == ("reordered", 5)


@pytest.mark.parametrize("seqs", [(10,), (8, 9, 10)])
def test_it_finds_the_newest_removed(long_log: Actor, seqs: tuple[int, ...]) -> None:
    change(long_log, f"DELETE FROM ph_audit WHERE {_of(long_log, *seqs)}")
    assert problem(long_log) == ("newest_removed", seqs[0])


def _remove_newest(actor: Actor) -> None:
    """Remove the newest entries without a trace in the database."""
    left = table(actor)[6]
    where = f"project_id = {actor.id}"
    change(
        actor,
        f"DELETE FROM ph_audit WHERE {where} AND seq > 7",
        f"UPDATE ph_audit_heads SET seq = 7, hash = '{left['hash']}' WHERE {where}",
    )


def test_it_finds_the_newest_removed_with_their_head(long_log: Actor) -> None:
    _remove_newest(long_log)
    assert problem(long_log) == ("newest_removed", 8)
    # Others in their place do not make up for them, however many there are.
    for seq in range(8, 13):
        assert long_log.log().data["id"] == seq
    assert problem(long_log) == ("newest_removed", 10)


def test_it_cannot_find_them_without_the_kept_head(long_log: Actor) -> None:
    _remove_newest(long_log)
    _forget_kept(long_log)
    assert verified(long_log)["valid"]
    assert verified(long_log)["kept_seq"] is None


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 128, None])
def test_it_says_that_the_kept_head_cannot_be_read(
    long_log: Actor, content: bytes | None
) -> None:
    """Else who wants to remove entries unseen would only have to break the file."""
    _remove_newest(long_log)
    path = Path(long_log.installation.config.var, "audit", str(long_log.id))
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    found = verified(long_log)
    assert found["kept_seq"] is None
    assert found["kept_problem"].startswith(
        f"The file var/audit/{long_log.id} cannot be read ("
    )


def test_it_finds_the_whole_log_removed(long_log: Actor) -> None:
    where = f"WHERE project_id = {long_log.id}"
    change(
        long_log, f"DELETE FROM ph_audit {where}", f"DELETE FROM ph_audit_heads {where}"
    )
    assert problem(long_log) == ("newest_removed", 1)


def test_it_takes_no_file_of_another_project_with_this_id(long_log: Actor) -> None:
    where = f"WHERE project_id = {long_log.id}"
    change(
        long_log,
        f"DELETE FROM ph_audit {where}",
        f"DELETE FROM ph_audit_heads {where}",
    )
    path = Path(long_log.installation.config.var, "audit", str(long_log.id))
    ours = path.read_text()
    path.write_text(ours.replace(long_log.public_key, "0" * len(long_log.public_key)))
    assert verified(long_log)["valid"]
    long_log.log()
    assert verified(long_log)["kept_seq"] == 1
    # What the other one left is not lost by it.
    assert path.read_text().startswith(ours[:80])


def test_it_finds_the_head_removed_or_edited(long_log: Actor) -> None:
    where = f"WHERE project_id = {long_log.id}"
    change(long_log, f"UPDATE ph_audit_heads SET hash = 'x' {where}")
    assert problem(long_log) == ("changed", 10)
    change(long_log, f"UPDATE ph_audit_heads SET seq = 8 {where}")
    assert problem(long_log) == ("changed", 10)
    change(long_log, f"DELETE FROM ph_audit_heads {where}")
    assert problem(long_log) == ("newest_removed", 11)


@pytest.mark.parametrize("seq", [2**63 - 1, 2**53, 5_000_000, 11, 10, 4, 0, -1])
def test_it_goes_on_from_the_newest_row_whatever_the_head_says(
    long_log: Actor, seq: int
) -> None:
    where = f"WHERE project_id = {long_log.id}"
    change(long_log, f"UPDATE ph_audit_heads SET seq = {seq}, hash = 'x' {where}")
    found = ("newest_removed", 11) if seq > 10 else ("changed", 10)
    assert problem(long_log) == found
    for number in (11, 12):
        assert long_log.log().data["id"] == number
    # The head stays as it was found: it may be all that tells of rows removed.
    found = ("newest_removed", 13) if seq > 12 else ("changed", 12)
    assert problem(long_log) == found
    assert verified(long_log)["entries"] == 12
    hashed = table(long_log)[-1]["hash"]
    change(long_log, f"UPDATE ph_audit_heads SET seq = 12, hash = '{hashed}' {where}")
    assert verified(long_log)["valid"]
    long_log.log()
    assert verified(long_log)["valid"]


def test_it_does_not_forget_rows_removed_before_others_came(long_log: Actor) -> None:
    change(long_log, f"DELETE FROM ph_audit WHERE {_of(long_log, 8, 9, 10)}")
    _forget_kept(long_log)
    assert long_log.log().data["id"] == 8
    assert problem(long_log) == ("newest_removed", 9)
    for number in range(9, 12):
        assert long_log.log().data["id"] == number
    assert problem(long_log) == ("changed", 11)


@pytest.mark.parametrize(("first", "second"), [(3, 8), (4, 5), (1, 10), (1, 2)])
def test_it_finds_two_rows_swapped(long_log: Actor, first: int, second: int) -> None:
    mine = f"UPDATE ph_audit SET seq = {{}} WHERE project_id = {long_log.id} AND seq = "
    change(
        long_log,
        mine.format(99) + str(first),
        mine.format(first) + str(second),
        mine.format(second) + "99",
    )
    assert problem(long_log) == ("reordered", first)
    message = verified(long_log)["first_problem"]["message"]
    assert message == f"The entry in place {first} was written as entry {second}."


@pytest.mark.parametrize("seq", [1, 4, 10])
def test_it_finds_a_row_inserted_between(long_log: Actor, seq: int) -> None:
    copy = COPY.format(project=long_log.id, to=seq, seq=seq + 1)
    change(long_log, *_shift(long_log, seq, 1), copy)
    assert problem(long_log) == ("inserted", seq)
    change(long_log, f"UPDATE ph_audit SET hash = salt WHERE {_of(long_log, seq)}")
    assert problem(long_log) == ("inserted", seq)


def test_it_finds_a_row_inserted_at_the_end(long_log: Actor) -> None:
    change(long_log, COPY.format(project=long_log.id, to=11, seq=10))
    kind, seq = problem(long_log)
    assert seq == 11
    assert kind in ("inserted", "reordered")
    change(long_log, f"UPDATE ph_audit SET hash = salt WHERE {_of(long_log, 11)}")
    assert problem(long_log) == ("inserted", 11)
    # And later entries do not make it a part of the log.
    assert long_log.log().data["id"] == 12
    assert problem(long_log)[1] == 11


def test_it_does_not_take_a_row_of_another_project(
    long_log: Actor, charlie: Actor
) -> None:
    theirs = COPY.format(project=charlie.id, to=5, seq=5).replace("'forged'", "action")
    change(
        long_log,
        f"DELETE FROM ph_audit WHERE {_of(long_log, 5)}",
        theirs.replace("SELECT project_id", f"SELECT {long_log.id}"),
    )
    assert problem(long_log) == ("changed", 5)
    assert verified(charlie)["valid"]


def test_it_says_that_the_secret_is_another(long_log: Actor) -> None:
    other = long_log.installation.with_settings(secret=b"x" * 40)
    twin = long_log.through(other)
    assert problem(twin) == ("wrong_secret", 1)
    assert "the secret in config.ini" in verified(twin)["first_problem"]["message"]


def test_it_walks_in_slices_and_goes_on_where_it_was(
    long_log: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sliced = store.LIST_SLICE.replace("LIMIT 1000", "LIMIT 4")
    assert sliced != store.LIST_SLICE
    monkeypatch.setattr(store, "LIST_SLICE", sliced)
    assert verified(long_log)["entries"] == 10
    monkeypatch.setattr(endpoints, "SECONDS_A_REQUEST", -1)
    found, entries = verified(long_log), 4
    while not found["complete"]:
        assert found["valid"]
        found = verified(long_log, f"from={found['verified_to'] + 1}")
        entries += found["entries"]
    assert (found["verified_to"], entries) == (10, 10)
    change(long_log, f"UPDATE ph_audit SET actor = 'x' WHERE {_of(long_log, 4)}")
    assert problem(long_log, "from=3") == ("changed", 4)
    assert verified(long_log, "from=9")["valid"]
    change(long_log, f"DELETE FROM ph_audit WHERE {_of(long_log, 6)}")
    assert problem(long_log, "from=7") == ("removed", 6)


def test_it_does_not_call_valid_what_is_not_there(long_log: Actor) -> None:
    assert verified(long_log, "from=10")["entries"] == 1
    for start in (11, 1000000):
        answer = long_log.get(f"/api/audit/verify?from={start}")
        assert (answer.status, answer.json["field"]) == (400, "from")
    _remove_newest(long_log)
    assert problem(long_log, "from=11") == ("newest_removed", 8)


@pytest.mark.parametrize("seq", [0, -5])
def test_it_finds_a_row_before_the_first(long_log: Actor, seq: int) -> None:
    change(
        long_log,
        COPY.format(project=long_log.id, to=seq, seq=3),
        f"UPDATE ph_audit SET hash = '' WHERE {_of(long_log, seq)}",
    )
    assert problem(long_log) == ("inserted", seq)
    assert problem(long_log, "from=5") == ("inserted", seq)
    change(long_log, f"DELETE FROM ph_audit WHERE {_of(long_log, seq)}")
    assert verified(long_log)["valid"]


def test_it_checks_a_receipt_that_somebody_kept(long_log: Actor) -> None:
    kept = table(long_log)[8]
    receipt = f"seq=9&hash={kept['hash']}"
    assert verified(long_log, receipt)["valid"]
    assert verified(
        long_log, receipt.upper().replace("SEQ", "seq").replace("HASH", "hash")
    )["valid"]
    assert problem(long_log, f"seq=8&hash={kept['hash']}") == ("changed", 8)
    _remove_newest(long_log)
    _forget_kept(long_log)
    assert problem(long_log, receipt) == ("newest_removed", 8)
    for _ in range(3):
        long_log.log()
    assert problem(long_log, receipt) == ("changed", 9)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=0", "from"),
        ("from=-1", "from"),
        ("from=x", "from"),
        ("from=", "from"),
        ("seq=1", "hash"),
        ("seq=1&hash=x", "hash"),
        ("hash=" + "0" * 64, "seq"),
        ("seq=0&hash=" + "0" * 64, "seq"),
        ("to=5", "to"),
    ],
)
def test_it_names_what_it_cannot_take(alice: Actor, query: str, field: str) -> None:
    answer = alice.get("/api/audit/verify?" + query)
    assert answer.status == 400
    assert answer.json["field"] == field
