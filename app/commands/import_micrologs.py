"""import micrologs: takes over everything of a Micrologs installation."""

from __future__ import annotations

from app import clock
from app import db as databases
from app.audit import import_store as audit_store
from app.audit import importer as audit_importer
from app.commands import import_links
from app.commands.progress import Progress
from app.db import micrologs, micrologs_audit, micrologs_errors
from app.errors import import_store as error_store
from app.errors import importer as error_importer
from app.problems import Problem
from app.projects import importer as project_importer
from app.visits import import_store
from app.visits import importer as visit_importer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.config import Config
    from app.db import Database, Row

TIMEOUT_SECONDS = 10

NOTES = (
    ("empty sessions", "left out: {} without a pageview", "session"),
    ("empty visitors", "left out: {} without a pageview", "visitor"),
    ("lost visits", "added: {} of pageviews whose session is gone", "visit"),
    ("lost visitors", "kept: {} whose row is gone", "visitor"),
)


def import_micrologs(settings: Config, url: str, timezone: str) -> str:
    """Return a report of what was there and what is here now, project by project.

    ``timezone`` is the zone in which Micrologs wrote its times. It can be run again:
    what is here already is left as it is, and what is new there comes.

    :raise DatabaseAway: one of the databases cannot be reached.
    :raise Problem: something is missing here (the report is printed), or a project
        cannot be imported.
    """
    source = databases.connect(url, TIMEOUT_SECONDS)
    ours = databases.connect(settings.database_url, settings.timeout_seconds)
    lines = [f"{'':24}{'Micrologs':>12}{'Porthole':>12}"]
    missing: list[str] = []
    try:
        for theirs in micrologs.list_projects(source):
            row = project_importer.import_project(ours, theirs, timezone, clock.now())
            state = _import_visits(settings, source, ours, theirs, row)
            lines += _report(source, ours, theirs, row, state, missing)
            lines += _import_errors(settings, source, ours, theirs, row, missing)
            lines += _import_audit(settings, source, ours, theirs, row, missing)
            lines += import_links.import_links(
                settings.secret, source, ours, theirs, row, timezone, missing
            )
    finally:
        source.close()
        ours.close()
    report = "\n".join(lines)
    if missing:
        print(report)
        raise Problem(" ".join(missing))
    return report


def _import_visits(
    settings: Config, source: Database, ours: Database, theirs: Row, row: Row
) -> Row:
    newest = micrologs.last_pageview(source, theirs["id"])
    expected = micrologs.count(source, theirs["id"], "pageviews", newest)
    progress = Progress(theirs["name"], expected)
    state = visit_importer.import_visits(
        source, ours, settings.secret, theirs, row, progress.show
    )
    progress.end()
    return state


def _import_errors(
    settings: Config,
    source: Database,
    ours: Database,
    theirs: Row,
    row: Row,
    missing: list[str],
) -> list[str]:
    """Bring the errors; return their lines, and add to ``missing`` if it must."""
    if not micrologs_errors.has_errors(source):
        return []
    there = micrologs_errors.count_errors(source, theirs["id"])
    progress = Progress(f"{theirs['name']}, errors", there["errors"])
    error_importer.import_errors(
        source, ours, settings.secret, theirs, row, progress.show
    )
    progress.end()
    there = micrologs_errors.count_errors(source, theirs["id"])
    source.rest()
    here = error_store.count_errors(ours, row["id"])
    came = error_store.count_imported(ours, row["id"], theirs["id"])
    lines = [
        f"  {name.replace('_', ' '):22}{there[name]:>12}{here[name]:>12}"
        for name in ("errors", "error_groups")
    ]
    if came["ours"] < came["theirs"]:
        lines.append(f"  joined: {came['theirs']} error groups are {came['ours']} here")
    if came["undated"]:
        noun = "error" if came["undated"] == 1 else "errors"
        lines.append(
            f"  undated: {came['undated']} {noun} of which Micrologs kept no event;"
            " counted on the day of their group's first one"
        )
    if came["errors"] < there["errors"]:
        missing.append(
            f"{theirs['name']}: {came['errors']} of {there['errors']} errors are here."
            " Run the import again to bring those that came meanwhile."
        )
    return lines


def _import_audit(
    settings: Config,
    source: Database,
    ours: Database,
    theirs: Row,
    row: Row,
    missing: list[str],
) -> list[str]:
    """Bring the audit log; return its line, and add to ``missing`` if it must."""
    if not micrologs_audit.has_logs(source):
        return []
    expected = micrologs_audit.count_logs(source, theirs["id"])
    progress = Progress(f"{theirs['name']}, audit log", expected)
    until = audit_importer.import_entries(
        source, ours, settings, theirs, row, progress.show
    )
    progress.end()
    there = micrologs_audit.count_logs(source, theirs["id"], until)
    source.rest()
    here = audit_store.count_entries(ours, row["id"])
    if here < there:
        missing.append(
            f"{theirs['name']}: {here} of {there} audit entries are here."
            " To bring them all, delete the project here and import it anew."
        )
    return [f"  {'audit entries':22}{there:>12}{here:>12}"]


def _report(
    source: Database,
    ours: Database,
    theirs: Row,
    row: Row,
    state: Row,
    missing: list[str],
) -> list[str]:
    """Return the lines of one project; ``missing`` gets a sentence if it must."""
    there = {
        name: micrologs.count(source, theirs["id"], name, state["until_id"])
        for name in micrologs.COUNTS
    }
    source.rest()
    here = import_store.count(ours, row["id"])
    lines = [f"{theirs['name']} (project {row['id']})"]
    lines += [f"  {name:22}{there[name]:>12}{here[name]:>12}" for name in here]
    for name, note, thing in NOTES:
        if there[name]:
            things = thing if there[name] == 1 else thing + "s"
            lines.append("  " + note.format(f"{there[name]} {things}"))
    dropped = project_importer.usable_domains(theirs)[1]
    if dropped:
        lines.append(f"  left out: what is no domain: {', '.join(map(repr, dropped))}")
    if not row["allowed_domains"]:
        lines.append("  no usable domain: beacons are refused until you give it one")
    # Beacons add to the counts here: only of the pageviews is it known what came.
    arrived = {
        "pageviews": min(state["pageviews"], here["pageviews"]),
        "visits": here["visits"],
        "visitors": here["visitors"],
    }
    there["visits"] += there["lost visits"] - there["empty sessions"]
    for name in arrived:
        if name != "visits" and arrived[name] < there[name]:
            missing.append(
                f"{theirs['name']}: {arrived[name]} of {there[name]} {name} are here."
                " To bring them all, delete the project here and import it anew."
            )
    return lines
