"""The cast: projects alice and charlie, a clock that stands, and two databases."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import config, db, front, web
from app.db import migrate
from app.projects import admin
from app.release import snippet
from tests import faults, mariadb_server
from tests.wsgi import BROWSER, Answer, call

SECRET = "test-secret-test-secret-test-secret"
NOON = datetime(2026, 3, 4, 12, 0, 0)


class Clock:
    """Stands at noon of a Wednesday until a test moves it."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, **distance: float) -> None:
        self.at += timedelta(**distance)


class Installation:
    """One Porthole on one database, called through its front door."""

    def __init__(self, settings: config.Config, clock: Clock) -> None:
        self.config = settings
        self.clock = clock
        self.application = front.Application(settings, clock)
        self.db = db.connect(settings.database_url, settings.timeout_seconds)
        self._others: list[Installation] = []

    def with_settings(self, **settings: Any) -> Installation:
        """Return the same installation as a process with other settings."""
        values = {**self.config.__dict__, **settings}
        other = Installation(config.Config(**values), self.clock)
        self._others.append(other)
        return other

    def close(self) -> None:
        self.application.close()
        self.db.close()
        for other in self._others:
            other.close()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return call(self.application, method, path, body, **more)

    def as_admin(self, path: str, body: Any = None) -> Answer:
        """Call with the admin key: GET without a body, POST with one."""
        method = "GET" if body is None else "POST"
        return self.call(method, path, body, headers={"X-Admin-Key": SECRET})

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return rows as the database has them, for what no answer shows."""
        found = self.db.read(lambda: self.db.all(sql))
        self.db.rest()
        return found


class Actor:
    """A project of the cast, with its keys."""

    def __init__(self, installation: Installation, **made: Any) -> None:
        self.installation = installation
        self.id: int = made["id"]
        self.name: str = made.get("name", "")
        self.host = f"{self.name.lower()}.example"
        self.public_key: str = made["public_key"]
        self.secret_key: str = made["secret_key"]

    def through(self, installation: Installation) -> Actor:
        """Return the same project, called through another process."""
        keys = {"public_key": self.public_key, "secret_key": self.secret_key}
        return Actor(installation, id=self.id, name=self.name, **keys)

    def view(
        self,
        url: str = "https://alice.example/",
        headers: dict[str, str] | None = None,
        address: str = "203.0.113.7",
        **fields: Any,
    ) -> Answer:
        """Send a pageview as a browser does."""
        return self.send("pageview", headers, address, url=url, **fields)

    def send(
        self,
        kind: str,
        headers: dict[str, str] | None = None,
        address: str = "203.0.113.7",
        **fields: Any,
    ) -> Answer:
        """Send a beacon of that kind, such as ``event``, as a browser does."""
        body = {"public_key": self.public_key, **fields}
        sent = {**BROWSER, **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        return self.installation.call(
            "POST", f"/api/track/{kind}", body, headers=sent, address=address
        )

    def log(self, action: str = "login", suffix: str = "", **fields: Any) -> Answer:
        """Send an audit entry as a backend does."""
        return self.post(f"/api/track/audit{suffix}", action=action, **fields)

    def post(self, path: str, **fields: Any) -> Answer:
        return self.installation.call(
            "POST", path, fields, headers={"X-API-Key": self.secret_key}
        )

    def get(self, path: str) -> Answer:
        return self.installation.call(
            "GET", path, headers={"X-API-Key": self.secret_key}
        )

    def visitors(self, query: str = "") -> Any:
        answer = self.get("/api/analytics/visitors" + (query and "?" + query))
        assert answer.status == 200, answer.body
        return answer.data


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those first for whose end one process would wait alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


MATRICES: dict[str, int] = {}
"""How many cells each matrix test has run, for the summary."""


def pytest_sessionfinish(session: Any) -> None:
    """Hand over what was counted, if this process ran only some of the tests."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["matrices"] = MATRICES
        # Across processes a tuple as a key would be too much.
        rows = [[*key, counts] for key, counts in faults.ROWS.items()]
        session.config.workeroutput["faults"] = rows


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, cells in getattr(node, "workeroutput", {}).get("matrices", {}).items():
        MATRICES[name] = MATRICES.get(name, 0) + cells
    rows = getattr(node, "workeroutput", {}).get("faults", [])
    faults.add({(fault, database): counts for fault, database, counts in rows})


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name, cells in MATRICES.items():
        terminalreporter.write_line(f"{name}: {cells} cells")
    for line in faults.lines() if faults.ROWS else ():
        terminalreporter.write_line(line)
    if not mariadb_server.is_installed():
        terminalreporter.write_line(mariadb_server.HOW_TO_INSTALL, red=True, bold=True)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[mariadb_server.MariadbServer]:
    if not mariadb_server.is_installed():
        if os.environ.get("CI") == "true":
            pytest.fail(mariadb_server.HOW_TO_INSTALL)
        pytest.skip("MariaDB is not installed")
    with mariadb_server.MariadbServer() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_url(mariadb: mariadb_server.MariadbServer) -> str:
    """A database with the schema in it; tests empty it, see ``database_url``."""
    mariadb.create_database("porthole")
    url = mariadb.url("porthole")
    database = db.connect(url, 5)
    migrate.migrate(database)
    database.close()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "porthole.sqlite"
    database = db.connect(f"sqlite:///{path}", 5)
    migrate.migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty SQLite database with the schema."""
    path = tmp_path / "porthole.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def snippet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snippet as a release has it: the built file beside the source.

    It is built once, whichever of the processes that share the tests is the first.
    Where it cannot be built, and this is not CI, the folder has the source alone.
    """
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder = root / "snippet"
    with (root / "snippet.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            source = shutil.copy(Path(web.SNIPPET_FOLDER) / "porthole.js", folder)
            try:
                built = snippet.build(Path(source))
                (folder / "porthole.min.js").write_text(built, "utf-8")
            except snippet.CannotBuild as problem:
                (folder / "problem").write_text(str(problem), "utf-8")
    problem_file = folder / "problem"
    if problem_file.exists() and os.environ.get("CI") == "true":
        pytest.fail(problem_file.read_text("utf-8"))
    return folder


@pytest.fixture(params=["sqlite", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with the schema: each test runs on both kinds."""
    kind = {"sqlite": "sqlite_url", "mariadb": "empty_mariadb_url"}[request.param]
    url: str = request.getfixturevalue(kind)
    return url


@pytest.fixture
def empty_mariadb_url(mariadb: mariadb_server.MariadbServer, mariadb_url: str) -> str:
    with mariadb.connect("porthole") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        for (table,) in cursor.fetchall():
            if table != "ph_settings":
                cursor.execute(f"DELETE FROM {table}")
    return mariadb_url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Config:
    text = f"[security]\nadmin_key = {SECRET}\nsecret = {SECRET}\n"
    path = tmp_path / "config.ini"
    path.write_text(f"[database]\nurl = {database_url}\n{text}")
    return config.load(str(path), {})


@pytest.fixture
def installation(settings: config.Config, clock: Clock) -> Iterator[Installation]:
    made = Installation(settings, clock)
    yield made
    made.close()


@pytest.fixture
def create_project(installation: Installation) -> Callable[..., Actor]:
    def create(name: str, domains: list[str], **options: Any) -> Actor:
        made = admin.create_project(
            installation.db, name, domains, installation.clock(), **options
        )
        return Actor(installation, **made)

    return create


@pytest.fixture
def alice(create_project: Callable[..., Actor]) -> Actor:
    return create_project("Alice", ["alice.example"])


@pytest.fixture
def charlie(create_project: Callable[..., Actor]) -> Actor:
    """The stranger."""
    return create_project("Charlie", ["charlie.example"])
