"""The audit log as its owner reads it."""

from __future__ import annotations

import json
from datetime import datetime

from app.audit import store
from app.clock import to_local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question

ESCAPE = "!"
DEFAULT_ROWS = 50


class Wanted:
    """Which entries are wanted: of this action, this actor, with this text in them."""

    def __init__(self, action: str, actor: str, text: str) -> None:
        self.action = action
        self.actor = actor
        self.text = text

    def values(self) -> Row:
        """Return the values that LIST_LOGS binds."""
        # In the context a text stands as JSON writes it.
        in_json = json.dumps(self.text, ensure_ascii=False)[1:-1]
        return {
            "action": self.action,
            "actor": self.actor,
            "text": _pattern(self.text) if self.text else "",
            "text_in_json": _pattern(in_json),
        }


def logs(
    db: Database, project: Project, asked: Question, wanted: Wanted
) -> dict[str, Any]:
    """Return count, total, top_actions (whatever is wanted) and logs, newest first.

    Each of ``logs`` has id, action, actor, context, created_at and erased.
    """
    limit, offset = asked.rows(DEFAULT_ROWS)
    values = {
        "project_id": project.id,
        "first": asked.span.first,
        "last": asked.span.last,
        "limit": limit,
        "offset": offset,
        **wanted.values(),
    }
    rows = store.list_logs(db, values)
    return {
        "count": len(rows),
        "total": store.count_logs(db, values),
        "top_actions": [
            {**row, "action": _text(row["action"])}
            for row in store.count_actions(db, values)
        ],
        "logs": [_shown(row, project, asked.format) for row in rows],
    }


def _shown(row: Row, project: Project, form: str) -> dict[str, Any]:
    context = _text(row["context"])
    return {
        "id": row["seq"],
        "action": _text(row["action"]),
        "actor": _text(row["actor"]),
        "context": _value(context) if context and form == "json" else context,
        "created_at": _created_at(row["done_at"], project.timezone),
        "erased": bool(row["erased_by"]),
    }


# The three return None for what was never written here: verify tells whose it is.


def _text(found: object) -> str | None:
    return found if isinstance(found, str) else None


def _value(context: str) -> Any:
    try:
        return json.loads(context)
    except (ValueError, RecursionError):
        return None


def _created_at(found: datetime | str | bytes, timezone: str) -> str | None:
    try:
        at = found if isinstance(found, datetime) else datetime.fromisoformat(found)  # type: ignore[arg-type]
        return str(to_local(at, timezone))
    except (TypeError, ValueError, OverflowError):
        return None


def _pattern(text: str) -> str:
    """Return a LIKE pattern of what contains the text, in whatever case."""
    text = text.lower()
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return f"%{text}%"
