"""A private MariaDB server for the tests, from the binaries on this machine.

It has its own data folder, socket and port, runs as the user who runs the tests (root
included), and is gone when they end.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import pymysql

FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/bin")
LOG_SIZE = "--innodb-log-file-size=16M"
"""Written when it is made, 96 MB without."""
HOW_TO_INSTALL = (
    "MariaDB is not installed, so its half of the suite did not run."
    " Debian and Ubuntu: apt install mariadb-server. Fedora: dnf install"
    " mariadb-server. macOS: brew install mariadb."
)


def find(*names: str) -> str:
    """Return the path of the first program that is there, or an empty string."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *FOLDERS])
    return next(filter(None, (shutil.which(name, path=path) for name in names)), "")


def is_installed() -> bool:
    """Return whether a server can be started here."""
    return bool(_server() and _installer())


def _server() -> str:
    return find("mariadbd", "mysqld")


def _installer() -> str:
    return find("mariadb-install-db", "mysql_install_db")


class MariadbServer:
    """Started by ``with``; ``url(database)`` is how Porthole connects to it."""

    def __init__(self, *options: str) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="porthole-mariadb-"))
        self.socket = str(self.folder / "s")
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> MariadbServer:
        try:
            self.install()
            self._start_somewhere()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def install(self) -> None:
        """Make an empty data folder: a copy, as making one takes a second."""
        shutil.copytree(_installed(), self.folder / "data")

    def command(self, *more: str) -> list[str]:
        """Return what starts the server."""
        return [
            _server(),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.socket}",
            f"--port={self.port}",
            f"--pid-file={self.folder / 'pid'}",
            # Servers that share one break each other's temporary tables.
            f"--tmpdir={self.folder}",
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=2",
            LOG_SIZE,
            *_as_root(),
            *self.options,
            *more,
        ]

    def _start_somewhere(self) -> None:
        """Start; somebody may have taken the port since it was found free."""
        for _ in range(3):
            try:
                return self.start()
            except RuntimeError as error:
                if "Address already in use" not in str(error):
                    raise
                self.port = free_port()
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            self.command(),
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        log.close()
        deadline = time.monotonic() + 60
        # The socket appears a moment before anybody listens there.
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server in order, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def kill(self) -> None:
        """End the server at once, as kill -9 does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None
        # It leaves its socket behind, by which start() would think it is ready.
        os.unlink(self.socket)

    @property
    def process_id(self) -> int:
        """The server's process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def send(self, number: int) -> None:
        """Send the server a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def connect(self, database: str | None = None) -> pymysql.connections.Connection:
        """Return an autocommitting connection as root, for the test's own eyes."""
        return pymysql.connect(
            unix_socket=self.socket,
            user="root",
            ssl_disabled=True,  # its context takes longer than the connecting
            database=database,
            autocommit=True,
            charset="utf8mb4",
        )

    def create_database(self, name: str) -> None:
        """Make a database with the defaults of an unfriendly host: latin1."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET latin1")

    def url(self, database: str, tcp: bool = False) -> str:
        """Return the database's URL, over the socket or over TCP."""
        if tcp:
            return f"mysql://root@127.0.0.1:{self.port}/{database}"
        path = quote(self.socket, safe="")
        return f"mysql://root@localhost/{database}?unix_socket={path}"


def commands(connection: pymysql.connections.Connection) -> int:
    """Return how many commands the server has taken, this one included.

    It counts those who hang up too, and on a busy machine late: they are left out.
    """
    names = ("Questions", "Connections", "Threads_connected")
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS WHERE Variable_name IN %s", (names,))
        found = {name: int(value) for name, value in cursor.fetchall()}
    return found["Questions"] - (found["Connections"] - found["Threads_connected"])


@lru_cache(maxsize=1)
def _installed() -> Path:
    """Return an empty data folder, there until the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="porthole-mariadb-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [
        _installer(),
        "--no-defaults",
        f"--datadir={folder / 'data'}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        f"--tmpdir={folder}",
        LOG_SIZE,
        *_as_root(),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return folder / "data"


def _as_root() -> list[str]:
    # The server refuses to run as root unless told to by name.
    return ["--user=root"] if os.geteuid() == 0 else []


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
