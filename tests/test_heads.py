"""The newest audit entries, kept in files."""

from __future__ import annotations

import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import heads

HASH = "0a" * 32
OTHER = "b1" * 32


def test_it_keeps_the_newest(tmp_path: Path) -> None:
    var = str(tmp_path / "var")
    assert heads.read(var, 7) == {}
    heads.keep(var, 7, 5, HASH)
    assert heads.read(var, 7) == {"": (5, HASH)}
    assert heads.read(var, 8) == {}
    heads.keep(var, 7, 6, OTHER)
    heads.keep(var, 7, 5, HASH)
    heads.keep(var, 7, 6, HASH)
    assert heads.read(var, 7) == {"": (6, OTHER)}
    heads.forget(var, 7)
    assert heads.read(var, 7) == {}
    heads.forget(var, 7)


def test_it_keeps_projects_of_the_same_number_apart(tmp_path: Path) -> None:
    var = str(tmp_path)
    heads.keep(var, 7, 9, HASH, "pk_old")
    heads.keep(var, 7, 1, OTHER, "pk_new")
    heads.keep(var, 7, 10, OTHER, "pk_old")
    known = heads.read(var, 7)
    assert known == {"pk_old": (10, OTHER), "pk_new": (1, OTHER)}
    assert heads.of(known, "pk_new") == (1, OTHER)
    assert heads.of(known, "pk_third") is None
    assert heads.of({"": (1, HASH)}, "pk_new") == (1, HASH)


@pytest.mark.parametrize("content", [b"", b"x", b"5 " + HASH.encode(), b"\xff" * 200])
def test_it_survives_a_file_that_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = Path(heads.path_of(str(tmp_path), 7))
    path.parent.mkdir()
    path.write_bytes(content)
    assert heads.read(str(tmp_path), 7) == {}
    heads.keep(str(tmp_path), 7, 1, HASH)
    assert heads.read(str(tmp_path), 7) == {"": (1, HASH)}


def test_it_does_without_a_folder(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("in the way")
    heads.keep(str(tmp_path), 7, 1, HASH)
    assert heads.read(str(tmp_path), 7) == {}


def test_it_waits_for_nobody_long(tmp_path: Path) -> None:
    var = str(tmp_path)
    heads.keep(var, 7, 1, HASH)
    with open(heads.path_of(var, 7)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        heads.keep(var, 7, 2, OTHER)
        assert heads.read(var, 7) == {"": (1, HASH)}
    heads.keep(var, 7, 2, OTHER)
    assert heads.read(var, 7) == {"": (2, OTHER)}


def test_it_does_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError("no locks on this file system")

    monkeypatch.setattr(fcntl, "flock", refuse)
    heads.keep(str(tmp_path), 7, 1, HASH)
    assert heads.read(str(tmp_path), 7) == {"": (1, HASH)}


def test_it_never_goes_backwards(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keep = lambda seq: heads.keep(str(tmp_path), 7, seq, HASH)  # noqa: E731
        list(pool.map(keep, [*range(1, 301, 2), *range(300, 0, -2)]))
    assert heads.read(str(tmp_path), 7) == {"": (300, HASH)}
