"""The route table is whole: everything in it is there, and has its test."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import routes
from app.config import ROOT

TESTS = Path(ROOT) / "tests"
IDS = [route.path for route in routes.ROUTES]


@pytest.mark.parametrize("route", routes.ROUTES, ids=IDS)
def test_it_finds_each_target(route: routes.Route) -> None:
    assert route.load().__doc__, route.target
    described = str(route.load().__doc__)
    assert described.startswith(f"{route.method} {route.path}, "), route.target


@pytest.mark.parametrize("route", routes.ROUTES, ids=IDS)
def test_it_has_a_test_file_for_each(route: routes.Route) -> None:
    module, _, name = route.target.partition(":")
    area = module.split(".")[0]
    assert (TESTS / area / f"test_{name}.py").exists(), route.target


@pytest.mark.parametrize("route", routes.ROUTES, ids=IDS)
def test_it_finds_each_under_micrologs_name_too(route: routes.Route) -> None:
    assert routes.find(route.path) is route
    assert routes.find(route.path + ".php") is route
    assert routes.find(route.path + "/") is None
