"""Whose browser a request to /setup comes from, and what it may do."""

from __future__ import annotations

import secrets

from flask import request as sent
from itsdangerous import BadSignature, Signer

from app.pages import frame, session
from app.problems import Forbidden
from app.setup.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.http import Request

COOKIE = "porthole_setup"
COOKIE_SECONDS = 24 * 3600


class Visit:
    """One request to /setup, from the browser that keeps ``number``."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.progress = Progress(request.config.path)
        kept = session.cookie(request, COOKIE)
        earlier = sent.cookies.get(COOKIE, "")
        if not kept and self.progress.is_owner(earlier):
            # Porthole has learnt on the way that it is reached by https.
            kept = earlier
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
