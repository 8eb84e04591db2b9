"""Every statement is a named constant, with its values bound by the driver."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Installation

APP = Path(__file__).parent.parent.parent / "app"
SQL_START = re.compile(r"\s*(--[^\n]*\n\s*)*(SELECT|INSERT|UPDATE|DELETE|CREATE|SET)\b")


def _constants() -> list[tuple[str, str]]:
    found = []
    for path in sorted(APP.rglob("*.py")):
        module = ".".join(path.relative_to(APP.parent).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.Assign) or not node.targets:
                continue
            name = ast.unparse(node.targets[0])
            if not name.isupper():
                continue
            value = getattr(importlib.import_module(module), name, None)
            if isinstance(value, str) and "\n--" in value[:3]:
                found.append((module.replace("app.", "", 1) + "." + name, value))
    return found


CONSTANTS = _constants()


def test_it_finds_the_statements() -> None:
    assert len(CONSTANTS) > 30


@pytest.mark.parametrize(
    ("name", "sql"), CONSTANTS, ids=[name for name, _ in CONSTANTS]
)
def test_it_names_itself_in_its_first_line(name: str, sql: str) -> None:
    assert sql.splitlines()[1] == f"-- {name}"


@pytest.mark.parametrize(
    ("name", "sql"), CONSTANTS, ids=[name for name, _ in CONSTANTS]
)
def test_it_is_a_statement_the_database_understands(
    name: str, sql: str, installation: Installation
) -> None:
    if ".db." in "." + name and "GET_VERSION" not in name:
        pytest.skip("written for one database")
    values: dict[str, Any] = dict.fromkeys(re.findall(r"%\((\w+)\)s", sql), 1)
    installation.db.read(lambda: installation.db.all("EXPLAIN " + sql, values))
    installation.db.rest()


def _calls() -> list[tuple[str, ast.Call]]:
    calls = []
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                calls.append((str(path.relative_to(APP)), node))
    return calls


def test_it_builds_no_statement_from_values() -> None:
    """SQL comes from constants: no f-string, no %, no format, no concatenation."""
    for path, call in _calls():
        if call.func.attr in ("one", "all", "run") and call.args:  # type: ignore[attr-defined]
            receiver = ast.unparse(call.func.value)  # type: ignore[attr-defined]
            if receiver not in ("db", "self.db", "database"):
                continue
            sql = call.args[0]
            is_constant = isinstance(sql, (ast.Name, ast.Attribute))
            assert is_constant, f"{path}: {ast.unparse(call)}"


def test_it_reaches_the_driver_only_through_the_database() -> None:
    """execute() and friends are called in app/db/ alone."""
    driver_calls = ("execute", "executemany", "executescript", "query", "cursor")
    for path, call in _calls():
        if call.func.attr in driver_calls:  # type: ignore[attr-defined]
            receiver = ast.unparse(call.func.value)  # type: ignore[attr-defined]
            is_request = receiver in ("request", "self", "parts")
            assert path.startswith("db/") or is_request, f"{path}: {ast.unparse(call)}"


def test_it_writes_sql_only_in_stores_and_db() -> None:
    for path in sorted(APP.rglob("*.py")):
        if path.name.endswith("store.py") or path.parent.name == "db":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_sql = SQL_START.match(node.value) and "\n" in node.value
                assert not is_sql, f"{path}: {node.value[:60]}"
