"""Who is signed in to the pages, and whether a form is one that we have shown."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timezone
from hmac import compare_digest
from urllib.parse import parse_qsl

from flask import request as sent
from itsdangerous import BadSignature, TimestampSigner

from app.problems import Forbidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response

    from app.http import Request

COOKIE = "porthole_session"
MAX_AGE_SECONDS = 15 * 60
STRANGER, ADMIN = "stranger", "admin"
MAX_FIELDS = 40

STALE_FORM = (
    "This form is too old, or your browser did not send its cookie back."
    " Open the page again, and try once more."
)


class _Signer(TimestampSigner):
    """Signs texts with the time that Porthole's clock shows."""

    def __init__(self, key: bytes, salt: str, at: datetime) -> None:
        super().__init__(
            key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._at = at

    def get_timestamp(self) -> int:
        return int(self._at.replace(tzinfo=timezone.utc).timestamp())


class Session:
    """One browser's session: a random number that it keeps, and what it may do.

    It ends ``MAX_AGE_SECONDS`` after it has begun. A new admin key ends it at once.
    """

    def __init__(self, request: Request, role: str = "") -> None:
        self._request = request
        self._is_new = True
        self.number, self.role = secrets.token_hex(16), role or STRANGER
        if not role:
            self._take(cookie(request, COOKIE))

    @property
    def is_admin(self) -> bool:
        """Whether the admin key was given in it."""
        return self.role == ADMIN

    @property
    def form_token(self) -> str:
        """What a form of this session carries, so that no other site can send it."""
        return _signer(self._request, "form").sign(self.number).decode()

    def check_form(self, form: dict[str, str]) -> None:
        """See to it that a form was shown in this session.

        :raise Forbidden: it was not, or long ago.
        """
        try:
            token = form.get("form_token", "")
            number = _signer(self._request, "form").unsign(token, MAX_AGE_SECONDS)
        except BadSignature:
            number = b""
        if self._is_new or not compare_digest(number, self.number.encode()):
            raise Forbidden(STALE_FORM)

    def keep(self, response: Response) -> None:
        """Have the browser keep the session, unless it does already."""
        if self._is_new:
            signer = _signer(self._request, "session")
            text = signer.sign(f"{self.role}-{self.number}").decode()
            set_cookie(response, self._request, COOKIE, text, MAX_AGE_SECONDS)

    def _take(self, kept: str) -> None:
        """Become the session that the browser keeps, if it is a good one."""
        try:
            signer = _signer(self._request, "session")
            text = signer.unsign(kept, MAX_AGE_SECONDS).decode()
        except BadSignature:
            return
        self.role, _, self.number = text.partition("-")
        self._is_new = False


def new_ticket(request: Request) -> str:
    """Return a word that opens /doctor/echo for as long as a session lasts."""
    return _signer(request, "ticket").sign(secrets.token_hex(8)).decode()


def check_ticket(request: Request) -> None:
    """See to it that the query has such a word.

    :raise Forbidden: it has not.
    """
    ticket = request.query().get("ticket", "")
    try:
        _signer(request, "ticket").unsign(ticket, MAX_AGE_SECONDS)
    except BadSignature:
        raise Forbidden("Open /doctor again") from None


def _signer(request: Request, salt: str) -> _Signer:
    config = request.config
    key = hashlib.sha256(config.secret + config.admin_key.encode()).digest()
    return _Signer(key, f"porthole.{salt}", request.at)


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of the form that was sent; of a repeated one, the last.

    :raise InvalidInput: its length is no number, or it is not all there.
    :raise TooLarge: it is over 64 KB.
    """
    text = request.body().decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        pairs = []
    return dict(pairs)


def set_cookie(
    response: Response, request: Request, name: str, value: str, max_age: int
) -> None:
    """Have the browser keep a cookie for Porthole's own pages only."""
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=max_age,
        path=_folder(request),
        secure=is_https(request),
        httponly=True,
        samesite="Strict",
    )


def cookie(request: Request, name: str) -> str:
    """Return what the browser keeps under that name, '' if nothing."""
    return sent.cookies.get(_full_name(request, name), "")


def _full_name(request: Request, name: str) -> str:
    # Neighbours below the same domain cannot set a cookie whose name begins so.
    # Browsers want it to be for the whole host.
    is_whole = is_https(request) and _folder(request) == "/"
    return f"__Host-{name}" if is_whole else name


def _folder(request: Request) -> str:
    return request.environ.get("SCRIPT_NAME", "").rstrip("/") or "/"


def is_https(request: Request) -> bool:
    """Return whether the browser has come by https."""
    # A proxy that nobody has told us to trust cannot do harm by this word.
    told = request.header("X-Forwarded-Proto").lower() == "https"
    return told or request.base_url().startswith("https:")
