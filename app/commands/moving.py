"""import and export: what is elsewhere comes here, and what is here goes elsewhere."""

from __future__ import annotations

import argparse

from app import config
from app.commands.database import connected
from app.problems import Problem
from app.projects import admin

TYPE_CHECKING = False
if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add the two to the commands of ``python -m app``."""
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


def _import_micrologs(options: argparse.Namespace) -> str:
    from app.commands import import_micrologs

    if not options.url.startswith("mysql://"):
        raise Problem("--from wants mysql://user:password@host/name")
    admin.check_zone(options.timezone)
    with connected():
        return import_micrologs.import_micrologs(
            config.load(), options.url, options.timezone
        )


def _import_porthole(options: argparse.Namespace) -> str:
    from app.commands import transfer

    return transfer.import_porthole(config.load(), options.file)


def _export(options: argparse.Namespace) -> str:
    from app.commands import transfer

    with connected() as database:
        return transfer.export(
            database,
            config.load(),
            options.file,
            options.project,
            with_salts=not options.without_salts,
        )
