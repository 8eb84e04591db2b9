"""Places, from files the tests write themselves."""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.client.location import Locator, Place, about

from .mmdb import write_mmdb


def names(english: str) -> dict[str, Any]:
    return {"names": {"de": "auf Deutsch", "en": english}}


BERLIN = {
    "country": {"iso_code": "DE", **names("Germany")},
    "subdivisions": [names("Land Berlin"), names("Mitte")],
    "city": names("Berlin"),
}
FRANCE = {"country": {"iso_code": "FR", **names("France")}}
LONG = {
    "country": {"iso_code": "LONG", **names("é" * 300)},
    "subdivisions": [names("r" * 300)],
    "city": names("c" * 300),
}
NETWORKS: dict[str, Any] = {
    "81.0.0.0/8": FRANCE,
    "81.2.69.0/24": BERLIN,
    "81.2.70.128/25": BERLIN,
    "2001:db8:1::/48": BERLIN,
    "2001:db8:2:1::/64": FRANCE,
    "9.0.0.0/24": LONG,
    "9.0.1.0/24": {"continent": names("Europe")},
    "9.0.2.0/24": {"autonomous_system_number": 64512},
    "9.0.3.0/24": "a record that is no map",
    "9.0.4.0/24": {"country": "DE", "subdivisions": [], "city": {"names": "x"}},
    "9.0.5.0/24": {"country": {"iso_code": 7, "names": {"en": True}}, **BERLIN},
    "9.0.6.0/24": {"country": {"iso_code": "AT"}, "subdivisions": {"names": {}}},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mmdb(tmp_path_factory.mktemp("geo") / "city.mmdb", NETWORKS)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("81.2.69.142", ("DE", "Germany", "Land Berlin", "Berlin", True)),
        ("81.2.70.200", ("DE", "Germany", "Land Berlin", "Berlin", False)),
        ("81.2.70.1", ("FR", "France", "", "", False)),
        ("81.200.0.1", ("FR", "France", "", "", True)),
        ("2001:db8:1:2::3", ("DE", "Germany", "Land Berlin", "Berlin", True)),
        ("2001:db8:2:1::3", ("FR", "France", "", "", False)),
        ("9.0.0.1", ("LO", "é" * 60, "r" * 80, "c" * 80, True)),
        ("9.0.5.1", ("DE", "Germany", "Land Berlin", "Berlin", True)),
        ("9.0.6.1", ("AT", "", "", "", True)),
    ],
)
def test_it_finds_a_place(
    path: Path, address: str, expected: tuple[str, str, str, str, bool]
) -> None:
    assert Locator(str(path)).find(address) == Place(*expected)


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "192.168.1.1", "127.0.0.1", "::1", "fd00::1", "1.1.1.1"),
        *("9.0.1.1", "9.0.2.1", "9.0.3.1", "9.0.4.1"),
        *("", "nonsense", "81.2.69.142:80", "81.2.69.142/24", "\0", "\udcff"),
        *("1" * 50_000, "[" * 50_000, "::" * 25_000),
    ],
)
def test_it_finds_no_place(path: Path, address: str) -> None:
    assert Locator(str(path)).find(address) is None


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"not a database" * 999, b"\xab\xcd\xefMaxMind.com"]
)
def test_it_survives_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "city.mmdb"
    path.write_bytes(content)
    assert Locator(str(path)).find("81.2.69.142") is None


@pytest.mark.parametrize("name", ["", ".", "missing.mmdb", "no/such/folder", "a\0b"])
def test_it_survives_a_missing_file(tmp_path: Path, name: str) -> None:
    assert Locator(name and str(tmp_path / name)).find("81.2.69.142") is None


def test_it_opens_the_file_once(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "city.mmdb", NETWORKS)
    locator = Locator(str(path))
    assert locator.find("81.2.69.142")
    path.unlink()
    assert locator.find("81.2.69.142")


def test_it_finds_a_file_that_is_uploaded_later(tmp_path: Path) -> None:
    locator = Locator(str(tmp_path / "city.mmdb"))
    assert locator.find("81.2.69.142") is None
    write_mmdb(tmp_path / "city.mmdb", NETWORKS)
    assert locator.find("81.2.69.142")


def replace(path: Path, content: bytes) -> None:
    """Put another file in the place of one, as an upload by rename does."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


def moved_to(city: str, folder: Path) -> bytes:
    record = {**BERLIN, "city": names(city)}
    return write_mmdb(folder / "other.mmdb", {"81.2.69.0/24": record}).read_bytes()


def test_it_takes_a_file_that_replaces_the_first(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "city.mmdb", NETWORKS)
    locator = Locator(str(path))
    assert city_of(locator) == "Berlin"
    replace(path, moved_to("Bonn", tmp_path))
    assert city_of(locator) == "Bonn"


def test_it_keeps_the_first_while_the_second_is_broken(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "city.mmdb", NETWORKS)
    locator = Locator(str(path))
    assert city_of(locator) == "Berlin"
    replace(path, b"no database")
    # The question that finds the new file broken has no answer; the next have.
    assert city_of(locator) in ("", "Berlin")
    assert [city_of(locator) for _ in range(3)] == ["Berlin"] * 3
    replace(path, moved_to("Bonn", tmp_path))
    assert city_of(locator) == "Bonn"


def test_it_survives_an_upload_over_the_file_itself(tmp_path: Path) -> None:
    # What the reader has mapped to memory is cut: to read it would be SIGBUS.
    networks = {f"12.{i}.0.0/16": {"n": f"{i}" * 9000} for i in range(40)}
    path = write_mmdb(tmp_path / "city.mmdb", {**networks, **NETWORKS})
    assert path.stat().st_size > 300_000
    locator = Locator(str(path))
    assert city_of(locator) == "Berlin"
    whole = moved_to("Bonn", tmp_path)
    with path.open("r+b") as file:
        file.truncate(0)
        assert city_of(locator) == ""
        file.write(whole[:100])
        file.flush()
        assert city_of(locator) == ""
        file.write(whole[100:])
    assert city_of(locator) == "Bonn"


def test_it_does_not_open_a_broken_file_at_each_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    (tmp_path / "city.mmdb").write_bytes(b"no database")

    def count(path: str) -> None:
        opened.append(path)
        raise OSError("broken")

    monkeypatch.setattr("maxminddb.open_database", count)
    locator = Locator(str(tmp_path / "city.mmdb"))
    for _ in range(9):
        assert city_of(locator) == ""
    assert len(opened) == 1


def city_of(locator: Locator) -> str:
    place = locator.find("81.2.69.142")
    return place.city if place else ""


def test_it_describes_a_file(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="knows no place"):
        about(str(path))
    known = write_mmdb(tmp_path / "known.mmdb", {"9.9.9.0/24": BERLIN})
    assert about(str(known)) == ("Test-City", 1700000000)
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        about(str(tmp_path / "missing.mmdb"))


def test_it_needs_no_reader_installed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    assert Locator(str(path)).find("81.2.69.142") is None


def test_it_never_raises_for_a_damaged_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Cheap hosts have the reader in pure Python, which trusts what it reads.
    monkeypatch.setattr("maxminddb._extension", None)
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.mmdb"
    dice = random.Random(7)
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            # Half of the damage goes into the metadata at the end.
            tail = dice.choice([len(content), 300])
            content[len(content) - dice.randint(1, tail)] = dice.randrange(256)
        cut = dice.choice([0, 0, dice.randrange(len(content))])
        damaged.write_bytes(content[cut:])
        with suppress(ValueError):
            about(str(damaged))
        locator = Locator(str(damaged))
        for address in ("81.2.69.142", "2001:db8:1:2::3"):
            place = locator.find(address)
            assert place is None or isinstance(place, Place)
