"""/setup: from an uploaded folder to the first visit, without a shell."""

from __future__ import annotations

import os
import re

from flask import Blueprint, redirect, url_for

from app import fields
from app.commands import setup as commands
from app.config import PUBLIC_URL, ConfigError
from app.db import DatabaseAway, migrate
from app.health import address
from app.pages import frame, numbers, session
from app.pages.setup_visit import Visit
from app.problems import InvalidInput, Unavailable
from app.projects import admin, admin_store, store
from app.setup import database
from app.setup.database import CannotUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from app.db import Row
    from app.dispatch import Dispatcher
    from app.http import Request

MAX_NAME_BYTES = 1000
MAX_DOMAINS_BYTES = 6000
NOT_LOOKED = InvalidInput(
    "Look at the address below first, and tick the box that says so",
    field="is_refused",
)


def blueprint(dispatcher: Dispatcher) -> Blueprint:
    """Return the pages of the set-up, which close when it is over."""
    pages = Blueprint("setup", __name__, template_folder="templates")
    frame.add(pages, dispatcher, "/setup", _show, _take)
    return pages


def _show(request: Request) -> Response:
    """GET /setup: the step that comes next."""
    visit = Visit(request)
    progress = visit.progress
    if progress.is_over():
        return frame.page("setup_over.html", 410)
    is_owner = progress.is_owner(visit.number)
    if not progress.has_config():
        return _database(visit) if is_owner else _proof(visit)
    try:
        projects = _projects(request)
    except CannotUse as refused:
        return _again(visit, refused) if is_owner else _proof(visit)
    if projects and admin_store.count_pageviews(request.db).get(projects[0]["id"]):
        # Whoever looks first: the owner may never come back.
        progress.end()
        if is_owner:
            return frame.page("setup_seen.html", name=projects[0]["name"])
        return frame.page("setup_over.html", 410)
    if not is_owner:
        return _proof(visit)
    if not projects:
        return visit.page("project", given={"domains": "", "timezone": "UTC"})
    return _waiting(visit, projects[0])


def _take(request: Request) -> Response:
    """POST /setup: one step further, or the form again with what is wrong."""
    visit = Visit(request)
    progress = visit.progress
    if progress.is_over():
        return frame.page("setup_over.html", 410)
    form = session.form_of(request)
    visit.check_form(form)
    if form.get("step") == "proof":
        return _prove(visit)
    if not progress.is_owner(visit.number):
        return _proof(visit, status=403)
    steps: dict[str, Callable[[Visit, dict[str, str]], Response]] = {
        "database": _take_database,
        "project": _take_project,
        "keys": _take_keys,
        "end": _take_end,
    }
    step = fields.choice(form, "step", ("proof", *steps), "")
    if not step:
        raise InvalidInput("step is required", field="step")
    with progress.alone():
        if (step == "database") is _has_database(visit):
            return _onward()  # a second click, or another window was faster
        try:
            return steps[step](visit, form)
        except CannotUse as refused:
            return _again(visit, refused)


def _has_database(visit: Visit) -> bool:
    """Return whether config.ini names one that works."""
    if not visit.progress.has_config():
        return False
    try:
        _projects(visit.request)
    except CannotUse:
        return False
    return True


def _again(visit: Visit, refused: CannotUse) -> Response:
    """Ask for the database once more; config.ini names one that cannot be used."""
    return _database(visit, 409, refused=refused)


def _onward() -> Response:
    return redirect(url_for("setup.setup"), 303)


def _projects(request: Request) -> list[Row]:
    """Return all projects.

    :raise CannotUse: the database does not work.
    """
    try:
        migrate.check_database(request.db)
        return admin_store.list_projects(request.db)
    except (DatabaseAway, Unavailable) as error:
        raise database.explained(error) from None


def _proof(visit: Visit, status: int = 200, said: str = "") -> Response:
    progress = visit.progress
    name = progress.proof_name(visit.number)
    return visit.page("proof", status, name=name, said=said)


def _prove(visit: Visit) -> Response:
    progress = visit.progress
    if progress.is_owner(visit.number):
        return _onward()
    if not progress.has_proof(visit.number):
        return _proof(visit, 403, "The file is not there yet.")
    try:
        number = progress.begin(visit.number)
    except OSError as error:
        # Nothing of this is kept: it is for the one who has made the file.
        leaks, _ = address.given_away(visit.request, address.PRIVATE)
        return visit.page(
            "config",
            409,
            text=commands.new_config(),
            reason=error.strerror,
            leaks=leaks,
            addresses=address.addresses_of(visit.request, progress.path),
            base=visit.request.base_url(),
            name=progress.proof_name(visit.number),
        )
    response = _onward()
    visit.keep(response, number)
    return response


def _database(
    visit: Visit,
    status: int = 200,
    given: dict[str, str] | None = None,
    **said: object,
) -> Response:
    try:
        leaks, unknown = _leaks(visit)
    except OSError as error:
        leaks, unknown = [], ""
        said = {**said, "refused": _unwritten(str(error.strerror)), "is_stuck": True}
    shown = {name: text for name, text in (given or {}).items() if name != "password"}
    return visit.page(
        "database",
        status,
        given=shown,
        leaks=leaks,
        unknown=unknown,
        is_open=not session.is_https(visit.request),
        is_decided=bool(os.environ.get(database.ENVIRONMENT)),
        addresses=address.addresses_of(visit.request, visit.progress.path),
        **said,
    )


def _leaks(visit: Visit) -> tuple[list[str], str]:
    """Return where anybody can read what is private, and why that is not known.

    :raise OSError: the folder cannot be written.
    """
    visit.progress.place_placeholder()
    paths = [visit.progress.path, *address.PRIVATE]
    return address.given_away(visit.request, paths)


def _take_database(visit: Visit, form: dict[str, str]) -> Response:
    try:
        url = database.url_of(form)
        tables = fields.choice(form, "tables", database.TABLES, database.TABLES[0])
        leaks, unknown = _leaks(visit)
        if leaks:
            return _database(visit, 409, form)
        if unknown and form.get("is_refused") != "yes":
            return _database(visit, 409, form, wrong=NOT_LOOKED)
        database.prepare(visit.progress.path, url, tables)
        commands.write_config(visit.progress.path, url, _public_url(visit.request))
        visit.progress.restart()
    except InvalidInput as problem:
        return _database(visit, 400, form, wrong=problem)
    except CannotUse as problem:
        return _database(visit, 409, form, refused=problem)
    except (commands.CannotSetUp, ConfigError, OSError) as problem:
        return _database(visit, 409, form, refused=_unwritten(str(problem)))
    return _onward()


def _unwritten(detail: str) -> CannotUse:
    return CannotUse(
        "Porthole cannot write config.ini into its own folder.",
        "Give the folder mode 755, see that it belongs to your own user and that the"
        " disk has room.",
        detail,
    )


def _public_url(request: Request) -> str:
    """Return what config.ini has to say about where Porthole is, '' if nothing.

    Behind a proxy that speaks https only the browser knows that.
    """
    scheme, _, rest = request.base_url().partition("://")
    is_hidden = request.header("Origin") == f"https://{rest.partition('/')[0]}"
    url = f"https://{rest}"
    is_wanted = scheme == "http" and is_hidden and re.fullmatch(PUBLIC_URL, url)
    return url if is_wanted else ""


def _take_project(visit: Visit, form: dict[str, str]) -> Response:
    request = visit.request
    if _projects(request):
        return _onward()
    try:
        made = admin.create_project(
            request.db,
            fields.text(form, "name", MAX_NAME_BYTES, required=True),
            fields.text(form, "domains", MAX_DOMAINS_BYTES).replace(",", " ").split(),
            request.at,
            timezone=fields.text(form, "timezone", 64) or "UTC",
        )
    except InvalidInput as problem:
        field = problem.field.replace("allowed_", "")
        return visit.page("project", 400, given=form, wrong=problem, field=field)
    return _keys(visit, made, request.config.admin_key)


def _take_keys(visit: Visit, form: dict[str, str]) -> Response:
    projects = _projects(visit.request)
    if not projects:
        return _onward()
    row = projects[0]
    made = admin.rotate_keys(
        visit.request.db, row["id"], visit.request.at, public=False
    )
    return _keys(visit, {**row, **made})


def _take_end(visit: Visit, form: dict[str, str]) -> Response:
    visit.progress.end()
    return frame.page("setup_over.html")


def _keys(visit: Visit, made: Row, admin_key: str = "") -> Response:
    return visit.page(
        "keys",
        row=made,
        admin_key=admin_key,
        script=_script(visit.request),
        base=visit.request.base_url(),
    )


def _script(request: Request) -> str:
    return request.base_url() + request.config.snippet_path


def _waiting(visit: Visit, row: Row) -> Response:
    request = visit.request
    project = store.find_by_public_key(request.db, row["public_key"])
    refused = []
    if project is not None:
        found = numbers.answer(request, project, "/api/analytics/bots", range="today")
        refused = found["by_reason"]
    return visit.page("waiting", row=row, refused=refused, script=_script(request))
