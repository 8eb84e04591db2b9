"""A text in one spelling, whoever printed it: before anything is compared."""

from __future__ import annotations

from app.errors.patterns import Lazy

MAX_TEXT = 65536
MAX_MESSAGE = 600

_CONTROLS = {code: " " for code in (*range(9), 11, 12, *range(14, 32), 127)}
_COLOUR = Lazy(r"\x1b\[[\d;]{0,20}[A-Za-z]")
_QUOTES = str.maketrans(dict.fromkeys('"`´‘’‚‛“”„‟«»‹›「」『』', "'"))
# Longer ones first where one opens with another.
_PREFIXES = tuple(
    f"{prefix.strip()} "
    for prefix in """
    Uncaught (in promise):
    Uncaught (in promise)
    Uncaught exception:
    Uncaught exception
    Uncaught
    uncaught exception:
    error: Uncaught
    Unhandled Rejection:
    Unhandled Promise Rejection:
    Unhandled promise rejection:
    Unhandled rejection
    Unhandled exception:
    Unhandled Rejection
    Unhandled:
    UnhandledPromiseRejectionWarning:
    PHP Fatal error:
    Fatal error:
    fatal error:
    PHP Warning:
    PHP Notice:
    panic:
    [Vue warn]:
    Exception in thread
    """.strip().split("\n")
)
_HINTS = (
    *(" (Connection: ", " (SQL: ", ". Did you mean"),
    *("\nRequire stack:", "\nStack trace:", "\n    at "),
)
_MAX_LINES = 30
_SAID_LINES = 4
# Where a message shows the lines of the program around the fault.
_EXCERPTS = ("→", ">", "|", "^", "~", "-->", "/", "at ")
_NUMBERED_LINE = Lazy(
    r"(?:LINE )?\d{1,6}(?:\s|$|:)|[\w./\\-]{1,200}:\d{1,6}(?::\d{1,6})?:?$"
)
# Vue says in which of its hooks it caught an error, and quotes it.
_CAUGHT_IN = Lazy(
    r"Error in [^\n]{1,80}?: [\"']((?:[A-Z]\w{0,60})?Error: .{1,600})[\"']"
)
_MANUAL = Lazy(r"(?s)(?<=[.!?]) +https?://\S{1,200}$")
_PYTHON_CALLS = ("() missing ", "() takes ", "() got ")


def clean(text: str) -> str:
    """Return text without control characters, colours and what UTF-8 cannot hold."""
    if len(text) > MAX_TEXT:
        # The fault is at one end or the other, by language.
        half = MAX_TEXT // 2
        text = f"{text[:half]}\n{text[-half:]}"
    text = text.encode("utf-8", "replace").decode("utf-8")
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    return text.translate(_CONTROLS)


def without_prefix(message: str) -> str:
    """Return a message without the words that say only where it was caught."""
    message = message.strip()
    for _ in range(3):
        for prefix in _PREFIXES:
            if message.startswith(prefix):
                message = message[len(prefix) :].lstrip()
                break
        else:
            break
    if message.startswith("Error in "):
        caught = _CAUGHT_IN.match(message)
        if caught:
            return caught[1]
    if message.startswith("'") and "' " in message[:80] and "Exception" in message:
        # Java: Exception in thread "main" Type: message.
        return message.partition("' ")[2]
    if message.startswith('"') and '" ' in message[:80] and "Exception" in message:
        return message.partition('" ')[2]
    return message


def _lines(message: str) -> list[str]:
    """Return the first lines that say something, without excerpts of the source."""
    if "\n" not in message:
        return [message[:MAX_MESSAGE]]
    said: list[str] = []
    for line in message[: 8 * MAX_MESSAGE].split("\n", _MAX_LINES):
        text = line[:MAX_MESSAGE].strip()
        is_excerpt = text.startswith(_EXCERPTS) or bool(_NUMBERED_LINE.match(text))
        if text and not (is_excerpt and said):
            said.append(text)
    return said[:_SAID_LINES]


def plain(message: str) -> str:
    """Return a message in one spelling: its first lines, one kind of quotes."""
    for hint in _HINTS:
        message = message.partition(hint)[0]
    if "://" in message:
        # A link to what a manual says about it, which only some browsers give.
        message = _MANUAL.sub("", message)
    text = " ".join(" ".join(_lines(message)).split())[:MAX_MESSAGE].translate(_QUOTES)
    if any(mark in text for mark in _PYTHON_CALLS):
        # Python has put the class before the function since 3.10.
        function, mark, rest = text.partition("() ")
        text = f"{function.rpartition('.')[2]}{mark}{rest}"
    if text.startswith("getaddrinfo "):
        # Node once said the host again, with its port.
        text = " ".join(text.split()[:3])
    opening, found, rest = text.partition("Failed to execute '")
    if found and not opening:
        # Chrome's "Failed to execute 'm' on 'I': why" is "I.m: why" in Firefox.
        method, _, rest = rest.partition("' on '")
        interface, _, why = rest.partition("': ")
        return f"{interface}.{method}: {why}" if why else text
    return text
