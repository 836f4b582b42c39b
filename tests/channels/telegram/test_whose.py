"""One bot after another on the same database: each is introduced, and answers everybody, whatever the first one did."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.channels.telegram.start import LINK
from bot.channels.telegram.whose import FIRST, number, own
from bot.outcomes import Sent
from bot.service import Content
from tests.channels.telegram.makers import ADA, channel, row
from tests.channels.telegram.phones import Pupil, telegram_house
from tests.fakes.telegram import TOKEN, FakeTelegram

OTHER = "987654321:another-token-of-no-real-bot-at-all"
ABOUT = ("setMyCommands", "setMyDescription", "setMyShortDescription")


@pytest.fixture
async def other() -> AsyncIterator[FakeTelegram]:
    """Another bot: it numbers its updates from the same number on."""
    async with FakeTelegram().running() as fake:
        fake.token = OTHER
        yield fake


def introduced(telegram: FakeTelegram) -> Callable[[], bool]:
    return lambda: [len(telegram.calls(method)) for method in ABOUT] == [3, 3, 3]


async def lives(telegram: FakeTelegram, url: str, folder: Path, mode: str, link: str) -> None:
    """Somebody begins, Telegram hears who the bot is, and where it shows us is remembered under this name."""
    async with telegram_house(telegram, url, folder, mode) as house:
        shown = await Pupil(house, telegram, telegram.person(5)).says("/start")
        assert shown.text
        await telegram.until(introduced(telegram), 60)
        async with asyncio.timeout(10):
            while link not in await house.store.recalled("telegram"):  # noqa: ASYNC110
                await asyncio.sleep(0)


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_another_bot_is_introduced_and_answers_updates_that_are_numbered_like_the_first_one_s(
    telegram: FakeTelegram, other: FakeTelegram, sqlite_url: str, tmp_path: Path, mode: str
) -> None:
    await lives(telegram, sqlite_url, tmp_path, mode, LINK)
    await lives(other, sqlite_url, tmp_path, mode, f"{number(OTHER)}:{LINK}")


async def test_what_a_version_took_that_knew_of_one_bot_only_is_known_when_it_comes_again(
    telegram: FakeTelegram, sqlite_url: str, tmp_path: Path
) -> None:
    async with telegram_house(telegram, sqlite_url, tmp_path, "webhook") as house:
        pupil = Pupil(house, telegram, telegram.person(5))
        taken = pupil.person.says("/start")
        await telegram.until(lambda: bool(pupil.person.sees))
        await house.store.forget("telegram", FIRST)
        (before,) = pupil.person.sees
    async with telegram_house(telegram, sqlite_url, tmp_path, "webhook") as house:
        telegram.tell(taken)
        async with asyncio.timeout(10):
            while not (await house.store.counters()).get("duplicate"):  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert pupil.person.sees == [before]


async def test_a_picture_s_id_of_another_bot_is_not_tried(
    telegram: FakeTelegram, content: Content, tmp_path: Path
) -> None:
    file = tmp_path / "bees.png"
    file.write_bytes(b"a picture")
    known = {FIRST: number(TOKEN), "picture:bees": "file-of-the-first"}
    bot = channel(telegram, content.catalogue, pictures=lambda name, language: file, known=known, own=own(OTHER, known))
    sent = [await bot.send(row({"method": "sendPhoto", "picture": "bees", "language": "en"})) for _ in range(2)]
    await bot.client.close()
    assert [call.args["photo"] for call in telegram.calls("sendPhoto")] == ["upload:9", "file-9"]
    assert isinstance(sent[0], Sent)
    assert list(sent[0].remember) == [f"{number(OTHER)}:picture:bees"]
    assert len(telegram.person(ADA).sees) == 2


def test_a_new_token_of_the_same_bot_is_the_same_bot() -> None:
    known = {FIRST: "987654321"}
    assert own(f"{OTHER}-anew", known) == ""
    assert own(TOKEN, known) == "123456789:"
    assert own(TOKEN, {}) == ""


def test_of_a_made_up_token_nothing_is_kept_that_might_be_secret() -> None:
    assert number("a-token-for-a-platform-on-this-machine") == ""
