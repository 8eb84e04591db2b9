"""Stores what is in a file of ``export``: once, however often it is cut off."""

from __future__ import annotations

from app import heads
from app.audit import store as audit_store
from app.db import migrate
from app.problems import Problem
from app.transfer import exporter, file, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from app.config import Config
    from app.db import Database, Row
    from app.transfer.file import Contents, Part

    Progress = Callable[[int], None]

DONE = "done"
SLICE_BYTES = 1_000_000


def has_same_secret(contents: Contents, secret: bytes) -> bool:
    """Return whether visitor ids and audit hashes mean the same here and there."""
    return bool(contents.header["secret"] == exporter.fingerprint(secret))


def prepare(db: Database, contents: Contents) -> None:
    """See to it that the database has the file's schema; make it in an empty one.

    :raise Problem: it has another.
    """
    schema = contents.header["schema"]
    if schema > migrate.SCHEMA:
        raise Problem(
            f"The file has schema {schema}; this Porthole knows {migrate.SCHEMA}."
            " Upload the newer Porthole, and import with that."
        )
    present = migrate.version(db)
    if present > migrate.SCHEMA:
        migrate.check(present)
    if not present:
        migrate.migrate(db, until=schema)
    elif present != schema:
        raise Problem(
            f"The file has schema {schema}, the database {present}. Import it into an"
            " empty database: it is brought up to date then."
        )


def import_file(
    db: Database, settings: Config, path: str, contents: Contents, on_progress: Progress
) -> bool:
    """Return whether there was anything to store; ``contents`` are the file's.

    An import that was cut off goes on where it was. Until all of it is here the
    projects are turned off. ``on_progress`` gets the lines that are stored.

    :raise Problem: an id or key is taken (nothing is stored then), or somebody changed
        a project before all of it was here.
    """
    # As much of it as the column has room for.
    mark = f"import {contents.digest[:32]}"
    tables = _tables(db, path, contents.parts)
    done = _state(db, mark, contents)
    if done == DONE:
        return False
    if not done:
        db.read(lambda: store.check_projects(db, contents.projects))
        _check_shared(db, path, contents, tables)
        store.begin(db, mark, tables[store.PROJECTS], contents.projects)
    slices = _Slices(db, mark, tables, on_progress)
    for number, part, row in file.rows(path, int(done or 0)):
        if part.project_id is not None:
            slices.add(number, part, row)
    slices.end()
    for row in contents.projects:
        _keep_head(db, settings, row["id"])
    store.end(db, mark, DONE, contents.projects)
    return True


def finish(db: Database) -> None:
    """Bring the schema up to date, if the file's was older."""
    migrate.migrate(db)


class _Slices:
    """Stores rows of one table and project after another, some at a time."""

    def __init__(
        self,
        db: Database,
        mark: str,
        tables: dict[str, store.Table],
        on_progress: Progress,
    ) -> None:
        self._db = db
        self._mark = mark
        self._tables = tables
        self._on_progress = on_progress
        self._rows: list[Row] = []
        self._bytes = 0
        self._part: Part | None = None
        self._number = 0

    def add(self, number: int, part: Part, row: Row) -> None:
        """Take the next row, and store those before it if it is time."""
        is_full = len(self._rows) >= store.SLICE_ROWS or self._bytes > SLICE_BYTES
        if is_full or part is not self._part:
            self.end()
        self._part, self._number = part, number
        self._rows.append(row)
        texts = [value for value in row.values() if isinstance(value, (str, bytes))]
        self._bytes += sum(map(len, texts))

    def end(self) -> None:
        """Store what is not stored yet."""
        if self._part is not None and self._rows:
            project_id = self._part.project_id
            assert project_id is not None, "the projects themselves came first"
            table = self._tables[self._part.table]
            store.add_slice(
                self._db, self._mark, project_id, table, self._rows, self._number
            )
            self._on_progress(self._number)
        self._rows, self._bytes = [], 0


def _tables(db: Database, path: str, parts: list[Part]) -> dict[str, store.Table]:
    """Return the tables of the file.

    :raise Problem: it names tables or columns that are not there, or not all columns.
    """
    known = {*store.TABLES, store.PROJECTS}
    tables = store.get_tables(db, known & {part.table for part in parts})
    for part in parts:
        if part.table not in tables or part.columns != tables[part.table].columns:
            raise Problem(
                f"{path} does not go with this database: they differ in {part.table}."
            )
    return tables


def _state(db: Database, mark: str, contents: Contents) -> str:
    """Return how far the import came: "" is not begun, else lines or ``DONE``.

    An import whose projects were all deleted since has not begun.

    :raise Problem: some of them were.
    """
    done = store.find_mark(db, mark)
    if not done:
        return ""
    gone = [row for row in contents.projects if not _is_here(db, row)]
    if len(gone) == len(contents.projects):
        store.forget(db, mark)
        return ""
    if gone:
        names = ", ".join(f"{row['id']} ({row['name']})" for row in gone)
        raise Problem(
            f"This file was imported, and project {names} deleted since. Delete the"
            " others of it too, and import it again; or export that project alone."
        )
    return done


def _is_here(db: Database, row: Row) -> bool:
    found = store.find_project(db, row["id"])
    # A later project may have got the id.
    return found is not None and str(found["created_at"]) == row["created_at"]


def _check_shared(
    db: Database, path: str, contents: Contents, tables: dict[str, store.Table]
) -> None:
    """See to it that what is unique across projects, such as a code, is free.

    :raise Problem: it is not.
    """
    shared = {name for name, table in tables.items() if table.is_shared}
    if not shared & {part.table for part in contents.parts if part.project_id}:
        return
    for _, part, row in file.rows(path, 0):
        if part.table in shared and part.project_id is not None:
            table = tables[part.table]
            if store.has_row(db, table, row):
                values = ", ".join(str(row[column]) for column in table.key)
                raise Problem(
                    f"{values} of project {part.project_id} is taken here"
                    f" ({part.table}). Nothing was imported."
                )


def _keep_head(db: Database, settings: Config, project_id: int) -> None:
    """Keep where the audit log ends beside the database, as writing an entry does."""
    head = audit_store.get_head(db, project_id)
    if head["hash"]:
        key = head["public_key"]
        heads.keep(settings.var, project_id, head["seq"], head["hash"], key)
