"""What one line of a stack says, in whichever language.

Lines are read with string methods where these do: a pattern would have to be compiled
in every CGI process.
"""

from __future__ import annotations

from app.errors.patterns import Lazy

_POSITION = Lazy(r":(\d{1,9})(?::(\d{1,9}))?$")
_PYTHON = Lazy(r'File "([^"]+)", line (\d+)(?:, in (.+))?')
_PHP = Lazy(r"#\d{1,5} +(?:(\[internal function\])|(.+?)\((\d+)\)): (.*)")
_RUBY = Lazy(r"(?:\d+: )?(?:from )?([^\s:].*?):(\d+):in [`']([^`']*)'(.*)")
_GO = Lazy(r"(\S.*\.(?:go|s)):(\d+)(?: \+0x[0-9a-f]+)?$")
_NAMED_AFTER = Lazy(
    r"(?:\((\w+) [\d.]+\) )?([\w./-]+\.(?:exs?|erl|lua|jl|cr)):(\d+):? "
    r"(?:in )?(?:function )?'?([\w.:/!?]+)"
)
_ENDINGS = (".ex:", ".exs:", ".erl:", ".lua:", ".jl:", ".cr:")
_PERL = Lazy(r"([\w:]+)\(.*\) called at (\S+) line (\d+)")

_AT = ("at ", "bei ", "à ", "в ", "em ", "en ", "bij ", "w ")
_JAVA_PLACES = ("Unknown", "Native Method", "<generated>", "SourceFile")
# Where Firefox appends the stack that set a callback up, which no other browser has.
_SET_UP = (" handler*", " callback*", "handleEvent*", "observe*")


class Frame:
    """A call: its function, file and line as printed, '' for what was not.

    Shape: ``style`` is the language family, ``source`` the line of source code that
    Python prints; ``is_waiting`` is True for a function that only awaits the one above.
    """

    __slots__ = ("column", "file", "function", "is_waiting", "line", "source", "style")

    def __init__(
        self, style: str, function: str, file: str, line: str = "", source: str = ""
    ) -> None:
        self.style = style
        self.function = function
        self.file = file
        self.line = line
        self.source = source
        self.column = 0
        self.is_waiting = function.startswith(("async ", "async*"))


def frame_of(text: str, before: str) -> Frame | None:
    """Return the frame that a line prints, None if it prints none."""
    if text.startswith(_AT):
        return _after_at(text.partition(" ")[2].strip(), before)
    if text.startswith('File "'):
        found = _PYTHON.match(text)
        return found and Frame("python", found[3] or "", found[1], found[2])
    if text.startswith("#"):
        return _numbered(text)
    if text.startswith("in ") and text.endswith(")") and " (" in text:
        name, _, place = text[3:-1].partition(" (")
        return _placed("js", name, place.replace("at ", "", 1))
    if "@" in text or "://" in text or text == "[native code]":
        frame = _before_at_sign(text)
        if frame:
            return frame
    return _with_path(text, before)


def _after_at(text: str, before: str) -> Frame | None:
    """Return the frame of ``at …``: V8, Java, .NET, and Rust's second line."""
    name, opening, rest = text.partition("(")
    if not opening or name == "":
        number, colon, rust = before.partition(": ")
        if colon and number.isdigit():
            return _placed("other", rust, text)
        is_name = not _POSITION.search(text)
        if is_name:
            return None if " " in text else Frame("js", text, "")
        return _placed("js", "", text.replace("async ", "", 1))
    if name.endswith(" "):
        place = rest[:-1] if rest.endswith(")") else rest
        return _placed("js", name.strip(), place)
    inner, _, tail = rest.rpartition(")")
    if inner.startswith(_JAVA_PLACES) or (_POSITION.search(inner) and " " not in inner):
        return _placed("java", name, inner)
    if "." not in name or " " in name.partition("<")[0]:
        return _placed("js", "", text) if _POSITION.search(text) else None
    file = tail.strip().partition(" ")[2]
    file, _, line = file.rpartition(":")
    return Frame("net", name, file, line.rstrip(".").rpartition(" ")[2])


def _placed(style: str, name: str, place: str) -> Frame:
    """Return a frame whose place is ``file:line:column``, also one within eval."""
    if place.startswith("eval at "):
        place = place.rpartition("(")[2].partition(")")[0]
        name = ""
    # React Native's engine says "address at index.bundle:1:2".
    place = place.replace("address at ", "", 1)
    found = _POSITION.search(place)
    if not found:
        return Frame(style, name, place)
    frame = Frame(style, name, place[: found.start()], found[1])
    frame.column = int(found[2] or 0)
    return frame


def _before_at_sign(text: str) -> Frame | None:
    """Return the frame of ``function@file:line:column``: Firefox and Safari."""
    name, sign, place = text.partition("@")
    if sign and "/" in name and "://" in name:
        # A URL with an @ in it, from an old Safari that prints no function.
        name, place = "", text
    if not sign:
        name, place = "", text
    is_native = place in ("[native code]", "[wasm code]") or "wasm-function[" in place
    if not is_native and (
        " " in place.partition(" line ")[0] or not _POSITION.search(place)
    ):
        return None
    if any(name.find(mark) >= 0 for mark in _SET_UP):
        name = "*"
    return _placed("js", name, place)


def _numbered(text: str) -> Frame | None:
    """Return the frame of ``#0 …``: PHP, and Dart."""
    found = _PHP.match(text)
    if found:
        return Frame("php", found[4].partition("(")[0], found[2] or "", found[3] or "")
    if text.endswith("{main}"):
        return Frame("php", "{main}", "")
    name, _, place = text.partition(" ")[2].strip().rpartition(" (")
    if name and _POSITION.search(place.rstrip(")")):
        return _placed("other", name, place.rstrip(")"))
    return None


def _with_path(text: str, before: str) -> Frame | None:
    """Return the frame of a line in which a path stands out: Ruby, Go and others."""
    found = _RUBY.match(text) if ":in " in text else None
    if found:
        rest = found[4][2:] if found[4].startswith(": ") else ""
        return Frame("ruby", found[3], found[1], found[2], rest)
    found = _GO.match(text) if ".go:" in text or ".s:" in text else None
    if found:
        name = before[: before.rfind("(")] if before.endswith(")") else before
        return Frame("go", name, found[1], found[2])
    is_other = any(ending in text for ending in _ENDINGS)
    found = _NAMED_AFTER.match(text) if is_other else None
    if found:
        # Elixir names the application, and its own library is one.
        folder = "/deps/" if found[1] in ("elixir", "stdlib", "kernel") else ""
        return Frame("other", found[4], folder + found[2], found[3])
    found = _PERL.match(text) if " called at " in text else None
    if found:
        return Frame("other", found[1], found[2], found[3])
    return None
