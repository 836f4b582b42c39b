"""A message as Telegram shows it: HTML, inline buttons, and the reply to a tap edited onto the message tapped."""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from bot.channels.channel import Part
from bot.channels.telegram.html import Runs, html, pieces
from bot.channels.telegram.parse import Shown, TappedHere
from bot.content.bidi import RIGHT_TO_LEFT_MARK, isolated, led_right
from bot.content.limits import length
from bot.content.markup import literal, plain, runs
from bot.content.wording import Message, Option
from bot.engine.events import Event
from bot.engine.fixed import fixed
from bot.engine.turn import Layout

TEXT = 4096  # characters of a message, seen without mark-up
CAPTION = 1024  # characters under a picture or a file
PARAGRAPH = "\n\n"

# How many characters each of so many buttons in a row can show on a narrow phone.
ROOM = {3: 9, 2: 15}
SCALE = (6, 5)  # 0 to 5, 6 to 10
CHOSEN = "✓"

Keyboard = list[list[dict[str, str]]]


@fixed(frozen=True, slots=True)
class Surroundings:
    """What shaping needs to know of the house.

    ``speaks_of_next`` gives the leads of a language that speak of what comes below (an old button, the same once
    more): they stand above the next message and are never edited onto the one tapped. ``pictured`` tells whether
    there is a picture of this name in this language.
    """

    speaks_of_next: Callable[[str], Collection[str]]
    pictured: Callable[[str, str], bool]


def parts(message: Message, event: Event | None, around: Surroundings) -> list[Part]:
    """The message cut into calls, in order; the buttons ride on the last one."""
    lead, edit = _lead(message, event, around)
    body = PARAGRAPH.join(text for text in (lead, message.body, _details(message)) if text)
    made = _filed(message, body) if _has_file(message, around) else _texts(body)
    keyboard = keyboard_of(message)
    if made and keyboard:
        made[-1]["reply_markup"] = {"inline_keyboard": keyboard}
    return [*edit, *made]


def _lead(message: Message, event: Event | None, around: Surroundings) -> tuple[str, list[Part]]:
    """What of the lead stands above the body, and the edit that carries the rest."""
    if not message.lead or not isinstance(event, TappedHere) or event.shown is None or event.message is None:
        return message.lead, []
    lines = message.lead.split("\n")
    below = around.speaks_of_next(message.language)
    above = [line for line in lines if line.strip(RIGHT_TO_LEFT_MARK) in below]
    replies = [line for line in lines if line not in above]
    if not replies:
        return message.lead, []
    chosen = _chosen(event.shown, message)
    if _asked_again(event.shown, message):
        return PARAGRAPH.join(text for text in (chosen, message.lead) if text), []
    edit = _edit(event.message, event.shown, chosen, "\n".join(replies))
    return ("\n".join(above), [edit]) if edit else (message.lead, [])


def _chosen(shown: Shown, message: Message) -> str:
    chosen = f"{CHOSEN} {literal(isolated(shown.label, message.rtl))}" if shown.label else ""
    return led_right(chosen) if message.rtl else chosen


def _asked_again(shown: Shown, message: Message) -> bool:
    """The same question comes once more: with its hint in the edit, the two messages would read alike."""
    before = " ".join("".join(text for text, _bold in shown.runs).split())
    return before.endswith(_flat(message.body))


@lru_cache(maxsize=512)
def _flat(body: str) -> str:
    return " ".join(plain(body).split())


def _edit(number: str, shown: Shown, chosen: str, reply: str) -> Part | None:
    """The message tapped, with the choice marked and the reply below; None where that is too long."""
    added = PARAGRAPH.join(text for text in (chosen, reply) if text)
    whole: Runs = [*shown.runs, (PARAGRAPH, False), *runs(added)]
    if length("".join(text for text, _bold in whole)) > (CAPTION if shown.caption else TEXT):
        return None
    method, field = ("editMessageCaption", "caption") if shown.caption else ("editMessageText", "text")
    # Should the message be gone, what it was to carry is sent by itself.
    return {"method": method, "message_id": int(number), field: html(whole), "otherwise": html(runs(reply))}


def _texts(body: str) -> list[Part]:
    return [{"method": "sendMessage", "text": text} for text in _bubbles(body)]


@lru_cache(maxsize=512)  # cards and questions come again and again
def _bubbles(body: str) -> tuple[str, ...]:
    """A text as Telegram reads it, in as many messages as it needs."""
    return tuple(html(piece) for piece in pieces(runs(body), TEXT))


def _has_file(message: Message, around: Surroundings) -> bool:
    pictured = message.picture is not None and around.pictured(message.picture, message.language)
    return pictured or message.own_data


def _filed(message: Message, body: str) -> list[Part]:
    """A picture, or the learner's own data, and the text as one message; a text too long for that follows it."""
    picture: Part = {"method": "sendPhoto", "picture": message.picture, "language": message.language}
    file: Part = {"method": "sendDocument"} if message.own_data else picture
    text = runs(body)
    if length("".join(piece for piece, _bold in text)) > CAPTION:
        return [file, *_texts(body)]
    return [{**file, "caption": html(text)}]


def _details(message: Message) -> str:
    """Second lines of a list stand in the text: a button has room for one."""
    if message.layout is not Layout.LIST:
        return ""
    told = [
        f"*{literal(option.label)}* · {literal(option.detail)}"
        for option in message.options
        if option.detail and option.detail != option.label
    ]
    text = "\n".join(told)
    return led_right(text) if message.rtl else text


def keyboard_of(message: Message) -> Keyboard:
    """The buttons, in rows that a phone shows whole: the answers, then ways out, then extras."""
    answers = [option for option in message.options if not option.minor]
    ways_out = [option for option in message.options if option.minor]
    rows = _scale(answers) if message.layout is Layout.SCALE else _rows(answers, apart=message.layout is Layout.LIST)
    return [*rows, *_rows(ways_out), *_packed(message.extra)]


def _scale(options: Sequence[Option]) -> Keyboard:
    """As few rows as there is room for, so that the ends of the scale are seen at once."""
    first, _rest = SCALE
    return [_row(options[start : start + first]) for start in range(0, len(options), first)]


def _rows(options: Sequence[Option], *, apart: bool = False) -> Keyboard:
    """All in one row where every label has room, else each on its own: no answer looks bigger than another."""
    room = ROOM.get(len(options), 0)
    if not apart and options and all(length(_label(option)) <= room for option in options):
        return [_row(options)]
    return [_row([option]) for option in options]


def _packed(options: Sequence[Option]) -> Keyboard:
    """Three in a row, or two, or one, as their labels allow."""
    left, found = list(options), []
    while left:
        fits = (n for n in (3, 2) if len(left) >= n and all(length(_label(option)) <= ROOM[n] for option in left[:n]))
        count = next(fits, 1)
        found.append(_row(left[:count]))
        left = left[count:]
    return found


def _row(options: Sequence[Option]) -> list[dict[str, str]]:
    return [{"text": _label(option), "callback_data": option.data} for option in options]


def _label(option: Option) -> str:
    return option.letter or option.label
