"""python-telegram-bot sending to many: ``send_message``, a hundred at once, nothing written down."""

import asyncio
import sys

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

TEXT = "Today: three friends open a bakery. Is it a business, a charity, or a movement? Three minutes."
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Start", callback_data="c:next-lesson")]])


async def main(api: str, token: str, many: int) -> None:
    room = asyncio.Semaphore(100)
    async with Bot(token, base_url=f"{api}/bot", request=HTTPXRequest(connection_pool_size=100)) as bot:

        async def send(chat: int) -> None:
            async with room:
                await bot.send_message(chat, TEXT, reply_markup=KEYBOARD)

        await asyncio.gather(*(send(50_000_000 + number) for number in range(many)))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
