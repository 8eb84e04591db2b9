"""What a stack trace in text says: the exceptions of a chain and their frames.

Nobody says which language a stack is from, and a client may send a log of several
programs, so each line is tried on its own (lines.py).
"""

from __future__ import annotations

from app.errors.lines import frame_of
from app.errors.patterns import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.errors.lines import Frame

MAX_LINE = 400
# Of a longer stack the ends are read: most languages print the fault first, some last.
MAX_LINES = 240

_HEADING = Lazy(
    r"(?:PHP )?(?:Fatal error: +)?(?:Unhandled exception\. +)?(?:Uncaught +)?"
    r"(?:\(in promise\) +)?([A-Za-z_$][\w$.\\/]*)(?: \[[A-Z_0-9]+\])?"
    r"(?: \((0x[0-9a-fA-F]{1,16}|\d{1,9})(?:, [\w ]{1,40})?\))?(?:: (.*))?$"
)
_PLACE = Lazy(r" in (\S.*):(\d+)$")
_CAUSES = (
    *("Caused by: ", "[cause]: ", "---> ", "Caused by ", "Cause: "),
    *("[previous exception] ", "Previous: ", "Previous exception: "),
)


class Trace:
    """An exception of a chain: what its heading says, and frames, innermost first."""

    __slots__ = ("error_type", "file", "frames", "message")

    def __init__(self, heading: str = "") -> None:
        self.error_type, self.message, self.file = "", "", ""
        self.frames: list[Frame] = []
        if heading:
            self.name(heading)

    def name(self, heading: str) -> None:
        """Take the type and the message from a line such as ``Type: message``."""
        if heading.startswith("[object] ("):
            # Monolog: [object] (Type(code: 0): message at file:line)
            name, _, rest = heading[10:].partition("(code: ")
            words, _, place_text = rest.partition("): ")[2].rpartition(" at ")
            heading = f"{name}: {words} in {place_text.rstrip(')')}"
        place = _PLACE.search(heading) if " in " in heading else None
        if place:
            self.file, heading = place.group(1), heading[: place.start()]
        found = _HEADING.match(heading)
        if found:
            self.error_type = found.group(1)
            self.message = found[3] or ""
            if found[2]:
                # .NET: SocketException (111): Connection refused
                self.message = f"{self.message} (code {found[2]})".strip()


def read_stack(text: str, file: str = "") -> list[Trace]:
    """Return the chain of exceptions of a stack, the outermost first, its causes after.

    ``file`` is where the outermost was thrown, as PHP's stacks leave it out. A text
    without any frame gives an empty list.
    """
    reader = _Reader(file)
    for line in _lines(text):
        reader.read(line)
        if reader.is_done:
            break
    return reader.chain()


def _lines(text: str) -> list[str]:
    """Return the lines to read: bounded in number and length."""
    lines = text.replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        half = MAX_LINES // 2
        lines = lines[:half] + lines[-half:]
    return [line[:MAX_LINE].rstrip() for line in lines]


def _in_group(line: str) -> str:
    """Return a line without the bars that Python draws around groups of exceptions."""
    _, bar, rest = line.partition("| ")
    return rest if bar and not line[: line.find("|")].strip() else line


class _Reader:
    """Collects the traces of a stack, line by line."""

    def __init__(self, file: str) -> None:
        self.is_done = False
        self._file = file
        self._traces = [Trace()]
        self._open: list[Trace] = []
        self._before = ""
        self._is_last_first = False
        self._is_cause_first = False
        self._goroutines = 0

    def read(self, line: str) -> None:
        """Take one line in."""
        text = line.strip(" \t|+")
        if not text or self._is_structure(text):
            self._before = text
            return
        frame = frame_of(text, self._before)
        if frame:
            self._add(frame, text)
        elif text.startswith(_CAUSES):
            self._start_cause(text)
        elif self._python_ends_with(line, text):
            self._traces[-1].name(text)
            self._traces.append(Trace())
        elif self._is_source_of_frame(text):
            self._traces[-1].frames[-1].source = text
        else:
            self._read_heading(text)
        self._before = text

    def chain(self) -> list[Trace]:
        """Return the traces with the outermost first, frames innermost first."""
        traces = [trace for trace in self._traces if trace.frames or trace.error_type]
        if not any(trace.frames for trace in traces):
            return []
        if self._is_last_first:
            for trace in traces:
                trace.frames.reverse()
        if self._is_cause_first:
            traces.reverse()
        traces[0].file = traces[0].file or self._file
        for trace in traces:
            _shift_php(trace)
        return traces

    def _is_structure(self, text: str) -> bool:
        """Tell whether a line only says what comes next."""
        if text.startswith("goroutine "):
            # The other goroutines are what the program did besides.
            self._goroutines += 1
            self.is_done = self._goroutines > 1 and bool(self._traces[-1].frames)
            return True
        if "raceback (most recent call last)" in text:
            self._is_last_first = True
            if self._traces[-1].frames:
                self._traces.append(Trace())
            return True
        if text.startswith(("During handling of", "The above exception was")):
            self._is_cause_first = True
            return True
        if text.startswith("--- End of inner exception"):
            self._close_cause()
            return True
        marks = ("---", "===", "...", "Stack trace:", "stack backtrace:")
        return text.startswith(marks) and not text.startswith("---> ")

    def _add(self, frame: Frame, text: str) -> None:
        trace = self._traces[-1]
        if frame.style == "ruby" and frame.source:
            # Another heading in the middle is Ruby's way of printing the cause.
            if trace.frames and not self._is_last_first:
                trace = Trace()
                self._traces.append(trace)
            trace.message, _, rest = frame.source.rpartition(" (")
            trace.error_type = rest.rstrip(")")
            frame.source = ""
        (self._open[-1] if self._open else trace).frames.append(frame)

    def _start_cause(self, text: str) -> None:
        is_net = text.startswith("---> ")
        mark = next(mark for mark in _CAUSES if text.startswith(mark))
        cause = Trace(text[len(mark) :])
        self._traces.append(cause)
        if is_net:
            # .NET prints the frames of the cause before those of what it caused.
            self._open.append(cause)

    def _close_cause(self) -> None:
        if self._open:
            self._open.pop()
        if not self._open:
            self._open.append(self._traces[0])

    def _python_ends_with(self, line: str, text: str) -> bool:
        trace = self._traces[-1]
        return (
            bool(trace.frames)
            and trace.frames[-1].style == "python"
            and not _in_group(line).startswith(" ")
            and not trace.error_type
        )

    def _is_source_of_frame(self, text: str) -> bool:
        trace = self._traces[-1]
        last = trace.frames[-1] if trace.frames else None
        return bool(
            last and last.style == "python" and not last.source and text.strip("^~ ")
        )

    def _read_heading(self, text: str) -> None:
        if text.startswith("Next "):
            self._is_cause_first = True
            self._traces.append(Trace(text[5:]))
        elif not self._traces[-1].frames and not self._traces[-1].error_type:
            outer, *causes = text.split(" ---> ")
            self._traces[-1].name(outer)
            for cause in causes:
                self._start_cause(f"---> {cause}")


def _shift_php(trace: Trace) -> None:
    """Give each function the file it is in: PHP prints the one it was called from."""
    if not trace.frames or trace.frames[0].style != "php":
        return
    file, line = trace.file, ""
    for frame in trace.frames:
        frame.file, file = file, frame.file
        frame.line, line = line, frame.line
