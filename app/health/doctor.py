"""The doctor: what was checked, what was found, why it matters, and what to do."""

from __future__ import annotations

import os

from app.db import DatabaseAway, causes, facts
from app.health import address, checks, host, visitors
from app.health.address import NotReached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.health.checks import Check
    from app.http import Request

NOT_CHECKED = "not checked"
SKEW_SECONDS = 60

# For each check: its title, why it matters, and what to do if it is not ok.
ABOUT = {
    "python": (
        "Python",
        "Porthole needs 3.9 or newer.",
        "Choose a newer Python in the control panel.",
    ),
    "entry": (
        "How it is started",
        "Under CGI each request starts Python; under Passenger pages are faster.",
        "",
    ),
    "compiled": (
        "Compiled modules",
        "Compiling takes longer than answering, which your visitors' pages wait for.",
        "Make the folder var writable for the web server (mode 755, your own user).",
    ),
    "zones": (
        "Time zones",
        "A day begins at midnight of the project's own time zone.",
        "Upload the folder vendor again, or install the package tzdata.",
    ),
    "modes": (
        "File modes",
        "On a shared host your neighbours are users of the same machine.",
        "Change the modes with your FTP program.",
    ),
    "manifest": (
        "Files as released",
        "Files are lost in uploads, and FTP's text mode spoils some.",
        "Upload those files again, in binary mode. If you changed them, all is well.",
    ),
    "storage": (
        "Folder var",
        "Logs, limits, and beacons that wait for the database are kept there.",
        "Make it, and give it mode 755 (700 is enough for most hosts).",
    ),
    "limits": (
        "Limits",
        "They keep one caller from using up the host, and slow down who guesses keys.",
        "Make the folder var writable. On a network disk, without file locks, it may"
        " stay as it is.",
    ),
    "disk": (
        "Free disk",
        "Beacons that cannot be kept anywhere are refused.",
        "Delete what is not needed, or ask your host for more.",
    ),
    "geoip": (
        "GeoIP file",
        "It tells countries and cities. Without it places stay empty.",
        "Run: python -m app geoip. Without a shell, fetch DB-IP City Lite (MMDB) and"
        " upload it as var/geoip.mmdb, in binary mode.",
    ),
    "spool": (
        "Spool",
        "While the database is away, beacons wait there.",
        "See that the database is there and that var has room; then it empties itself.",
    ),
    "summaries": (
        "Closed days",
        "Long reports are slow without their sums, and nothing old is deleted.",
        "Run: python -m app prune. It says why, and is tried again every ten minutes.",
    ),
    "database": (
        "Database",
        "Everything that is counted is in it.",
        "Compare [database] url in config.ini with what the control panel says.",
    ),
    "schema": (
        "Schema",
        "Porthole works only with tables that it knows.",
        "Import the files of sql/ that are new, in phpMyAdmin, in order.",
    ),
    "size": (
        "Room in the database",
        "When it is full, nothing more can be counted.",
        "Ask your host for more room, or keep less.",
    ),
    "server": (
        "Database server",
        "Porthole is made for MySQL 8.0 and MariaDB 10.4, or newer.",
        "Choose a newer database in the control panel, or ask your host.",
    ),
    "rights": (
        "Rights of the account",
        "It has to read and write rows, and to make and change tables.",
        "In the control panel give the database user all rights on this database.",
    ),
    "clock": (
        "Clock",
        "A wrong clock puts visits on the wrong day.",
        "Tell your host that the clock of the server is wrong.",
    ),
    "visitor": (
        "Visitors' addresses",
        "Who cannot be told apart is counted as one visitor.",
        "Put the proxy's address into trusted_proxies, under [server] in config.ini.",
    ),
    "forged": (
        "Forged addresses",
        "Believed, they would let anybody be any number of visitors.",
        "Take the web server's own address out of trusted_proxies in config.ini.",
    ),
    "exposed": (
        "Files that nobody should see",
        "config.ini has the password of the database, and logs are nobody's business.",
        "Upload .htaccess, too, into Porthole's folder (FTP programs hide files whose"
        " names begin with a dot), or move that folder out of the document root.",
    ),
    "chunked": (
        "Chunked bodies",
        "Some backends send their reports without saying how long they are.",
        "Nothing, unless such a backend reports to you: have it send Content-Length.",
    ),
}

OF_DATABASE: tuple[str, ...] = ("database", "schema", "size")


class Finding:
    """One line: ``status`` is ok, warn, fail or "not checked"; the rest are sentences.

    ``todo`` is empty where nothing needs to be done.
    """

    def __init__(self, name: str, check: Check) -> None:
        about = ABOUT.get(name, (name.capitalize(), "", ""))
        self.name = name
        self.title, self.why, todo = about
        self.status = check["status"]
        self.found = check["message"]
        is_well = self.status in (checks.OK, NOT_CHECKED)
        self.todo = "" if is_well else check.get("todo", todo)


def examine(request: Request, ticket: str = "") -> dict[str, list[Finding]]:
    """Return the findings, by what they are about.

    ``ticket`` opens /doctor/echo; without it nothing is asked over the network, as on
    the command line, where Porthole does not know its address.
    """
    found = checks.run(
        request.db, request.config, request.limits, request.at, is_admin=True
    )
    found["database"].setdefault("todo", causes.cure(found["database"]["message"]))
    config = request.config
    environ = request.environ
    program = {
        "python": found.pop("python"),
        "entry": host.entry(environ),
        "compiled": host.compiled(environ),
        "zones": host.zones(),
        "manifest": host.manifest(environ),
        "modes": host.modes(config.path, environ),
    }
    names = [name for name in OF_DATABASE if name in found]
    database = {name: found.pop(name) for name in names}
    database.update(_server(request))
    files = {**found, "disk": host.disk(config.var)}
    return {
        "Program": _findings(program),
        "Database": _findings(database),
        "Files": _findings(files),
        "Web server": _findings(_web(request, ticket)),
    }


def _findings(found: dict[str, Check]) -> list[Finding]:
    return [Finding(name, check) for name, check in found.items()]


def _check(status: str, message: str) -> Check:
    return {"status": status, "message": message}


def _server(request: Request) -> dict[str, Check]:
    try:
        known = facts.read(request.db, request.config.database_url)
    except DatabaseAway:
        message = "The database does not answer."
        names = ("server", "rights", "clock")
        return {name: _check(NOT_CHECKED, message) for name in names}
    limits = f" You have {', '.join(known.limits)}." if known.limits else ""
    if known.is_by_statement:
        limits += (
            " Its log is by statement (binlog_format): what beacons write at the same"
            " moment has to be tried again more often."
        )
    lacking = ", ".join(known.lacking)
    return {
        "server": _check(
            checks.WARN if known.is_old else checks.OK, f"{known.product}.{limits}"
        ),
        "rights": _check(
            checks.FAIL if lacking else checks.OK,
            f"It lacks {lacking}." if lacking else "It may do all that is needed.",
        ),
        "clock": _clock(request, known),
    }


def _clock(request: Request, known: facts.Facts) -> Check:
    shown = f"{request.at:%Y-%m-%d %H:%M} UTC"
    if known.at is None:
        return _check(checks.OK, f"It is {shown}.")
    seconds = abs((known.at - request.at).total_seconds())
    if seconds > SKEW_SECONDS:
        message = f"It is {shown} here, but {known.at:%Y-%m-%d %H:%M} in the database."
        return _check(checks.WARN, message)
    return _check(checks.OK, f"It is {shown}, here and in the database.")


def _web(request: Request, ticket: str) -> dict[str, Check]:
    names = ("visitor", "forged", "chunked", "exposed")
    reason = "Only the page /doctor can tell, for it knows Porthole's address."
    if ticket:
        try:
            echo = visitors.echo_of(request, ticket)
            return {
                **visitors.judge(request, echo),
                "chunked": visitors.chunked(request, ticket),
                "exposed": _exposed(request),
            }
        except NotReached as error:
            reason = (
                f"Porthole cannot reach its own address {request.base_url()} ({error})."
                " Many hosts allow no requests from inside."
            )
    return {name: _check(NOT_CHECKED, reason) for name in names}


def _exposed(request: Request) -> Check:
    config = request.config
    paths = [config.path, os.path.join(config.var, "log", "porthole.log")]
    sqlite_path = ""
    if config.database_url.startswith("sqlite:///"):
        sqlite_path = config.database_url[len("sqlite:///") :]
        paths.append(sqlite_path)
    paths.extend(address.PRIVATE)
    leaks, unknown = address.given_away(request, paths, sqlite_path)
    if leaks:
        message = f"Anybody can read: {', '.join(leaks)}"
        return _check(checks.FAIL, message)
    if unknown:
        return _check(NOT_CHECKED, f"{unknown} Look yourself: it must be refused.")
    return _check(checks.OK, "The web server gives none of Porthole's files away.")
