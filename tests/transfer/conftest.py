"""Several installations, each on a database of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import conftest
from tests.client.mmdb import write_mmdb
from tests.conftest import Clock, Installation
from tests.mariadb_server import MariadbServer


class Hosts:
    """Installations with the same secret, each on a database of its own."""

    def __init__(self, folder: Path, clock: Clock, template: Path) -> None:
        self.folder = folder
        self.clock = clock
        self.template = template
        self.made: list[Installation] = []

    def on_sqlite(self, **settings: Any) -> Installation:
        home = self._home()
        shutil.copy(self.template, home / "db.sqlite")
        return self.on(f"sqlite:///{home / 'db.sqlite'}", **settings)

    def on_mariadb(self, server: MariadbServer) -> Installation:
        name = f"host{len(self.made)}"
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        server.create_database(name)
        return self.on(server.url(name))

    def on(self, url: str, secret: str = conftest.SECRET) -> Installation:
        home = self._home()
        (home / "config.ini").write_text(
            f"[database]\nurl = {url}\n"
            f"[security]\nadmin_key = {conftest.SECRET}\nsecret = {secret}\n"
        )
        settings = conftest.config.load(str(home / "config.ini"), {})
        # Reports on places and networks want some.
        record = {"country": {"iso_code": "CH", "names": {"en": "Switzerland"}}}
        os.makedirs(settings.var)
        write_mmdb(Path(settings.geoip), {"203.0.113.0/24": record})
        self.made.append(Installation(settings, self.clock))
        return self.made[-1]

    def _home(self) -> Path:
        home = self.folder / f"home{len(self.made)}"
        home.mkdir(exist_ok=True)
        return home


@pytest.fixture
def hosts(tmp_path: Path, clock: Clock, sqlite_template: Path) -> Iterator[Hosts]:
    made = Hosts(tmp_path, clock, sqlite_template)
    yield made
    for installation in made.made:
        installation.close()


@pytest.fixture(autouse=True)
def _stopped_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands read the time themselves."""
    monkeypatch.setattr("app.clock.now", clock)
