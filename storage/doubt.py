"""Parts in doubt, settled by the learner's own word.

Whoever presses a button of the message that the bot showed last has that message: what is in doubt in their chat has
arrived. Any other word tells nothing of it, and brings what is in doubt at once: somebody is there, and may be waiting.

A part still ``sending`` is only noted to be answered. Its call decides for as long as somebody is there to write down
what came of it; where the sender was lost, or the call's answer, the note does. Nobody can tell a dead sender from a
live one before its lease has run out, and after a crash that is when the taps come that were made meanwhile.

Only parts that hold are ever in doubt, so at most one of a chat. An edit may be under way beside the message behind it:
a tap on that message tells nothing of the edit, and to repeat an edit does no harm.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam, exists, func, select, text, update

from bot.engine.events import Event, Tapped
from storage.listed import given, listed
from storage.ready import Ready, Where
from storage.rows import Arrival, Handled
from storage.tables import DOUBTFUL, addresses, outbox

ANSWERED = "the learner answered it"
UNKNOWN = "unknown"


async def doubts(where: Where, arrivals: Sequence[Arrival]) -> Sequence[Any]:
    """Parts in doubt in the chats in which somebody said something; a platform's own news is no word of theirs."""
    said = [[arrival.address_id, tapped(arrival.event)] for arrival in arrivals if arrival.event.heard is not None]
    return await _doubts(where.dialect.name).rows(where, given(said)) if said else ()


def tapped(event: Event) -> str | None:
    """The message on which a button was pressed, where the platform tells."""
    return event.message if isinstance(event, Tapped) else None


async def heard(where: Where, doubts: Sequence[Any], turns: Sequence[Handled], now: datetime) -> int:
    """What was said tells of parts in doubt, and it is written down; how many are known now to have arrived.

    A tap on a message that is known to be another part's proves nothing.
    """
    if not doubts:
        return 0
    proofs = {(turn.address_id, tapped(turn.event)) for turn in turns if turn.on_show}
    arrived = {row.id: row for row in doubts if (row.address_id, row.message) in proofs and not row.known}
    settled = [{"key": id_, "message": row.message, "now": now} for id_, row in arrived.items() if row.state == UNKNOWN]
    noted = [{"key": id_, "message": row.message} for id_, row in arrived.items() if row.state != UNKNOWN]
    waited_for = {row.id for row in doubts if row.state == UNKNOWN and row.due_at > now} - arrived.keys()
    await SETTLE.run(where, settled)
    await NOTE.run(where, noted)
    await HURRY.run(where, [{"key": id_, "now": now} for id_ in sorted(waited_for)])
    return len(settled)


@cache
def _doubts(dialect: str) -> Ready:
    """``known``: the message is that of another part."""
    said = listed(dialect, [addresses.c.id.type, String()]).subquery("said")
    address_id, message = said.c
    other = outbox.alias("other")
    known = exists().where(
        other.c.address_id == outbox.c.address_id, other.c.platform_id == message, other.c.id != outbox.c.id
    )
    found = (outbox.c.id, outbox.c.state, outbox.c.due_at, outbox.c.address_id)
    return Ready(
        select(*found, message.label("message"), known.label("known"))
        .join(said, address_id == outbox.c.address_id)
        .where(text(f"outbox.{DOUBTFUL}"), outbox.c.holds)
        .order_by(outbox.c.id)
        .with_for_update(of=outbox)
    )


_answered = {
    "outcome": ANSWERED,
    "platform_id": func.coalesce(bindparam("message", type_=String()), outbox.c.platform_id),
}
SETTLE = Ready(
    update(outbox).where(outbox.c.id == bindparam("key")).values(**_answered, state="sent", ended_at=bindparam("now"))
)
NOTE = Ready(update(outbox).where(outbox.c.id == bindparam("key")).values(**_answered))
HURRY = Ready(update(outbox).where(outbox.c.id == bindparam("key")).values(due_at=bindparam("now")))
