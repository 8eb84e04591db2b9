"""The spool's files, and what a disk can do to them."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.spool import disk, lines
from app.spool import folder as folders
from app.spool.folder import Folder, Full


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(str(tmp_path / "var" / "spool"), 50_000_000)


def contents(folder: Folder) -> list[bytes | None]:
    """Return what waits, in the order in which it would be drained."""
    return [
        content
        for name in folder.names()
        for _, content in lines.parsed(folder.read(name), 0)
    ]


def append(folder: Folder, *names: str, kind: str = "beacon") -> None:
    for name in names:
        folder.append(kind, name)


def test_it_keeps_the_order(folder: Folder) -> None:
    append(folder, "1", "2")
    append(folder, "first", kind="audit")
    append(folder, "3")
    assert contents(folder) == [b"first", b"1", b"2", b"3"]
    assert len(folder.names()) == 2


def test_it_adds_nothing_to_what_is_sealed(folder: Folder) -> None:
    append(folder, "1")
    [name] = folder.names()
    sealed = folder.seal(name)
    append(folder, "2")
    assert folder.seal(name) == ""
    assert folder.seal(sealed) == sealed
    assert contents(folder) == [b"1", b"2"]
    assert list(lines.parsed(folder.read(sealed), 0))[0][1] == b"1"
    assert len(folder.names()) == 2
    folder.remove(sealed)
    folder.remove(sealed)
    assert contents(folder) == [b"2"]


def test_it_begins_a_file_when_one_is_long(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "FILE_BYTES", 100)
    wanted = [str(number) for number in range(30)]
    append(folder, *wanted)
    assert contents(folder) == [name.encode() for name in wanted]
    assert len(folder.names()) > 5


def test_it_is_full_at_its_limit(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "spool"), 100)
    append(folder, "x" * 50)
    with pytest.raises(Full):
        append(folder, "x" * 50)
    append(folder, "x")
    with pytest.raises(Full):
        Folder(str(tmp_path / "none"), 0).append("beacon", "x")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("cut", range(2, 20))
def test_it_skips_what_is_torn_and_nothing_else(folder: Folder, cut: int) -> None:
    append(folder, "one", "two")
    [name] = folder.names()
    path = Path(folder.waiting) / name
    path.write_bytes(path.read_bytes()[:-cut])
    append(folder, "three")
    assert contents(folder) == [b"one", None, b"three"]


@pytest.mark.parametrize("at", range(0, 42, 3))
def test_it_notices_what_is_changed(folder: Folder, at: int) -> None:
    append(folder, "one", "two")
    [name] = folder.names()
    path = Path(folder.waiting) / name
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    assert {content for content in contents(folder) if content} < {b"one", b"two"}


def test_it_loses_nothing_when_many_add_and_one_drains(folder: Folder) -> None:
    drained: list[bytes | None] = []

    def fill(thread: int) -> None:
        own = Folder(folder.path, 50_000_000)
        append(own, *(f"{thread}-{number}" for number in range(40)))

    with ThreadPoolExecutor(4) as pool:
        filling = [pool.submit(fill, thread) for thread in range(4)]
        while folder.names() or not all(future.done() for future in filling):
            for name in folder.names():
                sealed = folder.seal(name)
                if sealed:
                    found = lines.parsed(folder.read(sealed), 0)
                    drained += [content for _, content in found]
                    folder.remove(sealed)
        for future in filling:
            future.result()
    wanted = {f"{t}-{n}".encode() for t in range(4) for n in range(40)}
    assert len(drained) == 160
    assert set(drained) == wanted


def test_it_waits_for_nobody_who_holds_a_file_for_good(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setattr(disk, "PAUSE_SECONDS", 0)
    append(folder, "one")
    [name] = folder.names()
    with open(Path(folder.waiting) / name, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        append(folder, "two")
        assert folder.seal(name) == ""
    assert contents(folder) == [b"one", b"two"]


def test_it_works_where_files_cannot_be_locked(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(disk.fcntl, "flock", fail)
    append(folder, "one", "two")
    assert contents(folder) == [b"one", b"two"]
    assert all(name.endswith(folders.SEALED) for name in folder.names())


@pytest.mark.parametrize("step", ["write", "short write", "fsync", "rename", "open"])
def test_it_says_so_when_the_disk_is_full(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What was there before is there, and what comes after is not lost."""
    append(folder, "one")

    def full(*arguments: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    write = os.write
    faults = {"short write": lambda file, data: write(file, data[:-5])}
    for kind in ("beacon", "audit"):
        with monkeypatch.context() as patch:
            name = step.rpartition(" ")[2]
            patch.setattr(os, name, faults.get(step, full))
            if not (step == "rename" and kind == "beacon"):
                with pytest.raises(OSError, match="space|full"):
                    append(folder, "two", kind=kind)
    append(folder, "three")
    found = contents(folder)
    assert found[0] == b"one"
    assert found[-1] == b"three"
    assert set(found) <= {b"one", b"two", b"three", None}


def test_it_forgets_what_was_never_begun(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(folder, "one")
    left = Path(folder.path) / ("beacon-00000001-0" + folders.NEW)
    left.touch()
    folder.tidy()
    assert left.exists()
    os.utime(left, (0, 0))
    folder.tidy()
    assert not left.exists()
    assert contents(folder) == [b"one"]
