"""audit verify: whether the audit logs are as they were written."""

from __future__ import annotations

from app import heads
from app.audit.verify import Verification
from app.commands.progress import Progress
from app.commands.project import MAX_ID
from app.problems import NotFound
from app.projects import admin_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config
    from app.db import Database, Row


def verify(
    db: Database,
    settings: Config,
    project_id: int | None,
    receipt: tuple[int, str] | None = None,
) -> tuple[str, str]:
    """Return a line for each project's audit log, and what is wrong, if anything.

    Without ``project_id`` every project's is walked. ``receipt`` is number and hash of
    an entry that somebody kept.

    :raise NotFound: there is no such project.
    """
    lines, wrongs = [], []
    for row in _projects(db, project_id):
        # Before the walk asks where the log ends: it cannot be behind then.
        kept = heads.read(settings.var, row["id"])
        walk = Verification(db, settings.secret, row["id"], kept)
        progress = Progress(row["name"], walk.newest)
        found = walk.run(receipt, on_progress=progress.show)
        progress.end()
        title = f"{row['name']} (project {row['id']})"
        lines.append(f"{title}: {_described(found)}")
        problem = found["first_problem"]
        if problem:
            wrongs.append(f"{title}: {problem['kind']}. {problem['message']}")
        unproven = heads.problem(settings.var, row["id"])
        if unproven:
            wrongs.append(f"{title}: {unproven}")
    if not lines:
        lines.append("There is no project to verify.")
    return "\n".join(lines), " ".join(wrongs)


def _projects(db: Database, project_id: int | None) -> list[Row]:
    rows = admin_store.list_projects(db)
    if project_id is None:
        return rows
    found = [row for row in rows if row["id"] == project_id]
    if not found or not 0 < project_id <= MAX_ID:
        raise NotFound(
            f"There is no project {project_id}. See: python -m app project list"
        )
    return found


def _described(found: Row) -> str:
    counted = f"{found['entries']} entries"
    if found["erased"]:
        counted += f" ({found['erased']} erased)"
    if not found["valid"]:
        return f"{counted} are right, then {found['first_problem']['kind']}"
    head = found["head"]
    return f"{counted}, all right; head {head['seq']} {head['hash']}".rstrip()
