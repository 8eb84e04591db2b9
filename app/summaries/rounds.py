"""A round over all projects: how far it has come, and whose chores failed in it.

It goes on from process to process, so that whoever takes long, or cannot be done, keeps
nobody else from his turn. The file whose time says when the next slice is due has it.
"""

from __future__ import annotations

import contextlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection


class Round:
    """``after`` is the id of the project that had its turn last, 0 at the beginning.

    ``failed`` has by id what ``explain`` said of each that failed when it was last its
    turn. It is called with the id while the exception is being handled; without it the
    exception goes on.
    """

    def __init__(self, explain: Callable[[int], str] | None = None) -> None:
        self.after = 0
        self.failed: dict[int, str] = {}
        self._explain = explain

    @classmethod
    def load(cls, path: str, explain: Callable[[int], str] | None = None) -> Round:
        """Return the round that is kept in a file, or a new one."""
        found = cls(explain)
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            with open(path, encoding="ascii") as file:
                kept = json.load(file)
            failed = {int(one): str(said) for one, said in kept["failed"].items()}
            found.after, found.failed = int(kept["after"]), failed
        return found

    def save(self, path: str) -> None:
        """Keep it in a file that is there: who makes one has to be able to write it."""
        text = json.dumps({"after": self.after, "failed": self.failed})
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_WRONLY | os.O_TRUNC)
            try:
                os.write(file, text.encode())
            finally:
                os.close(file)

    def passes(self, project_id: int) -> None:
        """Note that a project's chores are done."""
        self.after = project_id
        self.failed.pop(project_id, None)

    def fails(self, project_id: int) -> None:
        """Note that they failed; to be called while the exception is being handled."""
        if self._explain is None:
            raise
        self.after = project_id
        self.failed[project_id] = self._explain(project_id)

    def ends(self, project_ids: Collection[int]) -> None:
        """Begin again, with the projects that there are."""
        self.after = 0
        self.failed = {
            one: self.failed[one] for one in project_ids if one in self.failed
        }
