"""The commands: python -m app --help."""

from __future__ import annotations

import argparse
import sys

from app import bundled, config, db
from app.commands import moving, project, setup
from app.commands.database import connected
from app.problems import Problem
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

    moving.add_to(commands)

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

    pruner = commands.add_parser("prune", help="sum up closed days, delete old rows")
    pruner.add_argument(
        "--dry-run", action="store_true", help="only say what would be done"
    )
    pruner.set_defaults(command=_prune)

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
    add.add_argument("--retention-days", type=int, metavar="N", help="0: for ever")
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

    text, broken = doctor.diagnose(config.load())
    print(text)
    if broken:
        raise Problem(f"Broken: {broken}.")
    return ""


def _geoip(options: argparse.Namespace) -> str:
    from app.commands import geoip

    return geoip.geoip(config.load(), options.url, options.check)


def _demo(options: argparse.Namespace) -> str:
    from app.commands import demo

    with connected() as database:
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

    with connected() as database:
        text, wrong = check_reports.check(database, options.project, options.range)
    if wrong:
        print(text)
        raise Problem(wrong)
    return text


def _drain(options: argparse.Namespace) -> str:
    from app.commands import drain

    return drain.drain(config.load(), options.again)


def _release(options: argparse.Namespace) -> str:
    from app.commands import release

    return release.release(options.folder)


def _prune(options: argparse.Namespace) -> str:
    from app.commands import prune

    with connected() as database:
        return prune.prune(database, config.load(), options.dry_run)


def _audit_verify(options: argparse.Namespace) -> str:
    from app.commands import audit

    receipt = None
    if options.seq is not None or options.hash:
        if None in (options.project, options.seq) or not options.hash:
            raise Problem("A receipt wants --project, --seq and --hash")
        receipt = (options.seq, options.hash.lower())
    with connected() as database:
        text, wrong = audit.verify(database, config.load(), options.project, receipt)
    print(text)
    if wrong:
        raise Problem(wrong)
    return ""


def _project_add(options: argparse.Namespace) -> str:
    with connected() as database:
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
    with connected() as database:
        return project.rotate_keys(database, options.id, options.json)


def _project_list(options: argparse.Namespace) -> str:
    with connected() as database:
        return project.list_projects(database, options.json)


if __name__ == "__main__":
    sys.exit(main())
