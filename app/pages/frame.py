"""What the owner's pages share: their frame, headers and files, and how they refuse."""

from __future__ import annotations

import os

from flask import Response, make_response, render_template, send_from_directory
from flask import request as sent

from app.problems import InvalidInput, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint
    from werkzeug.wrappers import Response as WerkzeugResponse

    from app.dispatch import Dispatcher
    from app.http import Request

    Page = Callable[[Request], WerkzeugResponse]

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# Their addresses have no ending: some hosts look for whatever ends in .css or .js in
# the document root, and never ask us.
FILES = {
    "style": ("style.css", "text/css"),
    "icon": ("icon.svg", "image/svg+xml"),
    "probe": ("probe.js", "text/javascript"),
}
FILE_MAX_AGE_SECONDS = 3600
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static", "panel")


def add(
    pages: Blueprint,
    dispatcher: Dispatcher,
    path: str,
    show: Page,
    take: Page | None = None,
) -> None:
    """Have ``show`` answer GET and ``take`` answer POST; refusals become a page."""
    name = path.strip("/").replace("-", "_").replace("/", "_")
    pages.add_url_rule(path, name, _answering(dispatcher, show), methods=["GET"])
    if take is not None:
        view = _answering(dispatcher, take)
        pages.add_url_rule(path, f"{name}_taken", view, methods=["POST"])


def add_files(pages: Blueprint) -> None:
    """Have the blueprint serve the style sheet and what else the pages load."""
    for name in FILES:
        pages.add_url_rule(f"/panel/{name}", name, _file, defaults={"name": name})


def page(template: str, status: int = 200, **values: object) -> Response:
    """Return an HTML page."""
    return make_response(render_template(f"panel/{template}", **values), status)


def _answering(dispatcher: Dispatcher, answer: Page) -> Callable[[], WerkzeugResponse]:
    def view() -> WerkzeugResponse:
        try:
            response = dispatcher.serve(sent.environ, answer)
        except Problem as problem:
            response = _refused(problem)
        response.headers.update(HEADERS)
        return response

    return view


def _refused(problem: Problem) -> Response:
    field = problem.field if isinstance(problem, InvalidInput) else ""
    response = page(
        "refused.html", problem.status, message=problem.message, field=field
    )
    if problem.retry_after_seconds:
        response.headers["Retry-After"] = str(problem.retry_after_seconds)
    return response


def _file(name: str) -> Response:
    file_name, kind = FILES[name]
    response = send_from_directory(
        FOLDER, file_name, mimetype=kind, max_age=FILE_MAX_AGE_SECONDS
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
