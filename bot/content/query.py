"""What people type at a search, cut into things to look for. No word of theirs ever reaches the search as syntax."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from bot.content.prose import CJK
from bot.engine.reading import normalise

Term = tuple[str, ...]
"""A thing to look for as FTS5 reads it, and what to try where that finds nothing."""

LONGEST = 300  # characters of a question; more tells nothing more
MOST = 12  # things looked for at once

# A word still being typed finds what begins with it, from three letters on: fewer would find everything.
BEGUN = 3
# A word of five letters or more always does: "cooperative" stands in "cooperatives".
BEGINS = 5
# Endings that come and go with number: "cooperativas", "societies". What is left must still be a word.
LATIN_ENDING = re.compile(r"(?<=[a-z]{4})(?:ies|es|s|y)$|(?<=[a-z]{3})s$")
# Elsewhere the last letter of a long word is the one that changes: "кооперативы", "تعاونية".
OTHER_ENDING = re.compile(r"(?<=[^\W\d_a-z]{5})[^\W\d_a-z]$")
# The Arabic article, with what is written together with it: "التعاونية", "والتعاونية", "للتعاونية".
ARTICLE = re.compile(r"\b(?:[وفبك]?ال|لل)(?=\w{3})")

RUNS = re.compile(rf"{CJK.pattern}+|(?:(?!{CJK.pattern}).)+")


def folded(text: str) -> str:
    """Text as it is put into the index, and looked for in it: one spelling, each Chinese character a word."""
    return " ".join(CJK.sub(r" \g<0> ", ARTICLE.sub("", normalise(text))).split())


def pieces(typed: str) -> list[str]:
    """The words of a question; a run of Chinese characters is one piece."""
    words = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in typed[:LONGEST])
    return [piece for word in words.split() for piece in RUNS.findall(word)]


def phrase(folded_words: str) -> str:
    """These words in this order, quoted for FTS5."""
    return f'"{folded_words}"'


def terms(words: Iterable[str], small: Collection[str]) -> list[Term]:
    """What to look for: each word once, without the small ones."""
    plain = [folded(word) for word in words]
    last = plain[-1] if plain else ""
    telling = dict.fromkeys(word for word in plain if word and word not in small)
    return [_term(word, unfinished=word == last) for word in list(telling)[:MOST]]


def _term(word: str, *, unfinished: bool) -> Term:
    """A word in any number; the last one also as the beginning of a longer one, where it is none itself."""
    stem = OTHER_ENDING.sub("", LATIN_ENDING.sub("", word))
    if len(stem) >= BEGINS and stem.isalpha():
        return (f"{phrase(stem)}*",)
    numbers = dict.fromkeys((word, stem, f"{stem}s", word.removesuffix("es")))
    forms = " OR ".join(phrase(form) for form in numbers if form)
    return (forms, f"{phrase(word)}*") if unfinished and len(word) >= BEGUN else (forms,)
