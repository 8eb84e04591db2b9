"""import micrologs brings the audit logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app.audit import import_store
from app.commands.import_micrologs import import_micrologs
from app.db import micrologs_audit
from app.problems import Problem
from tests.audit.log import logs, table, verified
from tests.commands.micrologs import (
    PUBLIC_KEY,
    SECRET_KEY,
    ZONE,
    Micrologs,
)
from tests.conftest import Actor, Installation
from tests.db.proxy import CommitLosingProxy
from tests.mariadb_server import MariadbServer

AT = datetime(2026, 3, 1, 12)


class Source(Micrologs):
    """A Micrologs with two projects, and audit logs that a test puts in."""

    def log(self, action: str, project_id: int = 7, **more: Any) -> None:
        row = {"actor": "anna", "context": None, "created_at": AT, **more}
        self.insert(
            "audit_logs",
            project_id=project_id,
            action=action,
            ip_hash="c0ffee" * 10,
            **row,
        )


@pytest.fixture(scope="module")
def empty_source(mariadb: MariadbServer) -> Iterator[Source]:
    keys = ((7, SECRET_KEY, PUBLIC_KEY), (8, "6" * 64, "8" * 32))
    with Source.made(mariadb, "micrologs_audit") as made:
        for number, secret_key, public_key in keys:
            made.insert(
                "projects",
                id=number,
                name=f"Old {number}",
                secret_key=secret_key,
                public_key=public_key,
                allowed_domains="old.example",
                is_active=1,
                created_at=AT,
                updated_at=AT,
            )
        yield made


@pytest.fixture
def source(empty_source: Source) -> Source:
    empty_source.run("DELETE FROM audit_logs")
    return empty_source


@pytest.fixture
def old(installation: Installation) -> Actor:
    """The project that the import makes."""
    return Actor(
        installation, id=7, name="Old", public_key=PUBLIC_KEY, secret_key=SECRET_KEY
    )


def _import(actor: Actor, source: Source) -> str:
    return import_micrologs(actor.installation.config, source.url, ZONE)


def test_it_brings_entries_in_their_order_with_their_times(
    old: Actor, source: Source
) -> None:
    source.log("login", context='{"from": "mobile", "name": "\\u00e9"}')
    source.log("theirs", project_id=8)
    source.log("logout", actor=None, context="[]", created_at=datetime(2026, 3, 1, 9))
    report = _import(old, source)
    assert f"  audit entries{2:>21}{2:>12}" in report
    assert logs(old) == [
        ("login", "anna", {"from": "mobile", "name": "é"}),
        ("logout", "", []),
    ]
    data = old.get("/api/analytics/audits?range=7d").data
    assert [(row["id"], row["created_at"]) for row in data["logs"]] == [
        (1, "2026-03-01 12:00:00"),
        (2, "2026-03-01 09:00:00"),
    ]
    assert table(old)[0]["at"] == datetime(2026, 3, 1, 11)
    assert "c0ffee" not in repr(table(old))
    assert old.log("new").data["id"] == 3
    found = verified(old)
    assert (found["valid"], found["entries"], found["kept_seq"]) == (True, 3, 3)


def test_it_takes_what_is_odd(old: Actor, source: Source) -> None:
    for context in ("", "null", "not JSON", '"text"', "[" * 2000, '{"x": 1e999}'):
        source.log("é" * 60, context=context)
    source.log("")
    source.log("audit.erased", context='{"seqs": [1]}')
    _import(old, source)
    found = [context for _, _, context in reversed(logs(old))]
    assert found[:4] == [None, None, ["not JSON"], ['"text"']]
    assert found[4:6] == [["[" * 2000], ['{"x": 1e999}']]
    actions = [action for action, *_ in reversed(logs(old))]
    assert actions[0] == "é" * 50
    assert actions[6:] == ["unknown", "audit.erased (imported)"]
    assert verified(old)["valid"]


def test_it_brings_nothing_twice_and_what_is_new_later(
    old: Actor, source: Source
) -> None:
    source.log("one")
    _import(old, source)
    old.log("own")
    _import(old, source)
    source.log("two")
    report = _import(old, source)
    assert f"  audit entries{2:>21}{3:>12}" in report
    actions = [row["action"] for row in table(old)]
    assert actions == ["one", "own", "two"]
    assert verified(old)["valid"]


def test_it_goes_on_where_it_was_cut_off(
    old: Actor, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        source.log(str(number))
    sliced = micrologs_audit.LIST_LOGS.replace("LIMIT 500", "LIMIT 3")
    assert sliced != micrologs_audit.LIST_LOGS
    monkeypatch.setattr(micrologs_audit, "LIST_LOGS", sliced)
    set_mark = import_store.set_mark
    calls = []

    def fail_at_second(*values: Any) -> bool:
        calls.append(values)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return set_mark(*values)

    with monkeypatch.context() as patch:
        patch.setattr(import_store, "set_mark", fail_at_second)
        with pytest.raises(KeyboardInterrupt):
            _import(old, source)
    assert len(table(old)) == 3
    _import(old, source)
    assert [row["action"] for row in table(old)] == [str(n) for n in range(7)]
    assert verified(old)["valid"]


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_it_brings_them_once_when_the_answer_to_commit_is_lost(
    old: Actor, source: Source, mariadb: MariadbServer
) -> None:
    _import(old, source)
    source.log("one")
    proxy = CommitLosingProxy(mariadb.port)
    try:
        url = f"mysql://root@127.0.0.1:{proxy.port}/porthole"
        there = old.installation.with_settings(database_url=url)
        import_micrologs(there.config, source.url, ZONE)
    finally:
        proxy.close()
    assert proxy.lost == 1
    assert [row["action"] for row in table(old)] == ["one"]
    assert verified(old)["valid"]


def test_it_stops_if_another_import_is_running(
    old: Actor, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.log("one")
    _import(old, source)
    mark = {"audit_id": 0, "timezone": ZONE}
    monkeypatch.setattr(import_store, "get_mark", lambda db, key: mark)
    with pytest.raises(Problem, match="Another import of this project is running"):
        _import(old, source)
    assert len(table(old)) == 1


def test_it_does_without_audit_logs(old: Actor, source: Source) -> None:
    source.run("RENAME TABLE audit_logs TO elsewhere")
    try:
        assert "audit entries" not in _import(old, source)
    finally:
        source.run("RENAME TABLE elsewhere TO audit_logs")
    assert table(old) == []
