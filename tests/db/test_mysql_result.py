"""Rows and values as PyMySQL itself reads and writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pymysql
import pytest

from app import db
from tests.mariadb_server import MariadbServer

VALUES = {
    "nothing": None,
    "yes": True,
    "number": -(2**62),
    "fraction": 1.5,
    "exact": Decimal("12.50"),
    "text": "a'b\\'c\"d\n\x00%s \U0001f600",
    "empty": "",
    "long": "é" * 40_000,
    "bytes": b"\x00'\\\xff",
    "day": date(1000, 1, 1),
    "at": datetime(2026, 3, 1, 2, 3, 4),
    "exactly_at": datetime(2026, 3, 1, 2, 3, 4, 50),
}
SELECT = "SELECT " + ", ".join(f"%({name})s AS `{name}`" for name in VALUES)
EVERY_TYPE = """
SELECT CAST('2026-03-01' AS DATE) AS day, TIMESTAMP('2026-03-01 02:03:04') AS at,
  CAST('02:03:04' AS TIME) AS clock, TIMESTAMP('2026-03-01 02:03:04.5') AS half,
  CAST('0000-00-00' AS DATE) AS no_day, CAST(1.50 AS DECIMAL(9, 2)) AS exact,
  SUM(3) AS total, AVG(2) AS average, 1.5e0 AS fraction, CAST(7 AS UNSIGNED) AS seven,
  X'00FF' AS bytes, JSON_OBJECT('a', 'é') AS json, REPEAT('x', 300) AS three_hundred,
  REPEAT('y', 70000) AS seventy_thousand, '' AS empty, NULL AS nothing
"""


@pytest.fixture
def database(mariadb_url: str) -> Iterator[db.Database]:
    connected = db.connect(mariadb_url, 5)
    yield connected
    connected.close()


def _plain(mariadb: MariadbServer, sql: str, values: object = None) -> object:
    with mariadb.connect() as connection:
        with connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()


def test_it_writes_values_as_pymysql_does(
    database: db.Database, mariadb: MariadbServer
) -> None:
    found = database.one(SELECT, VALUES)
    assert found == _plain(mariadb, SELECT, VALUES)
    assert found["text"] == VALUES["text"]
    assert found["long"] == VALUES["long"]


def test_it_reads_every_type_as_pymysql_does(
    database: db.Database, mariadb: MariadbServer
) -> None:
    expected = _plain(mariadb, EVERY_TYPE)
    for _ in range(2):
        found = database.one(EVERY_TYPE)
        assert found == expected
        assert isinstance(found["total"], int)
        assert isinstance(found["average"], float)


def test_it_reads_a_column_that_has_become_another(database: db.Database) -> None:
    database.define("CREATE TEMPORARY TABLE changing (value INT)")
    database.run("INSERT INTO changing VALUES (%(value)s)", {"value": 7})
    assert database.all("SELECT value FROM changing") == [{"value": 7}]
    database.define("ALTER TABLE changing MODIFY value VARCHAR(9)")
    assert database.all("SELECT value FROM changing") == [{"value": "7"}]
    database.define("ALTER TABLE changing MODIFY value VARBINARY(9), ADD other INT")
    row = {"value": b"7", "other": None}
    assert database.all("SELECT * FROM changing") == [row]
    assert database.columns("SELECT * FROM changing") == ["value", "other"]
    assert database.all("SELECT * FROM changing WHERE other = 1") == []


def test_it_knows_very_many_statements(database: db.Database) -> None:
    for number in [*range(300), *range(300)]:
        name = f"column_{number}"
        assert database.one(f"SELECT {number} AS {name}") == {name: number}
