"""That the rules were not written for the corpus: none of its own words is in them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from app.errors.fault import Fault
from app.errors.frames import own_places
from app.errors.grouping import Report
from app.errors.spelling import clean
from app.errors.stacks import Trace, read_stack
from tests.errors.corpus_files import pairs

APP = Path(__file__).parents[2] / "app" / "errors"
# Words of runtimes that stand in the corpus as names of functions, too.
OF_RUNTIMES = {"decode", "report", "ensure", "render", "validate", "measure", "nested"}
OF_RUNTIMES |= {"anonymous", "context", "recursion", "function", "template"}
PHRASES_OF_RUNTIMES = {"index out of range", "Array length must be"}


def reports() -> list[Report]:
    return [report for pair in pairs() for report in (pair.one, pair.other)]


def code_words() -> str:
    """Return all text constants and names of the code, as the rules could use them."""
    words = []
    for path in APP.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.append(node.value)
    return "\n".join(words)


def test_it_has_enough_pairs_of_both_kinds() -> None:
    found = pairs()
    assert sum(pair.is_same for pair in found) > 140
    assert sum(not pair.is_same for pair in found) > 140


def test_it_knows_no_function_of_the_corpus() -> None:
    known = set(re.findall(r"\w{6,}", code_words()))
    names = set()
    for report in reports():
        for trace in read_stack(clean(report.stack), report.file):
            for place in own_places(trace.frames):
                names.update(re.findall(r"\w{6,}", place.function))
    assert len(names) > 60
    assert (names & known) - OF_RUNTIMES == set()


def test_it_knows_no_message_of_the_corpus() -> None:
    # The words of engines are the rules' subject; four words in a row of any other
    # message would be a rule for the corpus.
    code = code_words()
    for report in reports():
        # People use engines' words, too, with types of their own.
        fault = Fault("Error", clean(report.message), Trace())
        if fault.kind:
            continue
        words = re.findall(r"[^\W\d_]{2,}", fault.message)
        for start in range(max(1, len(words) - 3)):
            if len(words) < 3:
                break
            phrase = " ".join(words[start : start + 4])
            assert phrase not in code or phrase in PHRASES_OF_RUNTIMES, fault.message
