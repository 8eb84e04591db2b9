"""What the tests of links have in common."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor
from tests.wsgi import BROWSER, Answer

SHOP = "https://shop.example/sale"


def create(actor: Actor, destination_url: str = SHOP, **fields: Any) -> Any:
    """Return the data of a new link."""
    path = "/api/links/create"
    answer = actor.post(path, destination_url=destination_url, **fields)
    assert answer.status == 200, answer.body
    return answer.data


def follow(
    actor: Actor,
    code: str,
    headers: dict[str, str] | None = None,
    address: str = "203.0.113.7",
    method: str = "GET",
    path: str = "/l/",
) -> Answer:
    """Open a link as a browser does; a header given as '' is left out."""
    sent = {**BROWSER, **(headers or {})}
    sent = {name: value for name, value in sent.items() if value}
    return actor.installation.call(method, path + code, headers=sent, address=address)


def total_clicks(actor: Actor, code: str) -> int:
    """Return the link's clicks, after a look whether each has its row."""
    found = actor.get(f"/api/links/detail?code={code}").data
    rows = actor.installation.rows(
        f"SELECT COUNT(*) AS n FROM ph_clicks WHERE link_id = {found['id']}"
        f" AND project_id = {actor.id}"
    )
    assert rows == [{"n": found["total_clicks"]}]
    clicks: int = found["total_clicks"]
    return clicks
