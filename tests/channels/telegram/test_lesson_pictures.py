"""The real pictures on Telegram: one message with its words, each language's uploaded once."""

from pathlib import Path

from bot.cards.album import Album
from bot.cards.press import Press
from bot.content.load import load
from bot.outcomes import Sent
from bot.service import Content
from tests.channels.telegram.makers import ADA, channel, message, row
from tests.fakes.telegram import FakeTelegram

ROOT = Path(__file__).resolve().parents[3]
LESSON = "tour/people-first"
LABELS = ("Ravi", "Amina", "Both the same")


def album(folder: Path, *languages: str) -> Album:
    """The lessons' album, with the picture of one lesson drawn in these languages."""
    made = Album(folder / "cards", Press())
    made.take_up(load(ROOT / "lessons", ROOT / "i18n", ROOT / "policies"))
    for language in languages:
        made.make(made.name(LESSON, language) or "")
    return made


async def test_picture_words_and_buttons_are_one_message_and_a_language_is_uploaded_once(
    telegram: FakeTelegram, content: Content, tmp_path: Path
) -> None:
    bot = channel(telegram, content.catalogue, pictures=album(tmp_path, "en", "es"))
    for language in ("en", "en", "es"):
        (part,) = bot.parts(message(content, "Who?", picture=LESSON, labels=LABELS, language=language), None)
        assert isinstance(await bot.send(row(part)), Sent)
    await bot.client.close()
    photos = [str(call.args["photo"]) for call in telegram.calls("sendPhoto")]
    assert [photo.startswith("upload:") for photo in photos] == [True, False, True]
    assert len(telegram.person(ADA).sees) == 3
    assert telegram.faults == []


async def test_a_picture_that_is_not_drawn_yet_makes_nobody_wait(content: Content, tmp_path: Path) -> None:
    bot = channel(None, content.catalogue, pictures=album(tmp_path, "es"))
    (part,) = bot.parts(message(content, "Who?", picture=LESSON, labels=LABELS), None)
    assert (part["method"], part["text"]) == ("sendMessage", "Who?")
