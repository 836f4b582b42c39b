"""Telegram, through its Bot API: lean on the hot path, python-telegram-bot for set-up calls."""
