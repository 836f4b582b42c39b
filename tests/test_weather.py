"""Bad weather on both platforms: calls refused for being too many, gateways down, answers lost after the work was done.

Learners take a lesson each, over real sockets, through the real service and sender. Time is the test's: what has to
wait waits by a clock that is moved, so hours of bad weather pass in seconds. And who knocks with a wrong secret learns
nothing from how long the answer takes.
"""

import asyncio
import hmac
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client as TelegramClient
from bot.channels.telegram.parse import parse as telegram_parse
from bot.channels.telegram.webhook import PATH, hook
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client
from bot.channels.whatsapp.parse import parse as whatsapp_parse
from bot.channels.whatsapp.signature import signed, verified
from bot.channels.whatsapp.templates import sync
from bot.content.wording import Message
from bot.delivery.following import Following
from bot.delivery.lease import Lease
from bot.delivery.limits import Chats, Limits, Window
from bot.delivery.sender import Clocks, Sender
from bot.engine.events import Event
from bot.seal import Seal
from bot.service import Content, Service
from bot.wiring import running
from storage.rows import Handled
from storage.store import Store
from tests.databases import SECRET
from tests.delivery.makers import Clock, Meters, calls_ended
from tests.fakes.telegram import SECRET_HEADER, TOKEN, Cut, FakeTelegram, Fault, Flood, Trouble
from tests.fakes.twilio import SENDER, SID, FakeTwilio
from tests.fakes.twilio import TOKEN as TWILIO_TOKEN
from tests.order import Part, in_order

LEARNERS = 600  # on each platform; two thousand hold as well, and take two minutes
FLOOD, FAULT, CUT = 0.02, 0.05, 0.02  # of all calls
IDLE = 5.0  # seconds the clock is moved when nothing can go out; less than a lease lasts
TWILIO_WAITS = timedelta(seconds=30)  # all of an account's messages, after a 429 of Twilio
PART = re.compile(r"[?&]part=(\d+)&")


class Call(NamedTuple):
    """When it was made, to which chat, and how many seconds it was told to wait."""

    at: datetime
    round: int
    chat: int
    wait: float


class Sky:
    """What happens to each call, by dice; and when each was made."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.clock, self.dice = clock, Random(seed)
        self.counts: Counter[str] = Counter()
        self.calls: list[Call] = []
        self.round = 0  # calls of one round are under way together

    def fate(self) -> str:
        roll = self.dice.random()
        fate = "flood" if roll < FLOOD else "fault" if roll < FLOOD + FAULT else ""
        fate = "cut" if FLOOD + FAULT <= roll < FLOOD + FAULT + CUT else fate
        self.counts[fate] += 1
        return fate

    def over_telegram(self, method: str, args: Mapping[str, Any]) -> Trouble | None:
        fate, wait = self.fate(), self.dice.randint(1, 40)
        self.calls.append(Call(self.clock(), self.round, args["chat_id"], wait if fate == "flood" else 0.0))
        match fate:
            case "flood":
                return Flood(wait)
            case "fault":
                return Fault(self.dice.choice([500, 502, 503, 504]))
            case "cut":
                return Cut(done=True)
        return None


class TwilioFaults(list[str | int]):
    """The faults of a fake Twilio, made one by one as it asks for them."""

    def __init__(self, sky: Sky) -> None:
        self.sky = sky

    def __bool__(self) -> bool:
        return True

    def pop(self, index: Any = 0) -> Any:
        fate = self.sky.fate()
        wait = TWILIO_WAITS.total_seconds() if fate == "flood" else 0.0
        self.sky.calls.append(Call(self.sky.clock(), self.sky.round, 0, wait))
        return {"flood": 429, "fault": 503, "cut": "cut", "": None}[fate]


@dataclass
class Office:
    """Service and sender of one platform, and all that was put into its outbox: by address, in order."""

    service: Service
    sender: Sender
    store: Store
    clock: Clock
    sky: Sky
    put: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def note(self, handled: Sequence[Handled]) -> None:
        for row in handled:
            self.put[row.event.address.id] += [dict(part.body) for part in row.parts]

    @property
    def parts(self) -> int:
        return sum(map(len, self.put.values()))

    async def deliver(self) -> None:
        """Until nothing is unfinished; where nothing can go out, time passes."""
        while True:
            before = len(self.sky.calls)
            self.sky.round += 1
            await self.sender.round()
            await calls_ended(self.sender)
            if len(self.sky.calls) > before:
                continue
            await self.sender.round()
            if not await self.store.depth():
                return
            self.clock.move(IDLE)


@asynccontextmanager
async def office(channel: Any, store: Store, content: Content, clock: Clock, sky: Sky) -> AsyncIterator[Office]:
    seeds = count(1)
    noted: list[Office] = []
    service = Service(
        store,
        lambda: content,
        {channel.name: channel},
        clock=clock,
        new_id=lambda: (f"learner-{next(seeds)}", next(seeds)),
        after_commit=lambda handled: noted[0].note(handled),
    )
    lease = Lease(store, channel.name, "one", clock)
    clocks = Clocks(clock, clock.monotonic, sky.dice.random)
    limits = Limits(Window(0), Chats(0, 1))
    following = Following(channel.name, store, service.handle)
    sender = Sender(channel, store, lease, limits, clocks, following=following, meter=Meters())
    noted.append(Office(service, sender, store, clock, sky))
    try:
        async with running(service.run()):
            yield noted[0]
        await sender.finish()
    finally:
        await channel.client.close()


class Phone:
    """A learner's: ``last`` is what the bot said, known once it has been delivered."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.last: Message | None = None

    @property
    def done(self) -> bool:
        return self.last is not None and any(option.data == "c:next-lesson" for option in self.last.options)

    @property
    def choice(self) -> int:
        """The first; of the ages the second, which is old enough."""
        assert self.last is not None
        return 1 if self.last.options[0].data.endswith("-under") else 0


async def lessons(work: Office, phones: Sequence[Phone], said: Any, chosen: Any) -> None:
    """Everybody from hello to where next; now and then somebody is impatient and asks for help in between."""

    async def goes_on(phone: Phone) -> None:
        event: Event = said(phone, "hi") if phone.last is None else chosen(phone)
        asks = work.service.handle(said(phone, "help")) if phone.number % 3 == 0 and phone.last else None
        answers = await asyncio.gather(work.service.handle(event), *([asks] if asks else []))
        phone.last = answers[0].messages[0]

    for _ in range(30):
        waiting = [phone for phone in phones if not phone.done]
        if not waiting:
            return
        await asyncio.gather(*map(goes_on, waiting))
        await work.deliver()
    raise AssertionError(f"{len(waiting)} lessons did not end")


def nothing_before_its_time(sky: Sky) -> None:
    """After being told to wait, the next call to this chat (Twilio: to anybody) comes when that is over."""
    by_chat = defaultdict(list)
    for call in sky.calls:
        by_chat[call.chat].append(call)
    for calls in by_chat.values():
        until, told_in = calls[0].at, 0
        for call in calls:
            assert call.at >= until or call.round == told_in
            if call.wait:
                until, told_in = max(until, call.at + timedelta(seconds=call.wait)), call.round


async def all_sent(work: Office) -> None:
    books = await work.store.counters()
    assert await work.store.depth() == {}
    assert books["sent"] == work.parts
    assert not books.get("failed")
    assert not books.get("cancelled")


def bad_enough(sky: Sky) -> None:
    """The weather was as bad as announced: else a calm day would prove nothing."""
    calls = sum(sky.counts.values())
    for fate, share in (("flood", FLOOD), ("fault", FAULT), ("cut", CUT)):
        assert 0.5 * share < sky.counts[fate] / calls < 1.5 * share


@pytest.mark.timeout(300)
async def test_on_telegram_every_lesson_ends_in_order_and_repeats_are_only_cut_answers(
    sqlite_store: Store, content: Content
):
    clock = Clock()
    sky = Sky(clock, seed=7)
    async with FakeTelegram(sky.over_telegram).running() as telegram:
        channel = TelegramChannel(TelegramClient(TOKEN, telegram.url), lambda: content.catalogue)

        def said(phone: Phone, text: str) -> Event:
            return event(telegram.person(phone.number).says(text))

        def chosen(phone: Phone) -> Event:
            person = telegram.person(phone.number)
            shown = next(shown for shown in reversed(person.sees) if shown.keyboard and is_last(phone, shown.keyboard))
            data = [button["callback_data"] for row in shown.keyboard for button in row][phone.choice]
            return event(person.presses(shown, data))

        def event(update: dict[str, Any]) -> Event:
            telegram.updates.clear()
            taken = telegram_parse(orjson.dumps(update), clock()).event
            assert taken is not None
            return taken

        async with office(channel, sqlite_store, content, clock, sky) as work:
            await lessons(work, [Phone(number) for number in range(1, LEARNERS + 1)], said, chosen)
            await all_sent(work)
    bad_enough(sky)
    assert telegram.faults == []
    nothing_before_its_time(sky)
    arrived = defaultdict(list)
    for call in telegram.ledger:
        if call.done:
            arrived[str(call.chat)].append(Part(call.args["text"], call.args.get("message_id")))
    for chat, parts in work.put.items():
        assert in_order(arrived[chat], [Part(part["text"], part.get("message_id")) for part in parts])
    assert 0 <= sum(map(len, arrived.values())) - work.parts <= sky.counts["cut"]


def is_last(phone: Phone, keyboard: list[list[dict[str, str]]]) -> bool:
    assert phone.last is not None
    return keyboard[0][0]["callback_data"] == phone.last.options[0].data


@pytest.mark.timeout(300)
async def test_on_whatsapp_every_lesson_ends_in_order_and_nothing_comes_twice(sqlite_store: Store, content: Content):
    clock = Clock()
    sky = Sky(clock, seed=11)
    numbers = count(1)

    def said(phone: Phone, text: str, **more: str) -> Event:
        sid, sender = f"SM{next(numbers):032x}", f"whatsapp:+3460000{phone.number:04}"
        return whatsapp_parse({"MessageSid": sid, "From": sender, "Body": text, **more}, clock())

    def chosen(phone: Phone) -> Event:
        assert phone.last is not None
        option = phone.last.options[phone.choice]
        return said(phone, option.label, ButtonText=option.label, ButtonPayload=option.data)

    async with FakeTwilio() as twilio:
        client = Client(Account(SID, TWILIO_TOKEN, SENDER, base=twilio.url))
        channel = WhatsApp(
            client,
            public_url="https://bot.example.org",
            words=content.catalogue.text,
            sign=lambda part: f"signed-{part}",
            clock=clock,
            placed=sqlite_store.placed,
        )
        channel.known = await sync(await client.templates(), client.create_template)
        twilio.faults = TwilioFaults(sky)
        async with office(channel, sqlite_store, content, clock, sky) as work:
            await lessons(work, [Phone(number) for number in range(LEARNERS)], said, chosen)
            await all_sent(work)
    bad_enough(sky)
    assert twilio.refused == []
    nothing_before_its_time(sky)
    by_chat = defaultdict(list)
    for message in twilio.messages:
        found = PART.search(message["callback"])
        assert found
        by_chat[message["to"]].append(int(found[1]))
    assert [parts for parts in by_chat.values() if parts != sorted(set(parts))] == []
    assert {chat: len(parts) for chat, parts in by_chat.items()} == {chat: len(put) for chat, put in work.put.items()}


# --- secrets -------------------------------------------------------------------------------------------------


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The lengths of everything that was compared in constant time."""
    lengths: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def compare_digest(one: Any, two: Any) -> bool:
        lengths.append((len(one), len(two)))
        return real(one, two)

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    return lengths


def wrong(right: str) -> list[str]:
    """All as long as the right one: wrong at its end, all through, at its beginning, in its case."""
    return [right[:-2] + "!" + right[-1], "!" * len(right), "!" + right[1:], right.swapcase()]


async def test_every_wrong_secret_of_telegram_takes_the_same_way(compared: list[tuple[int, int]]):
    right = "A-secret_of-our-own-making-1234"
    given = [*wrong(right), "", right[:-1], right + "!", "!"]
    away: list[str] = []
    app = Starlette(routes=[hook(None, right, lambda channel, why: away.append(why))])  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as web:
        answers = [await web.post(PATH, content=b"{}", headers={SECRET_HEADER: secret}) for secret in given]
        answers.append(await web.post(PATH, content=b"{}"))
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, b"")}
    assert away == ["secret"] * len(answers)
    assert compared == [(32, 32)] * len(answers), "hashed first: neither length nor place of the first difference shows"


def test_every_wrong_signature_of_twilio_takes_the_same_way(compared: list[tuple[int, int]]):
    url, fields = "https://bot.example.org/webhooks/twilio", [("Body", "hola")]
    right = signed(TWILIO_TOKEN, url, fields).decode()
    for given in wrong(right):
        compared.clear()
        assert not verified(TWILIO_TOKEN, url, fields, given)
        assert compared == [(28, 28)] * 2, "with and without the port, whatever the first comparison said"
    compared.clear()
    assert verified(TWILIO_TOKEN, url, fields, right)
    assert compared == [(28, 28)] * 2


def test_every_wrong_signature_of_our_own_takes_the_same_way(compared: list[tuple[int, int]]):
    seal = Seal(SECRET)
    right = seal.sign("status", "7")
    for given in wrong(right):
        assert not seal.signed("status", "7", given)
    assert compared == [(len(right), len(right))] * len(wrong(right))
