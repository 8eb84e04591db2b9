"""The database that a command works on."""

from __future__ import annotations

from contextlib import contextmanager

from app import config, db
from app.db import migrate
from app.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def connected() -> Iterator[db.Database]:
    """Give the database of config.ini, with the schema that this Porthole knows.

    :raise Problem: it has none.
    """
    settings = config.load()
    database = db.connect(settings.database_url, settings.timeout_seconds)
    try:
        if not migrate.version(database):
            raise Problem("The database is empty. Run: python -m app setup")
        migrate.check_database(database)
        yield database
    finally:
        database.close()
