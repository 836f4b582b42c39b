"""Telegram's HTML: every value through one escape, only ``<b>`` as a tag, never cut by length.

Only ``&lt; &gt; &amp; &quot;`` are decoded there, and any other ``<`` makes Telegram refuse the whole message.
"""

import re
from collections.abc import Iterable, Sequence
from html import unescape

from bot.channels.clean import spans

Runs = Sequence[tuple[str, bool]]
"""A text in pieces, each with whether it is bold."""

TAG = re.compile(r"</?b>")


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def html(runs: Iterable[tuple[str, bool]]) -> str:
    """The pieces as Telegram reads them."""
    return "".join(f"<b>{escape(text)}</b>" if bold and text.strip() else escape(text) for text, bold in runs)


def plain(text: str) -> str:
    """Our own HTML without mark-up, for when Telegram cannot read it."""
    return unescape(TAG.sub("", text))


def pieces(runs: Runs, limit: int) -> list[Runs]:
    """The runs cut so that each piece has at most ``limit`` characters, seen without mark-up."""
    whole = "".join(text for text, _bold in runs)
    cuts = [_between(runs, start, end) for start, end in spans(whole, limit)]
    return [piece for piece in cuts if "".join(text for text, _bold in piece).strip()]


def _between(runs: Runs, start: int, end: int) -> Runs:
    found, at = [], 0
    for text, bold in runs:
        inside = text[max(start - at, 0) : max(end - at, 0)]
        if inside:
            found.append((inside, bold))
        at += len(text)
    return found


def from_entities(text: str, bold: Iterable[tuple[int, int]]) -> Runs:
    """The runs of a text that Telegram tells with bold ranges, which count UTF-16 units: (offset, length)."""
    ranges = sorted(bold)
    if not ranges and text.isascii():
        return [(text, False)] if text else []
    coded = text.encode("utf-16-le", "surrogatepass")
    found, at = [], 0
    for offset, units in ranges:
        first, last = max(offset * 2, at), (offset + units) * 2
        if last <= first:
            continue
        found += [(_decoded(coded[at:first]), False), (_decoded(coded[first:last]), True)]
        at = last
    found.append((_decoded(coded[at:]), False))
    return [(piece, is_bold) for piece, is_bold in found if piece]


def _decoded(coded: bytes) -> str:
    return coded.decode("utf-16-le", "ignore")
