"""A Porthole of its own to measure: private MariaDB, config, project, server."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from app import clock, config, db
from app.commands import setup
from app.projects import admin
from tests.hosting import servers
from tests.mariadb_server import MariadbServer

ROOT = Path(__file__).parents[1]
# What a shared host gives its database, roughly.
SERVER = ("--innodb-buffer-pool-size=512M", "--innodb-flush-log-at-trx-commit=1")


class Served(NamedTuple):
    """A plain server that runs."""

    port: int
    process_id: int


class Place:
    """Where Porthole runs: ``settings``, the project's keys, and the server."""

    def __init__(self, folder: Path, server: MariadbServer, identity: str) -> None:
        self.server = server
        self.path = str(folder / "config.ini")
        server.create_database("porthole")
        setup.create_config(self.path)
        text = Path(self.path).read_text()
        url = server.url("porthole")
        text = re.sub(r"(?m)^url = .*$", lambda _: f"url = {url}", text)
        text = re.sub(r"(?m)^trusted_proxies =.*$", "trusted_proxies = 127.0.0.1", text)
        Path(self.path).write_text(text)
        self.settings = config.load(self.path)
        setup.apply_schema(self.settings)
        database = self.connect()
        made = admin.create_project(
            database, "Bench", ["bench.example"], clock.now(), identity=identity
        )
        database.close()
        self.project_id: int = made["id"]
        self.public_key: str = made["public_key"]
        self.secret_key: str = made["secret_key"]

    def connect(self) -> db.Database:
        """Return a connection of Porthole's own."""
        return db.connect(self.settings.database_url, 5)

    def prune(self) -> None:
        """Make the summaries, as the command does."""
        environ = {**os.environ, "PORTHOLE_CONFIG": self.path}
        command = [sys.executable, "-m", "app", "prune"]
        subprocess.run(command, cwd=ROOT, env=environ, check=True)

    def megabytes(self) -> float:
        """Return the size of the database's files."""
        files = (self.server.folder / "data/porthole").iterdir()
        return sum(file.stat().st_size for file in files) / 1e6

    def status(self, name: str) -> int:
        """Return a counter of the database server."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE %s", (name,))
            return int(cursor.fetchone()[1])

    def serve(self) -> AbstractContextManager[Served]:
        """Run the plain server."""
        return serving(self.path)

    @contextmanager
    def serve_by_passenger(self) -> Iterator[int]:
        """Run Apache with Passenger and its pool of 2; give its port."""
        folder = Path(tempfile.mkdtemp(prefix="porthole-apache-"))
        # Apache looks into it as www-data if we are root, as whom Porthole runs then.
        folder.chmod(0o755)
        public = folder / "public"
        public.mkdir()
        settings = [f"PassengerPython {sys.executable}"]
        settings.append(f"SetEnv PORTHOLE_CONFIG {self.path}")
        if os.geteuid() == 0:
            settings.append("PassengerDefaultUser root")
        apache = servers.passenger(folder, public, ROOT, *settings)
        try:
            yield apache.port
        finally:
            apache.stop()
            # Passenger's own processes end a moment later.
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(path: str) -> Iterator[Served]:
    """Run the plain server with this config.ini."""
    environ = {**os.environ, "PORTHOLE_CONFIG": path}
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--port", "0"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Served(_port(process), process.pid)
    finally:
        process.kill()
        process.wait()


def cpu_seconds(process_id: int) -> float:
    """Return the CPU time that a process has taken so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def drain(path: str) -> None:
    """Store what waits in the spool of the Porthole with this config.ini."""
    environ = {**os.environ, "PORTHOLE_CONFIG": path}
    command = [sys.executable, "-m", "app", "drain"]
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=quiet)


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/$", line.strip())
        if found:
            # Its further lines, one a request, must not fill the pipe.
            subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
            return int(found[1])
    raise RuntimeError("the server did not start")


@contextmanager
def place(identity: str = "cookie") -> Iterator[Place]:
    """Give a new Porthole on a private MariaDB; it is gone afterwards."""
    with MariadbServer(*SERVER) as server:
        with tempfile.TemporaryDirectory(prefix="porthole-bench-") as folder:
            yield Place(Path(folder), server, identity)


def key() -> str:
    """Return a cookie's value."""
    return secrets.token_hex(16)
