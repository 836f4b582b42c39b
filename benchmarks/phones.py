"""Telegram and its users in one process: a lean Bot API, and learners who press what they are shown.

Started by the bench, it prints one line of JSON for each step: ``listening``, ``begin``, ``end`` with what was seen.
A turn lasts from an update's delivery to the arrival of the message that answers it.
"""

import asyncio
import json
import re
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, takewhile
from urllib.parse import parse_qs

import orjson
import uvloop

from benchmarks.wire import Pool, Serving, posting

TOKEN = "123456789:loopback-token-of-no-real-bot-at-all"
SECRET = "a-secret-of-our-own-making-0123456789"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "loopback_bot"}
TAG = re.compile(r"<[^>]+>")
AVOIDED = "-under"  # who says so keeps no place: a turn without its work
QUIET = 1.5  # seconds without a message after which nothing more is expected
PATIENCE = 30.0  # seconds for one turn


@dataclass(frozen=True)
class Plan:
    """Who learns how. ``rate`` is turns a second, 0 for as fast as it goes; ``twice`` the share delivered twice.

    With ``seconds`` nobody begins any more after so long, however many ``learners`` there are.
    """

    api: int
    hook: int
    path: str
    learners: int = 1000
    at_once: int = 32
    turns: int = 10
    warm: int = 64
    delay: float = 0.0
    rate: float = 0.0
    twice: float = 0.0
    seconds: float = 0.0
    first: int = 1_000_000


@dataclass
class Learner:
    """A chat, and what it shows last."""

    number: int
    text: str = ""
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    shown: int = 0
    photo: bool = False
    seen: asyncio.Future[None] | None = None


@dataclass
class Seen:
    """What happened between begin and end."""

    turns: int = 0
    messages: int = 0
    calls: int = 0
    updates: int = 0
    refused: int = 0
    lost: int = 0
    times: "array[float]" = field(default_factory=lambda: array("d"))


class Phones:
    """Every chat with the bot."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.learners: dict[int, Learner] = {}
        self.seen = Seen()
        self.numbers = count(plan.first)
        self.hooked = asyncio.Event()
        self.last = time.perf_counter()
        head = posting(plan.path, "application/json", X_Telegram_Bot_Api_Secret_Token=SECRET)
        self.hook = Pool(plan.hook, head)

    # --- the Bot API ------------------------------------------------------------------------------------------

    def taken(self, path: bytes, kind: bytes, body: bytes) -> bytes:
        method = path.rpartition(b"/")[2].decode()
        self.seen.calls += 1
        if method in ("sendMessage", "sendPhoto"):
            return self._shown(_arguments(kind, body))
        if method == "setWebhook":
            self.hooked.set()
        return ANSWERS.get(method, b'{"ok":true,"result":true}')

    def _shown(self, args: dict[str, object]) -> bytes:
        chat = int(str(args["chat_id"]))
        learner = self.learners[chat]
        markup = args.get("reply_markup") or {}
        if isinstance(markup, str):
            markup = orjson.loads(markup)
        learner.keyboard = markup.get("inline_keyboard", [])  # type: ignore[attr-defined]
        learner.text = TAG.sub("", str(args.get("text") or args.get("caption") or ""))
        learner.photo, learner.shown = "photo" in args, next(self.numbers)
        self.seen.messages += 1
        self.last = time.perf_counter()
        if learner.seen is not None and not learner.seen.done():
            learner.seen.set_result(None)
        return (PHOTO if learner.photo else TEXT) % (learner.shown, chat)

    # --- the learners -----------------------------------------------------------------------------------------

    async def learn(self, number: int) -> None:
        """All turns of one learner, each as soon as the last one is answered."""
        learner = self.learners[number] = Learner(number)
        for _ in range(self.plan.turns):
            await self.turn(learner)

    async def turn(self, learner: Learner) -> None:
        learner.seen = asyncio.get_running_loop().create_future()
        update = orjson.dumps({"update_id": next(self.numbers), **_said(learner, next(self.numbers))})
        began = time.perf_counter()
        deliveries = [asyncio.ensure_future(self._deliver(update))]
        self.seen.updates += 1
        if self.plan.twice and self.seen.updates % round(1 / self.plan.twice) == 0:
            deliveries.append(asyncio.ensure_future(self._deliver(update)))
        try:
            async with asyncio.timeout(PATIENCE):
                await learner.seen
        except TimeoutError:
            self.seen.lost += 1
        self.seen.times.append(time.perf_counter() - began)
        self.seen.turns += 1
        await asyncio.gather(*deliveries)

    async def _deliver(self, update: bytes) -> None:
        status, answer = await self.hook.post(update)
        self.seen.refused += status != 200
        self.seen.calls += answer.startswith(b'{"method"')

    async def crowd(self, numbers: Iterator[int]) -> None:
        """So many at once, each followed by the next."""

        async def one_after_another() -> None:
            for number in numbers:
                await self.learn(number)

        await asyncio.gather(*(one_after_another() for _ in range(self.plan.at_once)))

    async def steadily(self, numbers: list[int]) -> None:
        """So many turns a second over all learners, whatever the bot does: lateness shows as time."""
        for number in numbers:
            self.learners[number] = Learner(number)
        gap, began, turns = 1 / self.plan.rate, time.perf_counter(), []
        for step in range(len(numbers) * self.plan.turns):
            await asyncio.sleep(max(0.0, began + step * gap - time.perf_counter()))
            turns.append(asyncio.ensure_future(self.turn(self.learners[numbers[step % len(numbers)]])))
        await asyncio.gather(*turns)

    async def quiet(self) -> None:
        """Comes back once nothing more is to be expected."""
        while (left := self.last + QUIET - time.perf_counter()) > 0:
            await asyncio.sleep(left)


ANSWERS = {
    "getMe": orjson.dumps({"ok": True, "result": {**BOT, "can_join_groups": True}}),
    "getWebhookInfo": b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}',
}


_SHOWN = b'{"ok":true,"result":{"message_id":%d,"date":1780000000,"chat":{"id":%d,"type":"private"},'
TEXT = _SHOWN + b'"text":"."}}'
PHOTO = _SHOWN + b'"photo":[{"file_id":"file-1","file_unique_id":"1","width":1,"height":1}]}}'
FIELD = re.compile(rb'name="(\w+)"[^\r]*(?:\r\n[^\r]+)*\r\n\r\n(.*?)\r\n--', re.DOTALL)


def _arguments(kind: bytes, body: bytes) -> dict[str, object]:
    if kind.startswith(b"application/json"):
        return orjson.loads(body)  # type: ignore[no-any-return]
    if kind.startswith(b"multipart/"):
        return {name.decode(): value.decode("utf-8", "replace") for name, value in FIELD.findall(body)}
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _said(learner: Learner, number: int) -> dict[str, object]:
    """The first word, then a press on the first button there is."""
    who = {"id": learner.number, "is_bot": False, "first_name": "A", "language_code": "en"}
    chat = {"id": learner.number, "type": "private", "first_name": "A"}
    date = int(time.time())
    buttons = [button["callback_data"] for row in learner.keyboard for button in row]
    if not buttons:
        entity = {"type": "bot_command", "offset": 0, "length": 6}
        said = {"message_id": number, "date": date, "from": who, "chat": chat, "text": "/start", "entities": [entity]}
        return {"message": said}
    shown: dict[str, object] = {"message_id": learner.shown, "date": date, "chat": chat, "from": BOT}
    shown |= {"reply_markup": {"inline_keyboard": learner.keyboard}}
    shown |= {"caption": learner.text, "photo": []} if learner.photo else {"text": learner.text}
    data = next((data for data in buttons if not data.endswith(AVOIDED)), buttons[0])
    return {"callback_query": {"id": str(number), "from": who, "chat_instance": "1", "data": data, "message": shown}}


def tell(step: str, **more: object) -> None:
    print(json.dumps({"step": step, **more}), flush=True)


async def main(plan: Plan) -> None:
    phones = Phones(plan)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Serving(phones.taken, plan.delay), "127.0.0.1", plan.api, backlog=1024)
    tell("listening")
    await phones.hooked.wait()
    await reachable(plan.hook)
    tell("reached")
    await phones.crowd(iter(range(plan.first, plan.first + plan.warm)))
    await phones.quiet()
    phones.seen = Seen()
    numbers = range(plan.first + plan.warm, plan.first + plan.warm + plan.learners)
    tell("begin")
    began = time.perf_counter()
    if plan.rate:
        await phones.steadily(list(numbers))
    else:
        await phones.crowd(iter(numbers) if not plan.seconds else _until(began + plan.seconds, plan.first + plan.warm))
    seconds = time.perf_counter() - began
    tell("timed", seconds=seconds)
    await phones.quiet()
    report(phones.seen, seconds)


def _until(end: float, first: int) -> Iterator[int]:
    """One learner after another, until then."""
    return takewhile(lambda _: time.perf_counter() < end, count(first))


def report(seen: Seen, seconds: float) -> None:
    times = sorted(seen.times) or [0.0]

    def at(share: float) -> float:
        return 1000 * times[min(len(times) - 1, int(share * len(times)))]

    tell(
        "end",
        seconds=seconds,
        turns=seen.turns,
        messages=seen.messages,
        calls=seen.calls,
        refused=seen.refused,
        lost=seen.lost,
        doubled=seen.messages - seen.updates,
        p50=at(0.5),
        p95=at(0.95),
        longest=1000 * times[-1],
    )


async def reachable(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


if __name__ == "__main__":
    uvloop.run(main(Plan(**json.loads(sys.argv[1]))))
