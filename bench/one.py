"""python -m bench.one CONFIG KEY PATH: answer one request, and say how much it took.

It prints the peak memory in kilobytes. That of a child, which the system tells its
parent, may be the parent's own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from app import config, front
from tests.wsgi import call


def main(path: str, key: str, wanted: str) -> None:
    """Do so, whatever the answer is."""
    application = front.Application(config.load(path))
    call(application, "GET", wanted, headers={"X-API-Key": key})
    application.close()
    print(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
