"""doctor: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import os
import textwrap
from contextlib import closing

from app import clock, db
from app.health import checks, doctor
from app.http import Request
from app.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config

MARKS = {checks.OK: "ok", checks.WARN: "look", checks.FAIL: "BROKEN"}
WIDTH = 88
INDENT = 8


def diagnose(settings: Config) -> tuple[str, str]:
    """Return what was found, for a person, and what is broken, '' if nothing is."""
    request = Request({"REQUEST_METHOD": "GET"}, clock.now(), "", "/doctor")
    database = db.connect(settings.database_url, settings.timeout_seconds)
    limits = Limits(os.path.join(settings.var, "limits"), settings.secret)
    request.db, request.config, request.limits = database, settings, limits
    with closing(database), closing(limits):
        groups = doctor.examine(request)
    lines, broken = [], []
    for group, findings in groups.items():
        lines += ["", group]
        for finding in findings:
            lines += _lines(finding)
            if finding.status == checks.FAIL:
                broken.append(finding.title)
    wrong = f"Broken: {', '.join(broken)}." if broken else ""
    return "\n".join(lines[1:]), wrong


def _lines(finding: doctor.Finding) -> list[str]:
    mark = MARKS.get(finding.status, "-")
    text = f"{mark:<{INDENT - 2}}{finding.title}: {finding.found}"
    more = [finding.why, f"Do this: {finding.todo}"] if finding.todo else []
    return [
        *_wrapped(text, "  ", " " * INDENT),
        *(line for part in more for line in _wrapped(part, " " * INDENT, " " * INDENT)),
    ]


def _wrapped(text: str, first: str, then: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_on_hyphens=False,
    )
