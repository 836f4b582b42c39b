"""How far a language has come: which translations may be shown, which are stale, where English stands in.

A translation whose English has changed since goes on being shown and is counted as stale, unless a number or a
{placeholder} changed: then it would tell something wrong, and English is shown until somebody has looked.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum

from bot.content import plurals
from bot.content.coverage import Coverage
from bot.content.originals import Original
from bot.content.phrasing import placeholders
from bot.content.po import Entry
from bot.content.prose import DIGITS
from bot.engine.fixed import fixed

NUMBER = re.compile(DIGITS)


class State(Enum):
    TRANSLATED = "translated"
    STALE = "stale"  # the English has changed; shown until it is mended
    OUTDATED = "outdated"  # a number, a placeholder or the number of forms changed; English is shown
    MISSING = "missing"  # English is shown


SHOWN = frozenset({State.TRANSLATED, State.STALE})


@fixed(frozen=True, slots=True)
class Translated:
    """What one language has for one English text."""

    state: State
    strings: tuple[str, ...] = ()
    entry: Entry | None = None


def numbers(text: str) -> tuple[str, ...]:
    """The numbers of a text, in order of size, however a script or country writes them."""
    found = (_digits(mark[0]) for mark in NUMBER.finditer(text))
    return tuple(sorted(found))


def _digits(written: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in written if char.isdigit())


def judge(original: Original, entry: Entry | None, language: str) -> Translated:
    """What may be shown for an English text, given the entry of a PO file."""
    if entry is None or not all(entry.translation) or not entry.translation:
        return Translated(State.MISSING, entry=entry)
    strings = entry.translation
    if not _fits(original, strings, language):
        return Translated(State.OUTDATED, strings, entry)
    if (entry.text, entry.plural) == (original.text, original.plural) and not entry.fuzzy:
        return Translated(State.TRANSLATED, strings, entry)
    known = entry.previous if entry.fuzzy else entry.text
    same = numbers(known if known is not None else strings[0]) == numbers(original.text)
    return Translated(State.STALE if same else State.OUTDATED, strings, entry)


def _fits(original: Original, strings: tuple[str, ...], language: str) -> bool:
    """Whether the translation has as many forms as it needs, and knows no placeholder that is not there."""
    forms = plurals.count(language) if original.plural is not None else 1
    if len(strings) != forms:
        return False
    if original.plural is None:
        return placeholders(strings[0]) == placeholders(original.text)
    # "One lesson" may leave out its {n}, so only the last form, the one for many, has to be complete.
    wanted = placeholders(original.plural)
    return all(placeholders(text) <= wanted for text in strings) and placeholders(strings[-1]) == wanted


def judged(originals: Iterable[Original], entries: Mapping[str, Entry], language: str) -> dict[str, Translated]:
    """Every English text with what the language has for it, by context."""
    return {original.context: judge(original, entries.get(original.context), language) for original in originals}


def coverage(originals: Iterable[Original], found: Mapping[str, Translated], reviewed: bool) -> Coverage:
    counts = dict.fromkeys(State, 0)
    missing = []
    texts = 0
    for original in originals:
        state = found[original.context].state
        counts[state] += original.words
        texts += 1
        if state not in SHOWN:
            missing.append(original.context)
    english = counts[State.OUTDATED] + counts[State.MISSING]
    return Coverage(
        sum(counts.values()), counts[State.TRANSLATED], counts[State.STALE], english, reviewed, texts, tuple(missing)
    )
