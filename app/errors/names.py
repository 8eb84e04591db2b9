"""Which words of a message are names of the program's own, and which are data."""

from __future__ import annotations

from app.errors.files import is_hash
from app.errors.patterns import Lazy

# After these comes what somebody entered, though it may look like a name.
_DATA_WORDS = frozenset(
    """
    value values string entry literal input parsing token data text user email login
    username float: integer: int: number: integer(): float(): 10: uuid: date: timestamp:
    numeric: boolean: double: decimal: bigint: json: isoformat format: header hostname
    slug filename title keyword search password customer account coupon voucher sku like
    """.split()
)
# What is given to these by name is no data: in type='int_parsing' and the like.
_KINDS = frozenset(
    """
    type input_type kind method op operator operation action event code error err reason
    status state name attr column field table module class function property
    host scheme loc rule constraint key service level
    """.split()
)
_CODE_FAMILIES = frozenset(
    "ORA PLS TNS SQL DB2 IMP EXP RMAN ERR ERROR E WARN W EX CODE NU JWT".split()
)
NAMES = Lazy(
    r"(?i)(?:sha|md|utf|base|int|uint|float|iso|win|cp|latin|es|ip|ipv|mp|aes|rsa|tls|ssl"
    r"|hs|rs|ps|h|x|i|u|f|s|p|v|ec|oauth|web|webgl|gl|vp|av|crc|ripemd|blake|ucs|big|gb"
    r"|arm|amd|ed|curve|rc|http|ecma|log|utf8mb)-?\d{1,5}(?:[_-]?\w{1,8})?$"
)
IDENTIFIER = Lazy(r"[^\W\d][\w$.:#@\\()\[\]*<>?!=+-]{0,80}$|[^\w\s]{1,4}$")
CODE_ENDINGS = frozenset(
    """
    py php js mjs cjs ts tsx jsx rb java go cs vue svelte so dll dylib node wasm erb
    twig html phtml json yml yaml toml ini conf cfg env xml pem key crt cert sql lock
    css
    """.split()
)


def named_path(path: str) -> str:
    """Return the name of a file of the program, and nothing of one that is data."""
    base = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = base.rpartition(".")
    is_code = bool(dot) and ending.lower() in CODE_ENDINGS
    if is_code and not any(character.isdigit() for character in stem):
        return f"<path>{base}"
    return "<path>"


def quoted_path(inner: str) -> str:
    """Return a quoted path as it is compared: a module's in full."""
    is_module = inner[0] in "@." or inner[0].isalpha()
    has_digit = any(character.isdigit() for character in inner)
    if is_module and not has_digit and inner.count("/") < 6:
        return f"'{inner}'"
    name = named_path(inner)
    return "<text>" if name == "<path>" else name


def is_value(before: str) -> bool:
    """Tell whether what stands before a quotation says that somebody entered it."""
    words = before.lower().rstrip("(").split()
    last = words[-1] if words else ""
    if last in _DATA_WORDS or last.rstrip(":=") in _DATA_WORDS:
        return True
    if before.endswith("= "):
        # SQL, and comparisons.
        return True
    key = last.rpartition(",")[2].strip("([,=")
    return before.endswith("=") and bool(key) and key not in _KINDS


def is_cause(inner: str, before: str, after: str) -> bool:
    """Tell whether a quotation is an error of its own, in the arguments of another."""
    if " " not in inner:
        return False
    if any(mark in inner for mark in ("Error", "Exception", "[Errno", "errno ")):
        return True
    opening = before.rpartition("(")[2].rstrip(", ")
    is_numbered = before.endswith(", ") and opening.isdigit()
    is_first = before.endswith(("Error(", "Exception(")) and "Key" not in before
    return after in (")", ",", "") and (is_numbered or is_first)


def token_of(word: str, after: str) -> str:
    """Return a word, with those of its parts masked that look made at random."""
    parts = word.replace("-", "_").split("_")
    last = parts[-1]
    has_prefix = len(parts) > 1 and parts[0].isalpha() and parts[0].islower()
    if has_prefix and len(last) > 11 and _is_mixed(last):
        return f"{word[: -len(last)]}<id>"
    if not any(character.isdigit() for character in word) or NAMES.match(word):
        return word
    if parts[0].isupper() and "-" in word and len(parts) == 2 and last.isdigit():
        is_code = after == ":" or parts[0] in _CODE_FAMILIES
        # ORA-00942 and the like; ABC-12 is the number of something.
        return word if is_code and len(last) < 7 else f"{parts[0]}-<n>"
    if word.count("-") > 1 and last.isdigit() and word.islower():
        return "<id>"
    masks = [_part(part) for part in parts]
    joints = [character for character in word if character in "_-"]
    return "".join(part + joint for part, joint in zip(masks, [*joints, ""]))


def _is_mixed(part: str) -> bool:
    """Tell whether upper and lower case letters come as only chance puts them."""
    if not part.isalnum() or not part.isascii() or part in (part.lower(), part.upper()):
        return False
    turns = sum(a.islower() != b.islower() for a, b in zip(part, part[1:]))
    return turns * 3 >= len(part)


def _part(part: str) -> str:
    digits = sum(character.isdigit() for character in part)
    if part.isdigit():
        return part if digits < 3 else "<n>"
    if digits and (is_hash(part) or len(part) > 15):
        is_code = part == part.upper() and part.rstrip("0123456789").isalpha()
        return part if is_code and digits < 7 else "<id>"
    stem = part.rstrip("0123456789")
    is_numbered = len(part) - len(stem) > 3 and stem != stem.upper()
    return f"{stem}<n>" if is_numbered else part
