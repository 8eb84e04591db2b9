"""PyMySQL in a process of its own: half of what it imports is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from app.config import ROOT
from tests.mariadb_server import MariadbServer

PASSWORD = "p%ss [w@rd]"

# What is done with one connection; it answers with what each step made of it.
SCRIPT = """
import datetime, json, sys
from app import db
database = db.connect(sys.argv[1], 5, 1)
said = {}
database.run("CREATE TEMPORARY TABLE t (at DATETIME, name VARCHAR(20), size INT)")
at = datetime.datetime(2026, 2, 28, 23, 59, 59)
insert = "-- t.INSERT\\nINSERT INTO t VALUES (%(at)s, %(name)s, %(size)s)"
rows = [{"at": at, "name": name, "size": size} for name, size in (("a'", 1), ("b", 2))]
database.many(insert, rows)
[row] = database.all("SELECT MAX(at) AS at, SUM(size) AS sum, 0.5 AS half FROM t")
said["at"] = row["at"] == at
said["numbers"] = [row["sum"], row["half"]]
database.run("SET sql_mode = ''")
database.run("UPDATE t SET at = 'never'")
said["never"] = database.one("SELECT at FROM t")["at"]
try:
    database.read(lambda: database.all("SELECT SLEEP(3)"))
except db.DatabaseAway as error:
    said["away"] = str(error)
said["again"] = database.one("SELECT 1 AS one")["one"]
database.close()
try:
    db.connect("mysql://x@localhost/y?unix_socket=/nowhere", 5).one("SELECT 1")
except db.DatabaseAway as error:
    said["nowhere"] = str(error)
said["loaded"] = sorted(sys.modules)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def server(mariadb: MariadbServer) -> Iterator[MariadbServer]:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS lean")
        for account in ("lean", "lean@localhost"):
            made = f"CREATE OR REPLACE USER {account} IDENTIFIED BY %s"
            cursor.execute(made, (PASSWORD,))
            cursor.execute(f"GRANT ALL ON lean.* TO {account}")
        yield mariadb
        for account in ("lean", "lean@localhost"):
            cursor.execute(f"DROP USER {account}")
        cursor.execute("DROP DATABASE lean")


def _run(url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-X", "frozen_modules=off", "-c", SCRIPT, url],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize("tcp", [False, True])
def test_it_works_without_what_was_left_out(server: MariadbServer, tcp: bool) -> None:
    account = f"lean:{quote(PASSWORD, safe='')}"
    url = server.url("lean", tcp).replace("//root@", f"//{account}@")
    said = _run(url)
    assert said["at"] is True
    assert said["numbers"] == [3, 0.5]
    assert said["never"] == "0000-00-00 00:00:00"
    assert "timed out" in said["away"]
    assert said["again"] == 1
    assert "No such file" in said["nowhere"]
    assert {"decimal", "ssl", "traceback", "_hashlib"}.isdisjoint(said["loaded"])
