"""Query strings are read as urllib.parse reads them."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.client.query import pairs, quoted, unquoted

QUERIES = some.text(some.sampled_from("ab=&+%2fFc3A9é€\ud800 ;"), max_size=40)


@given(QUERIES)
def test_it_reads_pairs_as_urllib_does(query: str) -> None:
    expected = parse_qsl(query, keep_blank_values=True, errors="replace")
    assert pairs(query) == expected


@given(QUERIES, some.sampled_from(["utf-8", "latin-1"]))
def test_it_decodes_escapes_as_urllib_does(text: str, encoding: str) -> None:
    try:
        expected = unquote(text, encoding, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            unquoted(text, encoding)
    else:
        assert unquoted(text, encoding) == expected


@given(some.text(), some.sampled_from(["", "/%", ";,/?:@&=+$"]))
def test_it_makes_escapes_as_urllib_does(text: str, safe: str) -> None:
    assert quoted(text, safe) == quote(text, safe)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", []),
        ("a", [("a", "")]),
        ("a=b=c&&=d", [("a", "b=c"), ("", "d")]),
        ("a+b=%20%2B", [("a b", " +")]),
        ("a=%c3%a9%C3&a=%zz%", [("a", "\u00e9\ufffd"), ("a", "%zz%")]),
    ],
)
def test_it_reads_pairs(query: str, found: list[tuple[str, str]]) -> None:
    assert pairs(query) == found
