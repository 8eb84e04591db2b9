"""One name for a fault that engines and versions put in different words.

Wordings (script_faults.py, platform_faults.py) are matched part by part with str.find:
as patterns, two hundred of them would take longer to compile than a CGI process takes
for all the rest.
"""

from __future__ import annotations

from app.errors.platform_faults import PLATFORM_FAULTS
from app.errors.script_faults import SCRIPT_FAULTS

# Whose browsers may keep the detail for themselves: the place decides for them.
VAGUE = frozenset(
    [
        *("nullish access", "not a function", "used before it is set"),
        *("assignment to a constant", "object is not extensible", "not a constructor"),
        *("property cannot be redefined", "property cannot be deleted"),
        *("unexpected token", "illegal character", "unexpected end of script"),
        *("unexpected identifier", "JSON cut short", "JSON malformed", "not iterable"),
    ]
)
# Safari of today still does, so that the line has to do without a caller.
KEPT_BACK = frozenset(
    [
        *("used before it is set", "object is not extensible"),
        *("property cannot be redefined", "property cannot be deleted"),
    ]
)
_EXPRESSIONS = frozenset(
    [
        *("nullish access", "not a function", "not a constructor", "not iterable"),
        "used before it is set",
    ]
)
_NO_NAMES = ("undefined", "null", "object", "value", "function")
_MAX_DETAIL = 120
# An engine's words count with an engine's types only: people use the same words in
# errors of their own, and in these the words are all that tells them apart.
_SCRIPT_TYPES = frozenset(
    """
    TypeError RangeError ReferenceError SyntaxError URIError EvalError InternalError
    RuntimeError AggregateError DOMException InvalidStateError UnhandledRejection
    ErrorEvent SecurityError OperationError RecursionError SystemStackError Invariant
    """.split()
)
_TYPES = {
    "network failure": "TypeError NetworkError AxiosError FetchError AbortError",
    "chunk load failure": "TypeError ChunkLoadError SyntaxError",
    "quota exceeded": "QuotaExceededError DOMException NS_ERROR_DOM_QUOTA_REACHED",
    "aborted": "AbortError DOMException TimeoutError",
    "not allowed": "NotAllowedError DOMException SecurityError",
    "cross-origin access": "SecurityError DOMException",
    "access denied to the document": "SecurityError DOMException",
    "node is not a child": "NotFoundError DOMException TypeError HierarchyRequestError",
    "invalid URL": "TypeError SyntaxError DOMException",
    "invalid base64": "InvalidCharacterError DOMException",
    "cannot be cloned": "DataCloneError DOMException",
    "JSON cut short": "SyntaxError",
    "index out of bounds": "IndexOutOfBoundsException ArrayIndexOutOfBoundsException"
    " StringIndexOutOfBoundsException",
    "cast": "ClassCastException",
    "null dereference": "NullPointerException",
    "local used before it is set": "UnboundLocalError NameError",
    "undefined method": "NoMethodError NameError",
    "JSON malformed": "SyntaxError DOMException",
}
_TYPE_SETS = {fault: frozenset(types.split()) for fault, types in _TYPES.items()}
_SCRIPT_PARTS = frozenset(
    [
        *("unexpected end of script", "unexpected token", "illegal character"),
        *("unexpected identifier", "ResizeObserver loop"),
    ]
)
# Languages that have one class for each: the class is part of what failed.
BY_TYPE = frozenset(["index out of bounds", "cast", "null dereference"])


def fault_of(
    message: str, error_type: str = "", is_generic: bool = True
) -> tuple[str, str, str]:
    """Return the fault that a message words, its detail, and what it names instead.

    ``message`` has ' for all quotes. The detail is the name of the property, function
    or variable, and '' where the wording has none or a minifier has made it up. Where
    a wording has no detail, but names the variable that has no value, that comes third.
    All are '' if the wording is not known, or not an engine's with that type.
    """
    text = message.rstrip(".! ")
    is_typed = error_type == "TypeError"
    for fault, start, wording in _wordings():
        if not text.startswith(start) or (wording[1:2] == ["e"] and not is_typed):
            continue
        if not (is_generic or _has_type(fault, error_type)):
            continue
        detail = _match(wording, text)
        if detail is not None:
            name = _clean(fault, detail)
            is_subject = wording[1:2] == ["e"] or fault == "not iterable"
            return (fault, "", name) if is_subject else (fault, name, "")
    return "", "", ""


def _has_type(fault: str, error_type: str) -> bool:
    """Tell whether an engine gives a fault that type."""
    if fault in SCRIPT_FAULTS:
        return error_type in _SCRIPT_TYPES
    types = _TYPE_SETS.get(fault)
    if types is None:
        return fault not in _SCRIPT_PARTS or error_type in _SCRIPT_TYPES
    return error_type in types


def _wordings() -> list[tuple[str, str, list[str]]]:
    if not _TABLE:
        for fault, lines in (*SCRIPT_FAULTS.items(), *PLATFORM_FAULTS.items()):
            for line in lines.strip().split("\n"):
                parts = _pieces(line.strip())
                _TABLE.append((fault, parts[0], parts))
    return _TABLE


_TABLE: list[tuple[str, str, list[str]]] = []


def _pieces(wording: str) -> list[str]:
    """Return literals and slots in turn, a literal first: '' before a slot."""
    marked = (
        wording.replace("{d}", "\0d\0").replace("{w}", "\0w\0").replace("{e}", "\0e\0")
    )
    return marked.replace("*", "\0*\0").split("\0")


def _match(pieces: list[str], text: str) -> str | None:
    """Return the detail if the text has this wording, else None."""
    at = len(pieces[0])
    if not text.startswith(pieces[0]):
        return None
    detail = ""
    for index in range(1, len(pieces), 2):
        slot, literal = pieces[index], pieces[index + 1]
        is_last = index + 2 == len(pieces)
        if is_last:
            end = len(text) - len(literal) if text.endswith(literal) else -1
        else:
            end = text.find(literal, at)
        if end < at or not _fits(slot, text[at:end]):
            return None
        if slot in "dwe":
            detail = text[at:end]
        at = end + len(literal)
    return detail if at == len(text) else None


def _fits(slot: str, value: str) -> bool:
    """Tell whether a value may stand in a slot: {w} takes a single name."""
    return slot != "w" or (bool(value) and " " not in value and "." not in value)


def _clean(fault: str, detail: str) -> str:
    if fault not in _EXPRESSIONS:
        return detail[:_MAX_DETAIL]
    name = _last_name(detail)
    if fault == "not iterable":
        name = name.strip(".")
        is_name = name.replace("$", "_").isidentifier() and name not in _NO_NAMES
        return name if is_name and len(name) > 2 else ""
    if name.isdigit():
        return "<n>"
    is_member = "." in detail or fault == "nullish access"
    # A lone variable of one or two letters is what a minifier called it.
    return name if is_member or len(name) > 2 else ""


def _last_name(expression: str) -> str:
    """Return the name that an expression ends with: c of a.b.c, a[b].c(1) and new c."""
    text = expression.partition("=")[0].strip()[:_MAX_DETAIL]
    call = text.find("(", 1)
    # In (0, a.b)(1) the first bracket is no call, and in a(1).b it is not the last one.
    if call > 0 and "." not in text[call:]:
        text = text[:call]
    text = text.strip("() ").rpartition(".")[2].rpartition(" ")[2]
    name = text.partition("(")[0].rpartition(",")[2].strip("()' ")
    return "" if "[" in name or name in _NO_NAMES else name
