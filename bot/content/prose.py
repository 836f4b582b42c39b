"""Counting words and sentences, in any script."""

import re

from bot.content.markup import plain

# Chinese and Japanese write no spaces; a word is a little under two characters.
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
CJK_A_WORD = 1.7

WORD = re.compile(r"[^\W_]+(?:['’.,:/-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?…](?=[\s\"”»)]|$)|[。！？؟۔]|\n+")

# A number to be dated: two digits or more, or one with a unit that makes it a figure.
DIGITS = r"\d+(?:[.,\u00a0\u202f\u066b\u066c'’ ]\d{3}(?!\d))*(?:[.,\u066b]\d+)?"
YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
FIGURE = re.compile(
    rf"[$€£¥]\s?{DIGITS}|{DIGITS}\s?(?:%|per cent|percent|million|billion|thousand|dollars|euros)|(?<![\w.,]){DIGITS}",
    re.IGNORECASE,
)
# Numbers that are names: the goals and their targets.
NAMED = re.compile(r"\b(?:goals?|sdgs?|targets?|articles?|iso)\s+\d[\d.]*(?:\s+and\s+\d+)?|\b17\s+(?:goals|sdgs)", re.I)


def words(text: str) -> int:
    """How many words a text has, as a reader counts them."""
    text = plain(text)
    cjk = len(CJK.findall(text))
    return len(WORD.findall(CJK.sub(" ", text))) + round(cjk / CJK_A_WORD)


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line of its own is one."""
    parts = SENTENCE_END.split(plain(text))
    return [part.strip() for part in parts if words(part)]


def undated_figure(text: str) -> str | None:
    """The first figure of a text that names no year; None where all is well."""
    if YEAR.search(text):
        return None
    for figure in FIGURE.finditer(NAMED.sub(" ", text)):
        digits = [char for char in figure[0] if char.isdigit()]
        if len(digits) >= 2 or not figure[0].strip().isdigit():
            return figure[0].strip()
    return None
