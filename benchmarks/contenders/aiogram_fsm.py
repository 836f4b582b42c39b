"""aiogram 3 as its examples show it: FSM in memory, webhook on aiohttp."""

import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from benchmarks.contenders.quiz import CHOICES, QUESTIONS, WHY

KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=data)] for data, label in CHOICES]
)


class Quiz(StatesGroup):
    asked = State()


async def start(message: Message, state: FSMContext) -> None:
    await state.set_state(Quiz.asked)
    await state.set_data({"at": 0, "answers": []})
    await message.answer(QUESTIONS[0], reply_markup=KEYBOARD)


async def answered(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    known = await state.get_data()
    at = known["at"] + 1
    await state.update_data(at=at, answers=[*known["answers"], query.data])
    await query.message.answer(f"{WHY}\n\n{QUESTIONS[at % len(QUESTIONS)]}", reply_markup=KEYBOARD)


def main(api: str, port: int, path: str, token: str, secret: str) -> None:
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    dispatcher = Dispatcher()
    dispatcher.message.register(start, CommandStart())
    dispatcher.callback_query.register(answered, Quiz.asked)

    async def tell_where() -> None:
        await bot.set_webhook(f"http://127.0.0.1:{port}{path}", secret_token=secret)

    dispatcher.startup.register(tell_where)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=secret).register(app, path=path)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:6])
