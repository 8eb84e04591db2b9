"""Sums up how pages were looked at on closed days, and in whole months."""

from __future__ import annotations

from collections import defaultdict

from app.packed import engagement_store, histogram
from app.packed.engagement_store import ALL_PAGES
from app.packed.looks import Looks, count, no_counts, no_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row
    from app.packed.looks import Counts, Values
    from app.report.span import Span


def make_day(db: Database, project_id: int, day: date) -> None:
    """Sum a day up anew from the rows of its views, in this transaction."""
    looks = Looks.of(engagement_store.list_rows(db, project_id, [day]))
    packed = looks.pack() if len(looks) else None
    engagement_store.replace_day(db, project_id, day, packed)


def forget_day(db: Database, project_id: int, day: date) -> None:
    """Delete the sums of a day, in this transaction."""
    engagement_store.replace_day(db, project_id, day, None)


def make_month(db: Database, project_id: int, month: Span) -> None:
    """Sum a month up anew from the sums of its days, in this transaction."""
    whole = no_counts()
    of_pages: defaultdict[int, Values] = defaultdict(no_values)
    for row in engagement_store.list_days(db, project_id, month.days()):
        looks = Looks.unpack(row)
        looks.add_all(whole)
        looks.add_pages(of_pages.__getitem__)
    rows = [_packed(page, count(values)) for page, values in of_pages.items()]
    if rows:
        rows.append(_packed(ALL_PAGES, whole))
    engagement_store.replace_month(db, project_id, month.first, rows)


def _packed(page: int, counts: Counts) -> Row:
    packed = {measure: histogram.pack(found) for measure, found in counts.items()}
    return {"page_id": page, "views": sum(counts["seconds"].values()), **packed}
