"""Whatever the platform answers has an outcome, and what can still be said is said."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.channels.telegram import client as client_module
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import reply
from bot.channels.telegram.replies import outcome
from bot.outcomes import Later, Left, Refused, Result, Sent, Unknown
from bot.service import Content
from tests.channels.telegram.makers import ADA, channel, row
from tests.fakes.telegram import Cut, Ending, FakeTelegram, Fault, Flood, Hang, Raw, Says, Trouble

TEXT = {"method": "sendMessage", "text": "Hello <b>you</b>"}
BUTTONS = {"inline_keyboard": [[{"text": "Yes!", "callback_data": "q:1-yes"}]]}
PHOTO = row(
    {"method": "sendPhoto", "picture": "tour/bees", "language": "en", "caption": "Look", "reply_markup": BUTTONS}
)
EDIT = {"method": "editMessageText", "message_id": 999, "text": "Old\n\nnews", "otherwise": "news"}


@pytest.fixture
async def bot(telegram: FakeTelegram, content: Content) -> AsyncIterator[TelegramChannel]:
    made = channel(telegram, content.catalogue)
    yield made
    await made.client.close()


def once(trouble: Trouble) -> Callable[[str, Mapping[str, Any]], Trouble | None]:
    """This trouble for the first call, none after."""
    left = [trouble]
    return lambda method, args: left.pop() if left else None


async def test_a_message_arrives(telegram: FakeTelegram, bot: TelegramChannel) -> None:
    result = await bot.send(row(TEXT))
    (shown,) = telegram.person(ADA).sees
    assert result == Sent(str(shown.id))
    assert (shown.text, [entity.type for entity in shown.entities]) == ("Hello you", ["bold"])
    (call,) = telegram.ledger
    assert call.args["link_preview_options"] == {"is_disabled": True}
    assert telegram.faults == []


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (Flood(17), Later(17, "chat", False)),
        (Fault(502), Later(1.0, "part", True)),
        (Fault(500), Later(1.0, "part", True)),
        (Cut(done=True), Unknown("")),
        (Cut(done=False), Unknown("")),
        (Says(403, "Forbidden: bot was blocked by the user"), Left("")),
        (Says(403, "Forbidden: user is deactivated"), Left("")),
        (Says(400, "Bad Request: chat not found"), Left("")),
        (Says(400, "Bad Request: BUTTON_DATA_INVALID"), Refused("")),
        (Says(401, "Unauthorized"), Later(60.0, "account", False)),
        (Says(404, "Not Found"), Later(60.0, "account", False)),
    ],
    ids=repr,
)
async def test_each_trouble_has_its_outcome(
    telegram: FakeTelegram, bot: TelegramChannel, trouble: Trouble, outcome: Result
) -> None:
    telegram.trouble = once(trouble)
    result = await bot.send(row(TEXT))
    assert type(result) is type(outcome)
    if isinstance(result, Later) and isinstance(outcome, Later):
        assert (result.after, result.scope, result.counts) == (outcome.after, outcome.scope, outcome.counts)
    if isinstance(result, Left | Refused | Unknown):
        assert result.reason


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, {}),
        (200, {"description": "Internal Server Error"}),
        (200, {"error_code": 200, "description": "odd"}),
        (500, {"error_code": True}),
        (500, {"error_code": 0}),
        (500, {"error_code": 1000}),
        (502, {"error_code": "400"}),
        (302, {"error_code": None}),
        (200, {"error_code": [403]}),
        (500, {"description": [[[0]]]}),
        (500, {"description": {"a": None}}),
    ],
    ids=str,
)
async def test_a_refusal_without_a_code_loses_no_message(
    telegram: FakeTelegram, bot: TelegramChannel, status: int, told: dict[str, object]
) -> None:
    telegram.trouble = once(Raw(orjson.dumps({"ok": False, **told}), status))
    assert isinstance(await bot.send(row(TEXT)), Later)
    assert isinstance(await bot.send(row(TEXT)), Sent)
    assert len(telegram.person(ADA).sees) == 1


def test_a_refusal_without_a_code_of_its_own_is_read_by_that_of_its_connection() -> None:
    raw = b'{"ok":false,"description":"Forbidden: bot was blocked by the user"}'
    assert isinstance(outcome(reply(403, raw)), Left)


async def test_an_answer_that_ends_with_its_connection_is_an_answer(
    telegram: FakeTelegram, bot: TelegramChannel
) -> None:
    telegram.trouble = lambda method, args: Ending()
    results = [await bot.send(row(TEXT)) for _ in range(3)]
    assert results == [Sent(str(shown.id)) for shown in telegram.person(ADA).sees]
    assert len(telegram.person(ADA).sees) == 3


async def test_a_platform_that_never_answers_leaves_it_unknown(
    telegram: FakeTelegram, bot: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client_module.TIMEOUT <= 10
    telegram.trouble = once(Hang())
    with pytest.raises(client_module.Lost):
        await bot.client.call("getMe", {}, timeout=0.05)


async def test_a_platform_out_of_reach_was_not_told(content: Content) -> None:
    nobody = channel(None, content.catalogue)
    result = await nobody.send(row(TEXT))
    await nobody.client.close()
    assert isinstance(result, Later)
    assert (result.scope, result.counts) == ("account", True)


async def test_html_that_telegram_cannot_read_goes_out_plain(telegram: FakeTelegram, bot: TelegramChannel) -> None:
    result = await bot.send(row({"method": "sendMessage", "text": "3 &lt; 4 <b>open"}))
    assert isinstance(result, Sent)
    assert telegram.person(ADA).sees[-1].text == "3 < 4 open"


async def test_an_edit_that_changes_nothing_is_done(telegram: FakeTelegram, bot: TelegramChannel) -> None:
    await bot.send(row(TEXT))
    number = telegram.person(ADA).sees[-1].id
    again = row({"method": "editMessageText", "message_id": number, "text": TEXT["text"]})
    assert isinstance(await bot.send(again), Sent)
    assert len(telegram.person(ADA).sees) == 1


async def test_the_news_of_an_edit_that_cannot_be_made_is_sent_by_itself(
    telegram: FakeTelegram, bot: TelegramChannel
) -> None:
    assert isinstance(await bot.send(row(EDIT)), Sent)
    assert [shown.text for shown in telegram.person(ADA).sees] == ["news"]


async def test_a_chat_that_moved_gets_its_message_once_where_it_is_now(
    telegram: FakeTelegram, bot: TelegramChannel
) -> None:
    moved = Says(400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": 2002})
    telegram.person(2002)
    telegram.trouble = once(moved)
    assert isinstance(await bot.send(row(TEXT)), Sent)
    assert len(telegram.person(2002).sees) == 1
    assert telegram.person(ADA).sees == []


async def test_a_picture_is_uploaded_once_and_sent_by_its_id_after(
    telegram: FakeTelegram, content: Content, tmp_path: Path
) -> None:
    file = tmp_path / "bees.png"
    file.write_bytes(b"a picture")
    bot = channel(telegram, content.catalogue, pictures=lambda name, language: file)
    photo = row({"method": "sendPhoto", "picture": "tour/bees", "language": "en", "caption": "Look"})
    first, second = await bot.send(photo), await bot.send(photo)
    await bot.client.close()
    assert isinstance(first, Sent)
    assert isinstance(second, Sent)
    (key,) = first.remember
    assert first.remember[key] == "file-9"
    assert second.remember == {}
    assert [call.args["photo"] for call in telegram.calls("sendPhoto")] == ["upload:9", "file-9"]
    assert telegram.faults == []


@pytest.mark.parametrize(
    "photo",
    [[{}], [], {}, "file-9", [["file-9"]], [None], [{"file_id": 7}], [{"file_id": ""}], [{"file_id": "\ud83d"}]],
    ids=repr,
)
async def test_a_picture_whose_id_is_not_told_is_sent_all_the_same_and_once(
    telegram: FakeTelegram, content: Content, picture: Callable[[str, str], Path], photo: object
) -> None:
    told = json.dumps({"ok": True, "result": {"message_id": 7, "photo": photo}})
    telegram.trouble = once(Raw(told.encode()))
    bot = channel(telegram, content.catalogue, pictures=picture)
    result = await bot.send(PHOTO)
    assert result == Sent("7")
    again = await bot.send(PHOTO)
    await bot.client.close()
    assert isinstance(again, Sent)
    assert again.remember == {"picture:bees": "file-9"}, "the next one is uploaded, and remembered"


async def test_an_id_of_another_bot_is_forgotten_and_the_picture_uploaded_again(
    telegram: FakeTelegram, content: Content, tmp_path: Path
) -> None:
    file = tmp_path / "bees.png"
    file.write_bytes(b"a picture")
    photo = row({"method": "sendPhoto", "picture": "tour/bees", "language": "en", "caption": "Look"})
    first = channel(telegram, content.catalogue, pictures=lambda name, language: file)
    sent = await first.send(photo)
    await first.client.close()
    assert isinstance(sent, Sent)
    stale = dict.fromkeys(sent.remember, "of another bot")
    bot = channel(telegram, content.catalogue, pictures=lambda name, language: file, known=stale)
    result = await bot.send(photo)
    await bot.client.close()
    assert isinstance(result, Sent)
    assert list(result.remember.values()) == ["file-9"]


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str, str], Path]:
    """A file for every picture."""
    file = tmp_path / "bees.png"
    file.write_bytes(b"a picture")
    return lambda name, language: file


@pytest.mark.parametrize(
    "said", ["MEDIA_EMPTY", "FILE_REFERENCE_EXPIRED", "wrong remote file identifier specified: can't unserialize it"]
)
async def test_an_id_that_the_platform_will_not_have_is_uploaded_anew_and_remembered_in_its_place(
    telegram: FakeTelegram, content: Content, picture: Callable[[str, str], Path], said: str
) -> None:
    bot = channel(telegram, content.catalogue, pictures=picture, known={"picture:bees": "file-1"})
    telegram.trouble = once(Says(400, f"Bad Request: {said}"))
    result = await bot.send(PHOTO)
    await bot.client.close()
    assert isinstance(result, Sent)
    assert result.remember == {"picture:bees": "file-9"}
    assert telegram.person(ADA).sees[-1].photo


@pytest.mark.parametrize(
    "said", ["IMAGE_PROCESS_FAILED", "not enough rights to send photos to the chat", "can't parse entities: odd"]
)
async def test_a_picture_that_the_platform_will_not_take_leaves_words_and_buttons(
    telegram: FakeTelegram, content: Content, picture: Callable[[str, str], Path], said: str
) -> None:
    bot = channel(telegram, content.catalogue, pictures=picture)
    refused = Says(400, f"Bad Request: {said}")
    telegram.trouble = lambda method, args: refused if method == "sendPhoto" else None
    result = await bot.send(PHOTO)
    await bot.client.close()
    assert isinstance(result, Sent)
    (shown,) = telegram.person(ADA).sees
    assert (shown.text, shown.photo) == ("Look", "")
    assert shown.keyboard


async def test_whoever_is_not_there_gets_no_picture_in_another_form(
    telegram: FakeTelegram, content: Content, picture: Callable[[str, str], Path]
) -> None:
    bot = channel(telegram, content.catalogue, pictures=picture)
    telegram.trouble = lambda method, args: Says(403, "Forbidden: bot was blocked by the user")
    assert isinstance(await bot.send(PHOTO), Left)
    await bot.client.close()
    assert len(telegram.ledger) <= 1


async def test_two_chats_that_meet_the_same_bad_id_at_once_both_get_the_picture(
    telegram: FakeTelegram, content: Content, picture: Callable[[str, str], Path]
) -> None:
    bot = channel(telegram, content.catalogue, pictures=picture, known={"picture:bees": "stale"})
    results = await asyncio.gather(bot.send(PHOTO), bot.send(PHOTO))
    third = await bot.send(PHOTO)
    await bot.client.close()
    assert all(isinstance(result, Sent) and result.remember for result in results)
    assert isinstance(third, Sent)
    assert third.remember == {}, "the new id is known"


def test_a_refusal_in_words_that_no_database_keeps_is_told_in_others() -> None:
    raw = b'{"ok":false,"error_code":400,"description":"odd \\ud83d\\u0000 words"}'
    assert outcome(reply(400, raw)) == Refused("telegram 400: odd  words")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"ok":true,"result":{"message_id":7}}', Sent),
        (b'{"ok":true,"result":true}', Sent),
        (b'{"ok":true}', Unknown),
        (b'{"ok":true,"result":{}}', Unknown),
    ],
)
def test_a_yes_that_tells_of_no_message_is_no_word_that_it_arrived(raw: bytes, kind: type[Result]) -> None:
    assert isinstance(outcome(reply(200, raw)), kind)


@pytest.mark.parametrize("told", [10**12, 2**31, 3601, -5, 0, True, "17", 1.5, None, float("1e300")])
def test_a_wait_that_makes_no_sense_is_one_that_does(told: object) -> None:
    raw = orjson.dumps({"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": told}})
    result = outcome(reply(429, raw))
    assert isinstance(result, Later)
    assert 0 < result.after <= 3600


async def test_a_picture_that_is_gone_leaves_its_words(telegram: FakeTelegram, bot: TelegramChannel) -> None:
    photo = row({"method": "sendPhoto", "picture": "tour/bees", "language": "en", "caption": "Look"})
    assert isinstance(await bot.send(photo), Sent)
    assert telegram.person(ADA).sees[-1].text == "Look"


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b'{"ok": "yes"}', b'{"result": 1}'])
def test_an_answer_that_is_none_of_the_bot_api_is_a_fault_of_the_way(raw: bytes) -> None:
    assert reply(200, raw).status == 502
    assert reply(503, raw).status == 503


@pytest.mark.parametrize("status", [302, 400, 403, 404, 413])
@pytest.mark.parametrize("raw", [b"<html>Forbidden</html>", b'{"ok":false,"error_code":400,"descr'])
def test_a_page_of_some_gateway_makes_nobody_gone_and_loses_no_message(status: int, raw: bytes) -> None:
    assert isinstance(outcome(reply(status, raw)), Later)


async def test_the_token_stands_in_no_error_and_no_repr(bot: TelegramChannel) -> None:
    assert "token" not in repr(bot.client)
    nobody = channel(None, bot.catalogue())
    with pytest.raises(client_module.NotSent) as never:
        await nobody.client.call("getMe", {})
    assert "loopback-token" not in repr(never.value)
    assert never.value.__cause__ is None
    assert never.value.__suppress_context__
    await nobody.client.close()
