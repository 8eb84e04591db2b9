"""release: the zip that goes up by FTP."""

from __future__ import annotations

import os
from pathlib import Path

from app import __version__, config
from app.problems import Problem


def release(folder: str) -> str:
    """Write ``porthole-X.Y.Z.zip`` into the folder; return what was written.

    :raise Problem: it cannot be made here.
    """
    root = Path(config.ROOT)
    lock = root / "requirements-release.txt"
    if not lock.exists():
        raise Problem("A release is made from Porthole's source, not from a release.")
    from app.release import archive, contents, snippet, wheels

    target = Path(folder) / f"porthole-{__version__}.zip"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        packages = wheels.fetch(lock, root / "dist" / "wheels")
        script = snippet.build(root / "snippet" / "porthole.js")
        files = contents.collect(root, packages, script)
        unfinished = target.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(archive.pack(files, private=(contents.VAR,)))
        unfinished.replace(target)
    except (OSError, wheels.CannotFetch, snippet.CannotBuild) as error:
        raise Problem(f"Cannot make {target}: {error}") from None
    megabytes = target.stat().st_size / 1e6
    return f"Wrote {target}: {len(files)} files, {megabytes:.1f} MB."
