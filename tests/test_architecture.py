"""Imports go one way: front → dispatch → auth → endpoints → domain → store → db."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).parent.parent / "app"
AREAS = {"projects", "visits", "stats", "errors", "audit", "links", "events", "batch"}
FRAME = ["front", "web", "dispatch", "auth", "endpoints", "domain", "store", "db"]
MODULES = sorted(APP.rglob("*.py"))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _imports(path: Path) -> set[str]:
    """Return what of app the module imports when it runs; types do not count."""
    found = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app"):
            for name in node.names:
                inner = APP.parent / node.module.replace(".", "/") / f"{name.name}.py"
                package = inner.with_suffix("") / "__init__.py"
                is_module = inner.exists() or package.exists()
                found.add(f"{node.module}.{name.name}" if is_module else node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(_tree(path))
    return found


def _level(module: str) -> int | None:
    """Return how far down the module stands, or None if it is outside the line."""
    parts = module.split(".")
    if len(parts) > 2 and parts[1] in AREAS:
        ends = {"endpoints": "endpoints", "store": "store", "columns": "store"}
        kind = ends.get(parts[2].rpartition("_")[2], "domain")
        return FRAME.index(kind)
    if len(parts) > 1 and parts[1] in FRAME:
        return FRAME.index(parts[1])
    return None


def _name(path: Path) -> str:
    parts = path.relative_to(APP.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_it_imports_only_downward(path: Path) -> None:
    module, level = _name(path), _level(_name(path))
    for imported in _imports(path):
        below = _level(imported)
        if level is not None and below is not None:
            assert below >= level, f"{module} imports {imported}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_it_knows_another_area_only_by_its_store(path: Path) -> None:
    parts = _name(path).split(".")
    if len(parts) < 2 or parts[1] not in AREAS:
        return
    for imported in _imports(path):
        area = imported.split(".")[1]
        if area in AREAS - {parts[1]}:
            assert imported.endswith("store"), f"{path} imports {imported}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_it_keeps_http_out_of_domain_and_store(path: Path) -> None:
    level = _level(_name(path))
    if level is not None and level >= FRAME.index("domain"):
        assert "app.http" not in _imports(path)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_it_imports_flask_only_in_the_flask_door(path: Path) -> None:
    if path.name == "web.py" or "pages" in path.parts:
        return
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "flask"
        if isinstance(node, ast.Import):
            assert all(name.name.split(".")[0] != "flask" for name in node.names)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_it_stays_short(path: Path) -> None:
    limit = 400 if path.name.endswith("store.py") else 300
    assert len(path.read_text().splitlines()) <= limit


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_it_says_in_a_sentence_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(_tree(path))
