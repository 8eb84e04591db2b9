"""What filters become in a statement, put together from the literals of columns.py."""

from __future__ import annotations

from datetime import timedelta

from app.stats.columns import JOINS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from app.report.question import Question
    from app.stats.filters import Filter

    Condition = tuple[str, dict[str, Any]]
    Numbered = tuple[int, Filter]

LONGEST = timedelta(days=2)
"""A view of a visit comes at most a day after it began, or two where a day is short."""

_HAS_VIEW = """
  AND s.id IN (
    SELECT v.visit_id
    FROM ph_pageviews AS v
    {joins}
    WHERE v.project_id = %(project_id)s
      AND v.day BETWEEN %(first)s AND %(last_view_day)s
      AND {conditions}
  )
"""

_IS_WITH_EVENT = """s.id {word} (
    SELECT e.visit_id
    FROM ph_events AS e
    JOIN ph_event_names AS named
      ON named.project_id = e.project_id AND named.id = e.name_id
    WHERE e.project_id = %(project_id)s
      AND e.day BETWEEN %(first_event_day)s AND %(last_view_day)s
      AND e.visit_id <> 0{conditions}
  )"""


def span_values(project_id: int, question: Question) -> dict[str, Any]:
    """Return what most statements bind: the project and the days."""
    span = question.span
    return {
        "project_id": project_id,
        "first": span.first,
        "last": span.last,
        "first_event_day": span.first - LONGEST,
        "last_view_day": span.last + LONGEST,
    }


def of_views(
    question: Question, wanted: list[str] | None = None
) -> tuple[str, str, dict[str, Any]]:
    """Return conditions, joins and values for a statement over views ``v``.

    ``s`` is the visit of each.
    """
    joins = list(wanted or [])
    conditions, values = _events(question)
    for number, chosen in _of(question, "view", "visit"):
        sql, bound = chosen.condition(number)
        conditions += f"  AND {sql}\n"
        values.update(bound)
        joins.append(chosen.dimension.join)
    return conditions, joined(joins), values


def of_visits(question: Question) -> tuple[str, str, dict[str, Any]]:
    """Return the same over visits: one counts if it has a view that matches."""
    joins: list[str] = []
    view_joins: list[str] = []
    view_conditions = []
    conditions, values = _events(question)
    for number, chosen in _of(question, "visit"):
        sql, bound = chosen.condition(number)
        conditions += f"  AND {sql}\n"
        values.update(bound)
        joins.append(chosen.dimension.join)
    for number, chosen in _of(question, "view"):
        sql, bound = chosen.condition(number)
        values.update(bound)
        view_conditions.append(sql)
        view_joins.append(chosen.dimension.join)
    if view_conditions:
        conditions += _HAS_VIEW.format(
            joins=joined(view_joins), conditions=" AND ".join(view_conditions)
        )
    return conditions, joined(joins), values


def joined(names: list[str]) -> str:
    """Return the joins with these names, each once."""
    return "\n".join(JOINS[name] for name in dict.fromkeys(names))


def _of(question: Question, *kinds: str) -> list[Numbered]:
    return [
        (number, chosen)
        for number, chosen in enumerate(question.filters)
        if chosen.dimension.of in kinds
    ]


def _events(question: Question) -> Condition:
    """Return the conditions on the events of a visit.

    One event must be all that is asked for; of what is negated there must be none.
    """
    chosen = _of(question, "event")
    wanted = [(number, one) for number, one in chosen if not one.is_negated]
    conditions, values = "", {}
    for group in [wanted] + [[one] for one in chosen if one not in wanted]:
        if group:
            sql, bound = _has_event(group)
            word = "NOT " if group[0][1].is_negated else ""
            conditions += f"  AND {word}{sql}\n"
            values.update(bound)
    return conditions, values


def _has_event(group: list[Numbered]) -> Condition:
    """Return that one event is all of this; an empty text is also no event at all."""
    conditions, values = "", {}
    for number, chosen in group:
        sql, bound = chosen.choice(number)
        conditions += f"\n      AND {sql}"
        values.update(bound)
    found = _IS_WITH_EVENT.format(word="IN", conditions=conditions)
    if all(chosen.takes_none for _, chosen in group):
        found += " OR " + _IS_WITH_EVENT.format(word="NOT IN", conditions="")
    return f"({found})", values
