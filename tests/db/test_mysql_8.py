"""What MySQL 8 would refuse: none is at hand, so a parser of its grammar looks.

The parser itself lets much pass that only MariaDB knows; the rules are here.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.dialects.mysql import MySQL

from app.config import ROOT
from tests.db.test_statements import CONSTANTS

SCHEMA = sorted((Path(ROOT) / "sql").glob("*.sql"))
RESERVED = MySQL.generator_class.RESERVED_KEYWORDS | {"manual", "parallel", "qualify"}
STATEMENTS = (
    *(exp.Create, exp.Alter, exp.Set, exp.Insert, exp.Update, exp.Delete),
    *(exp.Select, exp.Union, exp.Show),
)
TYPES = set(
    "CHAR VARCHAR TEXT MEDIUMTEXT BINARY VARBINARY BLOB MEDIUMBLOB TINYINT UTINYINT"
    " SMALLINT USMALLINT MEDIUMINT UMEDIUMINT INT UINT BIGINT UBIGINT DATE DATETIME"
    " DOUBLE".split()
)
WITHOUT_DEFAULT = {"TEXT", "MEDIUMTEXT", "BLOB", "MEDIUMBLOB"}
COLLATIONS = {"utf8mb4_unicode_ci", "utf8mb4_bin", "ascii_bin"}


def faults(sql: str) -> list[str]:
    """Return what MySQL 8 would not take, in words."""
    # It parses INSERT only; the rest of the two is the same.
    sql = re.sub(r"\bREPLACE INTO\b", "INSERT INTO", sql)
    sql = re.sub(r"\bINDEX \(PRIMARY\)", "INDEX (`PRIMARY`)", sql)
    found: list[str] = []
    for statement in sqlglot.parse(sql, read="mysql"):
        if not isinstance(statement, STATEMENTS):
            found.append(f"not understood: {sql[:60]}")
            continue
        if statement.args.get("returning"):
            found.append("RETURNING")
        if isinstance(statement, exp.Create) and (
            statement.kind != "TABLE" or statement.args.get("replace")
        ):
            found.append(f"CREATE {statement.kind}")
        if isinstance(statement, exp.Alter) and statement.args.get("exists"):
            found.append("IF EXISTS in ALTER TABLE")
        for node in statement.walk():
            found += _faults_of(node)
    return found


def _faults_of(node: exp.Expression) -> list[str]:
    if isinstance(node, exp.Identifier):
        is_reserved = not node.quoted and node.name.lower() in RESERVED
        return [f"reserved: {node.name}"] if is_reserved else []
    if isinstance(node, exp.ColumnDef):
        return _faults_of_column(node)
    if isinstance(node, (exp.CollateProperty, exp.CollateColumnConstraint)):
        return [] if node.this.name in COLLATIONS else [f"collation: {node.this}"]
    if isinstance(node, exp.Property) and type(node) is exp.Property:
        return [f"option: {node.this}"]
    return []


def _faults_of_column(column: exp.ColumnDef) -> list[str]:
    if column.args.get("exists"):
        return ["IF NOT EXISTS in ALTER TABLE"]
    kind = column.kind
    name = kind.this.name if isinstance(kind, exp.DataType) else str(kind)
    if name not in TYPES:
        return [f"type: {name}"]
    has_default = any(column.find_all(exp.DefaultColumnConstraint))
    return ["default of a text"] if has_default and name in WITHOUT_DEFAULT else []


@pytest.mark.parametrize("path", SCHEMA, ids=lambda path: path.name)
def test_it_takes_the_schema(path: Path) -> None:
    assert faults(path.read_text()) == []


def test_it_takes_every_statement() -> None:
    for name, sql in CONSTANTS:
        assert faults(re.sub(r"%\(\w+\)s", "1", sql)) == [], name


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE a ADD COLUMN IF NOT EXISTS b INT",
        "CREATE OR REPLACE TABLE a (b INT)",
        "CREATE SEQUENCE a",
        "CREATE TABLE a (b INT) COLLATE=uca1400_ai_ci",
        "CREATE TABLE a (b INT) PAGE_COMPRESSED=1",
        "CREATE TABLE a (b TEXT NOT NULL DEFAULT '')",
        "CREATE TABLE a (b UUID)",
        "CREATE TABLE a (groups INT)",
        "CREATE TABLE a (lead INT, PRIMARY KEY (lead))",
        "CREATE TABLE IF NOT EXIST a (b INT)",
        "INSERT INTO a VALUES (1) RETURNING b",
        "SELECT rank FROM a",
    ],
)
def test_it_would_notice(sql: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, logger="sqlglot"):
        assert faults(sql) != []
