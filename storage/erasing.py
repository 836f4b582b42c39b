"""Everything about a learner, to show or to remove.

It is found by walking the schema, so that a new table counts without being told.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, ForeignKey, Table, bindparam, delete, func, or_, select, text, update

from bot.seal import Seal
from storage.lean import AsyncConnection
from storage.ready import Ready, Where
from storage.tables import UNFINISHED, addresses, inbox, learners, metadata, outbox

Tie = Callable[[str], ColumnElement[bool]]  # learner's id → which rows of a table are theirs

OURS = {"hash"}  # columns that say nothing to the learner
JSON_COLUMNS = {("learners", "state"), ("outbox", "body"), ("chat_lines", "body")}
SEALED_COLUMNS = {("addresses", "sealed"): "address", ("inbox", "payload"): "payload"}


def personal_tables() -> list[Table]:
    """Every table that hangs on a learner, the learners themselves first."""
    return list(_ties())


def _ties() -> dict[Table, Tie]:
    """How a learner's rows are found in each: by their own key, else by the row of theirs that it hangs on."""
    ties: dict[Table, Tie] = {learners: lambda learner_id: learners.c.id == learner_id}
    for table in metadata.sorted_tables:  # what is hung on comes first
        if table is not learners and (tie := _tie(table, ties)):
            ties[table] = tie
    return ties


def _tie(table: Table, ties: Mapping[Table, Tie]) -> Tie | None:
    keys = [key for key in table.foreign_keys if key.column.table in ties]
    for key in keys:
        if key.column.table is learners:
            return lambda learner_id: key.parent == learner_id
    return (lambda learner_id: or_(*(_hung(key, ties, learner_id) for key in keys))) if keys else None


def _hung(key: ForeignKey, ties: Mapping[Table, Tie], learner_id: str) -> ColumnElement[bool]:
    return key.parent.in_(select(key.column).where(ties[key.column.table](learner_id)))


async def everything_of(connection: AsyncConnection, seal: Seal, learner_id: str) -> dict[str, list[dict[str, Any]]]:
    """All rows about a learner, readable: sealed columns opened, JSON as it is meant."""
    found = {}
    for table, tie in _ties().items():
        rows = await connection.execute(select(table).where(tie(learner_id)).order_by(*table.primary_key.columns))
        found[str(table.name)] = [_readable(table.name, row, seal) for row in rows.mappings()]
    return found


def _readable(table: str, row: Any, seal: Seal) -> dict[str, Any]:
    shown = {}
    for name, value in row.items():
        if name in OURS:
            continue
        if (table, name) in JSON_COLUMNS:
            value = orjson.loads(value)
        if (table, name) in SEALED_COLUMNS:
            name, value = SEALED_COLUMNS[table, name], value and seal.unseal(value)
        shown[str(name)] = value
    return shown


async def erase(connection: AsyncConnection, learner_ids: Collection[str], still_used: Iterable[int] = ()) -> int:
    """Removes learners with every row that has their key; returns how many waiting parts went with them.

    ``still_used`` are addresses that somebody new, or the last words, need. Of the inbox the bare ids stay.
    """
    ids = sorted(learner_ids)
    kept = sorted(still_used)
    if kept:
        detached = addresses.c.learner_id.in_(ids) & addresses.c.id.in_(kept)
        await connection.execute(update(addresses).where(detached).values(learner_id=None))
    waiting = select(func.count()).select_from(outbox).where(outbox.c.learner_id.in_(ids), text(UNFINISHED))
    cancelled = (await connection.execute(waiting)).scalar_one()
    await connection.execute(update(inbox).where(inbox.c.learner_id.in_(ids)).values(**RETIRED))
    await connection.execute(delete(learners).where(learners.c.id.in_(ids)))
    return int(cancelled)


RETIRED: dict[str, Any] = {"state": "retired", "learner_id": None, "reason": None, "payload": None}


_busy = select(outbox.c.id).where(outbox.c.address_id == addresses.c.id, text(f"outbox.{UNFINISHED}")).exists()
DROP_STRAY = Ready(
    delete(addresses).where(addresses.c.id == bindparam("key"), addresses.c.learner_id.is_(None), ~_busy)
)


async def drop_strays(where: Where, address_ids: Iterable[int]) -> None:
    """Removes addresses that lead to nobody and have nothing left to send."""
    await DROP_STRAY.run(where, [{"key": id_} for id_ in sorted(set(address_ids))])
