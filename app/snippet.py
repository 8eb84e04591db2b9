"""The snippet as it is served: without comments and spaces, and with short names."""

from __future__ import annotations

import os
import re
from functools import cache

from app.config import ROOT

PATH = os.path.join(ROOT, "snippet", "porthole.js")

_TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<space>\s+)"
    r"|(?P<text>'(?:\\.|[^'\\\n])*')|(?P<word>[\w$]+)"
    r"|(?P<sign>=>|\.\.\.|[+&|=]{2,3}|!==|[^\s\w$'\"`@])",
    re.DOTALL,
)
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])+\]|[^/\\\n\[])+/\w*")
_BEFORE_PATTERN = {"(", ",", "=", ":", "[", "!", "&&", "||", "?", "{", "}", ";", "=>"}
_BEFORE_OBJECT = {"(", ",", "=", ":", "[", "?", "||", "const", "let", "return"}
_BEFORE_NAME = {"(", "{", ",", "..."}
_PAIRS = {")": "(", "}": "{", "]": "["}
_DECLARES = {"const", "let", "function"}
_LETTERS = "enatriosdclupmhgfbvwyxkjqzCSEALNOPRTIDMFUHBWGKVJXYQZ"


@cache
def served() -> str:
    """Return the text of ``/snippet/porthole.js``: always the same of one source."""
    with open(PATH, encoding="utf-8") as file:
        return shrink(file.read())


def shrink(source: str) -> str:
    """Return a script that does the same in fewer bytes.

    It knows the JavaScript of our own file and no more: single quotes, no template
    texts, no labels, and a semicolon after each statement. Its names are shortened
    where they cannot be taken for a property's.
    """
    tokens = _tokens(source)
    names = _short_names(tokens)
    parts: list[str] = []
    last = ""
    for token in tokens:
        short = token if last == "." else names.get(token, token)
        if _needs_space(last, token):
            parts.append(" ")
        if token == "}" and last == ";":
            parts.pop()
        parts.append(short)
        last = token
    return "".join(parts) + "\n"


def _tokens(source: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        is_slash = source[at] == "/" and (match is None or not match["comment"])
        if is_slash and tokens[-1] in _BEFORE_PATTERN:
            match = _PATTERN.match(source, at)
        if match is None:
            raise ValueError(f"what is this? {source[at : at + 20]!r}")
        if match.re is _PATTERN or not (match["comment"] or match["space"]):
            tokens.append(match[0])
        at = match.end()
    return tokens


def _needs_space(last: str, token: str) -> bool:
    def is_word(character: str) -> bool:
        return character.isalnum() or character in "_$"

    return bool(last) and is_word(last[-1]) and is_word(token[0])


def _short_names(tokens: list[str]) -> dict[str, str]:
    """Return what the names declared in the script are called where it is served."""
    names = sorted(_local_names(tokens), key=lambda name: (-tokens.count(name), name))
    taken = set(tokens)
    free = [name for name in _LETTERS if name not in taken]
    free += [a + b for a in _LETTERS for b in _LETTERS if a + b not in taken]
    return {name: short for name, short in zip(names, free) if len(short) < len(name)}


def _local_names(tokens: list[str]) -> set[str]:
    """Return the longer names that are declared, and are no property's anywhere."""
    found: dict[str, set[str]] = {"": set(), "declared": set(), "property": set()}
    brackets = [""]
    listing = ("", 0)
    for number, (before, token) in enumerate(zip(["", *tokens], tokens)):
        if token in _PAIRS.values():
            brackets.append(_kind(tokens, number))
        elif token in _PAIRS:
            brackets.pop()
        elif before in _DECLARES:
            # What follows a comma here is declared too.
            listing = (",", len(brackets))
            found["declared"].add(token)
        elif token == ";":
            listing = ("", 0)
        elif before in _BEFORE_NAME and token.isidentifier():
            is_listed = (before, len(brackets)) == listing
            found["declared" if is_listed else brackets[-1]].add(token)
    return {name for name in found["declared"] - found["property"] if len(name) > 1}


def _kind(tokens: list[str], opening: int) -> str:
    """Return what the names in a bracket are.

    ``declared`` in a function's parameters, ``property`` in ``{ name }`` and
    ``{ name: … }``, else empty.
    """
    before = tokens[opening - 1] if opening else ""
    if tokens[opening] == "{":
        return "property" if before in _BEFORE_OBJECT else ""
    if "function" in tokens[max(0, opening - 2) : opening]:
        return "declared"
    depth = 0
    for number in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[number], 0)
        if not depth:
            return "declared" if "=>" in tokens[number + 1 : number + 2] else ""
    return ""
