"""Which numbers of a message say what failed, rather than how much or which one."""

from __future__ import annotations

from app.errors.patterns import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

BORDER = "\u200b"
# The words after which a number says what went wrong, in the languages of servers.
_CODE_BEFORE = Lazy(
    r"(?i)(?:\b(?:status|statuscode|http|https|errno|sqlstate|exit|exited|signal|hresult"
    r"|winerror|state|port|rc|kind|reason|msg|alert|[\w-]{0,12}(?:code|kode|kod|kód|koodi"
    r"|c[oó]digo|codice|код))"
    r"(?:[ _-]?(?:code|status|number|nummer|no|d'erreur|de error|di errore))?"
    r"(?:\ (?:of|is|was|with|code|status|ist|war|es|è))?"
    r"|\b(?:error|warning|fehler|erreur|errore|erro|fel|fejl|feil|virhe|fout|b[łl]ąd|chyba"
    r"|hata|ошибка)|エラー|コード|错误|錯誤|状态|狀態|代码|代碼|码|碼|오류|코드"
    r"|\bHTTP/[\d.]+|(?<!key)(?<!value)(?<!index)(?:error|exception)(?=[:(\s]))"
    r"(?::|=)?[\s\[(#='\u200b-]{0,3}$"
)
# Codes that somebody was given.
_CODES_OF_PEOPLE = Lazy(
    r"(?i)(?:post|postal|zip|bar|promo|coupon|discount|voucher|gift|area|country|pin|qr|access"
    r"|product|item|order|article|verification|invite|referral)[ _-]?[ck]ode\W{0,4}$"
)
_PHRASE = Lazy(r"\)?:? (?:[A-Z][a-z]+(?: [A-Z][a-z]+)?|[A-Z_]{4,})(?:$|[\s.,:;)])")
_STATUS_BEFORE = Lazy(
    r"(?i)(?:\b(?:return|respond|response|got|with|fail|failure|receiv|answer|repl(?:y|ie)"
    r"|server|gave|request|upstream|api|gateway|antwort|r[eé]pon|respon|respue|rispo"
    r"|risposta|antwoord|svar|odpow|ответ|вернул)\w{0,5}"
    r"(?: an?| with| mit| con| avec| com| met| med)?[\s:(\[]{1,3}"
    r"|\b(?:FTP|SMTP|HTTPS?|SIP|IMAP|RTSP|NNTP)\b[^\d]{0,30})$"
)
# PDO: "SQLSTATE[HY000] [2002] …", "SQLSTATE[23000]: Some words: 1048 …".
_AFTER_SQLSTATE = Lazy(r"SQLSTATE\[\w{5}\](?:: [^\d\n]{0,60}:)? \[?$")
# "(1062, 'Duplicate entry …')" of Python's drivers, alone or behind its class.
_ARGUMENTS = Lazy(r"(?:^|\) |(?:Error|Exception|Warning))\($")
_AMOUNTS = (" ms", " s ", " rows", " items", " bytes")
_DURATION = frozenset("dhmsnuµ0123456789")
_UNITS = frozenset(
    """
    b kb mb gb tb kib mib gib tib kbit mbit ms s sec secs min mins m h hr hrs d us µs ns
    px em rem pt cm mm km kg g x st nd rd th am pm
    """.split()
)


def number_of(found: Match[str]) -> str:
    """Return a number that is a code as it is, and ``<n>`` for any other."""
    number, unit = found["number"], found["unit"]
    before = found.string[max(0, found.start() - 80) : found.start()]
    after = found.string[found.end() : found.end() + 40]
    is_short = len(number.lstrip("-+")) < 7
    if not unit and is_short and _is_code(number, before, after):
        return number
    has_digit = any(character.isdigit() for character in unit)
    if has_digit and not set(unit) - _DURATION:
        return "<n>"
    # 42S02 and 3D are codes; 12ms is an amount, and 01ARZ3NDEK an id.
    if has_digit and unit[0].isupper() and len(found.group()) < 7:
        return found.group()
    if has_digit and len(found.group()) > 9:
        return "<id>"
    keeps_unit = unit.isalpha() and len(unit) < 4 and unit.lower() not in _UNITS
    return f"<n>{unit if keeps_unit else ''}"


def _is_code(number: str, before: str, after: str) -> bool:
    if _CODE_BEFORE.search(before[-40:]):
        return not _CODES_OF_PEOPLE.search(before[-40:])
    if not number.lstrip("-").isdigit():
        return False
    is_status = len(number) == 3 and number[0] in "12345"
    if is_status and (_STATUS_BEFORE.search(before[-48:]) or _PHRASE.match(after)):
        return not after.startswith(_AMOUNTS)
    if len(number) > 2 and after.startswith(", '") and _ARGUMENTS.search(before):
        return True
    if number.isdigit() and len(number) < 6 and _AFTER_SQLSTATE.search(before):
        return True
    return before in ("", "(", "[") and _opens_with_code(number, after)


def _opens_with_code(number: str, after: str) -> bool:
    """Tell whether a message opens with a code: "14 UNAVAILABLE", "404: /a"."""
    if after.startswith((", '", "] ")) or _PHRASE.match(after):
        return True
    is_status = len(number) == 3 and number[0] in "12345"
    is_long = len(number) in (4, 5)
    return after.startswith((": ", " - ", " /")) and (is_status or is_long)
