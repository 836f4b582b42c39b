"""Small books of the house: campaigns, the export ledger, the inbox for operators, what channels remember."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

import orjson
from sqlalchemy import select, text, update

from bot.seal import Seal
from storage.erasing import RETIRED
from storage.lean import AsyncConnection
from storage.listed import given, listed
from storage.rows import Campaign, Exported, InboxRow, Line
from storage.statements import BOOKS, COUNTERS, Statements
from storage.tables import KEPT, campaigns, chat_lines, exports, inbox, remembered


async def add_campaign(
    connection: AsyncConnection, statements: Statements, code: str, title: str, now: datetime
) -> bool:
    """Makes a campaign known; False when the code is taken."""
    row = {"code": code, "title": title, "created_at": now, "joins": 0}
    return (await connection.execute(statements.campaign, row)).first() is not None


async def all_campaigns(connection: AsyncConnection) -> list[Campaign]:
    rows = await connection.execute(select(campaigns).order_by(campaigns.c.created_at, campaigns.c.code))
    return [Campaign(row.code, row.title, row.created_at, row.joins) for row in rows]


async def remember(connection: AsyncConnection, statements: Statements, channel: str, what: Mapping[str, str]) -> None:
    rows = [{"channel": channel, "key": key, "value": value} for key, value in sorted(what.items())]
    await connection.execute(statements.remembered, rows)


async def recalled(connection: AsyncConnection, channel: str) -> dict[str, str]:
    rows = await connection.execute(select(remembered.c.key, remembered.c.value).where(remembered.c.channel == channel))
    return {row.key: row.value for row in rows}


async def forget(connection: AsyncConnection, channel: str, key: str) -> None:
    mine = (remembered.c.channel == channel) & (remembered.c.key == key)
    await connection.execute(remembered.delete().where(mine))


async def write_ledger(connection: AsyncConnection, entry: Exported) -> None:
    await connection.execute(
        exports.insert(),
        {
            "who": entry.who,
            "at": entry.at,
            "tier": entry.tier,
            "filters": orjson.dumps(entry.filters).decode(),
            "rows": entry.rows,
            "sha256": entry.sha256,
        },
    )


async def read_ledger(connection: AsyncConnection) -> list[Exported]:
    rows = await connection.execute(select(exports).order_by(exports.c.id))
    return [Exported(row.who, row.at, row.tier, orjson.loads(row.filters), row.rows, row.sha256) for row in rows.all()]


async def known_deliveries(connection: AsyncConnection, channel: str, event_ids: Collection[str]) -> set[str]:
    """Those of these deliveries that have come before."""
    wanted = inbox.c.event_id.in_(listed(connection.dialect.name, [inbox.c.event_id.type]))
    asked = select(inbox.c.event_id).where(wanted, inbox.c.channel == channel)
    return set((await connection.execute(asked, given([[id_] for id_ in sorted(event_ids)]))).scalars())


async def kept_deliveries(connection: AsyncConnection, seal: Seal, limit: int) -> list[InboxRow]:
    """Parked and unusable deliveries, newest first."""
    kept = select(inbox).where(inbox.c.state.in_(("parked", "unusable")), text(KEPT))
    rows = await connection.execute(kept.order_by(inbox.c.received_at.desc(), inbox.c.event_id).limit(limit))
    return [
        InboxRow(
            row.channel,
            row.event_id,
            row.received_at,
            row.state,
            row.learner_id,
            row.reason,
            seal.unseal(row.payload) if row.payload else None,
        )
        for row in rows
    ]


async def retire(connection: AsyncConnection, channel: str, event_id: str) -> bool:
    """An operator has seen it: only the bare id stays. False when it is not there."""
    one = (inbox.c.channel == channel) & (inbox.c.event_id == event_id) & (inbox.c.state != "handled")
    result = await connection.execute(update(inbox).where(one).values(**RETIRED).returning(inbox.c.event_id))
    return result.first() is not None


async def lines_after(connection: AsyncConnection, learner_id: str, after: int, limit: int) -> list[Line]:
    rows = await connection.execute(
        select(chat_lines.c.id, chat_lines.c.at, chat_lines.c.side, chat_lines.c.body)
        .where(chat_lines.c.learner_id == learner_id, chat_lines.c.id > after)
        .order_by(chat_lines.c.id)
        .limit(limit)
    )
    return [Line(row.id, row.at, row.side, orjson.loads(row.body)) for row in rows]


async def counted(connection: AsyncConnection) -> dict[str, int]:
    rows = await connection.execute(COUNTERS)
    return {name: int(value) for name, value in rows}


async def books(connection: AsyncConnection) -> Counter[str]:
    """The counters, and as ``waiting`` the parts that have not ended, of one and the same moment."""
    found: Counter[str] = Counter()
    for name, value in await connection.execute(BOOKS):
        found[name] += int(value)
    return found
