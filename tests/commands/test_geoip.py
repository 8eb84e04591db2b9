"""python -m app geoip."""

from __future__ import annotations

import gzip
import os
import re
import resource
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app import clock, config
from app.__main__ import main
from app.commands import geoip
from app.commands.geoip import ATTRIBUTION, VARIABLE
from app.senders import network_store
from tests.client.mmdb import write_mmdb
from tests.conftest import SECRET, Actor, Installation

ROOT = Path(__file__).parents[2]
NOBODY = 65534
# What tests.client.mmdb writes.
KIND = b"Test-City"
MADE = datetime(2023, 11, 14, 22, 13, 20)


def city(name: str) -> dict[str, Any]:
    return {
        "country": {"iso_code": "DE", "names": {"en": "Germany"}},
        "city": {"names": {"en": name}},
    }


class Publisher:
    """A web server with the files of a month; what it was asked is in ``asked``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.status = 200
        self.bodies: dict[str, bytes] = {}
        self.missing_bytes = 0
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.answer(self)

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/free"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01])
        self._thread.start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        self.agents.append(request.headers["User-Agent"])
        body = self.bodies.get(request.path)
        status = 404 if body is None else self.status
        request.send_response(status)
        body = body or b""
        request.send_header("Content-Length", str(len(body) + self.missing_bytes))
        request.end_headers()
        request.wfile.write(body)

    def publish(self, body: bytes, months_ago: int = 0) -> str:
        """Serve ``body`` as the file of a month; return its path."""
        path = f"/free/dbip-city-lite-{month(months_ago)}.mmdb.gz"
        self.bodies[path] = body
        return path

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def month(months_ago: int) -> str:
    day = clock.now()
    for _ in range(months_ago):
        day = day.replace(day=1) - timedelta(days=1)
    return f"{day:%Y-%m}"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the city file will be; a folder of its own."""
    (tmp_path / "geo").mkdir()
    path = tmp_path / "geo" / "geoip.mmdb"
    text = f"admin_key = {SECRET}\nsecret = {SECRET}\n"
    ini = tmp_path / "config.ini"
    ini.write_text(
        f"[database]\nurl = {sqlite_url}\n[security]\n{text}[files]\ngeoip = {path}\n"
    )
    monkeypatch.setenv("PORTHOLE_CONFIG", str(ini))
    monkeypatch.delenv(VARIABLE, raising=False)
    return path


def made_by(kind: bytes, folder: Path, name: str = "Berlin") -> bytes:
    """Return a city file of that kind."""
    networks = {"8.8.8.0/24": city(name), "81.2.69.0/24": city(name)}
    file = write_mmdb(folder / "made.mmdb", networks)
    content = file.read_bytes()
    file.unlink()
    head, tail = bytes([2 << 5 | len(KIND)]), bytes([2 << 5 | len(kind)])
    assert head + KIND in content
    return content.replace(head + KIND, tail + kind)


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """A city file as DB-IP makes it."""
    return made_by(b"DBIP-City-Lite", tmp_path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["geoip", *arguments]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def fail(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one sentence with which the command fails."""
    assert main(["geoip", *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("porthole: ")
    assert said.err.count("\n") == 1, said.err
    return said.err[len("porthole: ") : -1]


def age() -> int:
    return (clock.now() - MADE).days


def test_it_fetches_this_months_file(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = publisher.publish(gzip.compress(whole))
    said = run(capsys, "--from", publisher.url)
    assert said.splitlines() == [
        f"{path}: DBIP-City-Lite of 2023-11-14, {age()} days old.",
        "There should be a newer one: both publishers renew it monthly.",
        *ATTRIBUTION.splitlines(),
    ]
    assert "<a href='https://db-ip.com'>IP Geolocation by DB-IP</a>" in said
    assert publisher.asked == [asked]
    assert publisher.agents[0].startswith("Porthole/")
    assert path.read_bytes() == whole
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("months_ago", [1, 2])
def test_it_takes_an_earlier_months_file(
    months_ago: int,
    path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publisher.publish(gzip.compress(whole), months_ago)
    run(capsys, "--from", publisher.url + "/")
    assert len(publisher.asked) == months_ago + 1
    assert path.read_bytes() == whole


def test_it_names_the_months_of_a_short_february() -> None:
    assert list(geoip._months(datetime(2026, 3, 31))) == [
        *("2026-03", "2026-02", "2026-01")
    ]
    assert list(geoip._months(datetime(2026, 1, 1))) == [
        *("2026-01", "2025-12", "2025-11")
    ]


def test_the_environment_names_the_folder(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publisher.publish(gzip.compress(whole))
    monkeypatch.setenv(VARIABLE, publisher.url)
    run(capsys)
    assert path.read_bytes() == whole


def test_it_follows_a_link_to_a_shared_file(
    path: Path,
    tmp_path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path.symlink_to(tmp_path / "shared.mmdb")
    publisher.publish(gzip.compress(whole))
    run(capsys, "--from", publisher.url)
    assert path.is_symlink()
    assert (tmp_path / "shared.mmdb").read_bytes() == whole


def test_it_shows_on_a_terminal_how_far_it_is(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    padded = os.urandom(3_200_000) + whole
    publisher.publish(gzip.compress(padded))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    main(["geoip", "--from", publisher.url])
    said = capsys.readouterr().err
    assert re.search(r"City file, MB  \[#+ +\] +33%  1 / 3", said)
    assert f"[{'#' * 30}] 100%  3 / 3" in said


DAMAGES = {
    "is not a gzip file, or damaged": lambda packed: b"<html>Not here</html>",
    "is not a gzip file, or damaged: CRC": lambda packed: (
        packed[:-8] + b"\0\0\0\0" + packed[-4:]
    ),
    "is not a gzip file, or damaged: Error -3": lambda packed: (
        packed[:10] + b"\xff" * 99 + packed[109:]
    ),
    "broke off before its end": lambda packed: packed[: len(packed) // 2],
    "holds is not a MaxMind database": lambda packed: b"",
    "is not a MaxMind database, or a damaged one": lambda packed: gzip.compress(
        b"no city " * 9999
    ),
    "is of the kind 'Test-Asn', not a city": lambda packed: gzip.compress(
        made_by(b"Test-Asn", Path(tempfile.gettempdir()))
    ),
    "knows no place of well-known addresses": lambda packed: gzip.compress(
        gzip.decompress(packed)
        .replace(b"country", b"kountry")
        .replace(b"city", b"sity")
    ),
}


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("reason", DAMAGES)
def test_it_keeps_the_old_file_when_the_new_one_is_no_good(
    reason: str,
    is_there: bool,
    path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if is_there:
        path.write_bytes(whole)
    asked = publisher.publish(DAMAGES[reason](gzip.compress(whole)))
    said = fail(capsys, "--from", publisher.url)
    assert asked in said
    assert reason in said
    assert os.listdir(path.parent) == ([path.name] if is_there else [])
    if is_there:
        assert path.read_bytes() == whole


def test_it_says_that_the_connection_broke(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publisher.publish(gzip.compress(whole)[:-20])
    publisher.missing_bytes = 20
    assert "broke off" in fail(capsys, "--from", publisher.url)
    assert os.listdir(path.parent) == []


def test_it_does_not_fill_the_disk(
    path: Path,
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(geoip, "MAX_BYTES", 5 * 10**6)
    publisher.publish(gzip.compress(bytes(50 * 10**6)))
    said = fail(capsys, "--from", publisher.url)
    assert said.endswith("unpacks to more than 5 MB.")
    assert os.listdir(path.parent) == []


def test_it_leaves_nothing_on_a_full_disk(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path.write_bytes(whole)
    publisher.publish(gzip.compress(whole))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        said = fail(capsys, "--from", publisher.url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert said == f"Cannot write beside {path}: File too large."
    assert os.listdir(path.parent) == [path.name]
    assert path.read_bytes() == whole


def test_it_says_that_the_folder_is_missing(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path.parent.rmdir()
    publisher.publish(gzip.compress(whole))
    said = fail(capsys, "--from", publisher.url)
    assert said == f"Cannot write beside {path}: No such file or directory."


def test_it_says_that_the_folder_cannot_be_written(
    publisher: Publisher, whole: bytes
) -> None:
    publisher.publish(gzip.compress(whole))
    # Not in tmp_path, which nobody but root may enter when root runs the tests.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        me = os.geteuid()
        if me == 0:
            os.seteuid(NOBODY)
        try:
            with pytest.raises(geoip.Problem, match="Permission denied"):
                geoip.fetch(f"{folder}/geoip.mmdb", publisher.url, clock.now())
        finally:
            os.seteuid(me)
            os.chmod(folder, 0o755)


def test_it_says_that_there_is_no_file_of_these_months(
    path: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.publish(b"", 3)
    assert fail(capsys, "--from", publisher.url) == (
        f"{publisher.url} has no city file of this month or the two before it."
    )
    assert len(publisher.asked) == 3


def test_it_says_what_the_publisher_answers(
    path: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = publisher.publish(b"")
    publisher.status = 503
    said = fail(capsys, "--from", publisher.url)
    assert said.endswith(f"{asked} answers 503 Service Unavailable.")
    assert publisher.asked == [asked]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/free", "Connection refused"),
        ("http://no.invalid/free", "cannot be fetched"),
        ("https://[::1/free", "Invalid IPv6 URL"),
        ("http://127.0.0.1:x/free", "cannot be fetched"),
        ("file:///etc", "is not the address of a folder"),
        ("ftp://127.0.0.1/free", "is not the address of a folder"),
        ("db-ip.com/free", "is not the address of a folder"),
    ],
)
def test_it_says_that_the_publisher_is_away(
    url: str, reason: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reason in fail(capsys, "--from", url)
    assert os.listdir(path.parent) == []


def test_check_says_what_is_there(
    path: Path, whole: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(whole)
    said = run(capsys, "--check")
    assert said.startswith(
        f"{path}: DBIP-City-Lite of 2023-11-14, {age()} days old.\nThere should be a"
    )
    assert ATTRIBUTION in said


def test_check_finds_a_file_of_today_new_enough(
    path: Path, whole: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (1700000000).to_bytes(4, "big")
    now = int(datetime.now().timestamp()).to_bytes(4, "big")
    path.write_bytes(whole.replace(before, now))
    assert ", 0 days old.\nPlaces are" in run(capsys, "--check")


def test_check_says_that_there_is_none(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = fail(capsys, "--check")
    assert said == f"There is no file {path}. To fetch it: python -m app geoip"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a MaxMind database, or a damaged one."),
        (b"\xab\xcd\xefMaxMind.com", "is not a MaxMind database, or a damaged one."),
    ],
)
def test_check_says_that_it_is_no_use(
    content: bytes, reason: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(content)
    assert fail(capsys, "--check") == f"{path} {reason}"


def test_it_leaves_a_file_of_maxminds(
    path: Path,
    tmp_path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = made_by(b"GeoLite2-City", tmp_path)
    path.write_bytes(content)
    monkeypatch.setenv(VARIABLE, publisher.url)
    said = run(capsys)
    assert said.startswith(f"{path}: GeoLite2-City of 2023-11-14")
    assert "It comes from MaxMind, so it is left as it is." in said
    assert ATTRIBUTION not in said
    assert publisher.asked == []
    assert path.read_bytes() == content
    publisher.publish(gzip.compress(whole))
    run(capsys, "--from", publisher.url)
    assert path.read_bytes() == whole


def test_it_replaces_a_broken_file(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path.write_bytes(b"rubbish")
    monkeypatch.setenv(VARIABLE, publisher.url)
    publisher.publish(gzip.compress(whole))
    run(capsys)
    assert path.read_bytes() == whole


def test_it_needs_no_schema(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", f"sqlite:///{path.parent}/new.sqlite")
    publisher.publish(gzip.compress(whole))
    run(capsys, "--from", publisher.url)


def test_it_says_that_old_places_stay_while_the_database_is_away(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_DATABASE_URL", "mysql://a:b@127.0.0.1:1/porthole")
    publisher.publish(gzip.compress(whole))
    said = fail(capsys, "--from", publisher.url)
    assert said.startswith(f"{path} is new, but networks seen before keep their old")
    assert path.read_bytes() == whole


def test_a_running_process_tells_the_new_places(
    alice: Actor,
    settings: config.Config,
    publisher: Publisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def cities() -> list[str]:
        rows = alice.installation.rows(
            "SELECT p.city FROM ph_visits v JOIN ph_places p"
            " ON p.project_id = v.project_id AND p.id = v.place_id"
            " ORDER BY v.started_at"
        )
        return [row["city"] for row in rows]

    def visit() -> None:
        alice.installation.clock.move(hours=1)
        assert alice.view(address="81.2.69.7").data["counted"]

    monkeypatch.setenv("PORTHOLE_CONFIG", settings.path)
    os.makedirs(os.path.dirname(settings.geoip), exist_ok=True)
    arguments = ["--from", publisher.url]
    publisher.publish(gzip.compress(made_by(b"DBIP-City-Lite", tmp_path, "Köln")))
    run(capsys, *arguments)
    for _ in range(3):
        visit()
    assert alice.installation.rows("SELECT place_id FROM ph_networks") != []
    publisher.publish(gzip.compress(made_by(b"DBIP-City-Lite", tmp_path, "Bonn")))
    run(capsys, *arguments)
    assert alice.installation.rows("SELECT place_id FROM ph_networks") == []
    visit()
    assert cities() == ["Köln", "Köln", "Köln", "Bonn"]


def test_it_forgets_many_networks_in_slices(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = installation.db
    insert = (
        "INSERT INTO ph_networks (project_id, id, place_id) VALUES (%(p)s, %(i)s, 1)"
    )
    rows = [{"p": 1 + i % 3, "i": i} for i in range(3500)]
    db.transaction(lambda: db.many(insert, rows))
    begun = []
    transaction = db.transaction
    monkeypatch.setattr(
        db, "transaction", lambda work: begun.append(1) or transaction(work)
    )
    network_store.forget_networks(db)
    assert len(begun) == 4
    assert installation.rows("SELECT id FROM ph_networks") == []


def test_it_says_which_package_is_missing(path: Path) -> None:
    # Without the site module Python sees its own packages only.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "app", "geoip", "--from", "http://127.0.0.1:1"],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "A package is missing (No module named 'maxminddb')" in done.stderr


def test_it_cleans_up_when_interrupted(
    path: Path,
    publisher: Publisher,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(geoip.location, "about", interrupt)
    publisher.publish(gzip.compress(whole))
    with pytest.raises(KeyboardInterrupt):
        geoip.fetch(str(path), publisher.url, clock.now())
    assert os.listdir(path.parent) == []
