"""The snippet as it is served: valid, small, explained, and under no other names."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app import config, snippet
from tests.wsgi import BROWSER

ROOT = Path(config.ROOT)
SOURCE = (ROOT / "snippet" / "porthole.js").read_text("utf-8")
DOCS = (ROOT / "docs" / "snippet.md").read_text("utf-8")
MAX_BYTES = 3 * 1024
"""Gzipped, as it is served."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: the snippet is served without it."""
    return sqlite_url


@pytest.mark.parametrize("text", [SOURCE, snippet.served()], ids=["source", "served"])
def test_it_is_valid(text, tmp_path):
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not installed")
    path = tmp_path / "snippet.js"
    path.write_text(text, "utf-8")
    checked = subprocess.run(
        [node, "--check", path], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_it_is_small():
    assert len(gzip.compress(snippet.served().encode(), 9, mtime=0)) <= MAX_BYTES


def test_it_is_written_as_the_house_does():
    assert "'use strict';" in SOURCE
    assert SOURCE.endswith("})();\n")
    for line in SOURCE.splitlines():
        assert len(line) <= 100
        assert not re.search(r"\t|\s$", line)
        if not line.startswith(" *"):
            assert re.match(r"(  )*(\S| \*)", line) or not line, line


@pytest.mark.parametrize(
    "path", ["/snippet/porthole.js", "/snippet/micrologs.js", "/w/page.js"]
)
def test_it_is_served(installation, path):
    answer = installation.call("GET", path)
    assert answer.status == 200
    assert answer.body.decode() == snippet.served()
    kind, _, charset = answer.headers["Content-Type"].partition(";")
    assert kind in ("text/javascript", "application/javascript")
    assert charset.strip() == "charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_is_not_sent_again_if_it_has_not_changed(installation):
    answer = installation.call("GET", "/snippet/porthole.js")
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = installation.call("GET", "/snippet/porthole.js", headers=tag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/snippet/",
        "/snippet/other.js",
        "/snippet/PORTHOLE.js",
        "/snippet/porthole.js/",
        "/snippet/../config.ini",
        "/snippet/..%2fconfig.ini",
        "/porthole.js",
        "/w/porthole.js",
        "/w/",
    ],
)
def test_it_is_served_under_no_other_name(installation, path):
    assert installation.call("GET", path).status == 404


def view(installation, path, actor):
    body = {"public_key": actor.public_key, "url": "https://alice.example/"}
    return installation.call("POST", path, body, headers=BROWSER)


@pytest.mark.parametrize("hot_door", [True, False])
def test_its_neutral_names_can_be_chosen(installation, alice, hot_door):
    chosen = installation.with_settings(
        snippet_path="/some/where/x.js", hot_door=hot_door
    )
    assert chosen.call("GET", "/some/where/x.js").body.decode() == snippet.served()
    assert view(chosen, "/some/where/pageview", alice).data == {"counted": True}
    assert chosen.call("GET", "/w/page.js").status == 404
    assert view(chosen, "/w/pageview", alice).status == 404


def test_it_may_keep_a_cookie_only_if_the_project_has_one(create_project, alice):
    cora = create_project("Cora", ["alice.example"], identity="cookie")
    headers = {"Origin": "https://alice.example"}
    for actor, identity in ((alice, None), (cora, "cookie")):
        answer = actor.view(headers=headers)
        assert answer.headers.get("X-Porthole-Identity") == identity
        exposed = answer.headers["Access-Control-Expose-Headers"]
        assert "X-Porthole-Identity" in exposed


def attributes():
    """Return the attributes that the source reads, as a page writes them."""
    read = set(re.findall(r"settings\.(\w+)|'(\w+)' in settings", SOURCE))
    names = {re.sub("[A-Z]", lambda m: "-" + m[0].lower(), a or b) for a, b in read}
    return {f"data-{name}" for name in names} | set(
        re.findall(r"\[(data-[\w-]+)\]", SOURCE)
    )


def test_every_attribute_is_in_the_docs():
    listed = set(re.findall(r"^\| `(data-[\w-]+)`", DOCS, re.M))
    assert listed == attributes() | {"data-porthole-props"}


def test_every_call_is_in_the_docs():
    body = SOURCE.split("const commands = {")[1].split("\n  };")[0]
    calls = set(re.findall(r"^    (\w+)(?::|$)", body, re.M))
    calls |= set(re.findall(r"^  commands\.(\w+) =", SOURCE, re.M))
    listed = re.findall(r"^\| `(?:porthole\('(\w+)'|\w+\.(\w+)\()", DOCS, re.M)
    assert {a or b for a, b in listed} == calls


@pytest.mark.parametrize(
    ("source", "served"),
    [
        ("// a\n/* b\n c */\n  f();\n", "f();"),
        ("f('// no', '/* nor */', 'it\\'s');", "f('// no','/* nor */','it\\'s');"),
        ("f(/\\/[/ ']x/g, a / 2 / b);", "f(/\\/[/ ']x/g,a/2/b);"),
        ("if (a) return b in c;", "if(a)return b in c;"),
        ("const long = 1;\nf(long, a.long);", "const e=1;f(e,a.long);"),
        ("const long = 1;\nf({ long }, long);", "const long=1;f({long},long);"),
        ("const long = 1;\nf({ long: 2 });", "const long=1;f({long:2});"),
        ("const { long } = a;\nf(long);", "const{long}=a;f(long);"),
        ("const long = a ? long : b;", "const e=a?e:b;"),
        ("let long, e = 2, other;", "let n,e=2,a;"),
        ("function long(first) {\n  return first;\n}", "function n(e){return e}"),
        ("const long = (one, ...two) => two;", "const n=(a,...e)=>e;"),
        ("a = async function (long) {};", "a=async function(e){};"),
    ],
)
def test_it_is_shrunk_to_what_does_the_same(source, served):
    assert snippet.shrink(source) == served + "\n"


@pytest.mark.parametrize("source", ["f(`text`);", 'f("text")', "@"])
def test_it_refuses_what_it_does_not_know(source):
    with pytest.raises(ValueError, match="what is this"):
        snippet.shrink(source)
