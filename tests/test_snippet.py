"""The snippet as it is served: valid, small, explained, and under no other names."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import config, web
from app.release import snippet
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


@pytest.fixture(scope="session")
def built(snippet_folder: Path) -> str:
    path = snippet_folder / "porthole.min.js"
    if not path.exists():
        pytest.skip((snippet_folder / "problem").read_text("utf-8"))
    return path.read_text("utf-8")


def test_it_is_valid(built, tmp_path):
    path = tmp_path / "snippet.js"
    for text in (SOURCE, built):
        path.write_text(text, "utf-8")
        node = shutil.which("node")
        checked = subprocess.run(
            [node, "--check", path], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr


def test_it_is_small(built):
    assert len(gzip.compress(built.encode(), 9, mtime=0)) <= MAX_BYTES
    assert "/*" not in built
    assert "//" not in built


def test_it_is_built_where_a_package_can_be_got_or_says_why_not(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(snippet.CannotBuild, match="npx is not installed"):
        snippet.build(ROOT / "snippet" / "porthole.js")
    (tmp_path / "npx").write_text(f"#!{sys.executable}\nraise SystemExit('no net')\n")
    (tmp_path / "npx").chmod(0o755)
    with pytest.raises(snippet.CannotBuild, match="failed: no net"):
        snippet.build(ROOT / "snippet" / "porthole.js")


def test_the_built_one_is_served_if_it_is_there(tmp_path):
    for name in ("app", "sql", "snippet"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.min.js")
        )
    shutil.copy(ROOT / "config.example.ini", tmp_path)
    say = "from app import web; print(web.snippet(), end='')"

    def served() -> str:
        return subprocess.run(
            [sys.executable, "-c", say],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": ""},
            capture_output=True,
            check=True,
        ).stdout.decode()

    assert served() == SOURCE
    (tmp_path / "snippet" / "porthole.min.js").write_text("short()\n")
    assert served() == "short()\n"


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
    assert answer.body.decode() == web.snippet()
    kind, _, charset = answer.headers["Content-Type"].partition(";")
    assert kind in ("text/javascript", "application/javascript")
    assert charset.strip() == "charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("*", True),
        ("gzip;q=0, br", False),
        ("br", False),
        ("", False),
    ],
)
def test_it_is_packed_for_whoever_takes_that(installation, accepted, is_packed):
    headers = {"Accept-Encoding": accepted}
    answer = installation.call("GET", "/w/page.js", headers=headers)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers.get("Content-Encoding") == ("gzip" if is_packed else None)
    assert answer.headers["Content-Length"] == str(len(answer.body))
    text = gzip.decompress(answer.body) if is_packed else answer.body
    assert text.decode() == web.snippet()


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_it_is_not_sent_again_if_it_has_not_changed(installation, encoding):
    headers = {"Accept-Encoding": encoding}
    answer = installation.call("GET", "/snippet/porthole.js", headers=headers)
    headers["If-None-Match"] = answer.headers["ETag"]
    again = installation.call("GET", "/snippet/porthole.js", headers=headers)
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
    assert chosen.call("GET", "/some/where/x.js").body.decode() == web.snippet()
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
