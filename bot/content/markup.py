"""Light mark-up of texts: ``*bold*`` and nothing else. Channels draw from ``runs``.

A star opens where a word follows it and closes where one stands before it, on the same line; every other star is
a star. A backslash makes a star (or a backslash) stand for itself: texts of unknown origin are made ``literal``
before they join a marked-up text.
"""

import re
from functools import lru_cache

# An escaped character is tried first, so that it never opens or closes anything.
MARK = re.compile(r"\\[\\*]|\*(?=[^\s*])((?:\\.|[^*\n\\])+)(?<=\S)\*")
ESCAPED = re.compile(r"\\([\\*])")
SPECIAL = re.compile(r"[\\*]")


@lru_cache(maxsize=1024)  # the words of lessons are the same for everybody
def runs(text: str) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, each with whether it is bold; no mark-up is left in them."""
    pieces: list[tuple[str, bool]] = []
    unmarked = ""
    end = 0
    for mark in MARK.finditer(text):
        unmarked += text[end : mark.start()]
        end = mark.end()
        bold: str | None = mark[1]
        if bold is None:
            unmarked += mark[0][1:]
            continue
        if unmarked:
            pieces.append((unmarked, False))
        unmarked = ""
        pieces.append((ESCAPED.sub(r"\1", bold), True))
    unmarked += text[end:]
    if unmarked:
        pieces.append((unmarked, False))
    return tuple(pieces)


def plain(text: str) -> str:
    """The text as it is read aloud: without mark-up."""
    return "".join(piece for piece, _bold in runs(text)) if SPECIAL.search(text) else text


def literal(text: str) -> str:
    """A text of unknown origin, so written that ``runs`` gives back exactly this, with nothing bold."""
    return SPECIAL.sub(r"\\\g<0>", text)


def balanced(text: str) -> bool:
    """Whether every star in the text belongs to a pair or is escaped."""
    return "*" not in MARK.sub("", text)
