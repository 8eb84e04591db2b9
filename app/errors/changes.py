"""What people decide about groups: their status, that they are one, or several.

A merge moves the keys of groups into one group, a split gives kinds of reports a group
of their own. Both are looked up for each report, so later reports follow, and the
counts, which are kept for each kind, come along. What moved is written down: undoing a
change moves it back, together with what has been reported since.
"""

from __future__ import annotations

from app.errors import change_store, store
from app.errors.occurrence import SEVERITIES, new_id
from app.problems import Conflict, InvalidInput, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.db import Database, Row

NO_GROUP = "Error group not found"
LIVELIEST = ("open", "investigating", "ignored", "resolved")


def update_status(
    db: Database, project_id: int, group_ids: list[int], status: str, at: datetime
) -> tuple[int, list[int]]:
    """Set the status of groups; return how many changed, and which were found.

    Of a group that was merged it is the status of the one it is in.
    """

    def work() -> tuple[int, list[int]]:
        changed, found = 0, []
        for group_id in sorted(group_ids):
            heir = change_store.find_heir(db, project_id, group_id)
            row = change_store.lock_group(db, project_id, heir)
            if row is None:
                continue
            found.append(group_id)
            if row["status"] != status:
                changed += 1
                resolved_at = at if status == "resolved" else None
                values = {"project_id": project_id, "id": row["id"], "status": status}
                change_store.set_status(db, {**values, "resolved_at": resolved_at})
        return changed, found

    return db.transaction(work)


def merge(
    db: Database, project_id: int, into: int, group_ids: list[int], at: datetime
) -> int:
    """Make groups part of the group ``into``; return the change's id.

    The group then has the state of the liveliest, and the highest severity.

    :raise NotFound: one of them is not there.
    :raise InvalidInput: they are not of one environment.
    """

    def work(change: _Change) -> None:
        rows = _lock(db, project_id, sorted({into, *group_ids}))
        if len({row["environment"] for row in rows.values()}) > 1:
            message = "ids has a group of another environment than into"
            raise InvalidInput(message, field="ids")
        for group_id in group_ids:
            for key in change_store.list_keys(db, change.of(group_id)):
                change.move_key(key["id"], group_id, into)
            for kind in change_store.list_kinds(db, change.of(group_id)):
                if kind["is_split"]:
                    change.move_kind(kind["id"], group_id, into, is_split=1)
        for group_id in group_ids:
            _refresh(db, project_id, rows[group_id])
        _join(db, project_id, rows, into)

    return _do(db, project_id, "merge", into, at, work)


def split(
    db: Database, project_id: int, group_id: int, kind_ids: list[int], at: datetime
) -> tuple[int, int]:
    """Give kinds of a group's reports a group of their own; return change and group.

    :raise NotFound: the group is not there.
    :raise InvalidInput: one of the kinds is not its, or all of them are.
    """
    other_id = new_id()

    def work(change: _Change) -> None:
        row = _lock(db, project_id, [group_id])[group_id]
        kinds = change_store.list_kinds(db, change.of(group_id))
        known = {kind["id"]: kind for kind in kinds}
        if not set(kind_ids) <= set(known):
            raise InvalidInput("kinds has one that is not in the group", field="kinds")
        if set(kind_ids) == set(known):
            message = "kinds has all of the group's: one must stay"
            raise InvalidInput(message, field="kinds")
        new = {**row, "project_id": project_id, "id": other_id, "offered": 0}
        store.insert_group(db, new)
        for kind_id in kind_ids:
            change.move_kind(kind_id, group_id, other_id, is_split=1)
        _refresh(db, project_id, new)
        _refresh(db, project_id, row)

    return _do(db, project_id, "split", group_id, at, work), other_id


def undo(db: Database, project_id: int, change_id: int, at: datetime) -> list[int]:
    """Undo a merge or a split; return the ids of the groups that it concerned.

    :raise NotFound: there is no such change. :raise Conflict: it is undone already.
    """

    def work() -> list[int]:
        found = change_store.lock_change(db, project_id, change_id)
        if found is None:
            raise NotFound("There is no such change")
        moves = change_store.list_moves(db, project_id, change_id)
        concerned = {move["from_group_id"] for move in moves}
        concerned |= {move["to_group_id"] for move in moves}
        if found["undone_at"] is None:
            values = {"project_id": project_id, "id": change_id, "at": at}
            change_store.mark_undone(db, values)
            _undo(db, project_id, moves, concerned)
        elif not db.commit_lost:
            raise Conflict("The change is undone already")
        return sorted(concerned)

    return db.transaction(work)


def _undo(db: Database, project_id: int, moves: list[Row], concerned: set[int]) -> None:
    """Put what was moved where it belongs by the changes that are left."""
    # Later changes may have moved it on.
    before = {_group_of(db, project_id, move) for move in moves}
    _lock(db, project_id, sorted(concerned | before))
    for move in sorted(moves, key=lambda move: move["thing"] == "kind"):
        _move_home(db, project_id, move)
    after = {_group_of(db, project_id, move) for move in moves}
    for row in _lock(db, project_id, sorted(concerned | before | after)).values():
        _refresh(db, project_id, row)


def _move_home(db: Database, project_id: int, move: Row) -> None:
    """Put one thing where it belongs; a kind that no change holds follows its key."""
    values = {"project_id": project_id, "id": move["id"]}
    group_id = _belongs_to(db, project_id, move)
    if move["thing"] == "key":
        change_store.move_key(db, {**values, "to_group_id": group_id})
        return
    is_split = group_id is not None
    if group_id is None:
        key_id = change_store.get_kind(db, project_id, move["id"])["key_id"]
        group_id = change_store.get_key(db, project_id, key_id)["group_id"]
    values.update({"to_group_id": group_id, "is_split": int(is_split)})
    change_store.move_kind(db, values)


def _group_of(db: Database, project_id: int, move: Row) -> int:
    """Return the group in which what was moved is now."""
    get = change_store.get_key if move["thing"] == "key" else change_store.get_kind
    group_id: int = get(db, project_id, move["id"])["group_id"]
    return group_id


def _belongs_to(db: Database, project_id: int, move: Row) -> int | None:
    """Return the group to which the moves that hold lead; None: a kind follows its key.

    A move from where it would not be any more is left out.
    """
    moves = change_store.list_moves_of(db, project_id, move["thing"], move["id"])
    start: int = moves[0]["from_group_id"]
    group_id = start
    for step in moves:
        if step["undone_at"] is None and step["from_group_id"] == group_id:
            group_id = step["to_group_id"]
    return None if move["thing"] == "kind" and group_id == start else group_id


class _Change:
    """A merge or split under way: moves things, and writes down what it moved."""

    def __init__(self, db: Database, project_id: int, change_id: int) -> None:
        self.db = db
        self.project_id = project_id
        self.id = change_id

    def of(self, group_id: int) -> Row:
        return {"project_id": self.project_id, "group_id": group_id}

    def move_key(self, key_id: int, from_id: int, to_id: int) -> None:
        change_store.move_key(self.db, self._note("key", key_id, from_id, to_id))

    def move_kind(self, kind_id: int, from_id: int, to_id: int, is_split: int) -> None:
        values = self._note("kind", kind_id, from_id, to_id)
        change_store.move_kind(self.db, {**values, "is_split": is_split})

    def _note(self, thing: str, moved_id: int, from_id: int, to_id: int) -> Row:
        values = {
            "project_id": self.project_id,
            "change_id": self.id,
            "thing": thing,
            "id": moved_id,
            "from_group_id": from_id,
            "to_group_id": to_id,
        }
        change_store.insert_move(self.db, values)
        return values


def _do(
    db: Database,
    project_id: int,
    action: str,
    group_id: int,
    at: datetime,
    work: Callable[[_Change], None],
) -> int:
    """Make a change in one transaction; return its number."""
    values = {
        "project_id": project_id,
        "token": new_id(),
        "action": action,
        "group_id": group_id,
        "at": at.replace(microsecond=0),
    }

    def attempt() -> int:
        done = change_store.find_change(db, values) if db.commit_lost else None
        if done is not None:
            return done
        change = _Change(db, project_id, change_store.insert_change(db, values))
        work(change)
        return change.id

    return db.transaction(attempt)


def _refresh(db: Database, project_id: int, row: Row) -> None:
    """Store when the group's kinds, as they are now, were seen."""
    found = change_store.get_extremes(db, project_id, row["id"])
    if found["first_seen"] is not None:
        values = {"project_id": project_id, "id": row["id"], **found}
        change_store.update_extremes(db, values)


def _join(db: Database, project_id: int, rows: dict[int, Row], into: int) -> None:
    """Give a group the state of all those that it consists of now."""
    alive = min(rows.values(), key=lambda row: LIVELIEST.index(row["status"]))
    first = min(rows.values(), key=lambda row: row["first_seen"])
    last = max(rows.values(), key=lambda row: row["last_seen"])
    severities = [row["severity"] for row in rows.values()]
    values = {
        "project_id": project_id,
        "id": into,
        "status": alive["status"],
        "resolved_at": alive["resolved_at"],
        "severity": max(severities, key=SEVERITIES.index),
        "first_release_id": first["first_release_id"],
        "last_release_id": last["last_release_id"],
    }
    change_store.join_state(db, values)
    _refresh(db, project_id, rows[into])


def _lock(db: Database, project_id: int, group_ids: list[int]) -> dict[int, Row]:
    """Return the rows of groups, locked in one order for everybody.

    :raise NotFound: one is not there.
    """
    rows = {}
    for group_id in group_ids:
        row = change_store.lock_group(db, project_id, group_id)
        if row is None:
            raise NotFound(NO_GROUP)
        rows[group_id] = row
    return rows
