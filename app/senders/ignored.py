"""What is understood and not counted: robots, and people who ask not to be."""

from __future__ import annotations

from app.client import bots
from app.clock import local_day
from app.http import Reply
from app.projects import store as projects
from app.senders.sender import asks_not_to_be_counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.http import Request

IGNORED = "X-Porthole-Ignored"
"""The header that says why a beacon was not counted."""


def reason_to_ignore(request: Request) -> str:
    """Return why what the page sent is not counted, or an empty string.

    What comes with a secret key always counts: no person's browser has one.
    """
    if not request.is_public:
        return ""
    robot = bots.robot_reason(
        request.header("User-Agent"),
        request.header("Accept"),
        request.header("Accept-Language"),
    )
    if robot:
        return "bot: " + robot
    return "dnt" if asks_not_to_be_counted(request) else ""


def drop(request: Request, reason: str, page_id: int = 0) -> Reply:
    """Count that the beacon is not counted; return the answer that says why."""
    kind, _, robot = reason.partition(": ")
    robot = robot.replace("robot: ", "", 1)
    today = local_day(request.at, request.project.timezone)
    projects.record_drop(request.db, request.project, today, kind, robot, page_id)
    return Reply(204, b"", {IGNORED: reason})
