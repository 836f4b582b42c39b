"""A raw update → what happened. Lean: plain dicts, no library objects; nothing here raises for anything Telegram sends.

Taken is not parsed: an update we cannot use comes back with the reason, and one that looks as none we know with how it
is made, to be kept for the operator. What people write in groups never gets past this file, and neither does what
media they send.
"""

import re
from collections.abc import Callable
from datetime import datetime

from bot.channels.clean import clean_text
from bot.channels.telegram.html import Runs, from_entities
from bot.channels.telegram.reading import Json, Unreadable, fingerprint, handle, part, read, skeleton, whole_number
from bot.engine.events import Address, Event, Left, Said, SentOther, Started, Tapped
from bot.engine.fixed import fixed

NAME = "telegram"
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w{1,64})?(?:\s+(.*))?", re.ASCII | re.DOTALL)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*", re.ASCII)
DATA_BYTES = 64  # of callback data
QUERY_LENGTH = 64  # of a tap's id

# What is no text, by the field that carries it; the engine knows these kinds.
KINDS = {
    **dict.fromkeys(("photo", "video", "video_note", "animation", "paid_media", "live_photo"), "photo"),
    **dict.fromkeys(("voice", "audio"), "voice"),
    **dict.fromkeys(("location", "venue"), "location"),
    "sticker": "sticker",
    "contact": "contact",
    "document": "file",
}
OTHER = "other"  # poll, dice, game, story, checklist, invoice, giveaway, and what Telegram will think of next

# What a message is made of besides what it says; the rest of its fields are what somebody sent. (Bot API 10.3)
AROUND = frozenset({
    "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
    "sender_business_bot", "sender_tag", "date", "business_connection_id", "chat", "forward_origin",
    "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story",
    "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot", "guest_bot_caller_user",
    "guest_bot_caller_chat", "guest_query_id", "edit_date", "text", "has_protected_content", "is_from_offline",
    "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities", "link_preview_options",
    "suggested_post_info", "effect_id", "caption", "caption_entities", "show_caption_above_media",
    "has_media_spoiler", "reply_markup", "forward_from", "forward_from_chat", "forward_from_message_id",
    "forward_signature", "forward_sender_name", "forward_date",
})  # fmt: skip
# Told by Telegram about the chat, and said by nobody. (Bot API 10.3, and tdlib's need_skip_update_message)
SERVICE = frozenset({
    "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
    "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
    "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
    "successful_payment", "refunded_payment", "users_shared", "user_shared", "chat_shared", "gift", "unique_gift",
    "gift_upgrade_sent", "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered",
    "boost_added", "chat_background_set", "community_chat_added", "community_chat_joined", "community_chat_removed",
    "checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed", "forum_topic_created",
    "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden",
    "general_forum_topic_unhidden", "giveaway_created", "giveaway_completed", "managed_bot_created",
    "paid_message_price_changed", "poll_option_added", "poll_option_deleted", "suggested_post_approved",
    "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
    "video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
    "web_app_data",
})  # fmt: skip


@fixed(frozen=True, slots=True)
class Shown:
    """The message whose button was pressed, as Telegram tells it: so that it can be edited without being stored."""

    runs: Runs
    label: str
    caption: bool


@fixed(frozen=True, slots=True, kw_only=True)
class TappedHere(Tapped):
    """A tap that still knows the message it was made on; None where Telegram no longer tells it."""

    shown: Shown | None = None


@fixed(frozen=True, slots=True)
class AnswerTap:
    """The tap wants its answer, so that the phone stops its little clock.

    ``refused`` is the language to say in that buttons work in private only; empty for an ordinary tap.
    """

    query: str
    refused: str = ""


@fixed(frozen=True, slots=True)
class AskPrivate:
    """A group or channel wants its one line; ``asked`` when somebody there called the bot.

    ``topic`` is the one of a forum in which they did.
    """

    chat: int
    language: str
    asked: bool
    topic: int | None = None


Ephemeron = AnswerTap | AskPrivate


@fixed(frozen=True, slots=True)
class Parsed:
    """What an update comes to: an event, or the reason why there is none, with what may be kept to look at."""

    id: str
    event: Event | None = None
    ephemeron: Ephemeron | None = None
    unusable: str = ""
    made: str = ""  # how an update is made that looks as none we know: names of fields and kinds of values, no words


class Odd(Exception):
    """An update that does not look as documented."""


def parse(raw: bytes, now: datetime, own: str = "") -> Parsed:
    """What these bytes tell; ``own`` stands before the numbers of our bot's updates (``whose``)."""
    try:
        update = read(raw)
    except Unreadable as error:
        return Parsed(f"{NAME}:raw:{fingerprint(raw)}", unusable=str(error), made=f"{len(raw)} bytes")
    return parsed(update, raw, now, own)


def garbled(number: int, own: str = "") -> Parsed:
    """An update of which nothing but its number can be read."""
    return Parsed(f"{NAME}:{own}{number}", unusable="no JSON")


def parsed(update: Json, raw: bytes, now: datetime, own: str = "") -> Parsed:
    """What an update tells; ``raw`` are its bytes, for an id where it has none."""
    number = whole_number(update.get("update_id"))
    id_ = f"{NAME}:{own}{number}" if number is not None else f"{NAME}:raw:{fingerprint(raw)}"
    if number is None:
        return Parsed(id_, unusable="no update id", made=skeleton(update))
    for field, reads in FIELDS.items():
        if field in update:
            try:
                return reads(id_, part(update, field), now)
            except Odd as odd:
                return Parsed(id_, unusable=f"{field}: {odd}", made=skeleton(update))
    return Parsed(id_, unusable="unknown kind of update", made=skeleton(update))


def _message(id_: str, message: Json, now: datetime) -> Parsed:
    chat, sender = part(message, "chat"), part(message, "from")
    if chat.get("type") != "private":
        return _in_public(id_, message)
    facts = _facts(id_, chat, sender, now)
    text = message.get("text")
    if isinstance(text, str):
        return Parsed(id_, _said(clean_text(text), facts))
    return Parsed(id_, SentOther(**facts, kind=_kind(message)))  # type: ignore[arg-type]


def _kind(message: Json) -> str:
    """The kind of what is no text. What we know nothing of was sent by somebody, who wants an answer."""
    kind = next((KINDS[name] for name in KINDS if name in message), None)
    if kind is None and (message.keys() & SERVICE or not message.keys() - AROUND):
        raise Odd("nothing in it that people send")
    return kind or OTHER


def _said(text: str, facts: dict[str, object]) -> Event:
    """Words, or a start with what its link carried."""
    command = COMMAND.fullmatch(text.strip())
    if command is None:
        return Said(**facts, text=text)  # type: ignore[arg-type]
    name, rest = command[1], (command[2] or "").strip()
    if name.lower() == "start":
        return Started(**facts, campaign=rest if PAYLOAD.fullmatch(rest) else None)  # type: ignore[arg-type]
    return Said(**facts, text=f"/{name} {rest}".strip())  # type: ignore[arg-type]


def _tap(id_: str, query: Json, now: datetime) -> Parsed:
    message, sender = part(query, "message"), part(query, "from")
    chat, query_id = part(message, "chat"), handle(query.get("id"), QUERY_LENGTH)
    if query_id is None:
        raise Odd("a tap without an id")
    if chat.get("type", "private") != "private" or sender.get("id") != chat.get("id"):
        # Ours alone have buttons, and only in private: a forwarded or shared one is nobody's answer.
        return Parsed(id_, ephemeron=AnswerTap(query_id, _language(sender)), unusable="not in private")
    data, number = query.get("data"), whole_number(message.get("message_id"))
    if not isinstance(data, str):
        return Parsed(id_, ephemeron=AnswerTap(query_id), unusable="a tap without data")
    tapped = TappedHere(
        **_facts(id_, chat, sender, now),  # type: ignore[arg-type]
        data=clean_text(data)[:DATA_BYTES],
        message=None if number is None else str(number),
        shown=_shown(message, data),
    )
    return Parsed(id_, tapped, AnswerTap(query_id))


def _shown(message: Json, data: str) -> Shown | None:
    """The message under the button; None for one that Telegram calls inaccessible (its date is 0)."""
    caption = "caption" in message
    text = message.get("caption" if caption else "text")
    if not isinstance(text, str) or not message.get("date"):
        return None
    entities = message.get("caption_entities" if caption else "entities")
    bold = [span for entity in entities if (span := _bold(entity))] if isinstance(entities, list) else []
    label = _label(part(message, "reply_markup").get("inline_keyboard"), data)
    return Shown(tuple(from_entities(clean_text(text), bold)), label, caption)


def _bold(entity: object) -> tuple[int, int] | None:
    if not isinstance(entity, dict) or entity.get("type") != "bold":
        return None
    offset, units = whole_number(entity.get("offset")), whole_number(entity.get("length"))
    return (offset, units) if offset is not None and units is not None and offset >= 0 and units > 0 else None


def _label(keyboard: object, data: str) -> str:
    """What stood on the pressed button; empty where the keyboard is gone."""
    rows = keyboard if isinstance(keyboard, list) else []
    buttons = (button for row in rows if isinstance(row, list) for button in row if isinstance(button, dict))
    label = next((button.get("text") for button in buttons if button.get("callback_data") == data), "")
    return clean_text(label) if isinstance(label, str) else ""


def _edited(id_: str, message: Json, now: datetime) -> Parsed:
    """An answer is what was sent first: changing it later scores nothing."""
    return Parsed(id_, unusable="edited")


def _post(id_: str, message: Json, now: datetime) -> Parsed:
    return _in_public(id_, message)


def _member(id_: str, change: Json, now: datetime) -> Parsed:
    """Blocked or unblocked in private; taken into a group elsewhere."""
    chat, sender = part(change, "chat"), part(change, "from")
    status = part(change, "new_chat_member").get("status")
    if not isinstance(status, str):
        raise Odd("no status")
    if chat.get("type") != "private":
        return _elsewhere(id_, chat, sender, asked=False, silent=status not in ("member", "administrator"))
    if status in ("kicked", "left"):
        return Parsed(id_, Left(**_facts(id_, chat, sender, now)))  # type: ignore[arg-type]
    return Parsed(id_, unusable="unblocked")


def _in_public(id_: str, message: Json) -> Parsed:
    """A message in a group or channel. Who speaks in its own name does so through a bot of Telegram's, and is none."""
    chat, sender = part(message, "chat"), part(message, "from")
    own_name = part(message, "sender_chat").get("id") == chat.get("id")
    topic = whole_number(message.get("message_thread_id")) if message.get("is_topic_message") is True else None
    text = message.get("text")
    asked = isinstance(text, str) and text.startswith("/")
    return _elsewhere(id_, chat, {} if own_name else sender, asked=asked, topic=topic)


def _elsewhere(
    id_: str, chat: Json, sender: Json, *, asked: bool, topic: int | None = None, silent: bool = False
) -> Parsed:
    """Groups and channels: nothing that is said there is kept or answered, but for one line."""
    number = whole_number(chat.get("id"))
    if number is None or chat.get("type") not in ("group", "supergroup", "channel"):
        raise Odd("no chat that we know of")
    quiet = silent or sender.get("is_bot") is True
    line = None if quiet else AskPrivate(number, _language(sender), asked, topic)
    return Parsed(id_, ephemeron=line, unusable="not in private")


def _facts(id_: str, chat: Json, sender: Json, now: datetime) -> dict[str, object]:
    """What every event of a person has."""
    number = whole_number(chat.get("id"))
    if number is None or number <= 0:
        raise Odd("no chat id")
    if sender.get("is_bot") is True:
        raise Odd("from a bot")
    return {"id": id_, "address": Address(NAME, str(number)), "at": now, "languages": _languages(sender)}


def _languages(sender: Json) -> tuple[str, ...]:
    code = sender.get("language_code")
    return (code,) if isinstance(code, str) and LANGUAGE.fullmatch(code) else ()


def _language(sender: Json) -> str:
    return (_languages(sender) or ("en",))[0]


Reads = Callable[[str, Json, datetime], Parsed]

FIELDS: dict[str, Reads] = {
    "message": _message,
    "callback_query": _tap,
    "my_chat_member": _member,
    "edited_message": _edited,
    "channel_post": _post,
    "edited_channel_post": _edited,
}

# What we ask Telegram for; it remembers the list until it is told another.
WANTED = ("message", "callback_query", "my_chat_member")
