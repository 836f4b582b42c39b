"""A lesson every day on Telegram: asked for in a few taps, at the hour of the learner's own clock."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.delivery.following import Following
from bot.engine.learner import Step
from bot.wiring import House
from bot.wiring.planning import came_to_nothing, open_planner
from storage.tables import outbox
from tests.channels.telegram.phones import Pupil, by_taps, telegram_house
from tests.fakes.telegram import FakeTelegram, Says
from tests.service.house import Clock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def brings(house: House, pupil: Pupil, clock: Clock, moment: datetime) -> str:
    """The clock is moved and the planner plans; the message that comes of it."""
    before = len(pupil.person.sees)
    clock.now = moment
    while await open_planner(house).plan():
        pass
    await pupil.telegram.until(lambda: len(pupil.person.sees) > before, seconds=30)
    return pupil.person.sees[-1].text


async def test_from_the_end_of_a_lesson_to_the_next_mornings(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    clock = Clock(NOON)
    async with telegram_house(telegram, sqlite_url, tmp_path, clock=clock) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.until(Step.NEXT, by_taps)
        assert "at an hour you like" in (await pupil.says("enough for today")).text
        assert "which days" in (await pupil.says("7")).text
        assert "What time is it" in (await pupil.taps_choice(0)).text
        asked = await pupil.says("17:30")  # at noon in Greenwich
        assert "Wednesday 25 November, 7:00 (Kolkata)" in asked.text
        text = await brings(house, pupil, clock, datetime(2026, 11, 25, 1, 30, tzinfo=UTC))
        assert text.startswith("⏰")
        text = await brings(house, pupil, clock, datetime(2026, 11, 26, 1, 30, tzinfo=UTC))
        assert "Here is where you stopped" in text


async def wishes(pupil: Pupil) -> datetime:
    """Asks for a lesson every day; when the next one is due."""
    await pupil.says("/start")
    await pupil.until(Step.NEXT, by_taps)
    await pupil.says("daily 7:00")
    await pupil.taps_choice(0)
    await pupil.says("12:00")
    if (await pupil.learner()).due is None:  # more than one clock shows that time
        await pupil.taps_choice(0)
    due = (await pupil.learner()).due
    assert due is not None
    return due


async def test_a_lesson_that_is_refused_is_one_day_that_could_not_come_also_where_that_is_seen_to_twice(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    clock = Clock(NOON)
    async with telegram_house(telegram, sqlite_url, tmp_path, clock=clock) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        clock.now = await wishes(pupil)
        telegram.trouble = lambda method, args: Says(400, "Bad Request: planted")
        while await open_planner(house).plan():
            pass
        async with asyncio.timeout(10):
            while (await house.store.counters()).get("failed") is None:  # noqa: ASYNC110
                await asyncio.sleep(0)
        following = Following("telegram", house.store, house.service.handle, partial(came_to_nothing, house))
        for _ in range(2):
            async with house.store.transaction() as tx:  # as if nobody had heard that it was seen to
                await tx.connection.execute(outbox.update().where(outbox.c.kind == "lesson").values(follows="unsent"))
            await following.look(clock.now)
            daily = (await pupil.learner()).daily
            assert daily is not None
            assert (daily.silent, daily.held) == (0, 1)


async def test_who_blocks_us_is_owed_nothing_and_comes_back_to_their_lessons(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    clock = Clock(NOON)
    async with telegram_house(telegram, sqlite_url, tmp_path, clock=clock) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        due = await wishes(pupil)
        telegram.trouble = lambda method, args: Says(403, "Forbidden: bot was blocked by the user")
        clock.now = due
        while await open_planner(house).plan():
            pass
        await pupil.left()
        assert (await pupil.learner()).due is None
        telegram.trouble = lambda method, args: None
        await pupil.says("/start")
        assert (await pupil.learner()).due is not None
