"""The reports on errors: each returns the ``data`` of its answer, without ``range``."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from app import ids
from app.clock import NULL_DAY, to_local, to_utc
from app.errors import change_store, report_store
from app.report.ratios import percentage
from app.stats.store import count_visitors
from app.summaries.split import is_lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.db import Database, Row
    from app.projects.store import Project
    from app.report.question import Question

    Report = dict[str, Any]

SHOWN = 50
SHOWN_OCCURRENCES = 100
TOP = 5
COUNTED = ("open", "investigating", "resolved", "ignored")
COUNTED_SEVERITIES = ("critical", "error")
TIMES = ("first_seen", "last_seen", "resolved_at", "regressed_at")


class Wanted:
    """Which groups are asked for; an empty text or 0 stands for any."""

    def __init__(self, secret: bytes = b"") -> None:
        self.secret = secret
        self.group_id = 0
        self.status = ""
        self.severity = ""
        self.environment = ""
        self.release = ""
        self.text = ""


def errors(db: Database, project: Project, asked: Question, wanted: Wanted) -> Report:
    """Return summary, count and errors: the groups last seen in the span.

    ``summary`` counts all of them, whatever the filters are. Each group has, beside
    the contract's keys, its title, culprit and releases, when it regressed, how many
    people met it in the span, and what share of the span's visitors those are.
    """
    limit, offset = asked.rows(SHOWN)
    values = _values(project, asked, wanted)
    values.update({"limit": limit, "offset": offset})
    rows = report_store.list_groups(db, values)
    found = _described(db, project, asked, rows, values)
    return {
        "summary": _summary(report_store.sum_groups(db, values)),
        "count": len(found),
        "errors": found,
    }


def trend(db: Database, project: Project, asked: Question, wanted: Wanted) -> Report:
    """Return group_id, total_occurrences, total_groups, top_groups and over_time.

    ``over_time``: date, occurrences, unique_groups; each day of the span.
    """
    values = _values(project, asked, wanted)
    groups = report_store.count_groups(db, values)
    days = report_store.count_days(db, values)
    nothing = {"occurrences": 0, "unique_groups": 0}
    over_time = []
    for day in asked.span.days():
        row = days.get(day, nothing)
        over_time.append(
            {
                "date": day.isoformat(),
                "occurrences": row["occurrences"],
                "unique_groups": row["unique_groups"],
            }
        )
    return {
        "group_id": wanted.group_id or None,
        "total_occurrences": sum(row["occurrences"] for row in groups),
        "total_groups": len(groups),
        "top_groups": groups[:TOP],
        "over_time": over_time,
    }


def detail(
    db: Database, project: Project, asked: Question, group_id: int
) -> Report | None:
    """Return group, over_time, events, why, kinds, releases and changes; None if none.

    ``events`` are the newest of the reports that are kept; ``why`` is what they were
    compared by; ``kinds`` what the group can be split into; ``changes`` the merges
    and splits that can be undone. Of a group that was merged, the one it is in.
    """
    wanted = Wanted()
    wanted.group_id = group_id
    values = _values(project, asked, wanted)
    # A report may be kept twice, as new and as one of the sample.
    values["limit"] = 2 * SHOWN_OCCURRENCES
    rows = report_store.get_group(db, values)
    found = report_store.find_group(db, project.id, group_id)
    if not rows or found is None:
        return None
    [group] = _described(db, project, asked, rows, values)
    counts = report_store.count_group_days(db, values)
    zone = project.timezone
    return {
        "group": group,
        "over_time": [
            {"date": day.isoformat(), "occurrences": counts.get(day, 0)}
            for day in asked.span.days()
        ],
        "events": _events(report_store.list_occurrences(db, values), zone),
        "why": json.loads(found["components"]),
        "kinds": [
            {
                **row,
                "first_seen": str(to_local(row["first_seen"], zone)),
                "last_seen": str(to_local(row["last_seen"], zone)),
            }
            for row in report_store.list_kinds(db, values)
        ],
        "releases": [
            {"release": row["release_name"], "occurrences": row["occurrences"]}
            for row in report_store.list_releases(db, values)
        ],
        "changes": [
            {**row, "at": str(to_local(row["at"], zone))}
            for row in change_store.list_changes(db, project.id, group_id)
        ],
    }


def resolve(db: Database, project: Project, group_id: int) -> int:
    """Return the group in which the reports of a group are: mostly its own."""
    return db.read(lambda: change_store.find_heir(db, project.id, group_id))


def _values(project: Project, asked: Question, wanted: Wanted) -> Row:
    span, zone = asked.span, project.timezone
    midnight = datetime.min.time()
    day_after = span.last + timedelta(days=1)
    text = wanted.text.lower()
    for sign in "!%_":
        text = text.replace(sign, "!" + sign)
    return {
        "project_id": project.id,
        "first": span.first,
        "last": span.last,
        "starts": to_utc(datetime.combine(span.first, midnight), zone),
        "ends": to_utc(datetime.combine(day_after, midnight), zone),
        "group_id": wanted.group_id,
        "status": wanted.status,
        "severity": wanted.severity,
        "environment": wanted.environment,
        "release": wanted.release,
        "release_id": ids.keyed(wanted.secret, "release", project.id, wanted.release),
        "text": f"%{text}%" if text else "",
    }


def _summary(rows: list[Row]) -> dict[str, int]:
    def count(column: str, value: str) -> int:
        return sum(row["error_groups"] for row in rows if row[column] == value)

    return {
        "total": sum(row["error_groups"] for row in rows),
        **{status: count("status", status) for status in COUNTED},
        **{severity: count("severity", severity) for severity in COUNTED_SEVERITIES},
    }


def _described(
    db: Database, project: Project, asked: Question, rows: list[Row], values: Row
) -> list[Report]:
    """Return the groups as answers show them; ``values`` are those that found them.

    How many people met it is null if some of these are forgotten.
    """
    is_unknown = is_lost(db, project, asked, "people", "people_pct")
    people = report_store.count_people(db, values) if rows and not is_unknown else {}
    days = count_visitors(db, project.id, asked, NULL_DAY) if people else {}
    visitors = sum(row["entering"] for row in days.values())
    nobody = {"people": 0, "visitors": 0}
    found = []
    for row in rows:
        affected = people.get(row["id"], nobody)
        shown = {
            **row,
            "people": None if is_unknown else affected["people"],
            "people_pct": (
                None if is_unknown else percentage(affected["visitors"], visitors)
            ),
        }
        for name in TIMES:
            at = row[name]
            shown[name] = None if at is None else str(to_local(at, project.timezone))
        found.append(shown)
    return found


def _events(rows: list[Row], timezone: str) -> list[Report]:
    """Return the reports; one that is kept as new and as a sample is there once."""
    by_id = {row["id"]: row for row in reversed(rows)}
    newest = list(reversed(by_id.values()))[:SHOWN_OCCURRENCES]
    return [
        {
            "id": row["id"],
            "message": row["message"],
            "stack_trace": row["stack"],
            "url": row["url"],
            "environment": row["environment"],
            "release": row["release_name"],
            "severity": row["severity"],
            "occurrences": row["occurrences"],
            "context": json.loads(row["context"]) if row["context"] else None,
            "created_at": str(to_local(row["at"], timezone)),
            "visit_id": str(row["visit_id"]) if row["visit_id"] else None,
            "kind_id": row["kind_id"],
            "device": {
                "type": row["type"],
                "os": row["os"],
                "browser": row["browser"],
            },
            "location": {
                "country": row["country"],
                "country_code": row["country_code"],
                "city": row["city"],
            },
        }
        for row in newest
    ]
