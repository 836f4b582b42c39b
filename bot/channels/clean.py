"""Text at the edge: what comes in is made storable, what goes out is cut where a reader would cut it."""

import re
import unicodedata

from bot.content.limits import length

LONGEST = 4096  # characters of a message that somebody can type, on any of the platforms

# Neither database keeps NUL, neither encodes half of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# Where to cut, best first: between paragraphs, lines, sentences, words.
SEAMS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?。！？؟])\s+"), re.compile(r"\s+"))
JOINER = "\u200d"
SELECTORS = range(0xFE00, 0xFE10)
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def clean_text(text: str) -> str:
    """What somebody typed, as both databases can keep it and no longer than people write."""
    return UNSTORABLE.sub("", text)[:LONGEST]


def cut(text: str, limit: int) -> list[str]:
    """The text in pieces of at most ``limit`` characters; always at least one piece, nothing but white space lost."""
    pieces = [text[start:end].strip() for start, end in spans(text, limit)]
    return [piece for piece in pieces if piece] or [""]


def spans(text: str, limit: int) -> list[tuple[int, int]]:
    """Where to cut the text so that each piece fits: from, to."""
    found, start = [], 0
    while length(text[start:]) > limit:
        end = start + _seam(text[start:], limit)
        found.append((start, end))
        start = end
    return [*found, (start, len(text))]


def _seam(text: str, limit: int) -> int:
    """The best place for the first cut; a seam in the first half would leave a crumb."""
    most = _fitting(text, limit)
    for seam in SEAMS:
        ends = [match.end() for match in seam.finditer(text, 0, most)]
        if ends and ends[-1] > most // 2:
            return ends[-1]
    while 1 < most < len(text) and _inside_grapheme(text, most):
        most -= 1
    return most


def _fitting(text: str, limit: int) -> int:
    """How many characters fit, counted in UTF-16 units; at least one."""
    units = 0
    for index, char in enumerate(text):
        units += 1 + (ord(char) > 0xFFFF)
        if units > limit:
            return max(index, 1)
    return len(text)


def _inside_grapheme(text: str, at: int) -> bool:
    """Whether a cut before ``at`` would tear what a reader sees as one sign."""
    before, after = text[at - 1], text[at]
    if before == JOINER or after == JOINER or ord(after) in SELECTORS or ord(after) in SKIN_TONES:
        return True
    if unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    return ord(after) in FLAG_LETTERS and _flags_before(text, at) % 2 == 1


def _flags_before(text: str, at: int) -> int:
    """How many regional letters stand right before: two of them make a flag."""
    count = 0
    while count < at and ord(text[at - 1 - count]) in FLAG_LETTERS:
        count += 1
    return count
