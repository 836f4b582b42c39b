"""People with Telegram who take lessons in the real house: by taps, and by what they type."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.channels.telegram.webhook import PATH
from bot.engine.events import Address
from bot.engine.learner import Learner, Status, Step
from bot.settings import load_settings
from bot.wiring import House, open_house, running
from bot.wiring.house import clock
from tests.fakes.telegram import SECRET_HEADER, FakeTelegram, Person, Shown

SECRET = "a-secret-of-our-own-making-0123456789"


@asynccontextmanager
async def telegram_house(
    telegram: FakeTelegram,
    url: str,
    folder: Path,
    mode: str = "polling",
    per_second: str = "0",
    clock: Callable[[], datetime] = clock,
) -> AsyncIterator[House]:
    """The house with Telegram at work in it."""
    settings = load_settings(
        None,
        database_url=url,
        data_dir=folder,
        secret_key="q7Zp2VxT9mWc4LrY8sKd1NfH6bGj3AeU",
        telegram_bot_token=telegram.token,
        telegram_api_url=telegram.url,
        telegram_mode=mode,
        telegram_webhook_secret=SECRET,
        telegram_sends_per_second=per_second,
        telegram_chat_sends_per_second=per_second,
    )
    async with open_house(settings, clock) as house, running(*(work() for work in house.platforms[0].works)):
        if mode == "polling":
            yield house
            return
        async with delivering(telegram, house):
            yield house


@asynccontextmanager
async def delivering(telegram: FakeTelegram, house: House) -> AsyncIterator[None]:
    """The platform posts its updates to our webhook, and does what the answers say."""
    app = Starlette(routes=[hook for platform in house.platforms for hook in platform.hooks])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as web:

        async def deliver(update: dict[str, Any]) -> None:
            answer = await web.post(PATH, json=update, headers={SECRET_HEADER: SECRET})
            assert answer.status_code == 200
            telegram.obeys(answer.content)

        tasks: set[asyncio.Task[None]] = set()

        def tell(update: dict[str, Any]) -> dict[str, Any]:
            update = {"update_id": next(telegram.numbers), **update}
            tasks.add(asyncio.create_task(deliver(update)))
            return update

        telegram.tell = tell  # type: ignore[method-assign]
        yield
        await asyncio.gather(*tasks)


@dataclass
class Pupil:
    """Somebody on their way through lessons."""

    house: House
    telegram: FakeTelegram
    person: Person
    taps: int = 0
    texts: list[str] = field(default_factory=list)

    async def learner(self) -> Learner:
        found = await self.house.store.learner_at(Address("telegram", str(self.person.number)))
        assert found is not None
        async with self.house.store.read() as look:
            return (await look.learners([found]))[found]

    async def left(self) -> None:
        """Comes back once the house knows that they blocked us."""
        async with asyncio.timeout(10):
            while (await self.learner()).status is not Status.LEFT:  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def settled(self) -> None:
        """Comes back once nothing is on its way: an edit may arrive after the message behind it."""
        async with asyncio.timeout(10):
            while await self.house.store.depth():  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def after(self, act: Callable[[], object]) -> Shown:
        """Does it and waits for the next message."""
        before = len(self.person.sees)
        act()
        self.taps += 1
        await self.telegram.until(lambda: len(self.person.sees) > before, seconds=30)
        self.texts.append(self.person.sees[-1].text)
        return self.person.sees[-1]

    async def says(self, text: str) -> Shown:
        return await self.after(lambda: self.person.says(text))

    async def taps_choice(self, position: int = 0) -> Shown:
        shown = next(shown for shown in reversed(self.person.sees) if shown.keyboard)
        data = [button["callback_data"] for row in shown.keyboard for button in row][position]
        return await self.after(lambda: self.person.presses(shown, data))

    async def until(self, step: Step, go: Callable[["Pupil", Step], Awaitable[object]], most: int = 20) -> int:
        """Goes on, one way or another, until the step; how many messages that took."""
        for count in range(most):
            here = (await self.learner()).place.step
            if here is step:
                return count
            await go(self, here)
        raise AssertionError(f"{step} was not reached: {self.texts}")


async def by_taps(pupil: Pupil, here: Step) -> None:
    """The first choice; at the age the second, as the first keeps no answers."""
    await pupil.taps_choice(1 if here is Step.AGE else 0)


async def by_numbers(pupil: Pupil, here: Step) -> None:
    await pupil.says("2" if here is Step.AGE else "1")


async def by_letters(pupil: Pupil, here: Step) -> None:
    await pupil.says("b" if here is Step.AGE else "A")


async def by_words(pupil: Pupil, here: Step) -> None:
    """The label itself, typed loosely; letters where the labels stand in the text."""
    shown = next(shown for shown in reversed(pupil.person.sees) if shown.keyboard)
    await pupil.says(shown.buttons[1 if here is Step.AGE else 0].upper())
