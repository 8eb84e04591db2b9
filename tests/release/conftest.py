"""The zip as people get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.release import snippet

ROOT = Path(__file__).parents[2]


def build(folder: Path, root: Path = ROOT) -> Path:
    """Make the release of the source in ``root``, and return the zip's path."""
    command = [sys.executable, "-m", "app", "release", str(folder)]
    if not shutil.which("npx") and os.environ.get("CI") != "true":
        pytest.skip(snippet.HOW_TO_INSTALL)
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("porthole-*.zip"))


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip as unzip does: with the modes it has, which Python leaves out."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            (folder / entry.filename).chmod(entry.external_attr >> 16 & 0o777)


@pytest.fixture(scope="session")
def release_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("release"))
