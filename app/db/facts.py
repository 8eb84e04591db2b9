"""What a database server is, what it allows this account, and what time it has."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database, Row

GET_SERVER = """
-- db.facts.GET_SERVER
SELECT VERSION() AS version, UTC_TIMESTAMP() AS at, DATABASE() AS name
"""

LIST_VARIABLES = """
-- db.facts.LIST_VARIABLES
SHOW VARIABLES
WHERE Variable_name IN ('max_user_connections', 'binlog_format')
"""

LIST_GRANTS = """
-- db.facts.LIST_GRANTS
SHOW GRANTS
"""

GET_SQLITE = """
-- db.facts.GET_SQLITE
SELECT sqlite_version() AS version
"""

NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP")
OLDEST = {"MariaDB": (10, 4), "MySQL": (8, 0)}
GRANT = re.compile(r"GRANT (.+) ON (\S+) TO ", re.DOTALL)
PER_HOUR = re.compile(r"(MAX_\w+_PER_HOUR|MAX_USER_CONNECTIONS) ([1-9]\d*)")


class Facts:
    """``product`` with its version; ``is_old``: older than Porthole is made for.

    ``at`` is its clock, UTC, None if it has none of its own. ``lacking`` are the rights
    that the account does not have, ``limits`` what it has only so much of, in words.
    """

    def __init__(self, product: str, at: datetime | None = None) -> None:
        self.product = product
        self.at = at
        self.is_old = False
        self.lacking: list[str] = []
        self.limits: list[str] = []
        self.is_by_statement = False


def read(db: Database, url: str) -> Facts:
    """Return the facts about the database at ``url``, to which ``db`` is connected.

    :raise DatabaseAway: it is not there.
    """
    if url.startswith("sqlite:"):
        row = db.read(lambda: db.one(GET_SQLITE))
        assert row is not None
        return Facts(f"SQLite {row['version']}, which is meant for trials")
    return db.read(lambda: _ask(db))


def _ask(db: Database) -> Facts:
    row = db.one(GET_SERVER)
    assert row is not None
    version: str = row["version"]
    name = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    facts = Facts(f"{name} {version.partition('-')[0]}", row["at"])
    numbers = re.findall(r"\d+", version)[:2]
    facts.is_old = tuple(map(int, numbers)) < OLDEST[name]
    grants = [str(text) for grant in db.all(LIST_GRANTS) for text in grant.values()]
    facts.lacking = lacking(grants, row["name"])
    variables = {row["Variable_name"]: row["Value"] for row in db.all(LIST_VARIABLES)}
    facts.limits = _limits(variables, grants)
    facts.is_by_statement = variables.get("binlog_format") == "STATEMENT"
    return facts


def lacking(grants: list[str], database: str) -> list[str]:
    """Return which of the rights that Porthole needs are not among ``grants``.

    They are as SHOW GRANTS has them. A role may bring more than is seen here.
    """
    has: set[str] = set()
    for grant in grants:
        found = GRANT.match(grant)
        if found and _covers(found[2], database):
            has.update(right.strip() for right in found[1].split(","))
        elif not found:
            return []  # a role, or words that we do not know
    if {"ALL PRIVILEGES", "ALL"} & has:
        return []
    return [right for right in NEEDED if right not in has]


def _covers(target: str, database: str) -> bool:
    """Return whether a grant on ``target`` holds in the whole database.

    In its name _ and % stand for anything, unless a backslash is before them.
    """
    name, _, table = target.rpartition(".")
    if table != "*":
        return False
    pattern = re.sub(
        r"\\\\?([_%])|([_%])|(.)",
        lambda part: (
            re.escape(part[1] or part[3] or "") or {"_": ".", "%": ".*"}[part[2]]
        ),
        name.strip("`"),
    )
    return name == "*" or re.fullmatch(pattern, database) is not None


def _limits(variables: Row, grants: list[str]) -> list[str]:
    found = {}
    if int(variables.get("max_user_connections") or 0):
        found["connections at a time"] = variables["max_user_connections"]
    for grant in grants:
        for name, count in PER_HOUR.findall(grant):
            words = name[len("MAX_") :].lower().replace("_", " ")
            words = words.replace("user connections", "connections at a time")
            found[words] = count
    return [f"{count} {words}" for words, count in found.items()]
