"""Tomorrow for the real learners: everything the database knows, asked beforehand."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.channels.whatsapp.invitations import Invitations
from bot.delivery.planner import Inviting
from bot.engine.window import Spent
from bot.simulation.foretelling import Forecast, Outlook, ahead
from bot.simulation.seen import DAY, LOOKED_BACK, Seen
from bot.wiring.approvals import recalled

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring.house import House

TALK_DAYS = 3  # whole days before, whose mean is taken for what replies cost


class Remembered:
    """WhatsApp's templates as they stood last, without WhatsApp."""

    def __init__(self, invitations: Invitations) -> None:
        self.invitations = invitations

    def invitation(self, kind: str, language: str, time: str) -> dict[str, object] | None:
        return self.invitations.body(kind, language, time)

    def invited_by(self, kind: str, language: str) -> str | None:
        template = self.invitations.usable(kind, language)
        return template.category if template else None


async def remembered_templates(house: "House") -> Remembered:
    invitations = Invitations(house.clock)
    invitations.learn(await recalled(house.store))
    return Remembered(invitations)


async def looked_ahead(house: "House", settings: "Settings", start: datetime) -> tuple[Outlook, Seen, dict[str, Spent]]:
    """What is expected in the day from ``start`` on; what it was taken from; and what replies will cost beside."""
    seen = Seen()
    brought: dict[str, int] = defaultdict(int)
    async for one in house.store.lately(house.clock() - LOOKED_BACK):
        seen.note(one)
        brought[f"{one.decided_at:%Y-%m-%d}"] += one.micros
    talk = await _talk(house, brought)
    on = {"web"} | {name for name, is_on in (("telegram", settings.telegram), ("whatsapp", settings.whatsapp)) if is_on}
    inviting: Mapping[str, Inviting] = {"whatsapp": await remembered_templates(house)}
    forecast = Forecast(house.purse.rules, inviting, on.__contains__, seen, start, talk)
    later = start > house.clock()
    async for learner, reaches in ahead(house.store, start + DAY):
        forecast.take(learner, reaches, house.content.library, projected=later)
    return forecast.done(), seen, talk


async def _talk(house: "House", brought: Mapping[str, int]) -> dict[str, Spent]:
    """What replies have cost a day, by country: all that was spent, without what the clock brought."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    whole, lessons = 0, 0
    for back in range(1, TALK_DAYS + 1):
        day = (house.clock() - timedelta(days=back)).date().isoformat()
        lessons += brought.get(day, 0)
        for one in await house.store.spent(day):
            found[one.country][0] += one.messages
            found[one.country][1] += one.micros
            whole += one.micros
    share = max(0.0, 1 - lessons / whole) if whole else 0.0
    return {
        country: Spent(int(messages * share / TALK_DAYS), int(micros * share / TALK_DAYS))
        for country, (messages, micros) in found.items()
    }
