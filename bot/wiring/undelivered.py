"""What follows when something that was brought over WhatsApp did not go out: a rest, or another decision."""

from datetime import timedelta

from bot.channels.whatsapp import codes
from bot.channels.whatsapp.codes import Meaning
from bot.channels.whatsapp.refusals import refusal
from bot.engine.events import Refused
from bot.wiring.house import House
from bot.wiring.planning import decided_again
from storage.rows import OutboxRow

EARLY = timedelta(hours=2)  # a rest counts in days, and ends before the hour at which it began
# What is worth deciding again: another way may be open. Other refusals are ours to mend.
AGAIN = frozenset({Meaning.WINDOW, Meaning.TEMPLATE, Meaning.MARKETING, Meaning.LIMIT})


async def undelivered(house: House, part: OutboxRow, reason: str) -> None:
    """A category of templates may rest for this learner, and the day is decided again where that is worth it."""
    code = codes.code_of(reason)
    known = codes.CODES.get(code or 0)
    meaning = known.meaning if known else None
    if code is not None and meaning is Meaning.MARKETING:
        await _rest(house, part, code)
    again = code is None or meaning in AGAIN
    await decided_again(house, part, closed=meaning is Meaning.WINDOW, final=not again)


async def _rest(house: House, part: OutboxRow, code: int) -> None:
    """A category that WhatsApp does not deliver to this learner: not tried for a while, longer each time."""
    category = str(part.body.get("category") or "")
    learner = await house.store.learner(part.learner_id) if part.learner_id else None
    if learner is None or not category:
        return
    before = learner.refused.get(category)
    rest = refusal(code, category, learner.country, before.times if before else 0)
    if rest is None:
        return
    now = house.clock()
    await house.service.handle(
        Refused(id=f"refused:{part.id}", address=part.address, at=now, category=category, until=now + rest - EARLY)
    )
