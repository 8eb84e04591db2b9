"""What views refer to: pages, referrers, campaigns, screens.

A row is written when it is first seen; that another process may have been first is
no matter, because the same thing has the same id everywhere.
"""

from __future__ import annotations

from datetime import timedelta

from app.senders.store import insert_dimension
from app.visits import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Row
    from app.projects.store import Project
    from app.visits.pageview import Pageview

TITLE_AGE = timedelta(hours=1)
"""A page's title is written again after this long, at the soonest."""


def store_page(db: Database, project: Project, view: Pageview, known: Row) -> None:
    """Store the page if it is new, and its title now and then."""
    values = {
        "project_id": project.id,
        "page_id": view.page_id,
        "scheme": view.page.scheme,
        "host": view.page.host,
        "path": view.page.path,
        "title": view.title,
        "at": view.at,
    }
    titled_at = known["page_titled_at"]
    if titled_at is None:
        store.insert_page(db, values)
    elif view.title and view.at - titled_at > TITLE_AGE:
        store.update_title(db, values)


def store_origin(db: Database, project: Project, view: Pageview, known: Row) -> None:
    """Store the referrer, campaign and screen that are new."""
    if view.source is not None and not known["has_referrer"]:
        source = view.source
        values = {"url": source.url, "host": source.host, "category": source.category}
        _insert(db, store.INSERT_REFERRER, project, view.referrer_id, values)
    if view.campaign_id and not known["has_campaign"]:
        names = "utm_source utm_medium utm_campaign utm_term utm_content".split()
        values = dict(zip(names, view.page.campaign))
        _insert(db, store.INSERT_CAMPAIGN, project, view.campaign_id, values)
    if not known["has_screen"]:
        values = {
            "screen": view.screen,
            "language": view.language,
            "timezone": view.timezone,
        }
        _insert(db, store.INSERT_SCREEN, project, view.screen_id, values)


def _insert(
    db: Database, statement: str, project: Project, row_id: int, values: Row
) -> None:
    row = {"project_id": project.id, "id": row_id, **values}
    insert_dimension(db, statement, row)
