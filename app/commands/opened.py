"""The database of this installation, for a command."""

from __future__ import annotations

from contextlib import contextmanager

from app import config, db
from app.db import migrate
from app.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def opened() -> Iterator[db.Database]:
    """Lend the database, and close it.

    :raise Problem: it has no schema, or another one than this Porthole's.
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
