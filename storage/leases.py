"""Who may send: a row with a holder and an epoch, the same on both databases.

The epoch goes up whenever somebody else takes over, and each marking of a part checks it: a holder that was frozen
or cut off finds its epoch gone and stops.

A lease that lasts far longer than any is given was written by a clock that was ahead: nobody waits for its end.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, or_, select

from storage.lean import AsyncConnection
from storage.ready import Ready, Where
from storage.statements import insert_into
from storage.tables import leases

CLOCKS = timedelta(minutes=10)  # by which two machines may differ before one takes the other for mad


async def take(connection: AsyncConnection, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
    """Takes or renews the lease; the epoch, or None while somebody else holds it."""
    row = {"name": name, "holder": holder, "epoch": 1, "until": now + ttl}
    result = await connection.execute(_take(connection.dialect.name), {**row, "now": now, "mad": now + ttl + CLOCKS})
    return result.scalar_one_or_none()


async def held(where: Where, name: str, epoch: int) -> bool:
    """Whether the epoch still counts; it cannot end before this transaction does."""
    return [row.epoch for row in await EPOCH.rows(where, {"name": name})] == [epoch]


async def release(connection: AsyncConnection, name: str, holder: str, now: datetime) -> None:
    """Gives the lease back, so that the next holder need not wait; the epoch is remembered."""
    mine = (leases.c.name == name) & (leases.c.holder == holder)
    await connection.execute(leases.update().where(mine).values(until=now, holder=""))


@cache
def _take(dialect: str) -> Any:
    insert = insert_into(leases, dialect).values(
        {column: bindparam(column) for column in ("name", "holder", "epoch", "until")}
    )
    same = leases.c.holder == insert.excluded.holder
    return insert.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "holder": insert.excluded.holder,
            "until": insert.excluded.until,
            "epoch": case((same, leases.c.epoch), else_=leases.c.epoch + 1),
        },
        where=or_(
            same,
            leases.c.until <= bindparam("now", type_=leases.c.until.type),
            leases.c.until > bindparam("mad", type_=leases.c.until.type),
        ),
    ).returning(leases.c.epoch)


EPOCH = Ready(select(leases.c.epoch).where(leases.c.name == bindparam("name")).with_for_update(read=True))
