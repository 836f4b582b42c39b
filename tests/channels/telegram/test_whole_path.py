"""The first session on Telegram, through the real house: asked for or delivered, in three languages, in four ways."""

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.engine.learner import Keep, Status, Step
from bot.wiring import House
from storage.rows import AnswerFilter
from tests.channels.telegram.phones import Pupil, by_letters, by_numbers, by_taps, by_words, telegram_house
from tests.fakes.telegram import BOT, Cut, FakeTelegram, Fault, Flood, Says, Trouble

WAYS = {"taps": by_taps, "numbers": by_numbers, "letters": by_letters, "words": by_words}


async def answers(house: House) -> int:
    return sum([len(page) async for page in house.store.answers(AnswerFilter())])


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize(
    ("language", "way"),
    [("en", "taps"), ("es", "taps"), ("fr", "taps"), ("en", "numbers"), ("es", "letters"), ("fr", "words")],
)
async def test_a_lesson_from_start_to_where_next(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path, mode: str, language: str, way: str
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path, mode) as house:
        pupil = Pupil(house, telegram, telegram.person(5, language))
        await pupil.says("/start")
        steps = await pupil.until(Step.NEXT, WAYS[way])
        assert len(pupil.person.sees) == steps + 1, "one tap, one message"
        assert await answers(house) >= 2
        learner = await pupil.learner()
        assert (learner.language, learner.keep) == (language, Keep.BOTH)
        taps = [call for call in telegram.ledger if call.method == "answerCallbackQuery"]
        await telegram.until(lambda: way != "taps" or len(telegram.answered) == steps)
        assert len(taps) <= steps
    assert telegram.faults == []
    assert all(one != two for one, two in itertools.pairwise(pupil.texts))


async def test_the_choice_is_marked_where_it_was_made_and_the_why_stands_below(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.until(Step.QUESTION, by_taps)
        asked = pupil.person.sees[-1]
        while not asked.edited:  # a first miss asks the same again; the second tap at the latest leads on
            asked = pupil.person.sees[-1]
            question, label = asked.text, asked.buttons[0]
            await pupil.taps_choice()
            await pupil.settled()
        assert asked.keyboard == []
        assert asked.text.startswith(f"{question}\n\n✓ {label}\n\n")
        assert len(asked.text) > len(f"{question}\n\n✓ {label}\n\n") + 10


async def test_where_the_message_tapped_is_gone_its_news_and_the_next_message_both_come(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.until(Step.CONSENT, by_taps)
        await pupil.settled()
        before = len(pupil.person.sees)
        gone = Says(400, "Bad Request: message to edit not found")
        telegram.trouble = lambda method, args: gone if method == "editMessageText" else None
        await pupil.taps_choice()
        await pupil.settled()
        news, following = sorted(pupil.person.sees[before:], key=lambda shown: bool(shown.keyboard))
        assert (news.keyboard, bool(following.keyboard)) == ([], True)
        assert (await house.store.counters()).get("failed", 0) == 0


async def test_a_second_tap_on_the_same_button_changes_nothing_of_what_it_says(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.until(Step.CONSENT, by_taps)
        asked = pupil.person.sees[-1]
        data = asked.keyboard[0][0]["callback_data"]
        before = [dict(button) for row in asked.keyboard for button in row], asked.text
        await pupil.after(lambda: pupil.person.presses(asked, data))
        await pupil.settled()
        edited = asked.text
        stale = asked.told(pupil.person.chat) | {
            "text": before[1],
            "reply_markup": {"inline_keyboard": [before[0]]},
        }
        query = {"id": "77", "from": pupil.person.who, "data": data, "message": stale}
        await pupil.after(lambda: telegram.tell({"callback_query": query}))
        await pupil.settled()
        assert asked.text == edited
        assert await answers(house) == 0


async def test_who_blocked_us_has_left_and_a_start_brings_them_back_where_they_were(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.until(Step.CARD, by_taps)
        place = (await pupil.learner()).place
        telegram.trouble = lambda method, args: (
            Says(403, "Forbidden: bot was blocked by the user") if method == "sendMessage" else None
        )
        pupil.person.says("menu")
        await telegram.until(lambda: any(isinstance(call.trouble, Says) for call in telegram.ledger))
        await pupil.left()
        telegram.trouble = lambda method, args: None
        await pupil.says("/start")
        learner = await pupil.learner()
        assert learner.status is Status.ACTIVE
        assert (learner.place.lesson, learner.place.item) == (place.lesson, place.item)
        assert len([call for call in telegram.ledger if isinstance(call.trouble, Says)]) == 1


async def test_who_blocks_us_while_replies_wait_gets_none_of_them(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.settled()
        telegram.trouble = lambda method, args: Flood(60) if method == "sendMessage" else None
        for word in ("/privacy", "/menu", "/help"):
            pupil.person.says(word)
        await telegram.until(lambda: any(isinstance(call.trouble, Flood) for call in telegram.ledger))
        async with asyncio.timeout(10):
            while await house.store.depth() != {("telegram", "waiting"): 3}:  # noqa: ASYNC110
                await asyncio.sleep(0)
        blocked = {"user": BOT, "status": "kicked", "until_date": 0}
        change = {"chat": pupil.person.chat, "from": pupil.person.who, "date": 1, "new_chat_member": blocked}
        telegram.tell({"my_chat_member": change})
        await pupil.left()
        await pupil.settled()
        assert (await house.store.counters())["cancelled"] == 3
        assert len([call for call in telegram.ledger if isinstance(call.trouble, Flood)]) == 1


async def test_a_group_gets_one_line_and_nothing_of_it_is_kept(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        group = telegram.person(-100)
        for text in ("/start", "a secret of ours"):
            chat = {"id": -100, "type": "supergroup", "title": "Class"}
            telegram.tell({"message": {"message_id": 1, "date": 1, "chat": chat, "from": {"id": 5}, "text": text}})
        await Pupil(house, telegram, telegram.person(5)).says("/start")
        assert len(group.sees) <= 1
        assert "secret" not in repr(await house.store.inbox())
        assert (await house.store.counters())["unusable"] == 2


class Weather:
    """Troubles as they happen: some calls too many, some gateways down, some answers lost."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.cuts = 0

    def __call__(self, method: str, args: Mapping[str, Any]) -> Trouble | None:
        if method not in ("sendMessage", "editMessageText"):
            return None
        fate = self.dice.random()
        if fate < 0.02:
            return Flood(1)
        if fate < 0.07:
            return Fault(502)
        if fate < 0.09:
            self.cuts += 1
            return Cut(done=True)
        return None


async def test_in_bad_weather_all_lessons_end_in_order_and_nothing_comes_twice_without_need(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    telegram.trouble = weather = Weather(seed=7)
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupils = [Pupil(house, telegram, telegram.person(number)) for number in range(1, 25)]

        async def learn(pupil: Pupil) -> None:
            await pupil.says("/start")
            await pupil.until(Step.NEXT, by_taps, most=40)

        await asyncio.gather(*map(learn, pupils))
        books = await house.store.counters()
        await telegram.until(lambda: len(telegram.answered) >= sum(pupil.taps for pupil in pupils) - len(pupils))
    shown = sum(len(pupil.person.sees) for pupil in pupils)
    assert weather.cuts > 0
    assert shown - sum(pupil.taps for pupil in pupils) <= weather.cuts
    assert books.get("failed", 0) == 0
    assert telegram.faults == []
    for calls in _by_chat(telegram).values():
        for at, one in enumerate(calls):
            if isinstance(one.trouble, Flood):
                until = one.at + one.trouble.seconds - 0.001
                beside = [two.method for two in calls[at + 1 :] if two.at < until]
                assert len(beside) <= 1, "an edit or a message that was under way beside it, and nothing else"
                assert one.method not in beside


def _by_chat(telegram: FakeTelegram) -> dict[int, list[Any]]:
    calls = defaultdict(list)
    for call in telegram.ledger:
        if call.chat is not None:
            calls[call.chat].append(call)
    return calls


async def test_one_s_own_data_are_one_message_with_a_file_however_often_they_are_asked_for(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        await pupil.says("canary words")
        for _ in range(4):
            before = len(pupil.person.sees)
            shown = await pupil.says("/mydata")
            await pupil.settled()
            assert len(pupil.person.sees) == before + 1
            assert "This is everything I have about you:" in shown.text
            assert shown.buttons == ["Go on"]
            everything = orjson.loads(shown.photo.removeprefix("upload:"))
            assert everything["addresses"][0]["address"] == "5"
        assert len(everything["outbox"]) == len(pupil.person.sees)
    assert telegram.faults == []


async def test_where_the_file_is_refused_its_words_come_all_the_same(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path) as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        await pupil.says("/start")
        unknown = Says(404, "Not Found: method not found")
        telegram.trouble = lambda method, args: unknown if method == "sendDocument" else None
        assert "messages between us: 1" in (await pupil.says("/mydata")).text
        assert pupil.person.sees[-1].photo == ""
        assert (await pupil.says("/help")).text, "and nobody has to wait"
