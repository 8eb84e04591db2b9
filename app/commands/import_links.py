"""The part of import micrologs that is about short links."""

from __future__ import annotations

from app.commands.progress import Progress
from app.db import micrologs_links as micrologs
from app.links import import_store
from app.links.importer import Import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row


def import_links(
    secret: bytes,
    source: Database,
    ours: Database,
    theirs: Row,
    row: Row,
    timezone: str,
    missing: list[str],
) -> list[str]:
    """Bring a project's links; return the report's lines about them.

    ``missing`` gets a sentence for what could not be brought.
    """
    expected = micrologs.count_clicks(source, theirs["id"])
    progress = Progress(f"{theirs['name']}, clicks", expected)
    links = Import(source, ours, secret, theirs, row, timezone)
    state = links.run(progress.show)
    progress.end()
    there = {
        "links": micrologs.count_links(source, theirs["id"], state["last_link_id"]),
        "clicks": micrologs.count_clicks(source, theirs["id"], state["last_click_id"]),
    }
    here = import_store.count(ours, row["id"])
    lines = [f"  {name:22}{there[name]:>12}{here[name]:>12}" for name in there]
    taken = links.missing()
    if taken:
        missing.append(
            f"{theirs['name']}: these codes are taken by other links here, or none can"
            f" have them: {', '.join(taken)}."
        )
    if state["left_out"]:
        lines.append(f"  left out: {state['left_out']} clicks of links not here")
    arrived = state["clicks"] + state["left_out"]
    if arrived < there["clicks"]:
        missing.append(
            f"{theirs['name']}: {arrived} of {there['clicks']} clicks are here."
        )
    return lines
