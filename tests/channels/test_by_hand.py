"""The phones that developers hold in a terminal: what is typed reaches the bot, what the bot sends is shown."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from bot.channels.whatsapp.signature import verified
from tests.fakes import telegram_by_hand, twilio_by_hand
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.twilio import SENDER, SID, FakeTwilio
from tests.fakes.twilio import TOKEN as TWILIO_TOKEN


async def test_a_number_presses_the_button_and_words_are_said() -> None:
    async with FakeTelegram().running() as telegram:
        person = telegram.person(1001)
        keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "q:1-a"}]]}
        async with aiohttp.ClientSession() as session:
            args = {"chat_id": 1001, "text": "Well?", "reply_markup": keyboard}
            await session.post(f"{telegram.url}/bot{TOKEN}/sendMessage", json=args)
        assert telegram_by_hand.as_text(person.sees[-1]) == "◀ Well?\n   [1] Yes"
        telegram_by_hand.typed(person, "1")
        telegram_by_hand.typed(person, "2")
    tapped, said = telegram.updates
    assert tapped["callback_query"]["data"] == "q:1-a"
    assert said["message"]["text"] == "2"


async def test_the_settings_to_start_the_bot_with_are_shown_first() -> None:
    shown: list[str] = []

    async def nothing() -> AsyncIterator[str]:
        for line in ():
            yield line

    await telegram_by_hand.play(nothing(), shown.append, port=0)
    await twilio_by_hand.play(nothing(), shown.append)
    assert TOKEN in shown[0]
    assert "TWILIO_API_URL=http://127.0.0.1:" in shown[1]
    for told in shown[:2]:
        (line,) = [line for line in told.splitlines() if "_API_URL=" in line]
        assert line.endswith(" make run")  # to be copied as it stands
        assert told.startswith("Start the bot in a second terminal")
        assert "a number presses that button; /quit ends." in told


async def test_what_is_typed_reaches_the_twilio_hook_signed() -> None:
    got: asyncio.Queue[tuple[str, dict[str, str]]] = asyncio.Queue()

    async def hook(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        await got.put((request.headers["X-Twilio-Signature"], form))
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/twilio", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    public = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with FakeTwilio() as twilio:
        assert await twilio_by_hand.typed(twilio, "hola", public) == 200
    await runner.cleanup()
    signature, form = await got.get()
    assert (form["Body"], form["To"], form["AccountSid"]) == ("hola", SENDER, SID)
    assert verified(TWILIO_TOKEN, f"{public}/webhooks/twilio", list(form.items()), signature)
    assert await twilio_by_hand.typed(twilio, "hola", public) == 0
