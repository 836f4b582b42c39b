"""What arrives: each delivery counts once, and each address is known by its keyed hash.

Rows go in sorted, so that two processes taking the same deliveries wait for each other instead of deadlocking.
Writing an address locks its row: whoever comes second sees the learner whom the first has made.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.events import Address, Event
from bot.seal import Seal
from storage.rows import Arrival, Unusable
from storage.statements import Upserts
from storage.tables import addresses


async def accept(
    connection: AsyncConnection, upserts: Upserts, seal: Seal, events: Sequence[Event], now: datetime
) -> list[Arrival]:
    """The events never seen before, in the order given."""
    first: dict[tuple[str, str], Event] = {}
    for event in events:
        first.setdefault((event.address.channel, event.id), event)
    fresh = await _new_deliveries(connection, upserts, [(*key, "handled", None, None) for key in first], now)
    arrived = [event for key, event in first.items() if key in fresh]
    known = await _known(connection, upserts, seal, {event.address for event in arrived}, now)
    return [Arrival(event, *known[event.address]) for event in arrived]


async def keep_unusable(
    connection: AsyncConnection, upserts: Upserts, seal: Seal, deliveries: Sequence[Unusable], now: datetime
) -> int:
    """Keeps deliveries nobody understands, sealed; returns how many were new."""
    keys = {(row.channel, row.event_id): row for row in deliveries}
    rows = [(*key, "unusable", row.reason, seal.seal(row.payload)) for key, row in keys.items()]
    return len(await _new_deliveries(connection, upserts, rows, now))


async def alias(
    connection: AsyncConnection, upserts: Upserts, seal: Seal, address_id: int, other: Address, now: datetime
) -> None:
    """Lets ``other`` lead to the learner of ``address_id``, unless it leads to somebody already."""
    found = await _known(connection, upserts, seal, {other}, now)
    other_id, learner_id = found[other]
    if learner_id is None:
        known = addresses.alias("known")
        learner = select(known.c.learner_id).where(known.c.id == address_id).scalar_subquery()
        await connection.execute(update(addresses).where(addresses.c.id == other_id).values(learner_id=learner))


async def _new_deliveries(
    connection: AsyncConnection,
    upserts: Upserts,
    deliveries: Sequence[tuple[str, str, str, str | None, str | None]],
    now: datetime,
) -> set[tuple[str, str]]:
    if not deliveries:
        return set()
    rows = [
        {
            "channel": channel,
            "event_id": event_id,
            "received_at": now,
            "state": state,
            "reason": reason,
            "payload": payload,
        }
        for channel, event_id, state, reason, payload in sorted(deliveries, key=lambda row: (row[1], row[0]))
    ]
    result = await connection.execute(upserts.inbox, rows)
    return {(row[0], row[1]) for row in result}


async def _known(
    connection: AsyncConnection, upserts: Upserts, seal: Seal, addresses: set[Address], now: datetime
) -> dict[Address, tuple[int, str | None]]:
    """Each address's row id and learner; the moment of writing is noted on it."""
    if not addresses:
        return {}
    by_hash = {seal.hash(address.channel, address.id): address for address in addresses}
    rows = [
        {
            "channel": by_hash[hash_].channel,
            "hash": hash_,
            "sealed": seal.seal(by_hash[hash_].id),
            "created_at": now,
            "last_inbound_at": now,
        }
        for hash_ in sorted(by_hash)
    ]
    result = await connection.execute(upserts.addresses, rows)
    return {by_hash[row[0]]: (row[1], row[2]) for row in result}
