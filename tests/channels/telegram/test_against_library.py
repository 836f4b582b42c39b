"""The lean path agrees with python-telegram-bot: it reads the same updates and makes the same requests."""

import json
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.client import Client
from bot.channels.telegram.parse import WANTED, Shown, TappedHere, parse
from bot.channels.telegram.setup import CONNECTIONS, ask_for_updates, take_updates_at
from bot.engine.events import Said, SentOther
from bot.service import Content
from tests.channels.telegram.makers import ADA, channel, message, row, tap
from tests.channels.telegram.test_parse import RECORDED
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.makers import NOON


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_both_read_the_same(name: str) -> None:
    library = Update.de_json(json.loads(json.dumps(RECORDED[name])), None)
    ours = parse(json.dumps(RECORDED[name]).encode(), NOON)
    assert ours.id == f"telegram:{library.update_id}"
    if ours.event is None:
        return
    assert library.effective_chat is not None
    assert library.effective_user is not None
    assert ours.event.address.id == str(library.effective_chat.id)
    assert ours.event.languages == (library.effective_user.language_code,)
    if isinstance(ours.event, Said):
        assert library.effective_message is not None
        assert ours.event.text == library.effective_message.text
    if isinstance(ours.event, SentOther):
        assert library.effective_message is not None
        assert library.effective_message.effective_attachment is not None
    if isinstance(ours.event, TappedHere):
        _same_tap(ours.event, library)


def _same_tap(ours: TappedHere, library: Update) -> None:
    query = library.callback_query
    assert query is not None
    assert query.message is not None
    assert (ours.data, ours.message) == (query.data, str(query.message.message_id))
    if not query.message.is_accessible:
        assert ours.shown is None
        return
    assert isinstance(ours.shown, Shown)
    told: Any = query.message
    entities = told.parse_caption_entities() if ours.shown.caption else told.parse_entities()
    assert [text for text, bold in ours.shown.runs if bold] == list(entities.values())
    assert "".join(text for text, _ in ours.shown.runs) == (told.caption if ours.shown.caption else told.text)


class Recording(BaseRequest):
    """Takes requests down instead of sending them."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    @property
    def read_timeout(self) -> float:
        return 1

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        parameters = request_data.parameters if request_data else {}
        self.taken.append((url.rpartition("/")[2], parameters))
        sent = {"message_id": 1, "date": 1, "chat": {"id": ADA, "type": "private"}}
        return 200, json.dumps({"ok": True, "result": sent}).encode()


def meaning(args: dict[str, Any]) -> dict[str, Any]:
    """Numbers and nested objects may come as text in a form."""
    return {name: json.loads(value) if str(value).startswith('{"') else value for name, value in args.items()}


async def test_a_message_with_buttons_is_the_same_request(telegram: FakeTelegram, content: Content) -> None:
    lean = channel(telegram, content.catalogue)
    (part,) = lean.parts(message(content, "Who decides? <b>", labels=("Yes", "No")), None)
    await lean.send(row(part))
    await lean.client.close()
    recording = Recording()
    options = {"Yes": "q:8-o0", "No": "q:8-o1"}
    buttons = [[InlineKeyboardButton(label, callback_data=data) for label, data in options.items()]]
    await Bot(TOKEN, request=recording, get_updates_request=recording).send_message(
        ADA,
        "Who decides? &lt;b&gt;",
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(buttons),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    ((method, args),) = recording.taken
    (call,) = telegram.ledger
    assert (call.method, meaning(dict(call.args))) == (method, meaning(args))


async def test_an_edit_is_the_same_request(telegram: FakeTelegram, content: Content) -> None:
    lean = channel(telegram, content.catalogue)
    edit, _ = lean.parts(message(content, "Next?", lead=("Because.",)), tap())
    await lean.send(row(edit))
    await lean.client.close()
    recording = Recording()
    await Bot(TOKEN, request=recording, get_updates_request=recording).edit_message_text(
        "Who decides?\n\n✓ Six votes\n\nBecause.",
        chat_id=ADA,
        message_id=365,
        parse_mode="HTML",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    ((method, args),) = recording.taken
    assert (telegram.ledger[0].method, meaning(dict(telegram.ledger[0].args))) == (method, meaning(args))


async def test_where_updates_go_is_told_by_the_same_request(telegram: FakeTelegram) -> None:
    lean = Client(TOKEN, telegram.url)
    await take_updates_at(lean, "https://bot.example", "s" * 20)
    await ask_for_updates(lean)
    await lean.close()
    recording = Recording()
    bot = Bot(TOKEN, request=recording, get_updates_request=recording)
    url = "https://bot.example/webhooks/telegram"
    await bot.set_webhook(url, secret_token="s" * 20, allowed_updates=list(WANTED), max_connections=CONNECTIONS)
    await bot.delete_webhook(drop_pending_updates=False)
    assert [(call.method, dict(call.args)) for call in telegram.ledger] == recording.taken
