"""Which arguments each method takes, and what the server refuses. (Bot API 10.3)"""

from collections.abc import Mapping
from typing import Any

from tests.fakes.telegram_html import CannotParse, Entity, parse

TEXT, CAPTION = 4096, 1024  # code points after parsing
DATA = 64  # bytes
BUTTONS, IN_A_ROW = 100, 8

STRING, NUMBER, FLAG, OBJECT, LIST = str, int, bool, dict, list
SENDING = {
    "chat_id": NUMBER,
    "parse_mode": STRING,
    "reply_markup": OBJECT,
    "disable_notification": FLAG,
    "protect_content": FLAG,
}

# For each method: what it needs, and what else it takes.
METHODS: dict[str, tuple[dict[str, type], dict[str, type]]] = {
    "getMe": ({}, {}),
    "getUpdates": ({}, {"offset": NUMBER, "limit": NUMBER, "timeout": NUMBER, "allowed_updates": LIST}),
    "sendMessage": (
        {"chat_id": NUMBER, "text": STRING},
        {**SENDING, "link_preview_options": OBJECT, "entities": LIST, "message_thread_id": NUMBER},
    ),
    "sendPhoto": ({"chat_id": NUMBER, "photo": STRING}, {**SENDING, "caption": STRING, "caption_entities": LIST}),
    "sendDocument": ({"chat_id": NUMBER, "document": STRING}, {**SENDING, "caption": STRING, "caption_entities": LIST}),
    "editMessageText": (
        {"chat_id": NUMBER, "message_id": NUMBER, "text": STRING},
        {**SENDING, "link_preview_options": OBJECT, "entities": LIST},
    ),
    "editMessageCaption": ({"chat_id": NUMBER, "message_id": NUMBER}, {**SENDING, "caption": STRING}),
    "answerCallbackQuery": ({"callback_query_id": STRING}, {"text": STRING, "show_alert": FLAG, "cache_time": NUMBER}),
    "setWebhook": (
        {"url": STRING},
        {
            "secret_token": STRING,
            "allowed_updates": LIST,
            "max_connections": NUMBER,
            "drop_pending_updates": FLAG,
        },
    ),
    "deleteWebhook": ({}, {"drop_pending_updates": FLAG}),
    "getWebhookInfo": ({}, {}),
    "setMyCommands": ({"commands": LIST}, {"language_code": STRING, "scope": OBJECT}),
    "setMyDescription": ({}, {"description": STRING, "language_code": STRING}),
    "setMyShortDescription": ({}, {"short_description": STRING, "language_code": STRING}),
}


class Refused(Exception):
    """The server's answer to a call it does not take."""

    def __init__(self, code: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def checked(method: str, args: Mapping[str, Any]) -> None:
    """Refuses what the published schema does not know: stricter than the server, which ignores it."""
    if method not in METHODS:
        raise Refused(404, "Not Found")
    needed, optional = METHODS[method]
    for name, kind in needed.items():
        if name not in args:
            raise Refused(400, f"Bad Request: {name} is empty")
        _is(name, args[name], kind)
    for name, value in args.items():
        if name not in needed and name not in optional:
            raise Refused(400, f"Bad Request: SCHEMA unknown field {name} of {method}")
        _is(name, value, {**needed, **optional}[name])


def _is(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Refused(400, f"Bad Request: SCHEMA {name} is not {kind.__name__}")


def worded(source: str, mode: str | None, most: int, what: str) -> tuple[str, list[Entity]]:
    """The text as it is shown. Refuses what cannot be parsed, is empty or too long."""
    if mode not in (None, "HTML"):
        raise Refused(400, "Bad Request: unsupported parse_mode")
    try:
        text, entities = parse(source) if mode == "HTML" else (source.strip(), [])
    except CannotParse as error:
        raise Refused(400, f"Bad Request: can't parse entities: {error}") from error
    if len(text) > most:
        raise Refused(400, f"Bad Request: {what} is too long")
    if not text and what == "message":
        raise Refused(400, "Bad Request: message text is empty")
    return text, entities


def keyboard(markup: Mapping[str, Any] | None) -> list[list[dict[str, str]]]:
    """The buttons, if they are such as the server takes."""
    if markup is None:
        return []
    if set(markup) != {"inline_keyboard"}:
        raise Refused(400, "Bad Request: object expected as reply markup")
    rows = markup["inline_keyboard"]
    if sum(map(len, rows)) > BUTTONS or any(len(row) > IN_A_ROW or not row for row in rows):
        raise Refused(400, "Bad Request: BUTTONS too many")
    for button in (button for row in rows for button in row):
        if set(button) != {"text", "callback_data"} or not button["text"].strip():
            raise Refused(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
        if not 1 <= len(button["callback_data"].encode()) <= DATA:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return list(rows)
