"""The projects' rows and their daily salts."""

from __future__ import annotations

import os
from datetime import timedelta

from app.db import migrate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from app.db import Database, Row

COOKIE = "cookie"
COOKIELESS = "cookieless"
IDENTITIES = (COOKIELESS, COOKIE)
"""How a project knows its visitors again; see app/visits/identity.py."""

FIND_BY_PUBLIC_KEY = """
-- projects.store.FIND_BY_PUBLIC_KEY
SELECT p.id, p.name, p.public_key, p.allowed_domains, p.timezone, p.identity,
  p.respect_dnt, p.is_active, d.day, d.salt, s.value AS cache_version,
  v.value AS schema_version
FROM ph_projects AS p
LEFT JOIN ph_settings AS s ON s.name = 'cache_version'
LEFT JOIN ph_settings AS v ON v.name = 'schema_version'
LEFT JOIN ph_salts AS d ON d.project_id = p.id
WHERE p.public_key = %(key)s
"""

FIND_BY_SECRET_KEY = FIND_BY_PUBLIC_KEY.replace("PUBLIC", "SECRET").replace(
    "p.public_key = %(key)s", "p.secret_key_hash = %(key)s"
)

INSERT_SALT = """
-- projects.store.INSERT_SALT
INSERT IGNORE INTO ph_salts (project_id, day, salt)
SELECT p.id, %(day)s, %(salt)s
FROM ph_projects AS p
JOIN ph_settings AS s ON s.name = 'cache_version' AND s.value = %(cache_version)s
WHERE p.id = %(project_id)s
"""

LIST_SALTS = """
-- projects.store.LIST_SALTS
SELECT day, salt
FROM ph_salts
WHERE project_id = %(project_id)s
"""

DELETE_OLD_SALTS = """
-- projects.store.DELETE_OLD_SALTS
DELETE FROM ph_salts
WHERE project_id = %(project_id)s AND day < %(oldest)s OR day < %(oldest_anywhere)s
"""

# What is sent decides robot and page; so that nobody fills the table, a page must be
# known, and from the 200th row of a day on everything is one row for each reason.
COUNT_DROP = """
-- projects.store.COUNT_DROP
INSERT INTO ph_drops /* key: project_id, day, reason, robot, page_id */
  (project_id, day, reason, robot, page_id, beacons)
SELECT p.id, %(day)s, %(reason)s,
  CASE WHEN d.drops < 200 THEN %(robot)s ELSE 'other' END,
  CASE WHEN d.drops < 200 THEN COALESCE(g.id, 0) ELSE 0 END, 1
FROM ph_projects AS p
JOIN ph_settings AS s ON s.name = 'cache_version' AND s.value = %(cache_version)s
JOIN (
  SELECT COUNT(*) AS drops
  FROM ph_drops
  WHERE project_id = %(project_id)s AND day = %(day)s
) AS d
LEFT JOIN ph_pages AS g ON g.project_id = p.id AND g.id = %(page_id)s
WHERE p.id = %(project_id)s
ON DUPLICATE KEY UPDATE beacons = beacons + 1
"""


class Project:
    """One project as the beacons need it.

    ``salts`` holds the random value of each local day, ``cache_version`` the state of
    all projects when it was read.

    :raise WrongSchema: the database is not one for this Porthole.
    """

    def __init__(self, rows: list[Row]) -> None:
        row = rows[0]
        migrate.check(int(row["schema_version"] or 0))
        self.id: int = row["id"]
        self.name: str = row["name"]
        self.public_key: str = row["public_key"]
        self.allowed_domains: list[str] = row["allowed_domains"].split()
        self.timezone: str = row["timezone"]
        self.identity: str = row["identity"]
        self.respect_dnt = bool(row["respect_dnt"])
        self.is_active = bool(row["is_active"])
        self.cache_version: str = row["cache_version"]
        self.salts: dict[date, bytes] = {}
        self.keep_salts(rows)

    def keep_salts(self, rows: list[Row]) -> None:
        """Take the salts from rows with day and salt; both null if there are none."""
        self.salts = {
            row["day"]: bytes.fromhex(row["salt"]) for row in rows if row["salt"]
        }


SALT_DAYS = 2
"""A salt outlives its day by so many days."""


class ProjectChanged(Exception):
    """A project was changed after it was read; read it again."""


def find_by_public_key(db: Database, key: str) -> Project | None:
    """Return the project with this public key, active or not, or None.

    :raise WrongSchema: the database is not one for this Porthole.
    """
    rows = db.read(lambda: db.all(FIND_BY_PUBLIC_KEY, {"key": key}))
    return Project(rows) if rows else None


def find_by_secret_key(db: Database, key_hash: str) -> Project | None:
    """Return the project whose secret key has this hash, active or not, or None.

    :raise WrongSchema: the database is not one for this Porthole.
    """
    rows = db.read(lambda: db.all(FIND_BY_SECRET_KEY, {"key": key_hash}))
    return Project(rows) if rows else None


def add_salt(db: Database, project: Project, day: date, today: date) -> None:
    """See to it that the project has a salt for the local ``day``.

    Salts of days that ended more than 48 hours ago are deleted on the way, which
    makes the visitor ids of those days meaningless for good.

    :raise ProjectChanged: ``project`` is not true any more; it may be gone.
    """
    values = {
        "project_id": project.id,
        "cache_version": project.cache_version,
        "day": day,
        "salt": os.urandom(16).hex(),
    }
    db.transaction(lambda: db.run(INSERT_SALT, values))
    delete_old_salts(db, project, today)
    read_salts(db, project)
    if day not in project.salts:
        raise ProjectChanged()


def delete_old_salts(db: Database, project: Project, today: date) -> None:
    """Delete the salts of days that ended more than 48 hours ago."""
    limits = {
        "project_id": project.id,
        "oldest": today - timedelta(days=SALT_DAYS),
        # Where another project is, it may still be the day before yesterday.
        "oldest_anywhere": today - timedelta(days=SALT_DAYS + 2),
    }
    db.transaction(lambda: db.run(DELETE_OLD_SALTS, limits))


def read_salts(db: Database, project: Project) -> None:
    """Read the project's salts again; other processes may have made some."""
    values = {"project_id": project.id}
    project.keep_salts(db.read(lambda: db.all(LIST_SALTS, values)))


def record_drop(
    db: Database,
    project: Project,
    day: date,
    reason: str,
    robot: str = "",
    page_id: int = 0,
) -> None:
    """Count a beacon of the local ``day`` that was understood and not counted.

    ``robot`` is the program's name, ASCII, if it is one; ``page_id`` the page's.

    :raise ProjectChanged: ``project``, which made us refuse it, is not true any more.
    """
    values = {
        "project_id": project.id,
        "cache_version": project.cache_version,
        "day": day,
        "reason": reason,
        "robot": robot[:40],
        "page_id": page_id,
    }
    if not db.transaction(lambda: db.run(COUNT_DROP, values)):
        raise ProjectChanged()
