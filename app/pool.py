"""The connections that this process keeps open between requests."""

from __future__ import annotations

from app import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config

MAX_IDLE_CONNECTIONS = 4


class Pool:
    """Idle connections; quick ones give a database that hangs less time."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._idle: dict[bool, list[db.Database]] = {True: [], False: []}

    def take(self, quick: bool) -> db.Database:
        """Return an idle connection, or a new one."""
        try:
            return self._idle[quick].pop()
        except IndexError:
            seconds = self._config.timeout_seconds
            patience = seconds if quick else db.REPORT_SECONDS
            return db.connect(self._config.database_url, seconds, patience)

    def put_back(self, database: db.Database, quick: bool) -> None:
        """Keep it for another request, if there are not enough."""
        if len(self._idle[quick]) < MAX_IDLE_CONNECTIONS:
            self._idle[quick].append(database)
        else:
            database.close()

    def close(self) -> None:
        """Close the idle ones."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
