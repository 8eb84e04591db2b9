"""Which networks' places are remembered, to be forgotten when the places change."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database

# The last row of a slice: few enough rows to hold no beacon up.
FIND_SLICE_END = """
-- senders.network_store.FIND_SLICE_END
SELECT project_id, id
FROM ph_networks
ORDER BY project_id, id
LIMIT 1 OFFSET 999
"""

DELETE_SLICE = """
-- senders.network_store.DELETE_SLICE
DELETE FROM ph_networks
WHERE project_id < %(project_id)s OR (project_id = %(project_id)s AND id <= %(id)s)
"""

DELETE_REST = """
-- senders.network_store.DELETE_REST
DELETE FROM ph_networks
"""


def forget_networks(db: Database) -> None:
    """Forget every project's networks: the next beacon of each looks its place up."""

    def delete_slice() -> bool:
        end = db.one(FIND_SLICE_END)
        if end is not None:
            db.run(DELETE_SLICE, end)
        else:
            db.run(DELETE_REST)
        return end is not None

    while db.transaction(delete_slice):
        pass
