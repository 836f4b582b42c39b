"""A kept line of the talk → what the page shows of it. Template and script draw from the same value.

Mark-up is read here and nowhere else, so a page only ever sets text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.content.markup import literal, runs
from bot.content.wording import PARAGRAPH, Message
from storage.rows import Line

# As in the engine: whatever else looks like an address is only words.
LINK = re.compile(r"https?://[^\s<>\"\u2066-\u2069]+[^\s<>\"\u2066-\u2069.,;:!?)]|(?<!\S)/chat/mydata\b")
RIGHT_TO_LEFT_MARK = "\u200f"
# One's own data is to be had as a file.
OWN_DATA, FILE = "/chat/mydata", "my-data.json"

PLAIN: dict[str, Any] = {"lang": "", "dir": "", "layout": "", "picture": None, "buttons": [], "extra": []}

Shown = dict[str, Any]
Run = tuple[str, str]


def shown(line: Line) -> Shown:
    """A line as the page shows it: bubbles with paragraphs of runs, and buttons."""
    body: Mapping[str, Any] = line.body
    if line.side == "bot":
        return {"id": line.id, "side": "bot", **_message(body)}
    said = _bubble("said", [[(str(body["text"]), "")]])
    return {"id": line.id, "side": "learner", **PLAIN, "bubbles": [said]}


def shown_message(message: Message) -> Shown:
    """A message that is not kept as a line: the first one, and the last words after everything is deleted."""
    return {"id": 0, "side": "bot", **_message(asdict(message) | {"layout": message.layout.value})}


def _message(body: Mapping[str, Any]) -> Shown:
    options: Sequence[Mapping[str, Any]] = body["options"]
    lead = [_bubble("lead", [_pieces(body["lead"])])] if body["lead"] else []
    return {
        "lang": body["language"],
        "dir": "rtl" if body["rtl"] else "ltr",
        "layout": body["layout"],
        "picture": body["picture"],
        "bubbles": lead + _spoken(body["body"], options),
        "buttons": [_button(option, "minor" if option["minor"] else "main") for option in options],
        "extra": [_button(option, "extra") for option in body["extra"]],
    }


def _bubble(kind: str, paragraphs: Sequence[Sequence[Run]]) -> Shown:
    return {"kind": kind, "paragraphs": [[list(run) for run in paragraph] for paragraph in paragraphs]}


def _spoken(body: str, options: Sequence[Mapping[str, Any]]) -> list[Shown]:
    told = [_pieces(text) for text in _told(body, options)]
    return [_bubble("body", told)] if told else []


def _told(body: str, options: Sequence[Mapping[str, Any]]) -> list[str]:
    """The body's paragraphs, without the list of lettered options: here they stand on their buttons in full."""
    paragraphs = body.split(PARAGRAPH)
    lettered = [f"{o['letter']} · {literal(o['label'])}" for o in options if o["letter"]]
    if lettered and paragraphs[-1].replace(RIGHT_TO_LEFT_MARK, "") == "\n".join(lettered):
        del paragraphs[-1]
    return paragraphs


def _pieces(text: str) -> list[Run]:
    """Runs of a text, each with what it is: bold, a link, or plain."""
    return [piece for part, bold in runs(text) for piece in _linked(part, "b" if bold else "")]


def _linked(text: str, kind: str) -> Iterator[Run]:
    end = 0
    for link in LINK.finditer(text):
        if link.start() > end:
            yield text[end : link.start()], kind
        yield (FILE, "file") if link[0].endswith(OWN_DATA) else (link[0], "a")
        end = link.end()
    if text[end:]:
        yield text[end:], kind


def _button(option: Mapping[str, Any], kind: str) -> Shown:
    return {
        "data": option["data"],
        "label": option["label"],
        "detail": option["detail"],
        "letter": option["letter"],
        "kind": kind,
    }
