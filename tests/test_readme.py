"""README says what is true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from app import routes
from app.config import ROOT
from app.stats.columns import DIMENSIONS
from tests.conftest import Actor
from tests.examples import EXAMPLES, make_link
from tests.wsgi import BROWSER

README = (Path(ROOT) / "README.md").read_text()
API = (Path(ROOT) / "docs" / "api.md").read_text()
CONTRIBUTING = (Path(ROOT) / "CONTRIBUTING.md").read_text()
MORE: dict[str, tuple[dict[str, str], ...]] = {
    "events": ({}, {"event": "signup"}, {"event": "signup", "property": "plan"})
}
OTHERWISE = ("summary",)
"""The text says what these answer."""


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


def test_it_lists_what_each_report_answers(
    create_project: Callable[..., Actor],
) -> None:
    alice = create_project("Alice", ["alice.example"], identity="cookie")
    _use_everything(alice)
    lines = ["| Report | Its answer |", "|---|---|"]
    for route in routes.ROUTES:
        report = route.path.rpartition("/")[2]
        if "/analytics/" not in route.path or report in OTHERWISE:
            continue
        known = EXAMPLES[route.path](alice)
        query = {name: known[name] for name in ("code", "id") if name in known}
        for more in MORE.get(report, ({},)):
            asked = urlencode({**query, **more})
            found = alice.get(f"{route.path}?{asked}").data
            label = f"`{report}`" + "".join(f", with `{name}`" for name in more)
            lines.append(f"| {label} | {_described(found)} |")
    shown = "\n".join(lines) + "\n"
    listed = API.split("compares -->\n")[1].split("<!-- end of answers")[0]
    assert listed == shown, "put this there:\n" + shown


def _use_everything(actor: Actor) -> None:
    page = "https://alice.example/"
    actor.view(page + "?utm_source=s", referrer="https://b.example/", id="view")
    actor.view(page, headers={"User-Agent": "curl/8"})
    actor.send("engagement", pageview_id="view", seconds=5)
    for kind in ("TypeError", "RangeError"):
        report = {"message": "Failed", "error_type": kind, "id": kind}
        actor.post("/api/track/error", **report, release="1.0")
    groups = [row["id"] for row in actor.get("/api/analytics/errors").data["errors"]]
    actor.post("/api/errors/merge", into=groups[0], ids=groups[1:])
    actor.send("event", name="signup", props={"plan": "pro"})
    actor.log()
    url = f"/l/{make_link(actor)}"
    headers = {**BROWSER, "Referer": "https://b.example/"}
    actor.installation.call("GET", url, headers=headers)


def _described(found: dict[str, Any]) -> str:
    """Return the keys of an answer; of a list those of its rows too."""
    plain = ", ".join(
        f"`{name}`"
        for name, value in found.items()
        if name != "range" and not isinstance(value, list)
    )
    lists = []
    for name, value in found.items():
        if isinstance(value, list):
            of = ", ".join(f"`{key}`" for key in value[0]) if value else "…"
            lists.append(f"`{name}` of {of}")
    return "; ".join(filter(None, [plain, *lists]))


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
