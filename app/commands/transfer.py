"""export and import porthole: everything in one file, to another host or database."""

from __future__ import annotations

import os
import sys
import tempfile

from app import clock
from app import db as databases
from app.commands.progress import Progress
from app.problems import Problem
from app.projects import deletion
from app.transfer import exporter, file, importer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from app.config import Config
    from app.db import Database

STDOUT = "-"
WITH_SALTS = (
    "It holds the salts by which visitors of the last days are known again: delete it"
    " when it is imported. For a backup to keep, add --without-salts."
)
WITHOUT_SALTS = "It holds hashes of keys: keep it as safe as config.ini."
OTHER_SECRET = (
    "porthole: WARNING: the secret in config.ini is not that of the installation which"
    " wrote this file. With another one every visitor is a new one from now on, and the"
    " audit logs cannot be verified. Put the old config.ini's secret into this one"
    " before the first beacon comes; nothing has to be imported again."
)


def export(
    db: Database,
    settings: Config,
    path: str,
    project_id: int | None = None,
    with_salts: bool = True,
) -> str:
    """Write the file, readable for its owner only; return what was written.

    A file that was there is kept until the new one is whole.

    :raise NotFound: there is no such project.
    :raise Problem: the file cannot be written.
    """
    if path != STDOUT and os.path.lexists(path) and not os.path.isfile(path):
        raise Problem(f"{path} is no file.")
    task = exporter.Export(db, settings.secret, clock.now(), project_id, with_salts)
    try:
        if path != STDOUT:
            return f"Wrote {path}: {_write_file(task, path, with_salts)}"
        print(_write(task, sys.stdout.buffer, with_salts), file=sys.stderr)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise Problem(f"{path} cannot be written: {error.strerror}") from None
    return ""


def import_porthole(settings: Config, path: str) -> str:
    """Return what was stored of the file, or that it is here already.

    :raise Problem: the file or the database is not one to be imported, or from; see
        the modules of app/transfer/.
    """
    db = databases.connect(settings.database_url, settings.timeout_seconds)
    try:
        contents = _read(path)
        importer.prepare(db, contents)
        if not importer.has_same_secret(contents, settings.secret):
            print(OTHER_SECRET, file=sys.stderr)
        deletion.go_on(db, clock.now())
        lines = contents.rows + len(contents.parts) + 1
        progress = Progress("Importing", lines)
        try:
            is_new = importer.import_file(db, settings, path, contents, progress.show)
        finally:
            progress.end()
        importer.finish(db)
    finally:
        db.close()
    said = f"{_counted(len(contents.projects), contents.rows)} of {path}"
    return f"Imported {said}." if is_new else f"All {said} are here already."


def _write_file(task: exporter.Export, path: str, with_salts: bool) -> str:
    """Write beside the path first, and move the file there when it is whole."""
    folder, name = os.path.split(path)
    # Mode 600, whatever the umask is.
    descriptor, temporary = tempfile.mkstemp(".part", name + ".", folder or ".")
    try:
        with os.fdopen(descriptor, "wb") as raw:
            text = _write(task, raw, with_salts)
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return text


def _write(task: exporter.Export, raw: IO[bytes], with_salts: bool) -> str:
    writer = file.Writer(raw)
    progress: Progress | None = None

    def show(done: int, total: int) -> None:
        nonlocal progress
        progress = progress or Progress("Exporting", total)
        progress.show(done)

    try:
        found = task.run(writer, show)
    finally:
        if progress is not None:
            progress.end()
    advice = WITH_SALTS if with_salts else WITHOUT_SALTS
    return f"{_counted(found, writer.rows)}. {advice}"


def _read(path: str) -> file.Contents:
    try:
        progress = Progress("Checking", os.path.getsize(path))
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from None
    try:
        return file.read(path, progress.show)
    finally:
        progress.end()


def _counted(projects: int, rows: int) -> str:
    return f"{projects} project{'' if projects == 1 else 's'}, {rows} rows"
