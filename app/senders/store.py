"""The statements that write what is known of senders: devices, places, networks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database, Params

INSERT_DEVICE = """
-- senders.store.INSERT_DEVICE
INSERT IGNORE INTO ph_devices
  (project_id, id, type, os, os_version, browser, browser_version)
VALUES (%(project_id)s, %(id)s, %(type)s, %(os)s, %(os_version)s, %(browser)s,
  %(browser_version)s)
"""

INSERT_PLACE = """
-- senders.store.INSERT_PLACE
INSERT IGNORE INTO ph_places (project_id, id, country_code, country, region, city)
VALUES (%(project_id)s, %(id)s, %(country_code)s, %(country)s, %(region)s, %(city)s)
"""

INSERT_NETWORK = """
-- senders.store.INSERT_NETWORK
INSERT IGNORE INTO ph_networks (project_id, id, place_id)
VALUES (%(project_id)s, %(id)s, %(place_id)s)
"""


def insert_dimension(db: Database, statement: str, values: Params) -> bool:
    """Store what a fact refers to; False if it was there already."""
    return db.run(statement, values) > 0
