"""Input that nobody should send: a clear refusal or a correct store, and never a 500.

Every route of the table, present and future, by way of tests/examples.py.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app import routes
from app.db import mysql
from app.projects import admin_store
from tests import conftest
from tests.conftest import Actor
from tests.examples import EXAMPLES, key_headers, send
from tests.wsgi import BROWSER, Answer

EXAMPLES_TO_TRY = 5000 if os.environ.get("CI") == "true" else 500
"""On each of the two databases."""

INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE ph_visits; --",
    "\\' OR 1=1 -- ",
    "\\",
    "\\\\'",
    '" OR ""="',
    "') ON DUPLICATE KEY UPDATE id=1 -- ",
    "/* key: id */ ON DUPLICATE KEY UPDATE",
    "1 UNION SELECT secret_key_hash FROM ph_projects",
    "%s %(id)s %% {0}",
    "\u02bc OR 1=1",
    "\xbf' OR 1=1 -- ",
    "<script>alert(1)</script>",
    "\r\nSet-Cookie: x=1",
)

EDGES = [
    sign * (2**bits + step)
    for bits in (7, 8, 15, 16, 31, 32, 63, 64)
    for step in (-1, 0, 1)
    for sign in (1, -1)
] + [10**40, 10**400, 0, 1, True, 0.5, 1e308]

TEXT = "text/plain; charset=utf-8"

# What json.loads accepts and people do not expect.
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(INJECTIONS),
    st.sampled_from(["\ud800", "\x00", "\u202e", "é" * 5000, "0", " ", "null"]),
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**40), 10**40),
        st.sampled_from(EDGES),
        st.floats(allow_nan=True, allow_infinity=True),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=8,
)


def _check(answer: Answer, sent: object) -> None:
    assert answer.status in (200, 204, 302, 400, 401, 403, 404, 409, 411, 413, 429), (
        answer.status,
        answer.body,
        sent,
    )
    for name, value in answer.headers.items():
        assert "\n" not in name + value
        assert "\r" not in name + value
    if answer.status in (204, 302):
        return
    kind = answer.headers["Content-Type"]
    if not kind.startswith("application/json"):
        # A picture, or a sentence for a person.
        assert kind == ("image/svg+xml" if answer.status == 200 else TEXT), kind
        return
    shown = answer.json
    if "checks" in shown:  # health has its own shape
        return
    assert shown["success"] is (answer.status == 200)
    assert shown["message"]
    if answer.status == 400:
        assert "data" not in shown
        assert shown.get("field") or "JSON body" in shown["message"], shown


def _is_whole(actor: Actor) -> None:
    """Check that the project still counts, and that nothing was lost on the way."""
    before = actor.visitors("range=1d")["total_pageviews"]
    actor.installation.clock.move(minutes=6)
    assert actor.view(f"https://{actor.host}/whole").data == {"counted": True}
    assert actor.visitors("range=1d")["total_pageviews"] == before + 1


@pytest.mark.long
@settings(
    max_examples=EXAMPLES_TO_TRY,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    print_blob=True,
)
@given(data=st.data())
def test_it_takes_or_refuses_any_field(alice: Actor, data: st.DataObject) -> None:
    """The path is right and one or two fields are anything at all."""
    route = data.draw(st.sampled_from(routes.ROUTES))
    fields = EXAMPLES[route.path](alice)
    names = st.sampled_from([*fields, "unknown"])
    for name in data.draw(st.lists(names, min_size=1, max_size=2)):
        fields[name] = data.draw(values)
    path = route.path
    if not path.endswith(">"):
        path += data.draw(st.sampled_from(["", ".php"]))
    alice.installation.clock.move(seconds=1)  # limits are another test's matter
    if route.method == "POST" and route.path == "/api/projects/toggle":
        fields["is_active"] = fields.get("is_active") if fields.get("id") else True
    before = _keys(alice)
    answer = send(alice, route, fields, path=path)
    _check(answer, fields)
    # The key is right and the clock moves on: only the fields are at fault.
    assert answer.status not in (401, 429), answer.body
    _restore(alice, before)


def _keys(actor: Actor) -> list[dict[str, Any]]:
    return actor.installation.rows(f"SELECT * FROM ph_projects WHERE id = {actor.id}")


def _restore(actor: Actor, rows: list[dict[str, Any]]) -> None:
    """Undo what the admin's calls may rightly have changed in the project."""
    if _keys(actor) == rows:
        return

    at = actor.installation.clock()
    admin_store.update_project(actor.installation.db, actor.id, rows[0], at)


RAW_BODIES: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{",
    "array": b"[]",
    "array of objects": b'[{"url":"https://alice.example/"}]',
    "number": b"1",
    "text": b'"x"',
    "null": b"null",
    "NaN": b'{"url":NaN}',
    "Infinity": b'{"age":Infinity}',
    "invalid UTF-8": b'{"url":"\xff\xfe"}',
    "UTF-16": '{"url":"https://alice.example/"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"url":"https://alice.example/"}',
    "nesting bomb": b"[" * 30000,
    "object bomb": b'{"a":' * 10000,
    "huge number": b'{"age":' + b"9" * 60000 + b"}",
    "huge exponent": b'{"age":1e999}',
    "duplicate keys": b'{"url":"https://alice.example/1","url":5}',
    "lone surrogate": b'{"url":"https://alice.example/\\ud800"}',
    "NUL": b'{"url":"https://alice.example/\\u0000"}',
    "surrogate name": b'{"\\ud800":1}',
}


UNREAD = ("empty", "nesting bomb", "invalid UTF-8")
"""Of bodies that a GET may have and nobody reads, these stand for all."""


@pytest.mark.parametrize("path", [route.path for route in routes.ROUTES])
def test_it_takes_or_refuses_any_body(alice: Actor, path: str) -> None:
    route = routes.find(path)
    assert route is not None
    for kind in RAW_BODIES if route.method == "POST" else UNREAD:
        body = RAW_BODIES[kind]
        alice.installation.clock.move(seconds=4)
        for suffix in ("", ".php"):
            answer = alice.installation.call(
                route.method,
                path + suffix,
                body,
                headers={**BROWSER, **key_headers(route, alice)},
            )
            _check(answer, kind)
    _is_whole(alice)


@pytest.mark.parametrize("path", [route.path for route in routes.ROUTES])
def test_it_takes_or_refuses_any_length(alice: Actor, path: str) -> None:
    route = routes.find(path)
    assert route is not None
    raw = json.dumps(EXAMPLES[path](alice)).encode()
    for environ in (
        {"CONTENT_LENGTH": "x"},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "1e3"},
        {"CONTENT_LENGTH": "٣"},
        {"CONTENT_LENGTH": str(len(raw) + 10)},
        {"CONTENT_LENGTH": "9" * 30},
        {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
    ):
        answer = alice.installation.call(
            route.method,
            path,
            raw,
            headers={**BROWSER, **key_headers(route, alice)},
            **environ,
        )
        _check(answer, environ)
        if route.method == "POST":
            assert 400 <= answer.status < 500, environ
    whole = alice.installation.call(
        route.method,
        path,
        raw,
        headers={**BROWSER, **key_headers(route, alice)},
        CONTENT_LENGTH="",
        HTTP_TRANSFER_ENCODING="chunked",
        **{"wsgi.input_terminated": True},
    )
    # Nothing of a body is the part of a path that varies.
    assert whole.status in ((404,) if path.endswith(">") else (200, 400))
    _is_whole(alice)


@pytest.fixture(params=["as it is", "NO_BACKSLASH_ESCAPES"])
def sql_mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The session's sql_mode: ours, and the one in which a backslash is a letter."""
    if request.param != "as it is":
        session = mysql.SESSION.replace("sql_mode='", f"sql_mode='{request.param},")
        assert session != mysql.SESSION
        monkeypatch.setattr(mysql, "SESSION", session)
        if "sqlite" in request.node.name:
            pytest.skip("SQLite has no sql_mode")
    mode: str = request.param
    return mode


@pytest.mark.parametrize("path", [route.path for route in routes.ROUTES])
def test_it_binds_whatever_a_field_holds(
    sql_mode: str, alice: Actor, charlie: Actor, path: str
) -> None:
    route = routes.find(path)
    assert route is not None
    charlie.view("https://charlie.example/")
    theirs = _everything_of(charlie)
    for name in [*EXAMPLES[path](alice), "unknown"]:
        for text in INJECTIONS:
            values = (text, f"https://alice.example/{text}", [text])
            # In a query everything is a text.
            for value in values[:1] if route.method == "GET" else values:
                alice.installation.clock.move(seconds=2)
                fields = {**EXAMPLES[path](alice), name: value}
                _check(send(alice, route, fields), fields)
                cell = "matrix of injections"
                conftest.MATRICES[cell] = conftest.MATRICES.get(cell, 0) + 1
    assert _everything_of(charlie) == theirs


def _everything_of(actor: Actor) -> list[object]:
    from app.projects import deletion_store

    found: list[object] = [_keys(actor)]
    for table in deletion_store.OWNED_TABLES:
        sql = f"SELECT * FROM {table} WHERE project_id = {actor.id}"
        found.append((table, actor.installation.rows(sql)))
    return found


@pytest.mark.parametrize(
    "header",
    ["X-API-Key", "X-Admin-Key", "User-Agent", "Origin", "Referer", "Accept-Language"],
)
def test_it_takes_or_refuses_any_header(alice: Actor, header: str) -> None:
    texts = [*INJECTIONS, "\xff", "x" * 70000, "null", "http://[", "*", ""]
    for route in routes.ROUTES:
        if header == "X-Admin-Key" and route.caller not in (routes.ADMIN, routes.OPEN):
            continue  # nobody looks at it there
        # Reports share their door, and behind it none looks at a header.
        is_report = route.path.startswith("/api/analytics/")
        for text in texts[::7] if is_report else texts:
            # A web server hands headers over as latin-1, and without line ends.
            clean = text.replace("\r\n", " ").encode("utf-8").decode("latin-1")
            headers = {**key_headers(route, alice), header: clean}
            alice.installation.clock.move(seconds=4)
            _check(send(alice, route, EXAMPLES[route.path](alice), headers), text)
    _is_whole(alice)


def test_it_has_an_example_for_each_route() -> None:
    assert set(EXAMPLES) == {route.path for route in routes.ROUTES}
