"""Answers as lines of a CSV: a few values that change with every row, and pieces that were written before."""

from functools import lru_cache

from bot.content.markup import plain
from bot.evidence.cells import harmless, harmless_when_cut, quoted
from bot.evidence.pseudonyms import Pseudonyms
from bot.evidence.reading import FIELD, GROUP, PARTS, PERSON, Page
from bot.evidence.scrub import scrubbed

COUNTRY = PERSON.index("country")
ID = PARTS.index(("id",))
LAST = len(PARTS)  # what follows the last mark are own words, whatever was typed
SECOND = len("2026-11-24T12:00:00")
REMEMBERED = 4_096  # pieces kept at hand: about 2 MB, whatever the number of rows


class CsvLines:
    """Writes pages of answers as CSV. ``as_typed`` leaves open text alone; ``excel`` also guards against cutting."""

    def __init__(self, codes: Pseudonyms, *, as_typed: bool, excel: bool) -> None:
        self._codes = codes
        self._as_typed = as_typed
        self._harmless = harmless_when_cut if excel else harmless
        self._piece = lru_cache(maxsize=REMEMBERED)(self._written)

    def of(self, page: Page) -> str:
        """The lines of a page."""
        learner, piece = self._codes.learner, self._piece
        rows = [row.split(GROUP, LAST) for row in page]
        codes = self._codes.responses([row[ID] for row in rows])
        lines = []
        for code, (at, _, learner_id, person, question, reply, seconds, words) in zip(codes, rows, strict=True):
            said = self._in_own_words(reply, words, person) if words else piece(reply)
            who, asked = f"{learner(learner_id)},{piece(person)}", piece(question)
            lines.append(f"{code},{at[:SECOND]}Z,{who},{asked},{said},{seconds}\r\n")
        return "".join(lines)

    def _written(self, group: str) -> str:
        return ",".join([quoted(self._harmless(plain(text))) for text in group.split(FIELD)])

    def _in_own_words(self, reply: str, words: str, person: str) -> str:
        """The cells of a reply with the learner's own words in place of an option's."""
        *before, _, correct = reply.split(FIELD)
        if not self._as_typed:
            words = scrubbed(words, person.split(FIELD)[COUNTRY] or None)
        return f"{self._piece(FIELD.join(before))},{quoted(self._harmless(words))},{correct}"
