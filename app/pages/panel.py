"""The owner's pages, /numbers and /doctor, and how he signs in to them."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, url_for
from flask import request as sent

from app import fields
from app.pages import frame, session
from app.pages.session import Session
from app.problems import Unauthorized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.wrappers import Response as WerkzeugResponse

    from app.auth import Guard
    from app.dispatch import Dispatcher
    from app.http import Request

    OwnersPage = Callable[[Request, Session], WerkzeugResponse]

MAX_KEY_BYTES = 1000
PAGES = ("numbers", "doctor")
"""Where one may want to go when one signs in."""


def blueprint(dispatcher: Dispatcher) -> Blueprint:
    """Return the pages of the owner, who has the admin key."""
    pages = Blueprint("panel", __name__, template_folder="templates")
    door = _Door(dispatcher.guard)
    frame.add_files(pages)
    frame.add(pages, dispatcher, "/sign-in", door.show, door.sign_in)
    frame.add(pages, dispatcher, "/sign-out", _to_sign_in, door.sign_out)
    frame.add(pages, dispatcher, "/numbers", _for_owner(_numbers))
    frame.add(pages, dispatcher, "/doctor", _for_owner(_doctor))
    frame.add(pages, dispatcher, "/doctor/echo", _echo, _echo)
    return pages


class _Door:
    """Signs in and out."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def show(self, request: Request) -> Response:
        """GET /sign-in: the form."""
        return self._form(request, Session(request), _wanted(request.query()))

    def sign_in(self, request: Request) -> WerkzeugResponse:
        """POST /sign-in: the page that was wanted, or the form again."""
        form = session.form_of(request)
        Session(request).check_form(form)
        wanted = _wanted(form)
        try:
            key = fields.text(form, "admin_key", MAX_KEY_BYTES)
            self._guard.check_admin_key(request, key)
        except Unauthorized:
            said = "That is not the admin key." if key else "Give the admin key."
            return self._form(request, Session(request), wanted, said)
        response = redirect(url_for(f"panel.{wanted}"), 303)
        Session(request, session.ADMIN).keep(response)
        return response

    def sign_out(self, request: Request) -> WerkzeugResponse:
        """POST /sign-out: forget the session."""
        Session(request).check_form(session.form_of(request))
        response = redirect(url_for("panel.sign_in"), 303)
        session.set_cookie(response, request, session.COOKIE, "", 0)
        return response

    def _form(
        self, request: Request, visitor: Session, wanted: str, said: str = ""
    ) -> Response:
        response = frame.page(
            "sign_in.html",
            403 if said else 200,
            wanted=wanted,
            said=said,
            form_token=visitor.form_token,
        )
        visitor.keep(response)
        return response


def _for_owner(answer: OwnersPage) -> frame.Page:
    """Return the page for who is signed in; everybody else is led to the form."""

    def show(request: Request) -> WerkzeugResponse:
        visitor = Session(request)
        if visitor.is_admin:
            return answer(request, visitor)
        wanted = sent.path.strip("/")
        return redirect(url_for("panel.sign_in", to=wanted), 303)

    return show


def _wanted(values: dict[str, str]) -> str:
    wanted = values.get("to", "")
    return wanted if wanted in PAGES else PAGES[0]


def _to_sign_in(request: Request) -> WerkzeugResponse:
    return redirect(url_for("panel.sign_in"), 303)


def _numbers(request: Request, owner: Session) -> Response:
    """GET /numbers: what is counted, for a person to read."""
    from app.pages import numbers

    found = numbers.read(request)
    return frame.page("numbers.html", form_token=owner.form_token, **found)


def _doctor(request: Request, owner: Session) -> Response:
    """GET /doctor: what was checked, what was found, and what to do."""
    from app.health import doctor

    ticket = session.new_ticket(request)
    groups = doctor.examine(request, ticket)
    return frame.page(
        "doctor.html", groups=groups, ticket=ticket, form_token=owner.form_token
    )


def _echo(request: Request) -> Response:
    """GET or POST /doctor/echo: what has arrived of the request."""
    from app.health import visitors

    session.check_ticket(request)
    return jsonify(visitors.echo(request))
