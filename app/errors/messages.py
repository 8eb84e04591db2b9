"""What of an error's message is identity, and what is data of the one occurrence."""

from __future__ import annotations

from app.errors.files import is_hash, page_path, short_name
from app.errors.names import (
    CODE_ENDINGS,
    IDENTIFIER,
    NAMES,
    is_cause,
    is_value,
    named_path,
    quoted_path,
    token_of,
)
from app.errors.numbers import BORDER, number_of
from app.errors.patterns import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

# One pattern, so that a text is passed once; the order of alternatives is the meaning.
_DATA = Lazy(
    r"""(?x)
    (?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s"'<>)]{1,300})
    |(?P<email>(?:(?:\b[A-Z][\w.]{0,30}\ ){0,3}<)?[\w.+-]{1,64}@[\w-]{1,63}
        (?:\.[\w-]{1,63}){1,5}>?)
    |(?P<id>\b[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\b
        |\beyJ[\w-]{4,300}(?:\.[\w-]{4,400}){1,2}
        |\b[A-Z]{1,5}-\d{3,9}-[A-Z\d]{1,6}\b
        |(?:(?<=[Bb]uild\ )|(?<=[Cc]ommit\ )|(?<=[Rr]evision\ ))[0-9a-f]{7,40}\b)
    |(?P<time>\b\d{4}[-/]\d\d?[-/]\d\d?(?:[T ]\d\d?:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?
        (?:Z|\ ?[+-]\d\d:?\d\d)?\b
      |\b\d\d?[./]\d\d?[./]\d{4}\b
      |\b\d\d?:\d\d:\d\d(?:[.,]\d{1,9})?\b
      |\b\d\d?(?::\d\d){0,2}\ ?[AaPp]\.?[Mm]\b
      |\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ [A-Z0-9][\w ]{5,12}\ [\d: ]{5,20}
        (?:GMT|UTC)?(?:[+-]\d{4})?(?:\ \([^)]{1,60}\))?
      |\b(?:\d\d?\.?\ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}
        \.?\ \d{1,4}(?:st|nd|rd|th)?(?:,?\ \d{4})?\b)
    |(?P<object>\#?<[A-Za-z_][\w.:]{0,80}(?:\ [^<>]{0,200}|:0x[^<>]{0,200})>
        |(?<=\w)@[0-9a-f]{5,8}\b)
    |(?P<address>\[?(?:(?:\d{1,3}\.){3}\d{1,3}|::1?|::ffff:[\d.]{7,15}
        |\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}|\b(?:[0-9a-f]{1,4}:){4,7}:?[0-9a-f:]{0,30}
        |\b(?=[a-f:]{0,6}\d)(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f:]{0,30}
        )\]?(?P<port>:\d{1,5}\b)?(?![\w.]))
    |(?P<person>\b(?:[Uu]nknown|such|[Mm]issing|[Ii]nvalid|[Nn]o)\ (?:user|username
        |login|account|customer|member):\ )[\w.-]{1,64}$
    |(?P<hex>\b0x[0-9a-fA-F]+\b)
    |(?P<pair>(?<=\)=)\([^()]{0,300}\)|\?[\w.\[\]-]{1,40}=[^\s'<>]{0,300})
    |(?P<colour>\#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?\b)
    |(?P<phone>(?<![\w.])\+\d{1,3}[ -]?\(?\d{1,5}\)?(?:[ -]?\d{2,9}){1,4}\b)
    |(?P<quoted>(?<!\w)'[^'\n]{0,300}'(?!\w))
    |(?P<path>(?<![\w.])(?:[A-Za-z]:[\\/][\w.@%+~\\/{}\[\]-]{2,300}
        (?:\ [\w.()-]{1,40}){0,4}?(?:\ [\w()-]{1,40}\.\w{2,4}\b)
        |(?:[A-Za-z]:[\\/]|~?\.{0,2}/)[\w.@%+~\\/{}\[\]-]{2,300}))
    |(?P<file>(?<![\w./@-])\w[\w.()+/-]{0,119}\.(?:docx?|xlsx?|pptx?|od[tsp]|pdf|rtf|txt|log
        |csv|tsv|parquet|jpe?g|png|gif|webp|bmp|tiff?|heic|psd|svg|mp[34]|mov|avi|mkv|webm
        |wav|ogg|flac|m4a|zip|gz|tgz|tar|rar|7z|bak|tmp|part|ics|vcf|epub|eps|dump)\b)
    |(?P<token>(?<!\w)[^\W\d][\w$-]{4,200})
    |(?P<number>(?<!\w)[-+]?\d(?:[\d.,]*\d)?(?:e[-+]?\d+)?)(?P<unit>\w*)
    """
)
_VOLATILE = Lazy(
    r"\b[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\b|\b0x[0-9a-fA-F]+\b"
    r"|\d{4}-\d\d-\d\d|\d\d?:\d\d(?::\d\d)?|\d{4,}|\b(?=[a-f]*\d)[0-9a-f]{8,64}\b"
)
_RUNS = Lazy(r"(<[a-z]+>)(?:(?:[,;:-]| |, |; )\1)+")
_JSON_START = ("{'", "[{", "{}", "['")
_MANUAL_BEFORE = ("visit ", "see ", "see: ", "more: ", "docs: ", "mation: ")
# Of a body that a service answered with, these are the identity.
_JSON_CODE = Lazy(
    r"'((?:(?:error_?)?(?:[cC]ode|[tT]ype|[sS]tatus)|error|reason)'\s?:\s?'?[\w.-]{1,60})"
)
_COUNTED = Lazy(r"(<n> (?:[\w-]{1,20} )?[\w-]{2,20}[^\Ws])s\b")
_SIZES = Lazy(
    r"(?i)<n> ?(?:[kmgt]i?b|bytes?|m?s|secs?|seconds?|min(?:ute)?s?|hours?)\b"
)
_STATISTICS = Lazy(r" ?\((?:[\w-]{1,40}[=:] ?<n>(?:, )?){2,12}\)")


def masked(message: str) -> str:
    """Return a plain message with data masked, but not the numbers of what failed."""
    if message.replace(" ", "").isalpha() and "@" not in message:
        return message
    text = _DATA.sub(_mask, _with_borders(_without_body(message)))
    text = _RUNS.sub(r"\1", text.replace(BORDER, ""))
    if "<n> " in text:
        text = _COUNTED.sub(r"\1", _SIZES.sub("<n>", text))
    if "=<n>" in text:
        text = _STATISTICS.sub("", text)
    return text.rstrip(".! ")


def _with_borders(message: str) -> str:
    """Return a message with a border around numbers in scripts without spaces."""
    if message.isascii():
        return message
    parts = [message[:1]]
    for before, character in zip(message, message[1:]):
        if (_has_no_case(before) and character.isascii() and character.isalnum()) or (
            _has_no_case(character) and before.isascii() and before.isalnum()
        ):
            parts.append(BORDER)
        parts.append(character)
    return "".join(parts)


def _has_no_case(character: str) -> bool:
    return character.isalpha() and character.lower() == character.upper()


def _without_body(message: str) -> str:
    """Return a message with the codes of a JSON body in the place of the body."""
    starts = [message.find(start) for start in _JSON_START]
    start = min((at for at in starts if at >= 0), default=-1)
    end = max(message.rfind("}"), message.rfind("]"))
    if start < 0 or end < start or ":" not in message[start:end] and start + 1 < end:
        return message
    codes = ", ".join(_JSON_CODE.findall(message[start:end])[:3]).replace("'", "")
    return f"{message[:start]}{{{codes}}}{message[end + 1 :]}"


def without_volatile(message: str) -> str:
    """Return a message with only what never comes twice masked: the finer view."""
    if not any(character.isdigit() for character in message):
        return message
    return _VOLATILE.sub("#", message)


def _mask(found: Match[str]) -> str:
    kind = found.lastgroup or ""
    if kind == "unit" or kind == "number":
        return number_of(found)
    if kind == "port" or kind == "address":
        return f"<address>{_service_port(found['port'] or '')}"
    maker = _MASKS.get(kind)
    return maker(found) if maker else f"<{kind}>"


def _id(found: Match[str]) -> str:
    return found.group() if NAMES.match(found.group()) else "<id>"


def _pair(found: Match[str]) -> str:
    return "<query>" if found.group()[0] == "?" else "(<text>)"


def _service_port(port: str) -> str:
    """Return a port unless it is one that a system gave to a caller for a moment."""
    return port if port and int(port[1:]) < 32768 else ""


def _hex(found: Match[str]) -> str:
    text = found.group().lower()
    # HRESULT and NTSTATUS are codes.
    return text if len(text) == 10 and text[2] in "8c" else "<hex>"


def _url(found: Match[str]) -> str:
    url = found.group()
    before = found.string[max(0, found.start() - 12) : found.start()].lower()
    if before.endswith(_MANUAL_BEFORE):
        # A manual moves, and has a page for each of its versions.
        return "<url>"
    scheme, _, rest = url.partition("://")
    if not scheme.startswith(("http", "ws")):
        return "<url>"
    path = rest.partition("?")[0].partition("#")[0].partition("/")[2]
    stem, dot, ending = path.rpartition(".")
    if dot and ending in CODE_ENDINGS and stem:
        return f"<url>{short_name(url)}"
    return f"<url>{page_path(path)}"


def _object(found: Match[str]) -> str:
    if found.group()[0] == "@":
        return "@<hex>"
    name = found.group().lstrip("#<").partition(" ")[0].partition(":0x")[0]
    return f"<{name.rstrip('>')}>"


def _path(found: Match[str]) -> str:
    return named_path(found.group().rstrip(".:,"))


def _quoted(found: Match[str]) -> str:
    inner, text = found.group()[1:-1], found.string
    # What was data the first time is data the second time.
    start = text.find(found.group())
    before = text[max(0, start - 40) : start]
    if is_value(before):
        return "<text>"
    if NAMES.match(inner):
        return f"'{inner}'"
    if is_cause(inner, before, text[found.end() : found.end() + 1]):
        return f"'{masked(inner)}'"
    if "/" in inner and " " not in inner:
        return quoted_path(inner)
    digits = sum(character.isdigit() for character in inner)
    if not inner or not IDENTIFIER.match(inner) or digits > 1:
        return "<text>"
    if _DATA.sub(_mask, inner) in ("<file>", "<id>"):
        return "<text>"
    is_random = (is_hash(inner) and digits) or token_of(inner, "") != inner
    return "<text>" if is_random else f"'{inner}'"


def _token(found: Match[str]) -> str:
    end = found.end()
    return token_of(found.group(), found.string[end : end + 1])


_MASKS = {
    "colour": lambda found: "#<n>",
    "hex": _hex,
    "id": _id,
    "object": _object,
    "pair": _pair,
    "path": _path,
    "person": lambda found: f"{found['person']}<text>",
    "phone": lambda found: "<n>",
    "quoted": _quoted,
    "token": _token,
    "url": _url,
}
