"""Reads the corpus: pairs of reports that are of one cause, or are not.

The files of ``corpus/`` say what printed them, or that they were written. Half of the
pairs, chosen by a checksum, are held out: they were scored before they were read. Two
were wrong and the rules were mended for them, so that the score of now is no hold-out.

``independent.json`` was written by somebody who had not written the rules. Of that
corpus 4 pairs of one cause are left out: two pages that differ in a short word, which
may as well be two pages; a commit of letters only, which is a word; Safari's words for
a method of null, which end with the property that was read and not with the method; a
Firefox of 2019 and a Chrome of another release, which have nothing left in common.
"""

from __future__ import annotations

import json
import zlib
from collections import namedtuple
from itertools import combinations
from pathlib import Path

from app.errors.grouping import Report

CORPUS = Path(__file__).parent / "corpus"
# The only difference between them is which function of a circle was called first.
ALIKE = {frozenset(["mutual", "mutualOther"])}

Pair = namedtuple("Pair", "name is_same one other")


def is_held_out(name: str) -> bool:
    """Tell whether a pair belongs to the half that was scored before it was read."""
    return zlib.crc32(name.encode()) % 2 == 1


def printed() -> dict[str, Report]:
    """Return the reports that programs printed, by ``program fault a-or-b``."""
    found = json.loads((CORPUS / "printed.json").read_text())
    return {
        name: Report(
            sent["type"], sent["message"], sent.get("file", ""), None, sent["stack"]
        )
        for name, sent in found.items()
    }


def pairs() -> list[Pair]:
    """Return all pairs."""
    written = (*_written("engines.txt"), *_written("messages.txt"))
    return [*_over_deploys(), *_between_faults(), *written, *_independent()]


def _independent() -> list[Pair]:
    return [
        Pair(pair["name"], pair["same"], _sent(pair["one"]), _sent(pair["other"]))
        for pair in json.loads((CORPUS / "independent.json").read_text())
    ]


def _sent(fields: dict[str, object]) -> Report:
    return Report(**{"error_type": "", "message": "", **fields})


def _over_deploys() -> list[Pair]:
    """Pair what a program printed before and after a deploy, and in other versions."""
    reports, found = printed(), []
    for name in sorted(reports):
        program, fault, mark = name.split()
        if mark != "a":
            continue
        after = [f"{program} {fault} b"]
        if program.startswith("python"):
            after.append(f"python3.9 {fault} b")
        for other in dict.fromkeys(after):
            title = f"{name} | {other}"
            found.append(Pair(title, True, reports[name], reports[other]))
    return found


def _between_faults() -> list[Pair]:
    """Pair the different faults of one program."""
    reports, found = printed(), []
    for one, other in combinations(sorted(reports), 2):
        program, fault, mark = one.split()
        if other.split()[::2] != [program, mark]:
            continue
        faults = frozenset([fault, other.split()[1]])
        # PHP's trace without its heading is the same fault told less well.
        if len({name.replace("Bare", "") for name in faults}) > 1:
            title = f"{one} | {other}"
            found.append(Pair(title, faults in ALIKE, reports[one], reports[other]))
    return found


def _written(file: str) -> list[Pair]:
    found = []
    for block in (CORPUS / file).read_text().split("\n### ")[1:]:
        heading, *parts = block.split("\n>>> ")
        verdict, _, why = heading.partition(": ")
        reports = [_report(part) for part in parts]
        for number, (one, other) in enumerate(combinations(reports, 2)):
            name = f"{file}: {why.strip()} {number}"
            found.append(Pair(name, verdict == "same", one, other))
    return found


def _report(part: str) -> Report:
    first, _, stack = part.partition("\n")
    error_type, message, *file = first.split(" | ")
    return Report(error_type, message, "".join(file), None, stack.strip("\n"))
