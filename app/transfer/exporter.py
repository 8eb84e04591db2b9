"""Writes projects, with all they have, into one file."""

from __future__ import annotations

from datetime import timedelta

from app import __version__, ids
from app.clock import local_day
from app.db import migrate
from app.problems import NotFound
from app.projects.store import SALT_DAYS
from app.transfer import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database, Row
    from app.transfer.file import Writer

    Progress = Callable[[int, int], None]

SALTS = "ph_salts"
BESIDE = ("ph_settings", "ph_leases", "ph_spooled", "ph_sizes")
"""Tables of an installation rather than of its projects: they stay where they are."""


def fingerprint(secret: bytes) -> str:
    """Return what tells whether two installations have the same secret, not which."""
    return ids.keyed_bytes(secret, "fingerprint").hex()


class Export:
    """Writes the projects, or the one with ``project_id``, as they are at one moment.

    Of the daily salts only those go along that are in force at ``at``; without them
    nobody can tell from the file who a visitor was.
    """

    def __init__(
        self,
        db: Database,
        secret: bytes,
        at: datetime,
        project_id: int | None = None,
        with_salts: bool = True,
    ) -> None:
        # Links work as soon as they are imported: what a click writes comes before.
        tables = store.get_tables(db, (*store.TABLES, store.PROJECTS))
        self._projects_table = tables.pop(store.PROJECTS)
        self._tables = sorted(tables.values(), key=lambda table: table.is_shared)
        self._db = db
        self._secret = secret
        self._at = at
        self._project_id = project_id
        self._with_salts = with_salts

    def run(self, writer: Writer, on_progress: Progress) -> int:
        """Return how many projects were written.

        ``on_progress`` gets the rows written, and how many there will be.

        :raise NotFound: there is no such project; nothing was written.
        :raise DatabaseAway: the connection was lost; what was written is not whole.
        """

        def work() -> int:
            projects = self._list_projects()
            self._write(projects, writer, on_progress)
            return len(projects)

        return self._db.snapshot(work)

    def _list_projects(self) -> list[Row]:
        rows = store.list_projects(self._db, self._projects_table)
        if self._project_id is None:
            return rows
        found = [row for row in rows if row["id"] == self._project_id]
        if not found:
            raise NotFound(
                f"There is no project {self._project_id}. See:"
                " python -m app project list"
            )
        return found

    def _write(
        self, projects: list[Row], writer: Writer, on_progress: Progress
    ) -> None:
        writer.begin(
            {
                "schema": migrate.SCHEMA,
                "porthole": __version__,
                "project": self._project_id,
                "secret": fingerprint(self._secret),
            }
        )
        writer.part(store.PROJECTS, self._projects_table.columns, None)
        writer.write_rows(projects)
        counts = {
            (row["id"], table.name): store.count_rows(self._db, table, row["id"])
            for row in projects
            for table in self._tables
        }
        total = len(projects) + sum(counts.values())
        for row in projects:
            for table in self._tables:
                if counts[row["id"], table.name]:
                    writer.part(table.name, table.columns, row["id"])
                    for rows in store.list_rows(self._db, table, row["id"]):
                        writer.write_rows(self._kept(table, rows, row["timezone"]))
                        on_progress(writer.rows, total)
        writer.end()

    def _kept(self, table: store.Table, rows: list[Row], timezone: str) -> list[Row]:
        """Return the rows, but no salts that nobody may have any more."""
        if table.name != SALTS:
            return rows
        oldest = local_day(self._at, timezone) - timedelta(days=SALT_DAYS)
        return [row for row in rows if self._with_salts and row["day"] >= oldest]
