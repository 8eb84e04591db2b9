"""The commands: python -m app --help."""

from __future__ import annotations

import argparse
import sys

from app import bundled, config, db
from app.commands import project, setup
from app.commands.opened import opened as _database
from app.problems import Problem
from app.projects import admin
from app.projects.store import COOKIELESS, IDENTITIES

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    bundled.use(config.ROOT)
    options = _parser().parse_args(arguments)
    try:
        text = options.command(options)
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
        print(text)
    return 0


def _fail(sentence: str) -> int:
    print(f"porthole: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description="Porthole")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="serve locally, with a demo site")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8000)
    run.set_defaults(command=_run)

    command = commands.add_parser("setup", help="make config.ini and the schema")
    command.set_defaults(command=_setup)
    command = commands.add_parser("migrate", help="bring the schema up to date")
    command.set_defaults(command=_migrate)
    command = commands.add_parser("doctor", help="what is wrong, and how to mend it")
    command.set_defaults(command=_doctor)

    importer = commands.add_parser("import", help="take over what is elsewhere")
    systems = importer.add_subparsers(metavar="SYSTEM", required=True)
    micrologs = systems.add_parser("micrologs", help="all of a Micrologs installation")
    micrologs.add_argument(
        "--from", required=True, dest="url", metavar="mysql://user:password@host/name"
    )
    micrologs.add_argument(
        "--timezone", default="UTC", help="the zone in which it wrote its times"
    )
    micrologs.set_defaults(command=_import_micrologs)
    porthole = systems.add_parser("porthole", help="a file that export has written")
    porthole.add_argument("file")
    porthole.set_defaults(command=_import_porthole)
    command = commands.add_parser("export", help="write everything into one file")
    command.add_argument("--project", type=int, metavar="ID", help="instead of all")
    command.add_argument(
        "--without-salts", action="store_true", help="for a backup that is kept"
    )
    command.add_argument("file", help="such as porthole.gz, or - for stdout")
    command.set_defaults(command=_export)

    command = commands.add_parser("geoip", help="fetch the file that tells places")
    command.add_argument(
        "--from", dest="url", default="", metavar="URL", help="a folder like DB-IP's"
    )
    command.add_argument(
        "--check", action="store_true", help="only say what file is there"
    )
    command.set_defaults(command=_geoip)

    demo = commands.add_parser("demo", help="fill a project with made-up traffic")
    demo.add_argument("--project", type=int, metavar="ID", help='instead of "Demo"')
    demo.add_argument("--days", type=int, default=30, help="up to now; 1 to 730")
    demo.add_argument("--pageviews-per-day", type=int, default=300, metavar="N")
    demo.add_argument("--seed", type=int, help="the same one makes the same traffic")
    demo.set_defaults(command=_demo)

    checker = commands.add_parser("check", help="whether the reports' totals agree")
    checker.add_argument("--project", type=int, metavar="ID", help="instead of all")
    checker.add_argument("--range", default="30d", help="as of the reports: 7d, all")
    checker.set_defaults(command=_check)

    command = commands.add_parser("release", help="make the zip for uploading")
    command.add_argument("folder", nargs="?", default="dist")
    command.set_defaults(command=_release)

    drainer = commands.add_parser("drain", help="store what waits in the spool")
    drainer.add_argument(
        "--again", action="store_true", help="also what was set aside, after an update"
    )
    drainer.set_defaults(command=_drain)

    audit_parser = commands.add_parser("audit", help="the audit logs")
    actions = audit_parser.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="whether they are as they were written")
    verify.add_argument("--project", type=int, metavar="ID", help="instead of all")
    verify.add_argument("--seq", type=_number, metavar="N", help="of a receipt")
    verify.add_argument("--hash", default="", help="of the same receipt")
    verify.set_defaults(command=_audit_verify)

    project_parser = commands.add_parser("project", help="projects and their keys")
    actions = project_parser.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="create a project; prints its keys once")
    add.add_argument("name")
    add.add_argument("--domain", action="append", required=True, dest="domains")
    add.add_argument("--timezone", default="UTC", help="such as Europe/Berlin")
    add.add_argument("--identity", choices=IDENTITIES, default=COOKIELESS)
    add.set_defaults(command=_project_add)
    rotate = actions.add_parser("rotate-keys", help="replace both keys at once")
    rotate.add_argument("id", type=int)
    rotate.set_defaults(command=_project_rotate)
    listing = actions.add_parser("list", help="the projects, without secret keys")
    listing.set_defaults(command=_project_list)
    for action in (add, rotate, listing):
        action.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 16:
        raise argparse.ArgumentTypeError("give the number of an entry")
    return int(text)


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
        print(text)
        raise Problem(wrong)
    return text


if __name__ == "__main__":
    sys.exit(main())
