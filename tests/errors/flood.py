"""Reports one error again and again: ``python -m tests.errors.flood CONFIG KEY N``."""

from __future__ import annotations

import sys

from app import config, front
from tests.errors.test_track_error import REPORT
from tests.wsgi import call


def main(config_path: str, secret_key: str, count: str) -> None:
    application = front.Application(config.load(config_path, {}))
    for number in range(int(count)):
        body = {**REPORT, "message": f"Cannot read order {number}", "context": [number]}
        answer = call(
            application,
            "POST",
            "/api/track/error",
            body,
            headers={"X-API-Key": secret_key},
        )
        assert answer.status == 200, answer.body
    application.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
