"""Databases as Micrologs leaves them, for the tests of the import."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app.commands.import_micrologs import import_micrologs
from tests.conftest import Actor
from tests.mariadb_server import MariadbServer

# The tables of Micrologs that are read, with the columns it gives them.
TABLES = {
    "projects": "id INT UNSIGNED PRIMARY KEY, name VARCHAR(100), secret_key CHAR(64),"
    " public_key CHAR(32), allowed_domains TEXT, is_active TINYINT,"
    " created_at DATETIME, updated_at DATETIME",
    "visitors": "id BIGINT UNSIGNED PRIMARY KEY, project_id INT UNSIGNED,"
    " visitor_hash CHAR(64), fingerprint_hash CHAR(64), first_seen DATETIME,"
    " last_seen DATETIME",
    "sessions": "id BIGINT UNSIGNED PRIMARY KEY, project_id INT UNSIGNED,"
    " visitor_id BIGINT UNSIGNED, session_token CHAR(64), started_at DATETIME,"
    " last_activity DATETIME, is_bounced TINYINT, KEY (visitor_id)",
    "devices": "id INT UNSIGNED PRIMARY KEY, project_id INT UNSIGNED,"
    " device_type VARCHAR(10), os VARCHAR(50), browser VARCHAR(50),"
    " browser_version VARCHAR(20)",
    "locations": "id INT UNSIGNED PRIMARY KEY, project_id INT UNSIGNED,"
    " country VARCHAR(100), country_code CHAR(2), region VARCHAR(100),"
    " city VARCHAR(100)",
    "pageviews": "id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,"
    " project_id INT UNSIGNED, session_id BIGINT UNSIGNED,"
    " visitor_id BIGINT UNSIGNED, location_id INT UNSIGNED, device_id INT UNSIGNED,"
    " url VARCHAR(2048), page_title VARCHAR(512), referrer_url VARCHAR(2048),"
    " referrer_category VARCHAR(20), utm_source VARCHAR(255), utm_medium VARCHAR(255),"
    " utm_campaign VARCHAR(255), utm_content VARCHAR(255), utm_term VARCHAR(255),"
    " screen_resolution VARCHAR(20), timezone VARCHAR(100), created_at DATETIME,"
    " KEY (visitor_id), KEY (session_id)",
    "audit_logs": "id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,"
    " project_id INT UNSIGNED, action VARCHAR(100), actor VARCHAR(255),"
    " ip_hash CHAR(64), context TEXT, created_at DATETIME",
    "tracked_links": "id INT UNSIGNED PRIMARY KEY, project_id INT UNSIGNED,"
    " code VARCHAR(20), destination_url VARCHAR(2048), label VARCHAR(255),"
    " is_active TINYINT, created_at DATETIME",
    "link_clicks": "id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,"
    " link_id INT UNSIGNED, location_id INT UNSIGNED, device_id INT UNSIGNED,"
    " referrer_url VARCHAR(2048), referrer_category VARCHAR(20), ip_hash CHAR(64),"
    " created_at DATETIME, KEY (link_id)",
}
ZONE = "Europe/Berlin"
SECRET_KEY = "5" * 64
PUBLIC_KEY = "9" * 32
FIRST_DAY = datetime(2026, 2, 20)


class Micrologs:
    """A database as Micrologs leaves it, with SQL for the test to count by."""

    tables = TABLES

    def __init__(self, server: MariadbServer, name: str) -> None:
        self.url = server.url(name, tcp=True)
        self._connection = server.connect(name)

    @classmethod
    @contextmanager
    def made(cls, server: MariadbServer, name: str) -> Iterator[Any]:
        """Yield a database of this name with Micrologs' tables, all empty."""
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE OR REPLACE DATABASE {name} CHARACTER SET utf8mb4")
        made = cls(server, name)
        for table, columns in cls.tables.items():
            made.run(f"CREATE TABLE {table} ({columns})")
        yield made
        made._connection.close()

    def begin_anew(self) -> None:
        """Leave nothing but one project."""
        for table in self.tables:
            self.run(f"TRUNCATE {table}")
        self.insert(
            "projects",
            id=7,
            name="Old",
            secret_key=SECRET_KEY,
            public_key=PUBLIC_KEY,
            allowed_domains="old.example",
            is_active=1,
            created_at=FIRST_DAY,
            updated_at=FIRST_DAY,
        )

    def run(self, sql: str, *values: Any) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def insert(self, table: str, **row: Any) -> None:
        columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self.run(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *row.values())


class Small(Micrologs):
    """A source with one project and what a test puts in."""

    def visitor(self, number: int) -> None:
        digest = hashlib.sha256(f"visitor {number}".encode()).hexdigest()
        self.insert("visitors", id=number, project_id=7, visitor_hash=digest)

    def session(
        self, number: int, visitor: int, at: datetime, last: Any = None
    ) -> None:
        self.insert(
            "sessions",
            id=number,
            project_id=7,
            visitor_id=visitor,
            session_token=f"token {number}",
            started_at=at,
            last_activity=last or at,
        )

    def view(self, session: int, visitor: int, at: datetime, **more: Any) -> None:
        row = {"url": "https://old.example/", "page_title": "Old", **more}
        self.insert(
            "pageviews",
            project_id=7,
            session_id=session,
            visitor_id=visitor,
            created_at=at,
            **row,
        )

    def whole(self, number: int, at: datetime) -> None:
        """Add a visitor with a session of one view, all with this number."""
        self.visitor(number)
        self.session(number, number, at)
        self.view(number, number, at)


def import_from(source: Micrologs, actor: Actor, zone: str = ZONE) -> str:
    """Import to where the actor is; return what is said of it."""
    return import_micrologs(actor.installation.config, source.url, zone)
