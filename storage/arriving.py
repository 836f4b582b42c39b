"""What arrives: each delivery counts once, and each address is known by its keyed hash.

Rows go in sorted, so that two processes taking the same deliveries wait for each other instead of deadlocking.
Writing an address locks its row: whoever comes second sees the learner whom the first has made.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import bindparam, select, update

from bot.engine.events import Address, Event
from bot.engine.fixed import fixed
from bot.seal import Seal
from storage.lean import AsyncConnection
from storage.listed import given
from storage.ready import Where
from storage.rows import Arrival, Unusable
from storage.statements import Statements
from storage.tables import addresses
from storage.types import iso

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Known = tuple[int, str | None]  # an address's row, and the learner it leads to

_other = addresses.alias("other")
JOIN_TWIN = (
    update(addresses)
    .where(addresses.c.id == bindparam("one"), addresses.c.learner_id.is_(None))
    .values(learner_id=select(_other.c.learner_id).where(_other.c.id == bindparam("other")).scalar_subquery())
)


@fixed(frozen=True, slots=True)
class Arrived:
    """``twins`` are pairs of addresses of one person: the one written from, and another the platform told.

    ``split`` are those who have been taken for two: the address written from → the other learner they are.
    """

    arrivals: list[Arrival]
    twins: list[tuple[int, int]]
    split: dict[int, str]


async def accept(where: Where, statements: Statements, seal: Seal, events: Sequence[Event], now: datetime) -> Arrived:
    """The events never seen before, in the order given."""
    first: dict[tuple[str, str], Event] = {}
    for event in events:
        first.setdefault((event.address.channel, event.id), event)
    fresh = await _new_deliveries(where, statements, [(*key, "handled", None, None) for key in first], now)
    arrived = [event for key, event in first.items() if key in fresh]
    known = await _known(where, statements, seal, _named(arrived, now))
    return Arrived([_arrival(event, known) for event in arrived], _twins(arrived, known), _split(arrived, known))


def _named(events: Sequence[Event], now: datetime) -> dict[Address, datetime]:
    """The addresses of the events, and when the person there was heard from: a platform's own news is no word."""
    heard: dict[Address, datetime] = {}
    for event in events:
        at = min(event.heard, now) if event.heard is not None else NEVER
        for address in (event.address, event.alias):
            if address is not None:
                heard[address] = max(at, heard.get(address, NEVER))
    return heard


def _arrival(event: Event, known: Mapping[Address, Known]) -> Arrival:
    """Who is not known by the address written from may be known by the other one."""
    address_id, learner_id = known[event.address]
    if event.alias is None:
        return Arrival(event, address_id, learner_id)
    alias_id, by_alias = known[event.alias]
    return Arrival(event, address_id, learner_id or by_alias, alias_id)


def _twins(events: Sequence[Event], known: Mapping[Address, Known]) -> list[tuple[int, int]]:
    """Pairs of which not both lead to a learner yet."""
    pairs = [(known[event.address], known[event.alias]) for event in events if event.alias is not None]
    return sorted({(one[0], other[0]) for one, other in pairs if None in (one[1], other[1]) and one != other})


def _split(events: Sequence[Event], known: Mapping[Address, Known]) -> dict[int, str]:
    """Whose two addresses lead to two learners."""
    pairs = [(known[event.address], known[event.alias][1]) for event in events if event.alias is not None]
    return {one[0]: other for one, other in pairs if other is not None and one[1] not in (None, other)}


async def join_twins(connection: AsyncConnection, twins: Sequence[tuple[int, int]]) -> None:
    """Lets both addresses of each pair lead to the same learner, where one of them leads to nobody."""
    both_ways = [*twins, *((other, one) for one, other in twins)]
    await connection.execute(JOIN_TWIN, [{"one": one, "other": other} for one, other in both_ways])


def told_beside(twins: Sequence[tuple[int, int]], address_ids: Collection[int]) -> set[int]:
    """The pairs that one of these addresses is in."""
    asked = set(address_ids)
    return {id_ for pair in twins if not asked.isdisjoint(pair) for id_ in pair}


async def keep_unusable(
    connection: AsyncConnection, statements: Statements, seal: Seal, deliveries: Sequence[Unusable], now: datetime
) -> int:
    """Keeps deliveries nobody understands, sealed; returns how many were new."""
    keys = {(row.channel, row.event_id): row for row in deliveries}
    rows = [(*key, "unusable", row.reason, seal.seal(row.payload)) for key, row in keys.items()]
    return len(await _new_deliveries(connection, statements, rows, now))


async def _new_deliveries(
    where: Where,
    statements: Statements,
    deliveries: Sequence[tuple[str, str, str, str | None, str | None]],
    now: datetime,
) -> set[tuple[str, str]]:
    if not deliveries:
        return set()
    at = iso(now)
    rows = [
        (channel, event_id, at, state, reason, payload)
        for channel, event_id, state, reason, payload in sorted(deliveries, key=lambda row: (row[1], row[0]))
    ]
    new = await statements.inbox.rows(where, given(rows))
    return {(row.channel, row.event_id) for row in new}


async def _known(
    where: Where, statements: Statements, seal: Seal, named: Mapping[Address, datetime]
) -> dict[Address, Known]:
    """Each address's row and learner; when they were last heard from is noted on it."""
    if not named:
        return {}
    by_hash = {seal.hash(address.channel, address.id): address for address in named}
    names = sorted((hash_, address.channel) for hash_, address in by_hash.items())
    there = list(await statements.known.rows(where, given(names)))
    await statements.heard.run(where, [{"key": row.id, "at": named[by_hash[row.hash]]} for row in there])
    known = {row.hash for row in there}
    new = [
        (address.channel, hash_, seal.seal(address.id), *[iso(named[address])] * 2)
        for hash_, address in sorted(by_hash.items())
        if hash_ not in known
    ]
    if new:
        there += await statements.addresses.rows(where, given(new))
    return {by_hash[row.hash]: (row.id, row.learner_id) for row in there}
