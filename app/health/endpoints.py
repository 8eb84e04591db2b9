"""What a monitor asks."""

from __future__ import annotations

import json

from app.health import checks
from app.http import Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.http import Request


def health(request: Request) -> Reply:
    """GET /api/health, no key: each check with status and message; 503 if one fails.

    A stranger is told what is wrong, with the admin key also where: versions, paths
    and the database's own words.
    """
    found = checks.run(
        request.db, request.config, request.limits, request.at, request.is_admin
    )
    has_failed = any(check["status"] == checks.FAIL for check in found.values())
    answer = {
        "status": "unhealthy" if has_failed else "healthy",
        "timestamp": f"{request.at:%Y-%m-%d %H:%M:%S}",
        "checks": found,
    }
    text = json.dumps(answer, indent=4, ensure_ascii=False)
    headers = {"Content-Type": "application/json"}
    return Reply(503 if has_failed else 200, text.encode(), headers)
