"""Keeps a running bot's knowledge of Meta's word on its templates fresh."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.channels.whatsapp.approvals import followed
from bot.channels.whatsapp.asked import Standing, newest_first, wanted
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Client, Lost, NotSent, TemplateRefused
from bot.delivery.lease import Lease
from bot.errors import Unavailable
from bot.wiring.house import House
from storage.store import Store

log = structlog.get_logger()

APPROVAL = "approval:"  # what is remembered: how a template stands, by its name
RESTS = "invitations rest"  # until when, after Meta's limit
LOOKING = 60.0  # seconds between looks at what is remembered: a command, or another process, may have news
READING = timedelta(minutes=15)  # between questions to Twilio


async def recalled(store: Store) -> dict[str, Standing]:
    """The templates that ask learners in, as they stood last, by name."""
    return standings_in(await store.recalled("whatsapp"))


def standings_in(remembered: Mapping[str, str]) -> dict[str, Standing]:
    raws = (raw for key, raw in remembered.items() if key.startswith(APPROVAL))
    return {standing.name: standing for standing in map(Standing.recalled, raws) if standing is not None}


async def keep(store: Store, standings: Iterable[Standing]) -> None:
    """Remembers how templates stand; those that are nowhere are not known."""
    known = {f"{APPROVAL}{one.name}": one.remembered() for one in standings if one.sid}
    if known:
        await store.remember("whatsapp", known)


class Approvals:
    """One look after the other; whoever holds the lease asks Twilio, everybody reads what it told."""

    def __init__(self, house: House, client: Client, channel: WhatsApp, lease: Lease) -> None:
        self.house, self.client, self.channel, self.lease = house, client, channel, lease
        self._read: datetime | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (NotSent, Lost, TemplateRefused, Unavailable) as trouble:
                log.warning("whatsapp.approvals_not_read", error=type(trouble).__name__)
            await asyncio.sleep(LOOKING)

    async def look(self) -> None:
        """Takes up what is remembered, and asks Twilio where that is old."""
        invitations = self.channel.invitations
        remembered = await self.house.store.recalled("whatsapp")
        rests = [datetime.fromisoformat(remembered[RESTS])] if RESTS in remembered else []
        rests += [invitations.rests_until] if invitations.rests_until is not None else []
        invitations.rests_until = max(rests, default=None)
        known = self._ordered(standings_in(remembered))
        if not known or not self.lease.held or not self._due():
            invitations.learn(known)
            return
        now = await followed(self.client, known)
        changed = [one for name, one in now.items() if one != known[name]]
        if changed:
            await self.house.store.remember("whatsapp", {f"{APPROVAL}{one.name}": one.remembered() for one in changed})
        for one in changed:
            log.info("whatsapp.template", name=one.name, state=one.state, category=one.category, reason=one.reason)
        self._read = self.house.clock()
        invitations.take_up(now)

    def _due(self) -> bool:
        return self._read is None or not self._read <= self.house.clock() < self._read + READING

    def _ordered(self, known: dict[str, Standing]) -> dict[str, Standing]:
        """Those with the words of today first, so that they are used as soon as they are approved."""
        names = {asked.name for asked in wanted(self.house.catalogue())}
        return {standing.name: standing for standing in newest_first(known.values(), names)}
