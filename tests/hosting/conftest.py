"""A shared host of real servers: FTP, phpMyAdmin, Apache, MariaDB."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import chromium, failing_tab, site, tab
from tests.hosting import servers
from tests.hosting.account import DATABASE_PASSWORD, DATABASE_USER, Account
from tests.hosting.phpmyadmin import PhpMyAdmin
from tests.release.conftest import release_zip

if TYPE_CHECKING:
    from tests.mariadb_server import MariadbServer

__all__ = ["chromium", "failing_tab", "release_zip", "site", "tab"]

NOT_HERE = "The drill needs more than this machine has. Debian: apt install {}."
RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER, LOCK TABLES,"
    " CREATE TEMPORARY TABLES, REFERENCES"
)
"""What hosts give."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a line for each variant: its name, how it went, and the seconds."""
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            if "hosting/test_drill.py" in report.nodeid:
                name = report.nodeid.partition("::test_")[2].replace("_", " ")
                line = f"drill: {name}: {outcome}, {report.duration:.1f} s"
                terminalreporter.write_line(line)
    if servers.missing():
        line = NOT_HERE.format(servers.missing())
        terminalreporter.write_line(line, red=True, bold=True)


class Host:
    """The machine; each account on it has a home and a database of its own."""

    def __init__(self, folder: Path, mariadb: MariadbServer, zip: Path) -> None:
        self.folder = folder
        self.homes = folder / "homes"
        self.homes.mkdir()
        os.chown(self.homes, *servers.owner())
        self.zip = zip
        self._mariadb = mariadb
        self._accounts = 0
        self._prefix = f"host{os.getpid()}"
        with mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute(
                f"CREATE OR REPLACE USER {DATABASE_USER}@'%%' IDENTIFIED BY %s"
                " WITH MAX_USER_CONNECTIONS 5",
                [DATABASE_PASSWORD],
            )
            cursor.execute(f"GRANT {RIGHTS} ON `{self._prefix}\\_%`.* TO alice@'%'")
        self.ftp = servers.Ftp(self.homes)
        self._php = servers.start_phpmyadmin(folder, mariadb.port)
        url = f"http://127.0.0.1:{self._php.port}"
        self.phpmyadmin = PhpMyAdmin(url, DATABASE_USER, DATABASE_PASSWORD)

    def stop(self) -> None:
        self._php.stop()
        self.ftp.stop()

    def open_account(self) -> Account:
        self._accounts += 1
        database = f"{self._prefix}_{self._accounts}"
        self._mariadb.create_database(database)
        home = self.homes / str(self._accounts)
        home.mkdir()
        os.chown(home, *servers.owner())
        return Account(home, self.ftp.port, database, self._mariadb.port, self.zip)


@pytest.fixture(scope="session")
def host(mariadb: MariadbServer, release_zip: Path) -> Iterator[Host]:
    if servers.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(NOT_HERE.format(servers.missing()))
        pytest.skip(NOT_HERE.format(servers.missing()))
    # pytest's own folders are closed to the user that the web server runs as.
    folder = Path(tempfile.mkdtemp(prefix="porthole-host-"))
    folder.chmod(0o755)
    machine = Host(folder, mariadb, release_zip)
    yield machine
    machine.stop()
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)  # one of the accounts could not be written
    shutil.rmtree(folder)


@pytest.fixture
def account(host: Host) -> Iterator[Account]:
    """An account with an imported schema; nothing is uploaded yet."""
    made = host.open_account()
    schema = made.release["porthole/sql/001_initial.sql"]
    host.phpmyadmin.import_sql(made.database, schema)
    yield made
    made.close()


@pytest.fixture
def serve(host: Host) -> Iterator[Callable[..., servers.Apache]]:
    """Starts an Apache of one kind, which is stopped after the test."""
    started: list[servers.Apache] = []

    def start(kind: Callable[..., servers.Apache], *folders: Path) -> servers.Apache:
        folder = Path(tempfile.mkdtemp(prefix="apache-", dir=host.folder))
        folder.chmod(0o755)
        started.append(kind(folder, *folders))
        return started[-1]

    yield start
    for server in started:
        server.stop()
