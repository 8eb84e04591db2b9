"""Whether what the senders were told is what the tables say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from app.clock import NULL_DAY
from app.visits.pageview import pageview_id
from bench.place import Place
from bench.table import Line, none

VIEWS = "SELECT id FROM ph_pageviews WHERE project_id = %s"
COUNTED = """
SELECT
  (SELECT COUNT(*) FROM ph_pageviews WHERE project_id = %(project)s) AS views,
  (SELECT SUM(pageviews) FROM ph_visits WHERE project_id = %(project)s) AS in_visits,
  (SELECT COUNT(DISTINCT visitor_id) FROM ph_pageviews
    WHERE project_id = %(project)s) AS visitors,
  (SELECT SUM(visitors) FROM ph_visitor_days
    WHERE project_id = %(project)s AND prev_day = %(null_day)s) AS new_visitors
"""


class Recount(NamedTuple):
    """Of the beacons that were accepted: how many are lost, and how many are double.

    ``off`` is by how much visits and visitor days differ from the rows.
    """

    lost: int
    double: int
    off: int

    def lines(self, what: str, command: str) -> list[Line]:
        """Return a line of each."""
        return [
            none(f"{what}: lost", self.lost, command),
            none(f"{what}: double", self.double, command),
            none(f"{what}: summaries that are off", self.off, command),
        ]


def recount(place: Place, accepted: Iterable[str], connection: Any = None) -> Recount:
    """Compare the ids of the accepted beacons with the rows of the project."""
    connection = connection or place.server.connect("porthole")
    project, secret = place.project_id, place.settings.secret
    with connection, connection.cursor() as cursor:
        cursor.execute(VIEWS, (project,))
        stored = [number for (number,) in cursor.fetchall()]
        cursor.execute(COUNTED, {"project": project, "null_day": NULL_DAY})
        views, in_visits, visitors, new_visitors = map(int, cursor.fetchone())
    expected = {pageview_id(secret, project, beacon_id) for beacon_id in accepted}
    return Recount(
        len(expected - set(stored)),
        len(stored) - len(set(stored)),
        abs(in_visits - views) + abs(new_visitors - visitors),
    )
