"""A lesson's first message on its author's own phone: only where somebody has written from, and by the outbox."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client as TelegramClient
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client
from bot.engine.events import Address, Event, Left, Said, Started, Tapped
from bot.engine.learner import Step
from bot.metrics.books import imbalances
from bot.preview.sending import Refusal, send
from bot.service import Content, Outcome, Service, Talker
from bot.wiring import running
from storage.store import Store
from storage.tables import addresses, outbox
from tests.makers import NOON

TELEGRAM = Address("telegram", "1001")
WHATSAPP = Address("whatsapp", "whatsapp:+34911234567")


class Phones:
    """A bot with phones, and an author who sends a lesson to one."""

    def __init__(self, store: Store, content: Content) -> None:
        self.store, self.content, self.now, self.count = store, content, NOON, 0
        account = Client(Account("AC1", "token", "whatsapp:+1"))
        self.channels: dict[str, Talker] = {
            "telegram": TelegramChannel(TelegramClient("1:x"), lambda: content.catalogue),
            "whatsapp": WhatsApp(account, public_url="", words=content.catalogue.text, sign=str, clock=self.clock),
        }
        self.service = Service(
            store, lambda: content, self.channels, clock=self.clock, new_id=lambda: (f"learner-{self.count}", 7)
        )
        self.lesson = content.library.courses[1].lessons[2]

    def clock(self) -> datetime:
        return self.now

    async def happens(self, made_of: type[Event], address: Address, **what: str) -> Outcome:
        self.count += 1
        self.now += timedelta(seconds=5)
        event = made_of(id=f"e{self.count}", address=address, at=self.now, languages=("es",), **what)
        return await self.service.handle(event)

    async def preview(self, address: Address) -> Refusal | None:
        return await send(self.store, self.content, self.channels, address, self.lesson, self.now)

    async def outbox(self) -> list[tuple[str, dict[str, object]]]:
        async with self.store.read() as look:
            rows = (await look.connection.execute(outbox.select().order_by(outbox.c.id))).all()
        return [(row.kind, json.loads(row.body)) for row in rows]

    async def last_heard(self) -> datetime:
        async with self.store.read() as look:
            return (await look.connection.execute(addresses.select())).one().last_inbound_at


@asynccontextmanager
async def opened(store: Store, content: Content) -> AsyncIterator[Phones]:
    phones = Phones(store, content)
    async with running(phones.service.run()):
        yield phones


@pytest.fixture
async def phones(store: Store, content: Content) -> AsyncIterator[Phones]:
    async with opened(store, content) as phones:
        yield phones


async def test_a_phone_that_has_written_gets_the_first_message_in_its_language(phones: Phones):
    await phones.happens(Started, TELEGRAM)
    assert await phones.preview(TELEGRAM) is None
    kind, body = (await phones.outbox())[-1]
    hook = phones.content.catalogue.label(phones.lesson.hook.text, "es")
    assert kind == "preview"
    assert hook[:20] in str(body["text"])


async def test_its_buttons_lead_on_into_the_lesson(phones: Phones):
    await phones.happens(Started, TELEGRAM)
    await phones.preview(TELEGRAM)
    body = (await phones.outbox())[-1][1]
    buttons: list[list[dict[str, str]]] = body["reply_markup"]["inline_keyboard"]  # type: ignore[index]
    outcome = await phones.happens(Tapped, TELEGRAM, data=buttons[0][0]["callback_data"])
    card = phones.content.catalogue.label(phones.lesson.cards[0].text, "es")
    assert card[:20] in outcome.messages[0].body
    async with phones.store.read() as look:
        (learner,) = (await look.learners([str(outcome.learner_id)])).values()
    assert (learner.place.step, learner.place.lesson) == (Step.CARD, phones.lesson.path)


async def test_nothing_goes_to_a_phone_that_never_wrote(phones: Phones):
    assert await phones.preview(TELEGRAM) is Refusal.NOBODY
    assert await phones.outbox() == []
    async with phones.store.read() as look:
        assert (await look.connection.execute(addresses.select())).all() == []


async def test_nothing_goes_to_a_phone_that_was_deleted(phones: Phones):
    await phones.happens(Started, TELEGRAM)
    await phones.happens(Said, TELEGRAM, text="borrar")
    await phones.happens(Tapped, TELEGRAM, data="c:erase")
    sent = await phones.outbox()
    assert await phones.preview(TELEGRAM) is Refusal.NOBODY
    assert await phones.outbox() == sent


async def test_nothing_goes_to_a_phone_that_said_stop_or_blocked_the_bot(phones: Phones):
    await phones.happens(Started, TELEGRAM)
    await phones.happens(Said, TELEGRAM, text="stop")
    assert await phones.preview(TELEGRAM) is Refusal.STOPPED
    await phones.happens(Said, TELEGRAM, text="start")
    assert await phones.preview(TELEGRAM) is None
    await phones.happens(Left, TELEGRAM)
    assert await phones.preview(TELEGRAM) is Refusal.STOPPED


@pytest.mark.parametrize(("hours", "refusal"), [(23, None), (24, Refusal.TOO_LATE), (200, Refusal.TOO_LATE)])
async def test_on_whatsapp_the_window_must_be_open(phones: Phones, hours: int, refusal: Refusal | None):
    await phones.happens(Said, WHATSAPP, text="hola")
    phones.now += timedelta(hours=hours)
    assert await phones.preview(WHATSAPP) is refusal


async def test_a_preview_does_not_hold_the_window_open(phones: Phones):
    await phones.happens(Said, WHATSAPP, text="hola")
    wrote = phones.now
    phones.now += timedelta(hours=20)
    assert await phones.preview(WHATSAPP) is None
    assert str((await phones.outbox())[-1][1]["until"]) == (wrote + timedelta(hours=24, seconds=-30)).isoformat()
    assert await phones.last_heard() == wrote
    phones.now += timedelta(hours=10)
    assert await phones.preview(WHATSAPP) is Refusal.TOO_LATE


async def test_other_channels_have_no_phone(phones: Phones):
    assert await phones.preview(Address("web", "cookie")) is Refusal.NO_PHONE
    del phones.channels["telegram"]
    assert await phones.preview(TELEGRAM) is Refusal.NOT_SET_UP


async def test_the_books_still_add_up(phones: Phones):
    await phones.happens(Started, TELEGRAM)
    await phones.preview(TELEGRAM)
    await phones.preview(TELEGRAM)
    assert list(imbalances(await phones.store.books())) == []
