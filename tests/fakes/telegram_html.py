"""Telegram's HTML as its server reads it (tdlib/td, MessageEntity.cpp): what it would refuse is refused here."""

import re
from dataclasses import dataclass

TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre"}
    | {"blockquote", "tg-emoji", "tg-time"}
)
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}  # and no other name
TAG = re.compile(r"<(/?)([a-z-]+)((?:\s+[a-z-]+(?:=\"[^\"]*\"|=[^\s>]+)?)*)\s*>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]+));")


class CannotParse(Exception):
    """The whole message is refused."""


@dataclass(frozen=True)
class Entity:
    """A marked range in UTF-16 units, as updates tell it."""

    type: str
    offset: int
    length: int

    def told(self) -> dict[str, object]:
        return {"type": self.type, "offset": self.offset, "length": self.length}


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(source: str) -> tuple[str, list[Entity]]:
    """The text and its marked ranges. Raises ``CannotParse``."""
    text, at = "", 0
    open_tags: list[tuple[str, int]] = []
    found: list[Entity] = []
    while at < len(source):
        char = source[at]
        if char == "<":
            match = TAG.match(source, at)
            if match is None or match[2].lower() not in TAGS:
                raise CannotParse(f"Unsupported start tag at byte offset {at}")
            name = match[2].lower()
            if match[1]:
                if not open_tags or open_tags[-1][0] != name:
                    raise CannotParse(f"Unmatched end tag at byte offset {at}")
                _, began = open_tags.pop()
                if units(text) > began:
                    kind = "bold" if name in ("b", "strong") else name
                    found.append(Entity(kind, began, units(text) - began))
            else:
                open_tags.append((name, units(text)))
            at = match.end()
            continue
        entity = ENTITY.match(source, at) if char == "&" else None
        if entity is not None and (entity[3] is None or entity[3] in NAMED):
            text += NAMED[entity[3]] if entity[3] else chr(int(entity[1]) if entity[1] else int(entity[2], 16))
            at = entity.end()
            continue
        text += char
        at += 1
    if open_tags:
        raise CannotParse(f"Can't find end tag corresponding to start tag {open_tags[-1][0]}")
    return _trimmed(text, found)


def _trimmed(text: str, found: list[Entity]) -> tuple[str, list[Entity]]:
    """The server trims texts; ranges move with them."""
    start = units(text[: len(text) - len(text.lstrip())])
    trimmed = text.strip()
    end = units(trimmed)
    moved = [Entity(e.type, max(e.offset - start, 0), min(e.length, end - max(e.offset - start, 0))) for e in found]
    return trimmed, [entity for entity in moved if entity.length > 0]
