"""The statements that number visitors with a cookie, in the order in which they came.

Numbers are small and side by side for who came at the same time, which makes sets of
them small too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database

LOCK_COUNT = """
-- packed.number_store.LOCK_COUNT
SELECT numbered
FROM ph_projects
WHERE id = %(project_id)s
FOR UPDATE
"""

LIST_NEW = """
-- packed.number_store.LIST_NEW
SELECT s.visitor_id
FROM ph_visits AS s
LEFT JOIN ph_visitor_numbers AS n
  ON n.project_id = s.project_id AND n.visitor_id = s.visitor_id
WHERE s.project_id = %(project_id)s AND s.day = %(day)s AND n.number IS NULL
ORDER BY s.id
"""

INSERT = """
-- packed.number_store.INSERT
INSERT INTO ph_visitor_numbers (project_id, visitor_id, number)
VALUES (%(project_id)s, %(visitor_id)s, %(number)s)
"""

SET_COUNT = """
-- packed.number_store.SET_COUNT
UPDATE ph_projects
SET numbered = %(numbered)s
WHERE id = %(project_id)s
"""


def number_visitors(db: Database, project_id: int, day: date) -> None:
    """Give the visitors of a day's visits numbers, in this transaction.

    Nobody else numbers visitors of the project until it ends.
    """
    key = {"project_id": project_id}
    row = db.one(LOCK_COUNT, key)
    assert row is not None, "only who deletes a project takes its row away"
    rows = db.all(LIST_NEW, {**key, "day": day})
    new = list(dict.fromkeys(row["visitor_id"] for row in rows))
    numbered = row["numbered"]
    if new:
        numbers = [
            {**key, "visitor_id": visitor_id, "number": numbered + place}
            for place, visitor_id in enumerate(new)
        ]
        db.many(INSERT, numbers)
        db.run(SET_COUNT, {**key, "numbered": numbered + len(new)})
