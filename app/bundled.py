"""The packages that a release brings along, in the folder vendor."""

from __future__ import annotations

import os
import sys


def use(root: str) -> None:
    """Have Python find the packages in the folder ``vendor`` of ``root``, if any."""
    vendor = os.path.join(root, "vendor")
    if os.path.isdir(vendor) and vendor not in sys.path:
        sys.path[1:1] = [vendor]
        # Time zones, for hosts that have none: asked last.
        sys.path.append(os.path.join(vendor, "tzdata.zip"))
