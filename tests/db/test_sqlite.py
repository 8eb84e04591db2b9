"""The files of a SQLite database."""

from __future__ import annotations

import os
from pathlib import Path

from app import db


def test_it_lets_nobody_else_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    before = os.umask(0o022)
    try:
        database = db.connect(f"sqlite:///{folder}/porthole.sqlite", 5)
        database.define("CREATE TABLE IF NOT EXISTS ph_test (id INT NOT NULL)")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    database.close()
    names = [f"porthole.sqlite{end}" for end in ("", "-shm", "-wal")]
    assert modes == dict.fromkeys(names, 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_it_leaves_a_file_that_is_there_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "porthole.sqlite"
    path.touch(0o660)
    path.chmod(0o660)
    db.connect(f"sqlite:///{path}", 5).has_table("ph_settings")
    assert path.stat().st_mode & 0o777 == 0o660
