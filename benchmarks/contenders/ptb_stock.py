"""python-telegram-bot as its examples show it: ConversationHandler, PicklePersistence, ``run_webhook``."""

import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    PicklePersistence,
)

from benchmarks.contenders.quiz import CHOICES, QUESTIONS, WHY

ASKED = 0
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)] for data, label in CHOICES])


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data.update(at=0, answers=[])
    await update.message.reply_text(QUESTIONS[0], reply_markup=KEYBOARD)
    return ASKED


async def answered(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    query = update.callback_query
    await query.answer()
    context.user_data["answers"].append(query.data)
    context.user_data["at"] += 1
    at = context.user_data["at"]
    await query.message.reply_text(f"{WHY}\n\n{QUESTIONS[at % len(QUESTIONS)]}", reply_markup=KEYBOARD)
    return ASKED


def main(api: str, port: int, path: str, token: str, secret: str, kept: str) -> None:
    application = (
        Application.builder()
        .token(token)
        .base_url(f"{api}/bot")
        .persistence(PicklePersistence(kept))
        .build()
    )  # fmt: skip
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={ASKED: [CallbackQueryHandler(answered)]},
            fallbacks=[CommandHandler("start", start)],
            name="quiz",
            persistent=True,
        )
    )
    url = f"http://127.0.0.1:{port}{path}"
    application.run_webhook("127.0.0.1", port, url_path=path, webhook_url=url, secret_token=secret)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
