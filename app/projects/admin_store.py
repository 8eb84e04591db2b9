"""The statements behind the admin's calls: projects made, changed and deleted."""

from __future__ import annotations

from datetime import timedelta

from app.problems import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.db import Database, Row

LIST_PROJECTS = """
-- projects.admin_store.LIST_PROJECTS
SELECT id, name, public_key, secret_key_hash, allowed_domains, timezone, identity,
  respect_dnt, is_active, retention_days, created_at, updated_at
FROM ph_projects
WHERE deleted_at IS NULL
ORDER BY id
"""

GET_PROJECT = """
-- projects.admin_store.GET_PROJECT
SELECT id, name, public_key, secret_key_hash, allowed_domains, timezone, identity,
  respect_dnt, is_active, retention_days, created_at, updated_at
FROM ph_projects
WHERE id = %(id)s AND deleted_at IS NULL
"""

INSERT_PROJECT = """
-- projects.admin_store.INSERT_PROJECT
INSERT INTO ph_projects (name, public_key, secret_key_hash, allowed_domains, timezone,
  identity, respect_dnt, is_active, retention_days, created_at, updated_at)
VALUES (%(name)s, %(public_key)s, %(secret_key_hash)s, %(allowed_domains)s,
  %(timezone)s, %(identity)s, %(respect_dnt)s, 1, %(retention_days)s, %(at)s, %(at)s)
"""

IMPORT_PROJECT = """
-- projects.admin_store.IMPORT_PROJECT
INSERT INTO ph_projects (id, name, public_key, secret_key_hash, allowed_domains,
  timezone, identity, respect_dnt, is_active, created_at, updated_at)
VALUES (%(id)s, %(name)s, %(public_key)s, %(secret_key_hash)s, %(allowed_domains)s,
  %(timezone)s, %(identity)s, %(respect_dnt)s, %(is_active)s, %(created_at)s,
  %(updated_at)s)
"""

FIND_ROW = """
-- projects.admin_store.FIND_ROW
SELECT id
FROM ph_projects
WHERE id = %(id)s
"""

FIND_ROW_BY_PUBLIC_KEY = """
-- projects.admin_store.FIND_ROW_BY_PUBLIC_KEY
SELECT id, name, public_key, allowed_domains, timezone
FROM ph_projects
WHERE public_key = %(public_key)s AND deleted_at IS NULL
"""

GET_ID = """
-- projects.admin_store.GET_ID
SELECT id
FROM ph_projects
WHERE public_key = %(public_key)s
"""

LOCK_PROJECT = GET_PROJECT.replace("GET_", "LOCK_") + "FOR UPDATE\n"

UPDATE_PROJECT = """
-- projects.admin_store.UPDATE_PROJECT
UPDATE ph_projects
SET cookie_until = CASE WHEN identity = 'cookie'
    THEN GREATEST(cookie_until, %(cookie_until)s) ELSE cookie_until END,
  name = %(name)s, public_key = %(public_key)s,
  secret_key_hash = %(secret_key_hash)s, allowed_domains = %(allowed_domains)s,
  timezone = %(timezone)s, identity = %(identity)s, respect_dnt = %(respect_dnt)s,
  is_active = %(is_active)s, retention_days = %(retention_days)s, updated_at = %(at)s
WHERE id = %(id)s
"""

COUNT_ERRORS = """
-- projects.admin_store.COUNT_ERRORS
SELECT project_id, SUM(occurrence_count) AS errors
FROM ph_error_kinds
GROUP BY project_id
"""

COUNT_PAGEVIEWS = """
-- projects.admin_store.COUNT_PAGEVIEWS
SELECT c.project_id, SUM(c.pageviews) AS pageviews
FROM (
  SELECT v.project_id, v.pageviews
  FROM (
    SELECT project_id, day, COUNT(*) AS pageviews
    FROM ph_pageviews
    GROUP BY project_id, day
  ) AS v
  LEFT JOIN ph_days AS d ON d.project_id = v.project_id AND d.day = v.day
  WHERE COALESCE(d.is_pruned, 0) = 0
  UNION ALL
  SELECT project_id, pageviews
  FROM ph_days
  WHERE is_pruned = 1
) AS c
GROUP BY c.project_id
"""

COUNT_LINKS = """
-- projects.admin_store.COUNT_LINKS
SELECT project_id, COUNT(*) AS links
FROM ph_links
WHERE deleted_at IS NULL
GROUP BY project_id
"""

RAISE_CACHE_VERSION = """
-- projects.admin_store.RAISE_CACHE_VERSION
UPDATE ph_settings
SET value = value + 1
WHERE name = 'cache_version'
"""


def list_projects(db: Database) -> list[Row]:
    """Return the row of each project, by id; without those that are being deleted."""
    return db.read(lambda: db.all(LIST_PROJECTS))


def get_project(db: Database, project_id: int) -> Row:
    """Return a project's row.

    :raise NotFound: there is none.
    """
    row = db.read(lambda: db.one(GET_PROJECT, {"id": project_id}))
    if row is None:
        raise NotFound("Project not found")
    return row


def count_pageviews(db: Database) -> dict[int, int]:
    """Return how many pageviews each project has counted, if there is one.

    Those whose rows are deleted are among them.
    """
    rows = db.read(lambda: db.all(COUNT_PAGEVIEWS))
    return {row["project_id"]: row["pageviews"] for row in rows}


def count_errors(db: Database) -> dict[int, int]:
    """Return how often errors occurred in each project; those without are absent."""
    rows = db.read(lambda: db.all(COUNT_ERRORS))
    return {row["project_id"]: row["errors"] for row in rows}


def count_links(db: Database) -> dict[int, int]:
    """Return how many short links each project has; projects without are absent."""
    rows = db.read(lambda: db.all(COUNT_LINKS))
    return {row["project_id"]: row["links"] for row in rows}


def create_project(db: Database, row: Row, at: datetime) -> int:
    """Store a project and return its id.

    ``row`` has the columns of INSERT_PROJECT, but for the times.
    """
    values = {**row, "at": at.replace(microsecond=0)}

    def work() -> Row | None:
        find = {"public_key": row["public_key"]}
        if not (db.commit_lost and db.one(GET_ID, find)):
            db.run(INSERT_PROJECT, values)
        return db.one(GET_ID, find)

    created = db.transaction(work)
    assert created is not None, "it was inserted in the same transaction"
    return int(created["id"])


def import_project(db: Database, row: Row) -> None:
    """Store a project with all its columns; without an id it gets a new one."""
    db.transaction(lambda: db.run(IMPORT_PROJECT, row))


def find_row(db: Database, project_id: int) -> Row | None:
    """Return the id if it is taken, by a deleted project too, or None."""
    return db.read(lambda: db.one(FIND_ROW, {"id": project_id}))


def find_row_by_public_key(db: Database, public_key: str) -> Row | None:
    """Return id, name, keys, domains and zone of the project, or None."""
    values = {"public_key": public_key}
    return db.read(lambda: db.one(FIND_ROW_BY_PUBLIC_KEY, values))


def update_project(
    db: Database, project_id: int, changes: Mapping[str, object], at: datetime
) -> Row:
    """Store other values of some columns, in force at once in every process.

    Return the row before. Columns that are not in ``changes`` stay as they are, even
    if another call changes them at the same time.

    :raise NotFound: there is no such project.
    """

    def work() -> Row:
        row = db.one(LOCK_PROJECT, {"id": project_id})
        if row is None:
            raise NotFound("Project not found")
        values = {**row, **changes, "at": at.replace(microsecond=0)}
        # Whatever its zone is, its today is not later than that.
        values["cookie_until"] = (at + timedelta(days=1)).date()
        db.run(UPDATE_PROJECT, values)
        db.run(RAISE_CACHE_VERSION)
        return row

    return db.transaction(work)
