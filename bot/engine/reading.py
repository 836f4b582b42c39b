"""Reads what people type: one spelling for many, and a number, a letter or loose words for a choice."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

Distance = Callable[[str, str], int]

LETTERS = "ABCDEFGHIJ"

# Arabic is typed with and without these; both must be the same word.
ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": None} | {chr(c): None for c in range(0x64B, 0x653)}
)
ACCENTS = re.compile("[\u0300-\u036f]")
# In a group's menu Telegram adds the bot's name to a command: ``/ask@OurBot savings``.
CALLED = re.compile(r"^/(\w+)(?:@\w+)?(?=\s|$)", re.ASCII)
SIGNED = re.compile(r"\W*?[-+\u2010-\u2015\u2212\ufe63\uff0b\uff0d]\s*\d")
SLIPS = 2  # that one may make in a label; more are other words
WORD = re.compile(r"\S+")
LONGEST = 6  # words of a command, "por qué no me llegó" and the like
STRETCHED = re.compile(r"([^\W\d_])\1\1+")
WORDLESS = re.compile(r"[^\w\s]|_", re.UNICODE)


def normalise(text: str) -> str:
    """One spelling for many: case, width, accents, digits of all scripts, invisible and punctuation marks."""
    return " ".join(WORDLESS.sub(" ", text.lower() if text.isascii() else _one_script(text)).split())


def _one_script(text: str) -> str:
    text = ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    text = unicodedata.normalize("NFKC", text).translate(ARABIC)
    visible = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in visible)


@lru_cache(maxsize=4096)  # labels are few, and all that is typed is held against them; what people type is not kept
def _plain(label: str) -> str:
    return normalise(label)


def uncalled(text: str) -> str:
    """What was typed, a command without its slash and without the bot's name behind it."""
    return CALLED.sub(r"\1", text.strip())


def looked_up(words: Mapping[str, str], typed: str) -> str:
    """What typed words mean, or nothing; a letter that is held down is one: holaaa."""
    plain = normalise(typed)
    return words.get(plain) or words.get(STRETCHED.sub(r"\1", plain), "")


def beginnings(typed: str) -> Iterator[tuple[str, str]]:
    """What may be the command or greeting that a message begins with, the longest first, and what stands behind it."""
    plain = uncalled(typed)
    for word in reversed(list(islice(WORD.finditer(plain), LONGEST))):
        yield plain[: word.end()], plain[word.end() :].strip()


def is_signed(typed: str) -> bool:
    """Whether it is a number with a sign before it: -3 and +3 are no three."""
    return SIGNED.match(typed) is not None


def number(typed: str) -> int | None:
    """The whole number that was typed, if nothing else was; at most three digits count as one, and none with a sign."""
    word = normalise(typed)
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 3 and not is_signed(typed) else None


def letter(typed: str, count: int) -> int | None:
    """The position a single typed letter stands for (``b`` → 1), among ``count`` choices."""
    word = normalise(typed)
    position = LETTERS.casefold().find(word) if len(word) == 1 else -1
    return position if 0 <= position < count else None


def same_label(typed: str, labels: Sequence[str]) -> int | None:
    """The position of the one label that was typed whole; a face alone counts for the label that carries it."""
    word = normalise(typed)
    if word:
        signed = is_signed(typed)
        hits = [i for i, label in enumerate(labels) if _plain(label) == word and is_signed(label) == signed]
    else:
        hits = [i for i, label in enumerate(labels) if typed.strip() and typed.strip() in label]
    return hits[0] if len(hits) == 1 else None


def close_label(typed: str, labels: Sequence[str], distance: Distance) -> int | None:
    """The position of the one label whose beginning or near spelling was typed; None when two are as near."""
    word = normalise(typed)
    if len(word) < 3 or not labels:
        return None
    plain = [_plain(label) for label in labels]
    begins = [i for i, label in enumerate(plain) if len(word) >= 4 and label.startswith(word)]
    if len(begins) == 1:
        return begins[0]
    slips = sorted((distance(word, label), i) for i, label in enumerate(plain))
    best, position = slips[0]
    meant = plain[position]
    if len(meant) < 4 or best > min(SLIPS, max(1, len(meant) // 6)) or not _same_words(word, meant, distance):
        return None
    return position if len(slips) == 1 or slips[1][0] > best else None


def _same_words(typed: str, meant: str, distance: Distance) -> bool:
    """Whether only letters differ: no word too many ("not"), none missing, none in the place of another."""
    if typed.count(" ") != meant.count(" "):
        return typed.replace(" ", "") == meant.replace(" ", "")
    pairs = zip(typed.split(), meant.split(), strict=True)
    return all(one == other or _is_slip(one, other, distance) for one, other in pairs)


def _is_slip(one: str, other: str, distance: Distance) -> bool:
    """Whether it may be the same word: a letter or two of it differ. Another number or single letter is another."""
    is_word = len(one + other) > 2 and not any(sign.isdigit() for sign in one + other)
    return is_word and distance(one, other) <= max(1, min(len(one), len(other)) // 3)


def choose(typed: str, labels: Sequence[str], distance: Distance) -> int | None:
    """The position of the choice meant by a number (its place), a letter, or its words; None when unclear."""
    exact = same_label(typed, labels)
    if exact is not None:
        return exact
    place = number(typed)
    if place is not None:
        return place - 1 if 1 <= place <= len(labels) else None
    by_letter = letter(typed, len(labels))
    return by_letter if by_letter is not None else close_label(typed, labels, distance)
