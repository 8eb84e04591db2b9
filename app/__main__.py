"""The commands: python -m app --help."""

from __future__ import annotations

import os
import sys

from app import bundled, config, db
from app.commands import arguments, project, setup
from app.commands.opened import opened as _database
from app.problems import Problem
from app.projects import admin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

INTERRUPTED = 130


def main(words: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    bundled.use(config.ROOT)
    options = arguments.parser().parse_args(words)
    try:
        text = COMMANDS[options.command](options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (config.ConfigError, setup.CannotSetUp, Problem) as it:
        return _fail(str(it))
    except db.DatabaseAway as error:
        return _fail(f"The database cannot be used: {error}")
    except ImportError as error:
        pip = f"{sys.executable} -m pip install -r requirements.txt"
        return _fail(f"A package is missing ({error}). Run: {pip}")
    if text:
        _say(text)
    return 0


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Such as head, which has read enough. Python would try once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str) -> int:
    print(f"porthole: {sentence}", file=sys.stderr)
    return 1


def _run(options: argparse.Namespace) -> None:
    from app.commands import run

    try:
        run.run(config.default_path(), options.host, options.port)
    except run.CannotServe as problem:
        raise Problem(str(problem)) from None


def _setup(options: argparse.Namespace) -> str:
    return "\n".join(setup.setup(config.default_path()))


def _migrate(options: argparse.Namespace) -> str:
    return "\n".join(setup.apply_schema(config.load()))


def _doctor(options: argparse.Namespace) -> str:
    from app.commands import doctor

    return _told(*doctor.diagnose(config.load()))


def _import_micrologs(options: argparse.Namespace) -> str:
    from app.commands import import_micrologs

    if not options.url.startswith("mysql://"):
        raise Problem("--from wants mysql://user:password@host/name")
    admin.check_zone(options.timezone)
    with _database():
        return import_micrologs.import_micrologs(
            config.load(), options.url, options.timezone
        )


def _import_porthole(options: argparse.Namespace) -> str:
    from app.commands import transfer

    return transfer.import_porthole(config.load(), options.file)


def _export(options: argparse.Namespace) -> str:
    from app.commands import transfer

    with _database() as database:
        return transfer.export(
            database,
            config.load(),
            options.file,
            options.project,
            with_salts=not options.without_salts,
        )


def _geoip(options: argparse.Namespace) -> str:
    from app.commands import geoip

    return geoip.geoip(config.load(), options.url, options.check)


def _demo(options: argparse.Namespace) -> str:
    from app.commands import demo

    with _database() as database:
        return demo.demo(
            database,
            config.load().secret,
            options.project,
            options.days,
            options.pageviews_per_day,
            options.seed,
        )


def _check(options: argparse.Namespace) -> str:
    from app.commands import check_reports

    with _database() as database:
        found = check_reports.check(database, options.project, options.range)
    return _told(*found)


def _drain(options: argparse.Namespace) -> str:
    from app.commands import drain

    return drain.drain(config.load(), options.again)


def _release(options: argparse.Namespace) -> str:
    from app.commands import release

    return release.release(options.folder)


def _prune(options: argparse.Namespace) -> str:
    from app.commands import prune

    with _database() as database:
        found = prune.prune(database, config.load(), options.dry_run)
    return _told(*found)


def _audit_verify(options: argparse.Namespace) -> str:
    from app.commands import audit

    receipt = None
    if options.seq is not None or options.hash:
        if None in (options.project, options.seq) or not options.hash:
            raise Problem("A receipt wants --project, --seq and --hash")
        receipt = (options.seq, options.hash.lower())
    with _database() as database:
        found = audit.verify(database, config.load(), options.project, receipt)
    return _told(*found)


def _project_add(options: argparse.Namespace) -> str:
    with _database() as database:
        return project.add(
            database,
            options.name,
            options.domains,
            options.timezone,
            options.identity,
            options.retention_days,
            options.json,
        )


def _project_rotate(options: argparse.Namespace) -> str:
    with _database() as database:
        return project.rotate_keys(database, options.id, options.json)


def _project_list(options: argparse.Namespace) -> str:
    with _database() as database:
        return project.list_projects(database, options.json)


def _told(text: str, wrong: str) -> str:
    """Return what was found; if something is wrong, print it, and fail with that."""
    if wrong:
        if text:
            print(text)
        raise Problem(wrong)
    return text


COMMANDS: dict[str, Callable[[argparse.Namespace], str | None]] = {
    "run": _run,
    "setup": _setup,
    "migrate": _migrate,
    "doctor": _doctor,
    "import_micrologs": _import_micrologs,
    "import_porthole": _import_porthole,
    "export": _export,
    "geoip": _geoip,
    "demo": _demo,
    "check": _check,
    "release": _release,
    "drain": _drain,
    "prune": _prune,
    "audit_verify": _audit_verify,
    "project_add": _project_add,
    "project_rotate": _project_rotate,
    "project_list": _project_list,
}

if __name__ == "__main__":
    sys.exit(main())
