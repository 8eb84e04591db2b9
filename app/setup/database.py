"""The database that a person names in a form: its URL, and whether it can be used."""

from __future__ import annotations

import contextlib
import os
import re
from contextlib import closing
from urllib.parse import quote

from app import config, db, fields
from app.commands import setup
from app.db import DatabaseAway, causes, facts, hosts, migrate
from app.problems import InvalidInput, Unavailable
from app.projects import admin_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.db import Database

ENVIRONMENT = "PORTHOLE_DATABASE_URL"
KINDS = ("mysql", "sqlite")
TABLES = ("make", "imported")
TIMEOUT_SECONDS = 5
MAX_NAME_BYTES = 253
MAX_PASSWORD_LENGTH = 500


class CannotUse(Exception):
    """The database cannot be used as it is: ``cause`` and ``cure``, in plain words.

    ``detail`` is what it said itself.
    """

    def __init__(self, cause: str, cure: str = "", detail: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure
        self.detail = detail


def url_of(form: Mapping[str, str]) -> str:
    """Return the URL for config.ini of what the form says.

    The environment's wins, as it will when config.ini is read.

    :raise InvalidInput: a field is missing, or cannot be understood.
    """
    if os.environ.get(ENVIRONMENT):
        return os.environ[ENVIRONMENT]
    if fields.choice(form, "kind", KINDS, KINDS[0]) == "sqlite":
        return config.DEFAULTS["database", "url"]
    return _mysql_url(form)


def _mysql_url(form: Mapping[str, str]) -> str:
    host = fields.text(form, "host", MAX_NAME_BYTES) or "localhost"
    if not re.fullmatch(hosts.HOST, host):
        raise InvalidInput("The host is not understood", field="host")
    port = fields.text(form, "port", 10)
    socket = fields.text(form, "socket", MAX_NAME_BYTES)
    name = fields.text(form, "name", MAX_NAME_BYTES, required=True)
    user = fields.text(form, "user", MAX_NAME_BYTES, required=True)
    # As it is: a space at its end may belong to it.
    password = form.get("password", "")
    if len(password) > MAX_PASSWORD_LENGTH:
        raise InvalidInput("password is too long", field="password")
    account = f"{quote(user, safe='')}:{quote(password, safe='')}"
    place = f"{host}:{port}" if port else host
    url = f"mysql://{account}@{place}/{quote(name, safe='')}"
    if socket:
        url += f"?unix_socket={quote(socket, safe='')}"
    if port and not (port.isascii() and port.isdigit()):
        raise InvalidInput("The port is no number", field="port")
    if socket and not os.path.exists(socket):
        raise InvalidInput("There is no socket at this path", field="socket")
    try:
        hosts.check_url(url)
    except ValueError as problem:
        field = "port" if "port" in str(problem) else "host"
        raise InvalidInput(f"The {field} is not understood", field=field) from None
    return url


def provisional(path: str, url: str = "") -> config.Config:
    """Return what config.ini at ``path`` will say; the secrets are made up for now."""
    made_up = os.urandom(32).hex()
    folder = os.path.dirname(path)
    values = {
        "PORTHOLE_FILES_VAR": os.path.join(folder, "var"),
        **os.environ,
        "PORTHOLE_SECURITY_ADMIN_KEY": made_up,
        "PORTHOLE_SECURITY_SECRET": made_up,
    }
    url = url or os.environ.get(ENVIRONMENT) or config.DEFAULTS["database", "url"]
    if url.startswith("sqlite:///"):
        url = "sqlite:///" + os.path.join(folder, url[len("sqlite:///") :])
    values[ENVIRONMENT] = url
    settings = config.load(setup.EXAMPLE, values)
    return config.Config(**{**settings.__dict__, "path": path})


def prepare(path: str, url: str, tables: str) -> None:
    """See to it that the database can be used, and has its tables.

    ``tables`` is ``make``, or ``imported`` if a person has done that in phpMyAdmin.

    :raise CannotUse: it cannot be reached, or lacks the tables, or is another's.
    """
    settings = provisional(path, url)
    with contextlib.suppress(OSError):  # apply_schema() says so
        # Before SQLite makes it, readable for everybody.
        os.makedirs(settings.var, mode=0o700, exist_ok=True)
    database = db.connect(settings.database_url, TIMEOUT_SECONDS, TIMEOUT_SECONDS)
    with closing(database):
        try:
            if not migrate.version(database) and tables == "imported":
                raise CannotUse(
                    "The tables are not there yet.",
                    "In phpMyAdmin choose this database on the left, then Import, and"
                    " the file sql/001_initial.sql. Or have Porthole make them.",
                )
            setup.apply_schema(settings)
            migrate.try_to_write(database)
            _see_that_it_may_all(database, settings.database_url)
            _see_that_it_is_free(database)
        except (DatabaseAway, Unavailable, setup.CannotSetUp) as error:
            raise explained(error) from None


def explained(error: Exception) -> CannotUse:
    """Return what an error of the database means, in plain words."""
    said = str(error)
    if isinstance(error, Unavailable):
        return CannotUse(said)
    cause, cure = causes.explain(said)
    if not cause:
        is_away = isinstance(error, DatabaseAway)
        cause = "The database cannot be used." if is_away else said
    return CannotUse(cause, cure, said[:500])


def _see_that_it_may_all(database: Database, url: str) -> None:
    lacking = facts.read(database, url).lacking
    if lacking:
        raise CannotUse(
            f"The user may not {', '.join(lacking)} in this database.",
            "In the control panel give the user all rights on the database.",
        )


def _see_that_it_is_free(database: Database) -> None:
    projects = admin_store.list_projects(database)
    if projects:
        count = f"{len(projects)} project{'s' if projects[1:] else ''}"
        raise CannotUse(
            f"A Porthole with {count} is in this database already.",
            "If it is yours, upload its config.ini again: without the secret in it,"
            " every visitor would be a new one. Otherwise choose another database.",
        )
