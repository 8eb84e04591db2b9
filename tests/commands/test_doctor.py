"""python -m app doctor."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import config
from app.__main__ import main
from tests.conftest import SECRET


def test_it_says_what_is_fine_and_what_to_look_at(
    settings: config.Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORTHOLE_CONFIG", settings.path)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "  ok    Schema: Up to date.\n" in said
    assert "  look  GeoIP file: " in said
    assert "Do this: Run: python -m app geoip." in said
    assert "Only the page /doctor can tell" in said
    assert SECRET not in said
    assert max(map(len, said.splitlines())) <= 88 + len(settings.path)


def test_it_fails_if_something_is_broken(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "config.ini"
    path.write_text(
        "[database]\nurl = mysql://nobody:hunter2@127.0.0.1:1/none\n"
        f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
    )
    monkeypatch.setenv("PORTHOLE_CONFIG", str(path))
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "BROKEN" in said.out
    assert "Nothing listens there." in said.out.replace("\n        ", " ")
    assert said.err == "porthole: Broken: Database, Schema.\n"
    assert "hunter2" not in said.out + said.err
