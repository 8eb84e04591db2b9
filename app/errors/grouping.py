"""Which reports are of one cause: the keys by which an error finds its group.

A report is reduced to what stays when the same fault happens again: to another person,
in another browser, after the next deploy.

1. The message loses where it was caught ("Uncaught"), and its quotes are made alike
   (spelling.py). If an engine worded it, the fault takes the place of type and words:
   "nullish access" of "name" (wording.py). Otherwise data is masked in it, but not the
   numbers of what failed: a status, an errno, a service's port (messages.py).
   An engine's words count as such only with a type that an engine gives.
2. The stack, in whatever language, becomes a chain of exceptions with frames
   (stacks.py). Frames of libraries and engines are dropped unless there are no others;
   of the rest the first few count, by function and file (frames.py). Neither lines
   nor columns do, nor names that a minifier made, nor hashes, versions, hosts and
   folders of files (files.py). A recursion counts once.
3. Each cause in the chain counts with its type, its message and its first frame.
4. Without a stack the file counts, or the page with its ids masked, and the line only
   if nothing else is known.

Three keys come of it, tuples of readable parts:

``strict``   all of the above. Equal keys are one group.
``loose``    for scripts of browsers only, which differ in what they tell: Safari leaves
             callers out, and the name of a variable that is not set yet. It has the
             fault and the two innermost named functions. For a fault whose name some
             browser keeps for itself, the line stands in for the name, which is the
             same for all browsers until the next deploy; not in a minified file, where
             all is one line, and, for names that only old browsers kept, not without a
             caller. Where the line says too little, the name is in the key, so that
             two names never meet in it, or there is no key.
             It is stored for a group when a report creates the group, and when a report
             with a new loose key joins it by the strict key.
``variant``  strict, with the message as it was but for ids and times, and the line: by
             this people can see what is in a group, and split it.

A client's own fingerprint replaces the keys; ``{{ default }}`` in it stands for them.
Nothing here knows a project, keeps anything, or fails: any text gets a group.
"""

from __future__ import annotations

from app.errors.fault import Fault, is_generic, last_part
from app.errors.files import short_name
from app.errors.frames import FAR_RIGHT, is_wrapper, own_places
from app.errors.messages import without_volatile
from app.errors.spelling import clean
from app.errors.stacks import Trace, read_stack
from app.errors.wording import KEPT_BACK, VAGUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.errors.frames import Place
    from app.errors.lines import Frame

_MAX_TITLE = 200
_MAX_VALUE = 200
_MAX_COMPONENTS = 20
_MAX_CAUSES = 4
_MAX_FINGERPRINT = 1000
_LOOSE_FRAMES = 2
_DEFAULTS = ("{{ default }}", "{{default}}")


class Report:
    """What a client sent about an error, as plain strings, '' for what it did not."""

    __slots__ = ("error_type", "file", "fingerprint", "line", "message", "stack")

    def __init__(
        self,
        error_type: str,
        message: str,
        file: str = "",
        line: int | None = None,
        stack: str = "",
        fingerprint: str = "",
    ) -> None:
        self.error_type = error_type
        self.message = message
        self.file = file
        self.line = line
        self.stack = stack
        self.fingerprint = fingerprint


class Grouping:
    """The keys of a report, and the reasons for them.

    Shape: ``strict``, ``loose`` (() for none) and ``variant`` are tuples of text, to be
    compared as a whole; ``components`` lists what was compared, as dicts of ``part``,
    ``value`` and ``from``; ``title`` has at most 200 characters; ``culprit`` is
    ``function (file)`` of the first frame that counts, '' if there is none.
    """

    __slots__ = ("components", "culprit", "loose", "strict", "title", "variant")

    def __init__(
        self,
        strict: tuple[str, ...],
        loose: tuple[str, ...],
        variant: tuple[str, ...],
        components: list[dict[str, str]],
        title: str,
        culprit: str,
    ) -> None:
        self.strict = strict
        self.loose = loose
        self.variant = variant
        self.components = components
        self.title = title
        self.culprit = culprit


def group(report: Report) -> Grouping:
    """Return the keys by which a report finds its group, for any text whatever."""
    chain = read_stack(clean(report.stack), clean(report.file))
    error_type, message = clean(report.error_type).strip(), clean(report.message)
    if not chain and "\n" in message:
        # Some clients send the stack as a part of the message.
        chain = read_stack(message, clean(report.file))
        if chain:
            message = message.partition("\n")[0]
    fault = Fault(error_type, message, chain[0] if chain else Trace())
    places = own_places(chain[0].frames) if chain else []
    why = _Why()
    strict = _strict(report, fault, places, chain, why)
    loose = _loose(fault, places)
    line = places[0].frame.line if places else str(report.line or "")
    variant = (*strict, without_volatile(fault.message), line)
    grouping = Grouping(
        strict,
        loose,
        variant,
        why.components,
        fault.title()[:_MAX_TITLE],
        places[0].text()[:_MAX_VALUE] if places else "",
    )
    fingerprint = clean(report.fingerprint).strip()[:_MAX_FINGERPRINT]
    return _with_fingerprint(grouping, fingerprint) if fingerprint else grouping


class _Why:
    """Collects what was compared, for people to read."""

    def __init__(self) -> None:
        self.components: list[dict[str, str]] = []

    def add(self, part: str, value: str, sent: str) -> str:
        """Note a part that takes part, and return it as the keys have it."""
        if len(self.components) < _MAX_COMPONENTS:
            cut = {"value": value[:_MAX_VALUE], "from": sent.strip()[:_MAX_VALUE]}
            self.components.append({"part": part, **cut})
        return f"{part}: {value}"


def _strict(
    report: Report, fault: Fault, places: list[Place], chain: list[Trace], why: _Why
) -> tuple[str, ...]:
    if fault.is_script_error():
        page = short_name(clean(report.file)) if report.file else ""
        message = why.add("message", "Script error", fault.sent_message)
        return message, why.add("file", page, report.file)
    key = _family(fault, places, why)
    compared = [_frame(place, why) for place in places]
    if fault.kind == "stack overflow":
        # Which of the functions in the circle was the last one is chance.
        compared.sort()
    key.extend(compared)
    if not places and report.file:
        key.append(why.add("file", short_name(clean(report.file)), clean(report.file)))
    if fault.is_silent() and not any(place.function for place in places):
        line = places[0].frame.line if places else str(report.line or "")
        key.append(why.add("line", line, line))
    for trace in chain[1 : _MAX_CAUSES + 1]:
        key.extend(_cause(trace, why))
    return tuple(key)


def _family(fault: Fault, places: list[Place], why: _Why) -> list[str]:
    """Return the parts for what went wrong: engines give one fault several types."""
    if fault.kind:
        parts = [why.add("fault", fault.kind, fault.sent_message)]
        if fault.detail:
            parts.append(why.add("detail", fault.detail, fault.sent_message))
        # Browsers name it differently enough to need the loose key, which needs frames.
        if fault.subject and (places or fault.kind != "not iterable"):
            parts.append(why.add("of", fault.subject, fault.sent_message))
        return parts
    name = "" if is_generic(fault.type) else last_part(fault.type)
    parts = [why.add("type", name or "any", fault.sent_type)]
    return [*parts, why.add("message", fault.words, fault.sent_message)]


def _frame(place: Place, why: _Why) -> str:
    frame = place.frame
    return why.add("frame", place.text(), f"{frame.function} {frame.file}:{frame.line}")


def _cause(trace: Trace, why: _Why) -> list[str]:
    fault = Fault(trace.error_type, trace.message, trace)
    value = f"{fault.kind or last_part(fault.type)}: {fault.words}"
    parts = [why.add("cause", value, f"{trace.error_type}: {trace.message}")]
    return [*parts, *(_frame(place, why) for place in own_places(trace.frames)[:1])]


def _loose(fault: Fault, places: list[Place]) -> tuple[str, ...]:
    """Return the key that browsers have in common which differ in what they tell."""
    named = [place for place in places if place.function]
    if not named or named[0].frame.style != "js" or fault.is_silent():
        return ()
    frames = [place.text() for place in _without_callers(named)]
    name = fault.kind or ("" if is_generic(fault.type) else last_part(fault.type))
    if fault.kind not in VAGUE:
        return ("loose", name, fault.words, *frames)
    first = named[0].frame
    is_enough = len(frames) > 1 or fault.kind in KEPT_BACK
    if named[0] is places[0] and is_enough and _tells_line(first):
        return ("loose", name, f"line {first.line}", *frames)
    # Without the line, two details are two causes, and none may be any.
    return ("loose", name, fault.detail, *frames) if fault.detail else ()


def _without_callers(named: list[Place]) -> list[Place]:
    """Return the first functions without those that only wait, which Safari omits."""
    running = [place for place in named if not place.frame.is_waiting]
    is_alone = len(running) == 1 and not is_wrapper(running[0].function)
    return (running if is_alone else named)[:_LOOSE_FRAMES]


def _tells_line(frame: Frame) -> bool:
    """Tell whether a line is one statement: a minifier leaves one line for all."""
    return frame.line not in ("", "0", "1") and frame.column <= FAR_RIGHT


def _with_fingerprint(grouping: Grouping, fingerprint: str) -> Grouping:
    """Return the grouping with a client's own key in place of its keys, or before."""
    own, has_default = fingerprint, False
    for default in _DEFAULTS:
        has_default = has_default or default in own
        own = own.replace(default, " ")
    component = {"part": "fingerprint", "value": fingerprint[:_MAX_VALUE]}
    component["from"] = component["value"]
    first = ("fingerprint", " ".join(own.split()))
    if has_default:
        grouping.strict = (*first, *grouping.strict)
        grouping.loose = (*first, *grouping.loose) if grouping.loose else ()
        rest = grouping.components[: _MAX_COMPONENTS - 1]
    else:
        grouping.strict, grouping.loose, rest = first, (), []
    grouping.variant = (*first, *grouping.variant)
    grouping.components = [component, *rest]
    return grouping
