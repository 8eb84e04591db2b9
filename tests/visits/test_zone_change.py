"""A visit whose days are those of another time zone than the project has now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Actor

SPAN = "from=2026-03-01&to=2026-03-09"
FILTERED = f"{SPAN}&filter[host]=alice.example"


@pytest.mark.parametrize("identity", ["cookie", "cookieless"])
def test_an_earlier_view_takes_the_later_ones_of_the_old_zone_along(
    create_project: Callable[..., Actor], identity: str
) -> None:
    zone = "Pacific/Auckland"
    alice = create_project("Alice", ["alice.example"], timezone=zone, identity=identity)
    assert alice.view("https://alice.example/second", visitor_id="a").status == 200
    edit = {"id": alice.id, "timezone": "Europe/Berlin"}
    assert alice.installation.as_admin("/api/projects/edit", edit).status == 200
    url = "https://alice.example/first"
    assert alice.view(url, visitor_id="a", age=600).status == 200
    for query in (SPAN, FILTERED):
        found = alice.visitors(query)
        assert (found["total_pageviews"], found["total_sessions"]) == (2, 1)
        assert alice.get(f"/api/analytics/pages?{query}").data["count"] == 2
