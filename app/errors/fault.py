"""What went wrong, by type and message, before any frame is looked at."""

from __future__ import annotations

from app.errors.messages import masked
from app.errors.spelling import plain, without_prefix
from app.errors.wording import BY_TYPE, fault_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.errors.stacks import Trace

# Types that clients send when they know none.
_GENERIC = frozenset(
    """
    error unknown unknownerror manualerror unhandledrejection unhandledpromiserejection
    onerror window.onerror javascripterror jserror exception unhandlederror object
    uncaughterror uncaughtexception unhandled_rejection
    """.split()
)
_CLASS_ENDINGS = tuple(
    "Error Exception Warning Failure Fault Interrupt Exit Notice Rejection".split()
)


class Fault:
    """What went wrong by type and message, before any frame is looked at."""

    def __init__(self, error_type: str, message: str, trace: Trace) -> None:
        self.sent_type, self.sent_message = error_type, message
        self.type, message = _named(without_prefix(error_type), without_prefix(message))
        if not message.strip() and trace.message:
            message = trace.message
        if is_generic(self.type) and not is_generic(trace.error_type):
            self.type = trace.error_type
        self.message = plain(message)
        is_vague = is_generic(self.type)
        self.kind, self.detail, self.subject = fault_of(
            self.message, last_part(self.type), is_vague
        )
        if self.kind in BY_TYPE and not is_vague:
            self.kind = f"{self.kind} ({last_part(self.type)})"
        if " " in self.detail:
            self.detail = masked(self.detail)
        self.words = self.detail if self.kind else masked(self.message)

    def title(self) -> str:
        """Return ``Type: message`` in one line."""
        name = self.type or self.sent_type
        words = " ".join(without_prefix(self.sent_message).split()) or self.message
        if not words or words.startswith(f"{name}:"):
            return words or name or "Unknown error"
        return f"{name}: {words}" if name else words

    def is_silent(self) -> bool:
        """Tell whether neither the type's fault nor the message identifies anything."""
        words = self.words.replace("<n>", "")
        return not self.kind and not any(letter.isalpha() for letter in words)

    def is_script_error(self) -> bool:
        """Tell whether a browser hid everything about a script of another origin."""
        return self.message.rstrip(". ").lower() in ("script error", "javascript error")


def _named(error_type: str, message: str) -> tuple[str, str]:
    """Return type and message, apart where the message opens with a type."""
    name, colon, rest = message.partition(": ")
    if not colon and message.endswith(":"):
        name, colon, rest = message[:-1], ":", ""
    is_vague = is_generic(error_type)
    if colon and name and " " not in name:
        is_same = name == error_type or last_part(name) == last_part(error_type)
        if is_same and not is_vague:
            return error_type, rest
        if is_same or (is_vague and name.endswith(_CLASS_ENDINGS)):
            return name, rest
    if is_vague and message.endswith(_CLASS_ENDINGS) and " " not in message:
        return message, ""
    return error_type, message


def last_part(error_type: str) -> str:
    """Return the name of a class without its namespace, which not all clients send.

    A class called only Error or Exception keeps the part before.
    """
    parts = error_type.replace("\\", ".").replace("::", ".").split(".")
    if len(parts) > 1 and is_generic(parts[-1]):
        return ".".join(parts[-2:])
    return parts[-1]


def is_generic(error_type: str) -> bool:
    """Tell whether a type says nothing; a minified class has one or two letters."""
    return len(error_type) < 3 or error_type.lower() in _GENERIC
