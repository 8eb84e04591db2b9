"""GET /api/redirect."""

from __future__ import annotations

import pytest

from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow, total_clicks

PHP = "/api/redirect.php?c="


def test_it_redirects_and_counts_under_both_names(alice: Actor) -> None:
    code = create(alice)["code"]
    for path in ("/api/redirect?c=", PHP):
        answer = follow(alice, code, path=path)
        assert (answer.status, answer.headers["Location"]) == (302, SHOP)
    assert total_clicks(alice, code) == 2


def test_it_takes_any_method_under_micrologs_name(alice: Actor) -> None:
    code = create(alice)["code"]
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert follow(alice, code, path=PHP, method=method).status == 302
        assert follow(alice, code, path="/api/redirect?c=", method=method).status == 405
    assert follow(alice, code, path=PHP, method="HEAD").status == 302
    assert total_clicks(alice, code) == 4


@pytest.mark.parametrize("query", ["", "?", "?c=", "?C=x", "?d=1"])
@pytest.mark.parametrize("suffix", ["", ".php"])
def test_it_wants_a_code(alice: Actor, query: str, suffix: str) -> None:
    answer = alice.installation.call("GET", f"/api/redirect{suffix}{query}")
    assert (answer.status, answer.body) == (400, b"Missing link code")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_it_knows_only_links_that_are_there(alice: Actor) -> None:
    for code in ("NoSuch00", "%27", "%FF", "a%00b"):
        answer = follow(alice, code, path=PHP)
        assert (answer.status, answer.body) == (404, b"Link not found")


def test_it_does_not_mind_what_others_add_to_the_address(alice: Actor) -> None:
    code = create(alice)["code"]
    assert follow(alice, code, path="/api/redirect.php?fbclid=1&c=").status == 302
    assert follow(alice, code + "?fbclid=1").status == 302
    assert follow(alice, code + "&utm_source=x", path=PHP).status == 302
