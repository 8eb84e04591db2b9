"""README says what is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app import routes
from app.config import ROOT
from app.stats.columns import DIMENSIONS
from tests.conftest import Actor

README = (Path(ROOT) / "README.md").read_text()
API = (Path(ROOT) / "docs" / "api.md").read_text()
CONTRIBUTING = (Path(ROOT) / "CONTRIBUTING.md").read_text()


def test_it_lists_every_endpoint() -> None:
    listed = README.split("compares -->\n")[1].split("<!-- end of endpoints")[0]
    assert listed == routes.table(), "put this there:\n" + routes.table()


def test_it_shows_a_real_answer(alice: Actor) -> None:
    alice.view("https://alice.example/a")
    alice.view("https://alice.example/b")
    alice.view("https://alice.example/a", address="192.0.2.1")
    shown = README.split("```json\n")[1].split("```")[0]
    answer = alice.get("/api/analytics/visitors?range=2d")
    assert answer.json == json.loads(shown)


def test_it_shows_an_event_that_counts(alice: Actor) -> None:
    body = API.split("-d '")[1].split("'")[0].encode()
    for counted in (True, False):
        answer = alice.installation.call(
            "POST",
            "/api/track/event",
            body,
            headers={"X-API-Key": alice.secret_key, "User-Agent": "curl/8"},
        )
        assert answer.data == {"counted": counted}


def test_it_lists_every_dimension() -> None:
    listed = API.split("The dimensions are")[1].split("Under a filter")[0]
    assert set(re.findall(r"`([a-z_]+)`", listed)) == {*DIMENSIONS, "identify"}


def test_it_has_a_room_on_the_map_for_every_module() -> None:
    app = Path(ROOT) / "app"
    for path in sorted(app.iterdir()):
        if path.suffix == ".py" and path.name != "__init__.py":
            assert f"app/{path.name}" in CONTRIBUTING, path
        if path.is_dir() and path.name != "__pycache__":
            name = f"{path.name}/"
            assert name in CONTRIBUTING, path


@pytest.mark.parametrize("name", re.findall(r"`make (\w+)`", README + CONTRIBUTING))
def test_it_names_only_targets_that_exist(name: str) -> None:
    assert re.search(rf"^{name}:", (Path(ROOT) / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_it_links_to_files_that_exist(link: str) -> None:
    assert (Path(ROOT) / link).exists()
