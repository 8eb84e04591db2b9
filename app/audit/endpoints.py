"""What writes, reads, checks and erases the audit log."""

from __future__ import annotations

import re

from app import fields, heads, ids
from app.audit import entry as entries
from app.audit.log import Log
from app.http import MAX_BODY_BYTES, Reply, ok
from app.problems import InvalidInput, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database
    from app.http import Request
    from app.projects.store import Project
    from app.report.question import Question

MAX_ROWS = 1000
MAX_ROWS_MICROLOGS = 200
MAX_ERASED = 100
MAX_SEQ = 2**53 - 1
MAX_TEXT_BYTES = 255
# The last three a tag tells with each of its beacons; an entry has no place for them.
ENTRY_FIELDS = ("action", "actor", "context", "id", "age", "public_key") + (
    "url",
    "visitor_id",
    "session_token",
)
AUDIT = "audit"
SECONDS_A_REQUEST = 15.0
"""How long one request verifies: hosts and browsers give up after half a minute."""


def track_audit(request: Request) -> Reply:
    """POST /api/track/audit, either key: add an entry to the project's audit log.

    ``id`` is its number, ``hash`` what proves it later. A beacon that was stored before
    changes nothing.
    """
    body = request.fields()
    if not request.is_micrologs:
        fields.only(body, ENTRY_FIELDS)
    entry = _entry(request, body)
    if request.is_behind(AUDIT):
        raise Unavailable("Entries that came before wait in the spool.")
    made = _log(request).record(entry, request.project.cache_version)
    data = {"id": made["seq"]}
    if not request.is_micrologs:
        data["hash"] = made["hash"]
    return ok(data)


def audits(request: Request) -> Reply:
    """GET /api/analytics/audits, secret key: the entries, newest first."""
    from app.audit import report, store
    from app.report.answers import answer, ask
    from app.report.question import DAYS, ROWS

    lenient = request.is_micrologs
    most = MAX_ROWS_MICROLOGS if lenient else MAX_ROWS
    accepted = (*DAYS, *ROWS, "action", "actor", "text")
    asked = ask(request, most, accepted, store.first_day)
    query = request.query()
    wanted = report.Wanted(
        fields.text(query, "action", entries.MAX_ACTION_BYTES),
        fields.text(query, "actor", entries.MAX_ACTOR_BYTES),
        "" if lenient else fields.text(query, "text", MAX_TEXT_BYTES),
    )

    def found(db: Database, project: Project, asked: Question) -> dict[str, Any]:
        return report.logs(db, project, asked, wanted)

    return answer(request, asked, "Audit logs", "logs", found)


def verify(request: Request) -> Reply:
    """GET /api/audit/verify, secret key: whether the audit log is as it was written.

    ``kept_problem`` says why the file beside the database proves nothing; null if it
    does, or is not there.
    """
    from app.audit.verify import Verification
    from app.report.question import refuse_unknown

    query = request.query()
    refuse_unknown(query, ("from", "seq", "hash"))
    start = _seq(query, "from") or 1
    receipt = None
    if "seq" in query or "hash" in query:
        receipt = (_seq(query, "seq"), _hash(query))
        if not receipt[0]:
            raise InvalidInput("seq is required with hash", field="seq")
    secret, project_id = request.config.secret, request.project.id
    kept = heads.read(request.config.var, project_id)
    walk = Verification(request.db, secret, project_id, kept, start)
    found = walk.run(receipt, SECONDS_A_REQUEST)
    if found["valid"] and start > max(walk.newest, 1):
        message = f"from is beyond the newest entry, which is {walk.newest}"
        raise InvalidInput(message, field="from")
    kept_problem = heads.problem(request.config.var, project_id) or None
    return ok({**found, "kept_problem": kept_problem}, "Audit log verified")


def erase(request: Request) -> Reply:
    """POST /api/audit/erase, secret key: erase entries' payloads, the chain stays."""
    from app.audit.erase import Erasure

    body = request.fields()
    fields.only(body, ("seqs", "actor", "keep_action"))
    seqs = _seqs(body)
    # Not cut: that could be somebody else.
    actor = fields.text(body, "actor", MAX_BODY_BYTES)
    if bool(seqs) == bool(actor):
        raise InvalidInput("Give either seqs or actor", field="seqs")
    keep_action = fields.flag(body, "keep_action")
    erasure = Erasure(_log(request), request.project, request.at, keep_action)
    done = erasure.of_entries(seqs) if seqs else erasure.of_actor(actor)
    return ok(done, f"{done['erased']} audit entries erased.")


def _log(request: Request) -> Log:
    config = request.config
    project = request.project
    return Log(request.db, config.secret, config.var, project.id, project.public_key)


def _entry(request: Request, body: dict[str, Any]) -> entries.Entry:
    """Return the entry in the body.

    :raise InvalidInput: a field cannot be taken.
    """
    project = request.project
    action = _text(request, body, "action", entries.MAX_ACTION_BYTES)
    if not action:
        raise InvalidInput("action is required", field="action")
    if action == entries.ERASED:
        raise InvalidInput(f"action {action} is Porthole's own", field="action")
    actor = _text(request, body, "actor", entries.MAX_ACTOR_BYTES)
    sent = fields.identifier(body, "id")
    return entries.Entry(
        fields.moment(body, request.at),
        project.timezone,
        action,
        actor,
        _context(request, body),
        ids.keyed(request.config.secret, "audit", project.id, sent)
        if sent
        else request.seed,
    )


def _text(request: Request, body: dict[str, Any], name: str, max_bytes: int) -> str:
    """Return a text; under the plain name none is cut, because it is evidence."""
    found = fields.text(body, name, max_bytes)
    if not request.is_micrologs and fields.text(body, name, MAX_BODY_BYTES) != found:
        raise InvalidInput(f"{name} may have {max_bytes} bytes", field=name)
    return found


def _context(request: Request, body: dict[str, Any]) -> str:
    """Return the context as JSON text; what Micrologs drops, its name drops."""
    try:
        return fields.json_text(body, "context", entries.MAX_CONTEXT_BYTES)
    except InvalidInput:
        if request.is_micrologs:
            return ""
        raise


def _seq(query: dict[str, str], name: str) -> int:
    """Return the number of an entry in the query, 0 if there is none."""
    text = query.get(name, "")
    if name in query and (not re.fullmatch("[0-9]{1,15}", text) or not int(text)):
        raise InvalidInput(f"{name} must be the number of an entry", field=name)
    return int(text or 0)


def _hash(query: dict[str, str]) -> str:
    text = query.get("hash", "").lower()
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise InvalidInput("hash must be the hash of an entry", field="hash")
    return text


def _seqs(body: dict[str, Any]) -> list[int]:
    """Return the numbers to be erased, each once."""
    value = body.get("seqs")
    if value is None:
        return []
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ERASED:
        message = f"seqs must be an array of 1 to {MAX_ERASED} numbers"
        raise InvalidInput(message, field="seqs")
    for seq in value:
        fields.integer({"seqs": seq}, "seqs", 1, MAX_SEQ)
        if seq is None:
            raise InvalidInput("seqs must be an array of numbers", field="seqs")
    return sorted(set(value))
