"""Porthole's own log: whole entries, bounded files, and nobody's data in it."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.config import ROOT
from app.log import MAX_ENTRY_BYTES, Log, redact
from tests.conftest import Clock
from tests.test_imports import FORBIDDEN

PUBLIC_KEY = "0123456789abcdef" * 2
SECRET_KEY = "0123456789abcdef" * 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "log"


@pytest.fixture
def subject(folder: Path, clock: Clock) -> Log:
    return Log(str(folder), now=clock)


def written(folder: Path, number: int = 0) -> str:
    name = "porthole.log" + (f".{number}" if number else "")
    return (folder / name).read_text("utf-8")


def test_it_writes_the_time_and_the_text(
    folder: Path, subject: Log, clock: Clock
) -> None:
    subject.write("the database is away")
    clock.move(seconds=1.25)
    subject.write("it is back")
    assert written(folder) == (
        "2026-03-04 12:00:00.000Z the database is away\n"
        "2026-03-04 12:00:01.250Z it is back\n"
    )


def test_it_indents_further_lines(folder: Path, subject: Log) -> None:
    subject.write("error 1f2e\n  File x\n\n    y()\n")
    subject.write("")
    assert written(folder).splitlines() == [
        "2026-03-04 12:00:00.000Z error 1f2e",
        "      File x",
        "    ",
        "        y()",
        "2026-03-04 12:00:00.000Z ",
    ]


def test_it_escapes_what_could_forge_or_hide_an_entry(
    folder: Path, subject: Log
) -> None:
    subject.write("a\rb\x1b[2Kc\x00d\te\x7ff\x85g\u2028h\u202ei\ud800j Ünï 😀")
    assert written(folder) == (
        "2026-03-04 12:00:00.000Z a\\rb\\x1b[2Kc\\x00d\\te\\x7ff\\x85g\\u2028h"
        "\\u202ei\\ud800j Ünï 😀\n"
    )


@pytest.mark.parametrize("text", ["x", "😀", "\x00", "x\n", "é:", "a:b@"])
def test_it_caps_an_entry(folder: Path, subject: Log, text: str) -> None:
    subject.write(text * 1_000_000)
    content = (folder / "porthole.log").read_bytes()
    assert MAX_ENTRY_BYTES - 8 <= len(content) <= MAX_ENTRY_BYTES
    assert content.decode().endswith(" ... (cut)\n")


def test_it_is_for_our_eyes_only(folder: Path, clock: Clock) -> None:
    subject = Log(str(folder), max_bytes=50, now=clock)
    subject.write("one that fills the whole file")
    subject.write("two")
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert modes == {"porthole.log": 0o600, "porthole.log.1": 0o600}


def test_it_shows_the_first_line_on_stderr(
    subject: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    subject.write("error 1f2e\nFile x")
    assert capsys.readouterr().err == "porthole: 2026-03-04 12:00:00.000Z error 1f2e\n"


def test_it_keeps_three_full_files(folder: Path, clock: Clock) -> None:
    subject = Log(str(folder), max_bytes=1000, now=clock)
    for number in range(1000):
        subject.write(f"entry {number}")
    names = ["porthole.log", "porthole.log.1", "porthole.log.2", "porthole.log.3"]
    assert sorted(file.name for file in folder.iterdir()) == names
    kept = "".join(written(folder, number) for number in (3, 2, 1, 0))
    found = [int(number) for number in re.findall(r"entry (\d+)", kept)]
    assert found == list(range(found[0], 1000))
    for number in (1, 2, 3):
        assert 1000 <= len(written(folder, number)) < 1040


# Each makes a folder that cannot hold a log.
def _is_a_file(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("")


def _is_below_a_file(folder: Path) -> None:
    folder.parent.write_text("")


def _has_a_folder_in_the_way(folder: Path) -> None:
    (folder / "porthole.log").mkdir(parents=True)


def _is_on_a_full_disk(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "porthole.log").symlink_to("/dev/full")


@pytest.mark.parametrize(
    "breaks",
    [_is_a_file, _is_below_a_file, _has_a_folder_in_the_way, _is_on_a_full_disk],
)
def test_it_falls_back_to_stderr(
    folder: Path, subject: Log, capsys: pytest.CaptureFixture[str], breaks: object
) -> None:
    breaks(folder)  # type: ignore[operator]
    subject.write("error 1f2e\nFile x")
    assert capsys.readouterr().err == (
        "porthole: 2026-03-04 12:00:00.000Z error 1f2e\n    File x\n"
    )


def test_it_never_raises_for_a_folder_that_cannot_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Log("a\0b").write("one\ntwo")
    assert capsys.readouterr().err.endswith(" one\n    two\n")


@pytest.mark.parametrize("stream", [None, "closed", "ascii"])
def test_it_lives_without_a_stderr(
    folder: Path,
    tmp_path: Path,
    subject: Log,
    monkeypatch: pytest.MonkeyPatch,
    stream: str | None,
) -> None:
    with (tmp_path / "stderr").open("w", encoding="ascii") as file:
        if stream == "closed":
            file.close()
        monkeypatch.setattr(sys, "stderr", stream and file)
        subject.write("größer")
    assert "größer" in written(folder)


def test_it_goes_on_when_it_cannot_rotate(folder: Path, clock: Clock) -> None:
    subject = Log(str(folder), max_bytes=50, now=clock)
    (folder / "porthole.log.1" / "x").mkdir(parents=True)
    (folder / "porthole.log.2").mkdir()
    (folder / "porthole.log.2" / "y").mkdir()
    (folder / "porthole.log.3").write_text("")
    for number in range(9):
        subject.write(f"entry {number}")
    assert len(written(folder).splitlines()) == 9


def test_it_rotates_where_files_have_no_locks(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    subject = Log(str(folder), max_bytes=50, now=clock)
    for number in range(4):
        subject.write(f"entry {number}")
    assert "entry 1" in written(folder, 2)
    assert "entry 3" in written(folder, 1)


def test_it_leaves_rotation_to_whoever_has_the_lock(folder: Path, clock: Clock) -> None:
    import fcntl

    subject = Log(str(folder), max_bytes=50, now=clock)
    subject.write("entry 0")
    with (folder / "porthole.log").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        subject.write("entry 1")
        subject.write("entry 2")
        assert not (folder / "porthole.log.1").exists()
    subject.write("entry 3")
    assert len(written(folder, 1).splitlines()) == 4


def test_it_writes_again_what_went_to_a_deleted_file(
    folder: Path, subject: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def delete_first(file: int, entry: bytes) -> int:
        monkeypatch.setattr("os.write", write)
        (folder / "porthole.log").unlink()
        return write(file, entry)

    monkeypatch.setattr("os.write", delete_first)
    subject.write("the only entry")
    assert written(folder).count("the only entry") == 1


def test_it_does_not_rotate_what_another_process_just_did(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    subject = Log(str(folder), max_bytes=50, now=clock)

    def rotate_first(file: int, entry: bytes) -> int:
        monkeypatch.setattr("os.write", write)
        (folder / "porthole.log").rename(folder / "porthole.log.1")
        (folder / "porthole.log").write_text("new\n")
        return write(file, entry)

    subject.write("entry 0")
    monkeypatch.setattr("os.write", rotate_first)
    subject.write("entry 1")
    assert written(folder) == "new\n"
    assert len(written(folder, 1).splitlines()) == 2


def test_it_shows_on_stderr_what_the_disk_took_only_in_part(
    subject: Log,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write = os.write
    monkeypatch.setattr("os.write", lambda file, entry: write(file, entry[:40]))
    subject.write("error 1f2e\nFile x")
    assert capsys.readouterr().err.endswith(" error 1f2e\n    File x\n")


WRITER = """
import sys
from app.log import Log
sys.stderr = None
log = Log(sys.argv[1], int(sys.argv[3]))
print(flush=True)
sys.stdin.readline()
for number in range(500):
    log.write(f"<{sys.argv[2]} {number}>\\n" + "y" * (number % 97) + "\\nend")
"""


def run_writers(folder: Path, max_bytes: int) -> list[str]:
    """Return what four processes wrote, 500 entries each, oldest file first.

    The current file is the last one, empty if the last entry filled the one before.
    """
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), name, str(max_bytes)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in "abcd"
    ]
    for writer in writers:
        assert writer.stdout
        writer.stdout.readline()
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    full = sorted(folder.glob("porthole.log.*"), reverse=True)
    current = folder / "porthole.log"
    texts = [file.read_text("utf-8") for file in full]
    return [*texts, current.read_text("utf-8") if current.exists() else ""]


ENTRY = re.compile(
    r"[0-9-]{10} [0-9:.]{12}Z <(\w) (\d+)>\n {4}(y*)\n {4}end\n", re.ASCII
)


def test_it_loses_and_tears_nothing_with_four_processes(folder: Path) -> None:
    files = run_writers(folder, 60_000)
    *full, current = files
    # Not always three: while the process that renames a file waits for its turn, the
    # others write to it, as many entries as they like.
    assert full
    assert min(map(len, full)) >= 60_000 > len(current)
    found = [
        (match[1], int(match[2])) for text in files for match in ENTRY.finditer(text)
    ]
    assert sorted(found) == [(name, n) for name in "abcd" for n in range(500)]
    # Nothing is left over between the entries.
    assert ENTRY.sub("", "".join(files)) == ""


def test_it_tears_nothing_however_often_it_rotates(folder: Path) -> None:
    files = run_writers(folder, 700)
    assert ENTRY.sub("", "".join(files)) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 203.0.113.7", "from [address]"),
        ("203.0.113.7:443 refused", "[address]:443 refused"),
        ("('203.0.113.7', 1)", "('[address]', 1)"),
        ("x203.0.113.7y", "x[address]y"),
        ("300.400.500.600", "[address]"),
        ("1.2.3.4.5", "[address]"),
        ("Python 3.11.7", "Python 3.11.7"),
        ("2001:db8::7", "[address]"),
        ("[2001:db8::7]:443", "[[address]]:443"),
        ("2001:DB8:1:2:3:4:5:6 x", "[address] x"),
        ("peer:2001:db8:1:2:3:4:5:6,", "peer:[address],"),
        ("::1", "[address]"),
        ("fe80::1%eth0 x", "[address] x"),
        ("fe80::", "[address]"),
        ("::ffff:203.0.113.7", "[address]"),
        ("2001:db8::/32", "[address]/32"),
        ("at 12:34:56, 2026-03-04T12:00:00", "at 12:34:56, 2026-03-04T12:00:00"),
        ("tests/test_log.py::test_it", "tests/test_log.py::test_it"),
        ("std::string, a :: b", "std::string, a :: b"),
        ("aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"),
        (f"key {PUBLIC_KEY}", "key [key]"),
        (f"key={SECRET_KEY}&x", "key=[key]&x"),
        (f"'{SECRET_KEY.upper()}'", "'[key]'"),
        (SECRET_KEY + "f", "[key]"),
        ("error 1f2e3d4c", "error 1f2e3d4c"),
        ("mysql://porthole:hunter2@db/x", "mysql://porthole:***@db/x"),
        ("mysql://u:p@ss:w/rd@db/x y@z", "mysql://u:***@db/x y@z"),
        ("redis://:pass@db", "redis://:***@db"),
        ("mysql://u:p@203.0.113.7:3306/x", "mysql://u:***@[address]:3306/x"),
        ("https://alice.example:8080/x", "https://alice.example:8080/x"),
        ("https://bob@alice.example/", "https://bob@alice.example/"),
        ("", ""),
    ],
)
def test_it_redacts(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_it_redacts_what_it_writes(
    folder: Path, subject: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"mysql://u:hunter2@h from 203.0.113.7\n{SECRET_KEY}"
    subject.write(text)
    # A key across the cap is not shown in part.
    subject.write(" " * (MAX_ENTRY_BYTES - 60) + SECRET_KEY)
    shown = written(folder) + capsys.readouterr().err
    for secret in ("hunter2", "203.0", "0123456789"):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        ":",
        "1.",
        "a:",
        "://a:",
        "0",
        "0123456789abcdef" * 2 + " ",
        "1:",
        "::",
        "@",
        "%a",
    ],
)
def test_it_redacts_in_a_time_that_no_text_can_stretch(text: str) -> None:
    log = Log(os.devnull)
    begin = time.process_time()
    log.write(text * (10_000_000 // len(text)) + "z")
    assert time.process_time() - begin < 2


def test_it_loads_nothing_heavy() -> None:
    def loaded(script: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-X", "frozen_modules=off", "-c", script],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return set(done.stdout.split())

    ours = loaded("import sys, app.log\nprint(*sys.modules)")
    by_itself = loaded("import sys\nprint(*sys.modules)")
    assert {name.split(".")[0] for name in ours - by_itself} & FORBIDDEN == set()
