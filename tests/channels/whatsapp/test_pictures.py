"""A lesson's picture on WhatsApp: in the message of its hook, or not at all."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client
from bot.channels.whatsapp.templates import TEMPLATES, cards, standing, sync
from bot.content.wording import Message, word
from bot.engine.events import Address, Said
from bot.engine.turn import Choice, Say, Verbatim
from bot.metrics.books import imbalances
from bot.outcomes import Later, Refused, Sent
from bot.service import Content
from bot.wiring import House
from bot.wiring.drawing import draw_missing
from bot.wiring.serving import pages
from storage.rows import OutboxRow, Tell
from tests.channels.whatsapp.phone import PUBLIC, Phone, platform, whatsapp_house
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio
from tests.makers import NOON

MEDIA = f"{PUBLIC}/media"
LEARNER = Address("whatsapp", "whatsapp:+34911234567")
HEARD = Said(id="x", address=LEARNER, at=NOON, text="hola")
PICTURE = "0123456789abcdef" * 2 + ".png"

Open = Callable[..., WhatsApp]


@pytest.fixture
async def opened(twilio: FakeTwilio, content: Content) -> AsyncIterator[Open]:
    """Opens the channel at an address of ours; every lesson has the same picture."""
    client = Client(Account(SID, TOKEN, SENDER, base=twilio.url))

    def open_at(public_url: str = PUBLIC) -> WhatsApp:
        return WhatsApp(
            client,
            public_url=public_url,
            words=content.catalogue.text,
            sign=lambda part: f"sign{part}",
            clock=lambda: NOON + timedelta(minutes=1),
            pictures=lambda lesson, language: Path(PICTURE),
        )

    yield open_at
    await client.close()


async def with_templates(channel: WhatsApp, media: str = MEDIA) -> WhatsApp:
    channel.known = await sync(await channel.client.templates(), channel.client.create_template, media)
    return channel


def hook(content: Content, count: int = 3, body: str = "Who decides?") -> Message:
    choices = tuple(Choice(f"q:1-{n}", Verbatim(f"Choice {n}")) for n in range(count))
    return word(Say((Verbatim(body),), choices=choices, picture="tour/people-first"), "en", content.catalogue)


def row(body: dict[str, object]) -> OutboxRow:
    return OutboxRow(
        id=1, learner_id="l", address=LEARNER, address_id=1, channel="whatsapp", body=body, priority=0, due_at=NOON,
        attempts=0, state="waiting", kind="reply", created_at=NOON,
    )  # fmt: skip


def media_of(twilio: FakeTwilio, number: int = -1) -> str | None:
    """The address of the picture that Twilio would fetch for a message."""
    form = twilio.messages[number]["form"]
    ((_, what),) = twilio.contents[form["ContentSid"]]["types"].items() if "ContentSid" in form else [("", {})]
    if "media" not in what:
        return None
    start, _, variable = what["media"][0].partition("{{")
    return str(start + json.loads(form["ContentVariables"])[variable.rstrip("}")])


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_picture_text_and_buttons_are_one_message(
    opened: Open, twilio: FakeTwilio, content: Content, count: int
) -> None:
    channel = await with_templates(opened())
    (part,) = channel.parts(hook(content, count), HEARD)
    assert isinstance(await channel.send(row(part)), Sent)
    assert twilio.refused == []
    assert len(twilio.messages) == 1
    assert media_of(twilio) == f"{MEDIA}/{PICTURE}"
    assert "Who decides?" in twilio.messages[0]["body"]


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "http://bot.example.org"])
async def test_without_a_public_https_address_there_are_no_pictures(
    opened: Open, twilio: FakeTwilio, content: Content, public_url: str
) -> None:
    channel = await with_templates(opened(public_url), f"{public_url}/media")
    (part,) = channel.parts(hook(content), HEARD)
    assert isinstance(await channel.send(row(part)), Sent)
    assert (media_of(twilio), len(twilio.contents)) == (None, len(TEMPLATES))


async def test_without_its_template_the_picture_stays_away_and_the_buttons_come(
    opened: Open, twilio: FakeTwilio, content: Content
) -> None:
    channel = await with_templates(opened(), "")
    (part,) = channel.parts(hook(content), HEARD)
    assert isinstance(await channel.send(row(part)), Sent)
    assert "ContentSid" in twilio.messages[0]["form"]
    assert media_of(twilio) is None


async def test_without_any_template_the_words_come_by_themselves(
    opened: Open, twilio: FakeTwilio, content: Content
) -> None:
    channel = opened()
    (part,) = channel.parts(hook(content), HEARD)
    assert isinstance(await channel.send(row(part)), Sent)
    assert twilio.messages[0]["form"].keys() & {"MediaUrl", "ContentSid"} == set()
    assert "1. Choice 0" in twilio.messages[0]["body"]


async def test_words_too_long_for_a_card_go_without_their_picture(
    opened: Open, twilio: FakeTwilio, content: Content
) -> None:
    channel = await with_templates(opened())
    for part in channel.parts(hook(content, body="word " * 300), HEARD):
        assert "card" not in part
        assert isinstance(await channel.send(row(part)), Sent)
    assert twilio.refused == []


@pytest.mark.parametrize("code", [63005, 63019, 63021])
async def test_a_picture_that_is_refused_is_the_last_one_and_its_message_comes_without(
    opened: Open, twilio: FakeTwilio, content: Content, code: int
) -> None:
    channel = await with_templates(opened())
    (part,) = channel.parts(hook(content), HEARD)
    twilio.faults = [code]
    assert isinstance(await channel.send(row(part)), Later)
    assert isinstance(await channel.send(row(part)), Sent)
    assert media_of(twilio) is None
    assert "card" not in channel.parts(hook(content), HEARD)[0]


@pytest.mark.parametrize("code", [63016, 63032, 21617])
async def test_what_is_not_for_a_picture_s_sake_says_nothing_about_pictures(
    opened: Open, twilio: FakeTwilio, content: Content, code: int
) -> None:
    channel = await with_templates(opened())
    (part,) = channel.parts(hook(content), HEARD)
    twilio.faults = [code]
    assert isinstance(await channel.send(row(part)), Refused)
    assert "card" in channel.parts(hook(content), HEARD)[0]


async def test_a_picture_that_twilio_could_not_fetch_is_the_last_one(opened: Open, content: Content) -> None:
    channel = await with_templates(opened())
    other = Tell(1, "SM1", "failed", "failed", "twilio 63016: outside the 24-hour window")
    channel.heard([other, replace(other, means="sent", reason=None)])
    assert "card" in channel.parts(hook(content), HEARD)[0]
    channel.heard([replace(other, reason="twilio 63019: Twilio could not fetch the picture from PUBLIC_URL")])
    assert "card" not in channel.parts(hook(content), HEARD)[0]


async def test_cards_of_another_public_address_are_made_anew(opened: Open, twilio: FakeTwilio) -> None:
    at_twilio = (await with_templates(opened())).known
    assert all(one.sid for one in standing(at_twilio, MEDIA))
    moved = standing(at_twilio, "https://elsewhere.example.org/media")
    assert sum(one.sid is None for one in moved) == 3
    assert not {card.name for card in cards(MEDIA).values()} & {one.template.name for one in moved if one.sid is None}
    assert len(twilio.contents) == len(TEMPLATES) + 3


async def test_a_learner_s_first_message_shows_the_picture_that_our_page_hands_out(
    twilio: FakeTwilio, sqlite_url: str, tmp_path: Path
) -> None:
    async with whatsapp_house(twilio, sqlite_url, tmp_path) as house:
        channel = platform(house).channel
        assert isinstance(channel, WhatsApp)
        await with_templates(channel)
        await draw_missing(house.album)
        ada = Phone(house, twilio)
        await ada.says("hello")
        media = media_of(twilio)
        assert media is not None
        assert len(ada.shown) == 1
        transport = httpx.ASGITransport(app=pages(house))
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as outside:
            picture = await outside.get(media)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        await ada.says("light")
        assert "no more pictures" in ada.text
        assert media_of(twilio) is None
        await ada.says("light")
        assert media_of(twilio) == media
        await ada.close()


@pytest.fixture
async def pictured(twilio: FakeTwilio, sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The whole house; lessons have their pictures."""
    async with whatsapp_house(twilio, sqlite_url, tmp_path) as house:
        channel = platform(house).channel
        assert isinstance(channel, WhatsApp)
        await with_templates(channel)
        await draw_missing(house.album)
        yield house


@pytest.fixture
async def ada(pictured: House, twilio: FakeTwilio) -> AsyncIterator[Phone]:
    """She has said hello, and was shown a picture."""
    phone = Phone(pictured, twilio)
    await phone.says("hello")
    yield phone
    await phone.close()


async def test_a_message_whose_picture_could_not_be_fetched_comes_once_more_in_words(
    pictured: House, twilio: FakeTwilio, ada: Phone
) -> None:
    shown = ada.shown[0]
    assert media_of(twilio) is not None
    for _ in range(2):  # Twilio may tell twice
        await ada.ends(shown, 63019)
        await ada.receives()
    assert len(twilio.sent_to(ada.number)) == 2
    assert media_of(twilio) is None
    assert ada.choices_of(twilio.messages[-1]) == ada.choices_of(shown)
    await ada.ends(twilio.messages[-1])
    books = await pictured.store.books()
    assert (books["due"], books["sent"], books.get("failed", 0)) == (1, 1, 0)
    assert list(imbalances(books)) == []


async def test_it_does_not_come_once_more_behind_what_they_have_asked_since(pictured: House, ada: Phone) -> None:
    shown = ada.shown[0]
    await ada.says("help")
    await ada.ends(shown, 63019)
    await ada.receives()
    assert len(ada.shown) == 0
    assert list(imbalances(await pictured.store.books())) == []
