"""The commands' arguments."""

from __future__ import annotations

import argparse

from app.projects.store import COOKIELESS, IDENTITIES


def parser() -> argparse.ArgumentParser:
    """Return the parser; ``command`` is the name of what is to be done."""
    top = argparse.ArgumentParser(prog="python -m app", description="Porthole")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="serve locally, with a demo site")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8000)
    run.set_defaults(command="run")

    command = commands.add_parser("setup", help="make config.ini and the schema")
    command.set_defaults(command="setup")
    command = commands.add_parser("migrate", help="bring the schema up to date")
    command.set_defaults(command="migrate")
    command = commands.add_parser("doctor", help="what is wrong, and how to mend it")
    command.set_defaults(command="doctor")

    importer = commands.add_parser("import", help="take over what is elsewhere")
    systems = importer.add_subparsers(metavar="SYSTEM", required=True)
    micrologs = systems.add_parser("micrologs", help="all of a Micrologs installation")
    micrologs.add_argument(
        "--from", required=True, dest="url", metavar="mysql://user:password@host/name"
    )
    micrologs.add_argument(
        "--timezone", default="UTC", help="the zone in which it wrote its times"
    )
    micrologs.set_defaults(command="import_micrologs")
    porthole = systems.add_parser("porthole", help="a file that export has written")
    porthole.add_argument("file")
    porthole.set_defaults(command="import_porthole")
    command = commands.add_parser("export", help="write everything into one file")
    command.add_argument("--project", type=int, metavar="ID", help="instead of all")
    command.add_argument(
        "--without-salts", action="store_true", help="for a backup that is kept"
    )
    command.add_argument("file", help="such as porthole.gz, or - for stdout")
    command.set_defaults(command="export")

    command = commands.add_parser("geoip", help="fetch the file that tells places")
    command.add_argument(
        "--from", dest="url", default="", metavar="URL", help="a folder like DB-IP's"
    )
    command.add_argument(
        "--check", action="store_true", help="only say what file is there"
    )
    command.set_defaults(command="geoip")

    demo = commands.add_parser("demo", help="fill a project with made-up traffic")
    demo.add_argument("--project", type=int, metavar="ID", help='instead of "Demo"')
    demo.add_argument("--days", type=int, default=30, help="up to now; 1 to 730")
    demo.add_argument("--pageviews-per-day", type=int, default=300, metavar="N")
    demo.add_argument("--seed", type=int, help="the same one makes the same traffic")
    demo.set_defaults(command="demo")

    checker = commands.add_parser("check", help="whether the reports' totals agree")
    checker.add_argument("--project", type=int, metavar="ID", help="instead of all")
    checker.add_argument("--range", default="30d", help="as of the reports: 7d, all")
    checker.set_defaults(command="check")

    command = commands.add_parser("release", help="make the zip for uploading")
    command.add_argument("folder", nargs="?", default="dist")
    command.set_defaults(command="release")

    drainer = commands.add_parser("drain", help="store what waits in the spool")
    drainer.add_argument(
        "--again", action="store_true", help="also what was set aside, after an update"
    )
    drainer.set_defaults(command="drain")

    pruner = commands.add_parser("prune", help="sum up closed days, delete old rows")
    pruner.add_argument(
        "--dry-run", action="store_true", help="only say what would be done"
    )
    pruner.set_defaults(command="prune")

    audit_parser = commands.add_parser("audit", help="the audit logs")
    actions = audit_parser.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="whether they are as they were written")
    verify.add_argument("--project", type=int, metavar="ID", help="instead of all")
    verify.add_argument("--seq", type=_number, metavar="N", help="of a receipt")
    verify.add_argument("--hash", default="", help="of the same receipt")
    verify.set_defaults(command="audit_verify")

    project_parser = commands.add_parser("project", help="projects and their keys")
    actions = project_parser.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="create a project; prints its keys once")
    add.add_argument("name")
    add.add_argument("--domain", action="append", required=True, dest="domains")
    add.add_argument("--timezone", default="UTC", help="such as Europe/Berlin")
    add.add_argument("--identity", choices=IDENTITIES, default=COOKIELESS)
    add.add_argument("--retention-days", type=int, metavar="N", help="0: for ever")
    add.set_defaults(command="project_add")
    rotate = actions.add_parser("rotate-keys", help="replace both keys at once")
    rotate.add_argument("id", type=int)
    rotate.set_defaults(command="project_rotate")
    listing = actions.add_parser("list", help="the projects, without secret keys")
    listing.set_defaults(command="project_list")
    for action in (add, rotate, listing):
        action.add_argument("--json", action="store_true", help="print JSON")
    return top


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 16:
        raise argparse.ArgumentTypeError("give the number of an entry")
    return int(text)
