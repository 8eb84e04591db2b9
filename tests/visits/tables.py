"""What the tables say about a project, without ids, to compare two of them."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor

VISITS = """
SELECT s.day, s.started_at, s.viewed_at, s.last_at, s.pageviews,
  e.path AS entry, x.path AS exit_, s.referrer_id <> 0 AS referred, s.hour
FROM ph_visits AS s
JOIN ph_pages AS e ON e.project_id = s.project_id AND e.id = s.entry_page_id
JOIN ph_pages AS x ON x.project_id = s.project_id AND x.id = s.exit_page_id
WHERE s.project_id = {id}
"""

PAGEVIEWS = """
SELECT v.day, v.at, v.hour, p.path, s.started_at, v.engaged_seconds, v.scroll,
  s.visitor_id = v.visitor_id AS same_visitor
FROM ph_pageviews AS v
JOIN ph_pages AS p ON p.project_id = v.project_id AND p.id = v.page_id
JOIN ph_visits AS s
  ON s.project_id = v.project_id AND s.day = v.visit_day AND s.id = v.visit_id
WHERE v.project_id = {id}
"""

EVENTS = """
SELECT e.day, e.at, e.hour, n.name, s.started_at,
  s.visitor_id = e.visitor_id AS same_visitor
FROM ph_events AS e
JOIN ph_event_names AS n ON n.project_id = e.project_id AND n.id = e.name_id
LEFT JOIN ph_visits AS s
  ON s.project_id = e.project_id AND s.day = e.visit_day AND s.id = e.visit_id
WHERE e.project_id = {id}
"""

VISITOR_DAYS = """
SELECT day, prev_day, SUM(visitors) AS visitors
FROM ph_visitor_days
WHERE project_id = {id}
GROUP BY day, prev_day
HAVING SUM(visitors) <> 0
"""

VISITORS = """
SELECT first_day, last_day, recent, older_day
FROM ph_visitors
WHERE project_id = {id}
"""

# Recounted from the pageviews: each visitor's days, each with the one before.
RECOUNTED_DAYS = """
SELECT DISTINCT visitor_id, day
FROM ph_pageviews
WHERE project_id = {id}
ORDER BY visitor_id, day
"""


def state(actor: Actor) -> dict[str, Any]:
    """Return the project's visits, views, events, visitor days and visitors, sorted."""
    queries = {
        "visits": VISITS,
        "pageviews": PAGEVIEWS,
        "events": EVENTS,
        "visitor_days": VISITOR_DAYS,
        "visitors": VISITORS,
    }
    return {
        name: sorted(
            tuple(str(value) for value in row.values())
            for row in actor.installation.rows(sql.format(id=actor.id))
        )
        for name, sql in queries.items()
    }


def assert_consistent(actor: Actor) -> None:
    """Check every summary against a recount of the pageviews."""
    installation = actor.installation
    expected: dict[tuple[str, str], int] = {}
    before = (None, "")
    for row in installation.rows(RECOUNTED_DAYS.format(id=actor.id)):
        visitor, day = row["visitor_id"], str(row["day"])
        prev_day = before[1] if before[0] == visitor else "1000-01-01"
        expected[day, prev_day] = expected.get((day, prev_day), 0) + 1
        before = (visitor, day)
    found = {
        (str(row["day"]), str(row["prev_day"])): row["visitors"]
        for row in installation.rows(VISITOR_DAYS.format(id=actor.id))
    }
    assert found == expected
    counts = {
        table: installation.rows(
            f"SELECT COUNT(*) AS n FROM {table} WHERE project_id = {actor.id}"
        )[0]["n"]
        for table in ("ph_pageviews", "ph_visits")
    }
    joined = 0
    for row in installation.rows(
        "SELECT s.id, s.pageviews, s.started_at, s.viewed_at, s.last_at,"
        " COUNT(*) AS views, MIN(v.at) AS first_at, MAX(v.at) AS final_at"
        " FROM ph_visits AS s JOIN ph_pageviews AS v"
        " ON v.project_id = s.project_id AND v.visit_id = s.id AND v.visit_day = s.day"
        f" WHERE s.project_id = {actor.id}"
        " GROUP BY s.id, s.pageviews, s.started_at, s.viewed_at, s.last_at"
    ):
        joined += row["views"]
        assert row["pageviews"] == row["views"]
        assert str(row["started_at"]) == str(row["first_at"])
        assert str(row["viewed_at"]) == str(row["final_at"])
        assert row["started_at"] <= row["viewed_at"] <= row["last_at"]
    assert joined == counts["ph_pageviews"]
    _assert_events_are_in_visits(actor)


def _assert_events_are_in_visits(actor: Actor) -> None:
    """Check that each event that has a visit is in one of its visitor."""
    lost = actor.installation.rows(
        "SELECT e.id FROM ph_events AS e LEFT JOIN ph_visits AS s"
        " ON s.project_id = e.project_id AND s.day = e.visit_day AND s.id = e.visit_id"
        " AND s.visitor_id = e.visitor_id"
        f" WHERE e.project_id = {actor.id} AND e.visit_id <> 0 AND s.id IS NULL"
    )
    assert lost == []
