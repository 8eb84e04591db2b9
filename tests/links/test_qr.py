"""GET /api/links/qr."""

from __future__ import annotations

import re

import pytest
import segno

from tests.conftest import Actor
from tests.links.calls import create

QR = "/api/links/qr"


@pytest.mark.parametrize(
    ("suffix", "path"), [("", "/l/"), (".php", "/api/redirect.php?c=")]
)
def test_it_draws_the_links_address(alice: Actor, suffix: str, path: str) -> None:
    code = create(alice)["code"]
    answer = alice.get(f"{QR}{suffix}?code={code}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    expected = segno.make(f"http://stats.example{path}{code}", micro=False)
    assert _modules(answer.body.decode()) == [bytes(row) for row in expected.matrix]


def _modules(svg: str, border: int = 4) -> list[bytes]:
    """Return the picture's dark and light modules, drawn anew from its lines."""
    found = re.search(r' width="(\d+)".* d="(M[^"]*)"/></g></svg>', svg)
    assert found is not None
    side, lines = found.groups()
    size = int(side) // 4 - 2 * border
    rows = [bytearray(size) for _ in range(size)]
    x, y = 0, 0.0
    for kind, numbers in re.findall(r"([Mmh])([^Mmh]*)", lines):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if kind == "h":
            for column in range(x, x + int(values[0])):
                rows[int(y) - border][column - border] = 1
            x += int(values[0])
        else:
            x = int(values[0]) + (x if kind == "m" else 0)
            y = values[1] + (y if kind == "m" else 0)
    return [bytes(row) for row in rows]


def test_it_is_as_large_as_asked(alice: Actor) -> None:
    code = create(alice)["code"]
    assert b'width="25"' in alice.get(f"{QR}?code={code}&size=1&border=0").body
    assert b'width="900"' in alice.get(f"{QR}?code={code}&size=20&border=10").body


@pytest.mark.parametrize(
    "query", ["size=0", "size=21", "border=11", "border=-1", "size=x", "colour=red"]
)
def test_it_names_a_parameter_it_cannot_take(alice: Actor, query: str) -> None:
    code = create(alice)["code"]
    answer = alice.get(f"{QR}?code={code}&{query}")
    assert answer.status == 400
    assert answer.json["field"] == query.partition("=")[0]


def test_it_knows_only_ones_own(alice: Actor, charlie: Actor) -> None:
    theirs = create(charlie)["code"]
    assert alice.get(f"{QR}?code={theirs}").status == 404
    assert alice.get(QR).json["message"] == "code is required"
