"""The ids of facts: the same again for the same name, and in the order of time."""

from __future__ import annotations

import pytest

from app import ids

SECRET = b"secret"
MOST = 2**63 - 1


def _id(name: str, project_id: int = 1, kind: str = "pageview") -> int:
    return ids.keyed_in_order(SECRET, kind, project_id, name)


def test_it_is_the_same_for_the_same_name_only() -> None:
    name = "17325432100000.5"
    assert _id(name) == _id(name)
    others = {_id(name + "1"), _id(name, 2), _id(name, kind="event")}
    others.add(ids.keyed_in_order(b"other", "pageview", 1, name))
    assert len(others | {_id(name)}) == 5


def test_names_that_begin_with_a_moment_are_in_its_order() -> None:
    moments = [1_700_000_000_000 + 1000 * number for number in range(200)]
    found = [_id(f"{moment}0.123") for moment in moments]
    assert found == sorted(found)


@pytest.mark.parametrize(
    "name",
    ["", "x", "123456789012", "٠" * 13, "²" * 13, "12345678901a3", "9" * 500, "0" * 13],
)
def test_any_name_has_an_id(name: str) -> None:
    assert 0 < _id(name) <= MOST
