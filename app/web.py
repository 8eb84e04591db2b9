"""The Flask door: the same routes for what is not hot, and the HTML pages."""

from __future__ import annotations

import os

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from app import routes
from app.config import ROOT
from app.http import refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from app.dispatch import Dispatcher
    from app.http import Reply

SNIPPETS = ("/snippet/porthole.js", "/snippet/micrologs.js")
SNIPPET_FILES = ("porthole.min.js", "porthole.js")
"""The first one that is there is served: a release has the built one."""
SNIPPET_FOLDER = os.path.join(ROOT, "snippet")
SNIPPET_MAX_AGE_SECONDS = 3600

PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'self'; object-src 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
}


def create_flask(dispatcher: Dispatcher) -> Flask:
    """Return the Flask application over the route table, and the snippet's."""
    flask = Flask(__name__, static_folder=None, template_folder="pages/templates")
    # A second slash would be answered by a redirect in HTML.
    flask.url_map.merge_slashes = False
    # Before Flask looks for a page: to make a rule of each route takes 30 ms, which
    # under CGI every request would wait for.
    flask.before_request(_answer(dispatcher))
    for path in (*SNIPPETS, dispatcher.config.snippet_path):
        flask.add_url_rule(path, endpoint=path, view_func=_snippet)
    flask.register_error_handler(HTTPException, _refuse)
    flask.after_request(_secure)
    return flask


def create_flask_with_pages(dispatcher: Dispatcher, demo_key: str) -> Flask:
    """Return the same with the HTML pages, and with a key the demo site."""
    # Here, because under CGI each query of the API would wait for them.
    from app.pages import panel, setup

    flask = create_flask(dispatcher)
    flask.register_blueprint(panel.blueprint(dispatcher))
    flask.register_blueprint(setup.blueprint(dispatcher))
    if demo_key:
        from app.pages import demo

        flask.register_blueprint(
            demo.blueprint(demo_key, script=dispatcher.config.snippet_path)
        )
    return flask


def create_flask_for_setup(dispatcher: Dispatcher) -> Flask:
    """Return the Flask application of a Porthole that has no config.ini yet."""
    from app.pages import frame, setup

    flask = Flask(__name__, static_folder=None, template_folder="pages/templates")
    files = Blueprint("files", __name__)
    frame.add_files(files)
    flask.register_blueprint(files)
    flask.register_blueprint(setup.blueprint(dispatcher))
    flask.register_error_handler(HTTPException, _refuse)
    flask.after_request(_secure)
    return flask


def _answer(dispatcher: Dispatcher) -> Callable[[], Response | None]:
    def answer() -> Response | None:
        route = routes.find(request.path)
        if route is None:
            return None
        return _response(dispatcher.answer(route, request.path, request.environ))

    return answer


def snippet() -> str:
    """Return the text of the snippet as it is served."""
    files = [os.path.join(SNIPPET_FOLDER, name) for name in SNIPPET_FILES]
    with open(next(filter(os.path.exists, files)), encoding="utf-8") as file:
        return file.read()


def _snippet() -> WerkzeugResponse:
    """GET the snippet: the same code under each of its names."""
    response = Response(snippet(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={SNIPPET_MAX_AGE_SECONDS}"
    # A page that checks its hash has to ask for it across origins.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"]:
        # Few hosts have a server in front that does it for what a program answers.
        import gzip

        response.data = gzip.compress(response.data, mtime=0)
        response.content_encoding = "gzip"
    response.add_etag()
    return response.make_conditional(request)


def _secure(response: Response) -> Response:
    """Add the headers that keep a page from being misused; a reply has its own."""
    if "Content-Security-Policy" not in response.headers:
        response.headers.update(PAGE_HEADERS)
    return response


def _refuse(error: HTTPException) -> Response:
    """Return the envelope for what Flask itself refuses."""
    code = error.code or 500
    return _response(refuse(code, "Not found" if code == 404 else error.name))


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status, reply.headers)
    if not reply.body:
        response.headers.pop("Content-Type", None)
    return response
