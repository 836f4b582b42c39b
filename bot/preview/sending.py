"""A lesson's first message to its author's own phone: only to an address that has written to the bot, by the outbox."""

import secrets
from datetime import datetime
from enum import Enum

from bot.channels.whatsapp.channel import MARGIN, WINDOW
from bot.content.wording import word
from bot.engine import path
from bot.engine.course import Lesson
from bot.engine.events import Address, Tapped
from bot.engine.learner import Learner, Place, Status
from bot.engine.show import show
from bot.service import Content, Talker
from storage.rows import INTERACTIVE, Handled, NewPart
from storage.store import Store

WRITTEN_TO = ("telegram", "whatsapp")  # the other channels have no phone to write to


class Refusal(Enum):
    """Why nothing was sent, each with what to do about it."""

    NO_PHONE = "Only phones can be written to: telegram:… or whatsapp:+…"
    NOT_SET_UP = "That channel is not set up here: its settings are missing in .env."
    NOBODY = "Nobody has written to the bot from that address. Write to it from that phone first."
    STOPPED = "That phone has said STOP, or blocked the bot. Write START to the bot from it first."
    TOO_LATE = (
        "That phone has not written for a day, and WhatsApp takes no message then. Write to the bot from it first."
    )


async def send(
    store: Store, content: Content, channels: dict[str, Talker], address: Address, lesson: Lesson, now: datetime
) -> Refusal | None:
    """Puts the lesson's first message into the outbox and the learner in front of it; None when that is done."""
    if address.channel not in WRITTEN_TO:
        return Refusal.NO_PHONE
    if address.channel not in channels:
        return Refusal.NOT_SET_UP
    learner_id = await store.learner_at(address)
    if learner_id is None:
        return Refusal.NOBODY
    async with store.read() as look:
        known = (await look.learners([learner_id])).get(learner_id)
    refusal = _refused(known, address, now)
    if refusal is not None or known is None:
        return refusal
    return await _put(store, content, channels[address.channel], _as_if_tapped(address, lesson, known), lesson, now)


def _refused(learner: Learner | None, address: Address, now: datetime) -> Refusal | None:
    if learner is None:
        return Refusal.NOBODY
    if learner.status is not Status.ACTIVE:
        return Refusal.STOPPED
    if address.channel == "whatsapp" and now > learner.seen + WINDOW - MARGIN:
        return Refusal.TOO_LATE
    return None


def _as_if_tapped(address: Address, lesson: Lesson, learner: Learner) -> Tapped:
    """The press of the lesson's button, at the time when that phone last wrote: its window stays as it is."""
    id_ = f"preview:{secrets.token_hex(8)}"
    return Tapped(id=id_, address=address, at=learner.seen, data=f"l:{lesson.course}_{lesson.id}")


async def _put(
    store: Store, content: Content, channel: Talker, event: Tapped, lesson: Lesson, now: datetime
) -> Refusal | None:
    async with store.transaction() as tx:
        # Nobody has written just now: what is noted of the address stays the moment when somebody did.
        (arrival,) = await tx.accept([event], event.at)
        found = await tx.learners([arrival.learner_id] if arrival.learner_id else [])
        learner = found.get(arrival.learner_id or "")
        if learner is None:  # deleted in this very moment
            return Refusal.NOBODY
        fresh = Place(serial=learner.place.serial, lesson=lesson.path, version=lesson.version)
        learner = path.open_lesson(learner.but(place=fresh, after=None, aside=None, echo=""), lesson, now)
        say = show(learner, content.library)
        message = word(say, learner.language, content.catalogue)
        parts = tuple(
            NewPart(
                learner.id, arrival.address_id, channel.name, body, INTERACTIVE, now, "preview", channel.holds(body)
            )
            for body in channel.parts(message, event)
        )
        await tx.save([Handled(event, arrival.address_id, learner.but(offer=say.choices), parts=parts)], now)
    return None
