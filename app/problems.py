"""The refusals Porthole can make; dispatch turns each into a reply."""

from __future__ import annotations


class Problem(Exception):
    """Something we refuse or cannot do; the message is meant for the caller."""

    status = 500
    default = "Server error"

    def __init__(self, message: str = "", *, retry_after_seconds: int = 0) -> None:
        super().__init__(message or self.default)
        self.message = message or self.default
        self.retry_after_seconds = retry_after_seconds


class InvalidInput(Problem):
    """A field of the request cannot be taken as it is."""

    status = 400
    default = "Invalid input"

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Unauthorized(Problem):
    """No key, or a key that opens nothing here."""

    status = 401
    default = "Invalid API key"


class Forbidden(Problem):
    """A valid key, used from a place it is not meant for."""

    status = 403
    default = "Domain not allowed for this key"


class NotFound(Problem):
    """Nothing is there under that path or id."""

    status = 404
    default = "Not found"


class MethodNotAllowed(Problem):
    """The path exists, but not for this method."""

    status = 405
    default = "Method not allowed"


class LengthRequired(Problem):
    """A body arrived in chunks that the web server did not put together."""

    status = 411
    default = "Send the body with a Content-Length header"


class Conflict(InvalidInput):
    """What is asked does not go with what is there."""

    status = 409
    default = "Conflict"


class TooLarge(Problem):
    """The body is over the cap."""

    status = 413
    default = "Payload too large"


class TooMany(Problem):
    """The caller has asked too often; it may go on in ``retry_after_seconds``."""

    status = 429
    default = "Too many requests"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            f"Too many requests. Try again in {retry_after_seconds} seconds.",
            retry_after_seconds=retry_after_seconds,
        )


class Unavailable(Problem):
    """The database is away for the moment; nothing was stored."""

    status = 503
    default = "The database cannot be used right now. Try again later."

    def __init__(self, message: str = "", *, retry_after_seconds: int = 30) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds)
