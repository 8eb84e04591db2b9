"""/setup: from an uploaded folder to the first visit, without a shell."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, url_for
from itsdangerous import BadSignature, Signer

from app import fields
from app.commands import setup as commands
from app.config import ConfigError
from app.db import migrate
from app.health import address
from app.pages import frame, numbers, session
from app.problems import Forbidden, InvalidInput
from app.projects import admin, admin_store, store
from app.setup import database
from app.setup.database import CannotUse
from app.setup.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from app.db import Row
    from app.dispatch import Dispatcher
    from app.http import Request

COOKIE = "porthole_setup"
COOKIE_SECONDS = 24 * 3600
MAX_NAME_BYTES = 1000
MAX_DOMAINS_BYTES = 6000


def blueprint(dispatcher: Dispatcher) -> Blueprint:
    """Return the pages of the set-up, which close when it is over."""
    pages = Blueprint("setup", __name__, template_folder="templates")
    frame.add(pages, dispatcher, "/setup", _show, _take)
    return pages


class _Visit:
    """One request to /setup: whose browser it comes from, and what it may do."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.progress = Progress(request.config.path)
        kept = session.cookie(request, COOKIE)
        is_number = len(kept) == 32 and not kept.strip("0123456789abcdef")
        self.number = kept if is_number else secrets.token_hex(16)
        self._signer = Signer(self.number, salt="porthole.setup")

    def page(self, step: str, status: int = 200, **values: object) -> Response:
        """Return the page of a step; the browser keeps its number."""
        response = frame.page(
            f"setup_{step}.html",
            status,
            form_token=self._signer.sign("form").decode(),
            progress=self.progress,
            **values,
        )
        self.keep(response, self.number)
        return response

    def keep(self, response: Response, number: str) -> None:
        """Have the browser keep a number."""
        request = self.request
        session.set_cookie(response, request, COOKIE, number, COOKIE_SECONDS)

    def check_form(self, form: dict[str, str]) -> None:
        """See to it that the form was shown in this browser.

        :raise Forbidden: it was not.
        """
        try:
            self._signer.unsign(form.get("form_token", ""))
        except BadSignature:
            raise Forbidden(session.STALE_FORM) from None


def _show(request: Request) -> Response:
    """GET /setup: the step that comes next."""
    visit = _Visit(request)
    progress = visit.progress
    if progress.is_over():
        return frame.page("setup_over.html", 410)
    if not progress.is_owner(visit.number):
        return _proof(visit)
    if not progress.has_config():
        return _database(visit)
    projects = _projects(request)
    if not projects:
        return visit.page("project", given={"domains": "", "timezone": "UTC"})
    return _waiting(visit, projects[0])


def _take(request: Request) -> Response:
    """POST /setup: one step further, or the form again with what is wrong."""
    visit = _Visit(request)
    progress = visit.progress
    if progress.is_over():
        return frame.page("setup_over.html", 410)
    form = session.form_of(request)
    visit.check_form(form)
    if form.get("step") == "proof":
        return _prove(visit)
    if not progress.is_owner(visit.number):
        return _proof(visit, status=403)
    steps: dict[str, Callable[[_Visit, dict[str, str]], Response]] = {
        "database": _take_database,
        "project": _take_project,
        "keys": _take_keys,
        "end": _take_end,
    }
    step = fields.choice(form, "step", ("proof", *steps), "")
    if not step:
        raise InvalidInput("step is required", field="step")
    with progress.alone():
        if (step == "database") is progress.has_config():
            return _onward()  # a second click, or another window was faster
        return steps[step](visit, form)


def _onward() -> Response:
    return redirect(url_for("setup.setup"), 303)


def _projects(request: Request) -> list[Row]:
    migrate.check_database(request.db)
    return admin_store.list_projects(request.db)


def _proof(visit: _Visit, status: int = 200, said: str = "") -> Response:
    progress = visit.progress
    name = progress.proof_name(visit.number)
    return visit.page("proof", status, name=name, said=said)


def _prove(visit: _Visit) -> Response:
    progress = visit.progress
    if progress.is_owner(visit.number):
        return _onward()
    if not progress.has_proof(visit.number):
        return _proof(visit, 403, "The file is not there yet.")
    try:
        number = progress.begin(visit.number)
    except OSError:
        return _proof(visit, 403, "Porthole cannot write into its own folder.")
    response = _onward()
    visit.keep(response, number)
    return response


def _database(
    visit: _Visit,
    status: int = 200,
    given: dict[str, str] | None = None,
    **said: object,
) -> Response:
    leaks, unknown = _leaks(visit)
    shown = {name: text for name, text in (given or {}).items() if name != "password"}
    return visit.page(
        "database",
        status,
        given=shown,
        leaks=leaks,
        unknown=unknown,
        is_open=not visit.request.base_url().startswith("https:"),
        addresses=address.addresses_of(visit.request, visit.progress.path),
        **said,
    )


def _leaks(visit: _Visit) -> tuple[list[str], str]:
    """Return where anybody can read what is private, and why that is not known."""
    visit.progress.place_placeholder()
    paths = [visit.progress.path, *address.PRIVATE]
    return address.given_away(visit.request, paths)


def _take_database(visit: _Visit, form: dict[str, str]) -> Response:
    try:
        url = database.url_of(form)
        tables = fields.choice(form, "tables", database.TABLES, database.TABLES[0])
        leaks, unknown = _leaks(visit)
        if leaks or (unknown and form.get("is_refused") != "yes"):
            return _database(visit, 409, form)
        database.prepare(visit.progress.path, url, tables)
        commands.write_config(visit.progress.path, url)
    except InvalidInput as problem:
        return _database(visit, 400, form, wrong=problem)
    except CannotUse as problem:
        return _database(visit, 409, form, refused=problem)
    except (commands.CannotSetUp, ConfigError, OSError) as problem:
        refused = CannotUse("config.ini could not be written.", detail=str(problem))
        return _database(visit, 409, form, refused=refused)
    return _onward()


def _take_project(visit: _Visit, form: dict[str, str]) -> Response:
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
        return visit.page("project", 400, given=form, wrong=problem)
    return _keys(visit, made)


def _take_keys(visit: _Visit, form: dict[str, str]) -> Response:
    projects = _projects(visit.request)
    if not projects:
        return _onward()
    row = projects[0]
    made = admin.rotate_keys(visit.request.db, row["id"], visit.request.at)
    return _keys(visit, {**row, **made})


def _take_end(visit: _Visit, form: dict[str, str]) -> Response:
    visit.progress.end()
    return frame.page("setup_over.html")


def _keys(visit: _Visit, made: Row) -> Response:
    return visit.page(
        "keys",
        row=made,
        admin_key=visit.request.config.admin_key,
        script=_script(visit.request),
        base=visit.request.base_url(),
    )


def _script(request: Request) -> str:
    return request.base_url() + request.config.snippet_path


def _waiting(visit: _Visit, row: Row) -> Response:
    request = visit.request
    project = store.find_by_public_key(request.db, row["public_key"])
    if project is not None and admin_store.count_pageviews(request.db).get(row["id"]):
        visit.progress.end()
        return frame.page("setup_seen.html", name=row["name"])
    refused = []
    if project is not None:
        found = numbers.answer(request, project, "/api/analytics/bots", range="today")
        refused = found["by_reason"]
    return visit.page("waiting", row=row, refused=refused, script=_script(request))
