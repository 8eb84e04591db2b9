"""What is in the release, and that it is the same whoever makes it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from app import __version__
from app.release import wheels
from tests.release.conftest import ROOT, build

LOCK = ROOT / "requirements-release.txt"
NOT_NEEDED = {"importlib-metadata", "colorama"}


@pytest.fixture(scope="session")
def contents(release_zip: Path) -> dict[str, bytes]:
    """Every file of the zip by its path."""
    with zipfile.ZipFile(release_zip) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        return {name: archive.read(name) for name in names}


@pytest.fixture(scope="session")
def packages(release_zip: Path) -> list[wheels.Wheel]:
    return wheels.fetch(LOCK, ROOT / "dist" / "wheels")


def test_it_is_the_same_byte_for_byte(release_zip: Path, tmp_path: Path) -> None:
    source = tmp_path / "elsewhere"
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns("dist", ".venv", ".git", "tests", "var"),
        copy_function=shutil.copyfile,  # and with it neither times nor modes
    )
    (source / "dist").mkdir()
    (source / "dist" / "wheels").symlink_to(ROOT / "dist" / "wheels")
    for useless in (
        "app/x.pyc",
        "app/__pycache__/a.pyc",
        "app/.DS_Store",
        "app/.x.swp",
        "app/config.py~",
        "sql/dump-of-my-site.sql",
    ):
        (source / useless).parent.mkdir(exist_ok=True)
        (source / useless).write_bytes(b"")
    again = build(tmp_path / "again", source)
    assert again.name == release_zip.name == f"porthole-{__version__}.zip"
    assert again.read_bytes() == release_zip.read_bytes()


def test_it_has_a_part_for_the_document_root_and_one_above(
    contents: dict[str, bytes],
) -> None:
    assert {name.partition("/")[0] for name in contents} == {"public_html", "porthole"}
    public = {name for name in contents if name.startswith("public_html/")}
    assert {name[len("public_html/") :] for name in public} == {
        ".htaccess",
        "app.cgi",
        "help500.html",
        "snippet/micrologs.js",
        "snippet/porthole.js",
        "w/page.js",
    }
    for name in (
        ".htaccess",
        "config.example.ini",
        "passenger_wsgi.py",
        "sql/001_initial.sql",
        "app/pages/templates/demo.html",
    ):
        ours = (ROOT / name).exists()
        assert ("porthole/" + name in contents) == ours, name


def test_it_has_what_its_documents_lead_to(contents: dict[str, bytes]) -> None:
    documents = [name for name in contents if re.match(r"porthole/[\w/-]+\.md$", name)]
    assert "porthole/docs/api.md" in documents
    for name in documents:
        for link in re.findall(rb"\]\((?!http)([^)#]+)\)", contents[name]):
            path = os.path.normpath(Path(name).parent / link.decode())
            assert path in contents, (name, link)


def test_it_has_modes_that_hosts_accept(release_zip: Path) -> None:
    modes = {}
    with zipfile.ZipFile(release_zip) as archive:
        for entry in archive.infolist():
            modes[entry.filename] = entry.external_attr >> 16 & 0o777
    assert modes.pop("public_html/app.cgi") == 0o755
    assert modes.pop("porthole/var/") == 0o700
    for name, mode in modes.items():
        assert mode == (0o755 if name.endswith("/") else 0o644), name


def test_a_file_that_changes_gets_another_time(
    release_zip: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(release_zip) as archive:
        times = [entry.date_time for entry in archive.infolist()]
        different = {archive.read(name) for name in archive.namelist()}
    assert len(set(times)) == len(different)


def test_it_has_nothing_compiled(contents: dict[str, bytes]) -> None:
    endings = {Path(name).suffix for name in contents}
    assert not endings & {".pyc", ".so", ".pyd", ".c"}
    assert not [name for name in contents if "__pycache__" in name]
    assert not [name for name in contents if name.startswith("porthole/app/release")]


def test_its_manifest_has_the_sum_of_every_file(contents: dict[str, bytes]) -> None:
    manifest = contents["porthole/MANIFEST.sha256"].decode()
    told = dict(reversed(line.split("  ")) for line in manifest.splitlines())
    files = {name: hashlib.sha256(what).hexdigest() for name, what in contents.items()}
    del files["porthole/MANIFEST.sha256"]
    assert told == files


def test_it_has_the_licence_of_every_package(
    contents: dict[str, bytes], packages: list[wheels.Wheel]
) -> None:
    for package in packages:
        text = contents[f"porthole/licences/{package.pin.name}.txt"].decode()
        assert f"Version: {package.pin.version}" in text
        assert re.search(r"Permission|Redistribution|Apache", text), package.pin
    assert b"Permission is hereby granted" in contents["porthole/LICENSE"]


def test_it_pins_what_requirements_name() -> None:
    pins = {pin.name: pin.version for pin in wheels.read_pins(LOCK)}
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            wanted = Requirement(line)
            if wanted.name != "geoip2":
                assert pins[wanted.name] in wanted.specifier, line


def test_it_has_all_that_its_packages_need(packages: list[wheels.Wheel]) -> None:
    pins = {pin.name: pin.version for pin, _ in packages}
    for package in packages:
        for line in package.about().splitlines():
            name, _, value = line.partition(": ")
            if name == "Requires-Python":
                assert "3.9" in Requirement(f"python{value}").specifier
            if name == "Requires-Dist":
                wanted = Requirement(value)
                is_extra = wanted.marker and "extra" in str(wanted.marker)
                if not is_extra and wanted.name not in NOT_NEEDED:
                    assert pins[wanted.name.lower()] in wanted.specifier, line


def test_it_refuses_a_package_that_is_another(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    text = LOCK.read_text()
    line = next(line for line in text.splitlines() if line.startswith("blinker"))
    lock.write_text(f"{line[:-4]}0000\n")
    (tmp_path / "found").mkdir()
    for wheel in (ROOT / "dist" / "wheels").glob("blinker-*"):
        shutil.copy(wheel, tmp_path / "found")
    with pytest.raises(wheels.CannotFetch):
        wheels.fetch(lock, tmp_path / "found")


def test_it_cannot_be_made_of_a_release(release_zip: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(release_zip) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [
            sys.executable,
            "-IS",
            "-c",
            "import sys; sys.path[:0] = ['.'];"
            " from app.__main__ import main; sys.exit(main(['release']))",
        ],
        cwd=tmp_path / "porthole",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "porthole: A release is made from Porthole's source, not from a release.\n"
    )
