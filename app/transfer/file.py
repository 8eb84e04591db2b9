"""The file of an export: JSON lines in gzip.

The first line says what it is. Then come parts, each begun by a line with its table,
its columns and (but for the table of projects) its project; a row is an array. The last
line counts the rows, and has the SHA-256 of all lines before it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib

from app.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO, Any

    from app.db import Row

FORMAT = 1
KIND = "porthole export"
PROGRESS_LINES = 2000


class Writer:
    """Writes one file; the same content gives the same bytes."""

    def __init__(self, raw: IO[bytes]) -> None:
        # Its time would be the only thing that differs between two exports.
        self._zip = gzip.GzipFile("", "wb", fileobj=raw, compresslevel=6, mtime=0)
        self._hash = hashlib.sha256()
        self.rows = 0

    def begin(self, header: Row) -> None:
        """Write the first line."""
        self._write({"kind": KIND, "format": FORMAT, **header})

    def part(self, table: str, columns: list[str], project_id: int | None) -> None:
        """Begin the rows of one table and project; of the projects' table without."""
        self._write({"table": table, "project": project_id, "columns": columns})

    def write_rows(self, rows: list[Row]) -> None:
        """Write rows of the part; days and moments become text as SQL has it."""
        for row in rows:
            self._write(list(row.values()))
        self.rows += len(rows)

    def end(self) -> None:
        """Write the last line; nothing is left in memory."""
        self._write({"rows": self.rows, "sha256": self._hash.hexdigest()})
        self._zip.close()

    def _write(self, value: Any) -> None:
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), default=_plain
        )
        line = text.encode() + b"\n"
        self._hash.update(line)
        self._zip.write(line)


class Part:
    """Where a part begins: its table, its columns, and whose it is."""

    def __init__(self, line: Row) -> None:
        self.table: str = line["table"]
        self.columns: list[str] = line["columns"]
        self.project_id: int | None = line["project"]

    def row(self, values: list[Any]) -> Row:
        """Return one of its rows by column, with ``project_id`` if it has one."""
        row = dict(zip(self.columns, map(_unplain, values)))
        return row if self.project_id is None else {"project_id": self.project_id} | row


class Contents:
    """What a file that is whole has: header, parts, projects' rows, and its name."""

    def __init__(self) -> None:
        self.header: Row = {}
        self.parts: list[Part] = []
        self.projects: list[Row] = []
        self.rows = 0
        self.digest = ""


def read(path: str, on_progress: Callable[[int], None]) -> Contents:
    """Return what the file has, once all of it is known to be as it was written.

    ``on_progress`` gets the number of bytes read.

    :raise Problem: it is no export, broken, cut off, or of a later format.
    """
    reader = _Reader(path)
    for number, line, position in _lines(path):
        try:
            reader.take(number, line)
        except (KeyError, TypeError, ValueError):
            raise _broken(path) from None
        if number % PROGRESS_LINES == 0:
            on_progress(position)
    if not reader.found.digest:
        raise Problem(f"{path} is cut off: its last line is missing. Nothing was done.")
    return reader.found


class _Reader:
    """Takes the lines of a file one by one; a wrong one is a ValueError."""

    def __init__(self, path: str) -> None:
        self.found = Contents()
        self._path = path
        self._hash = hashlib.sha256()
        self._part: Part | None = None

    def take(self, number: int, line: bytes) -> None:
        value = json.loads(line)
        if self.found.digest:
            raise ValueError("the last line is not the last")
        if number == 1:
            self.found.header = _check_header(self._path, value)
        elif isinstance(value, list):
            self._take_row(value)
        elif "table" in value:
            self._part = Part(value)
            self.found.parts.append(self._part)
        else:
            self._check_end(value)
        self._hash.update(line)

    def _take_row(self, values: list[Any]) -> None:
        if self._part is None or len(values) != len(self._part.columns):
            raise ValueError("a row of nothing")
        self.found.rows += 1
        if self._part.project_id is None:
            self.found.projects.append(self._part.row(values))

    def _check_end(self, value: Row) -> None:
        digest = self._hash.hexdigest()
        if value != {"rows": self.found.rows, "sha256": digest}:
            raise ValueError("not what was written")
        self.found.digest = digest


def rows(path: str, after: int) -> Iterator[tuple[int, Part, Row]]:
    """Yield number of the line, part and row of each row after the line ``after``.

    The file must be whole: see ``read``.
    """
    part: Part | None = None
    for number, line, _ in _lines(path):
        if line.startswith(b'{"table"'):
            part = Part(json.loads(line))
        elif number > after and part is not None and line.startswith(b"["):
            yield number, part, part.row(json.loads(line))


def _lines(path: str) -> Iterator[tuple[int, bytes, int]]:
    """Yield number, text and place in the file of each line.

    :raise Problem: it cannot be read, or what comes is not what gzip wrote.
    """
    number = 0
    try:
        with open(path, "rb") as raw, gzip.GzipFile(fileobj=raw, mode="rb") as lines:
            for number, line in enumerate(lines, 1):
                yield number, line, raw.tell()
    except EOFError:
        raise Problem(f"{path} is cut off. Nothing was done.") from None
    except (zlib.error, gzip.BadGzipFile):
        raise _broken(path) if number else _no_export(path) from None
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from None


def _check_header(path: str, value: Any) -> Row:
    if not isinstance(value, dict) or value.get("kind") != KIND:
        raise _no_export(path)
    if value["format"] > FORMAT:
        raise Problem(
            f"{path} was written by Porthole {value['porthole']}, in a format that this"
            " one does not know. Upload the newer Porthole, and import with that."
        )
    return value


def _no_export(path: str) -> Problem:
    return Problem(f"{path} is no export of Porthole.")


def _broken(path: str) -> Problem:
    return Problem(
        f"{path} is broken: it is not as it was written. Nothing was done;"
        " copy it again."
    )


def _plain(value: Any) -> Any:
    """Return what JSON has no words for as text, or bytes as an object."""
    return {"hex": value.hex()} if isinstance(value, bytes) else str(value)


def _unplain(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
