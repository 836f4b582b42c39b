"""Two planners and two senders on PostgreSQL, frozen and killed while a lesson is due to everybody: it comes once."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine.events import Address, Said
from bot.engine.learner import Keep, Learner, Place, Step
from bot.engine.subscription import EVERY_DAY, Subscription
from bot.seal import Seal
from storage.engine import open_engine
from storage.rows import Handled
from storage.store import Store
from tests.databases import SECRET
from tests.fakes.telegram import FakeTelegram, Person
from tests.faults.conftest import Seen
from tests.faults.crowd import Crowd
from tests.faults.process import Bot, over_at_last
from tests.faults.test_holders import LEASE, freeze

LONG = os.environ.get("FAULTS") == "long"
PEOPLE, ENDS = (3_000, 20) if LONG else (400, 4)
RATE = "15"  # sends a second: so that there is something left to hand over

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]


def subscriber(number: int, now: datetime) -> Learner:
    """Somebody to whom today's lesson is due just now."""
    wish = Subscription(f"{now:%H:%M}", EVERY_DAY, "UTC", "telegram", served=(now - timedelta(days=1)).date())
    return Learner(
        f"learner-{number}", number, "en", now, now - timedelta(hours=20), True, keep=Keep.BOTH, age_band="16_24",
        zone="UTC", place=Place(Step.NEXT, 9), done=("tour/people-first",), light=True, channel="telegram",
        daily=wish, due=now,
    )  # fmt: skip


async def subscribed(store: Store, now: datetime, people: int = PEOPLE) -> None:
    async with store.transaction() as tx:
        heard = [
            Said(id=f"hi-{number}", address=Address("telegram", str(number)), at=now, text="hi")
            for number in range(1, people + 1)
        ]
        arrivals = await tx.accept(heard, now)
        rows = [
            Handled(one.event, one.address_id, subscriber(int(one.event.address.id), now), True) for one in arrivals
        ]
        await tx.save(rows, now)


async def ended_and_begun(turn: int, bots: tuple[Bot, Bot]) -> None:
    """By turns the sender is frozen until the other has taken over, and killed and started again."""
    if turn % 2:
        frozen, awake = await freeze(*bots)
        await frozen.note_doubts()
        await awake.holds()
        frozen.signal(signal.SIGCONT)
        await frozen.ready()
        return
    first, other = bots if turn % 4 else bots[::-1]
    await first.kill()
    await other.holds()
    first.start()
    await first.ready()


def seen_by(people: Sequence[Person]) -> int:
    return sum(len(person.sees) for person in people)


async def press_at_once(crowd: Crowd, person: Person) -> None:
    """Somebody who presses a button of the lesson as soon as it is there; every other one lets it lie."""
    await crowd.telegram.until(lambda: bool(person.sees), 900)
    (lesson,) = person.sees[:1]
    await crowd.deliver(person.presses(lesson, lesson.keyboard[0][0]["callback_data"]), person.number)


def repeats(telegram: FakeTelegram) -> Counter[int]:
    """How many messages came more than once, by chat; no two that were meant are alike."""
    sent = Counter((call.chat, call.args["text"]) for call in telegram.calls("sendMessage") if call.done)
    again: Counter[int] = Counter()
    for (chat, _), times in sent.items():
        again[int(chat or 0)] += times - 1
    return again


async def on_record(store: Store) -> dict[str, Any]:
    """How often each learner's day was decided, and what became of the parts it brought."""
    async with store.read() as look:
        decided = await look.connection.exec_driver_sql(
            "SELECT learner_id, count(*) FROM occasions GROUP BY learner_id"
        )
        parts = await look.connection.exec_driver_sql(
            "SELECT state, count(*) FROM outbox WHERE kind = 'lesson' GROUP BY state"
        )
        return {"decided": Counter(row[1] for row in decided), "parts": {row[0]: row[1] for row in parts}}


async def test_everybody_gets_todays_lesson_whoever_is_frozen_or_killed(
    postgresql_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    store = Store(open_engine(postgresql_url), Seal(SECRET))
    await subscribed(store, datetime.now(UTC).replace(second=0, microsecond=0))
    async with FakeTelegram().running() as telegram:
        people = [telegram.person(number) for number in range(1, PEOPLE + 1)]
        one, two = (
            Bot(
                postgresql_url, data_dir, telegram.url, tmp_path / name,
                LEASE=LEASE, TELEGRAM_SENDS_PER_SECOND=RATE, TELEGRAM_CHAT_SENDS_PER_SECOND="5",
            )
            for name in ("one", "two")
        )  # fmt: skip
        crowd = Crowd(telegram, [one.url, two.url], hangs_up=3.0)
        async with over_at_last(one, two), crowd.learning(0):
            for bot in (one, two):
                bot.start()
                await bot.ready()
            async with asyncio.TaskGroup() as others:
                for person in people[::2]:
                    others.create_task(press_at_once(crowd, person))
                for turn in range(ENDS):
                    there = seen_by(people)
                    await telegram.until(lambda there=there: seen_by(people) > min(there + 5, PEOPLE - 1), seconds=120)
                    await ended_and_begun(turn, (one, two))
                await telegram.until(lambda: all(person.sees for person in people), seconds=600)
            await one.quiet()
            await one.stop()
            await two.stop()
        found = await on_record(store)
        again = repeats(telegram)
        in_doubt = one.doubts + two.doubts
    await store.close()
    seen(ends=ENDS, lessons=PEOPLE, under_way=sum(in_doubt.values()), again=again.total())
    assert found == {"decided": Counter({1: PEOPLE}), "parts": {"sent": PEOPLE}}
    assert max(again.values(), default=0) <= ENDS
    assert again.total() <= ENDS
