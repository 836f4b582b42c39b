"""Answers as lines of a CSV: a few values that change with every row, and pieces that were written before.

All of it is bytes, as the database gives them and the file takes them: only a piece seen for the first time becomes
text, to be made harmless and quoted.
"""

from collections.abc import Iterator

from bot.content.markup import plain
from bot.evidence.cells import harmless, harmless_when_cut, quoted
from bot.evidence.pseudonyms import Pseudonyms
from bot.evidence.reading import FIELD, PERSON, Page
from bot.evidence.remembered import Remembered
from bot.evidence.scrub import scrubbed

COUNTRY = PERSON.index("country")
SECOND = len("2026-11-24T12:00:00")
# Code, time to the second, learner; person, question and reply are several cells each; seconds to answer.
LINE = f"%b,%.{SECOND}bZ,%b,%b,%b,%b,%b\r\n".encode()
REMEMBERED = 4_096  # pieces kept at hand: about 2 MB, whatever the number of rows


class CsvLines:
    """Writes pages of answers as CSV. ``as_typed`` leaves open text alone; ``excel`` also guards against cutting."""

    def __init__(self, codes: Pseudonyms, *, as_typed: bool, excel: bool) -> None:
        self._codes = codes
        self._as_typed = as_typed
        self._harmless = harmless_when_cut if excel else harmless
        self._piece = Remembered(self._written, REMEMBERED).__getitem__

    def of(self, page: Page) -> bytes:
        """The lines of a page."""
        at, ids, learners, persons, questions, replies, seconds, words = page
        codes, who = self._codes.responses(ids), map(self._codes.learner, learners)
        said = self._said(page) if any(words) else map(self._piece, replies)
        groups = map(self._piece, persons), map(self._piece, questions), said
        return b"".join([LINE % cells for cells in zip(codes, at, who, *groups, seconds, strict=True)])

    def _said(self, page: Page) -> Iterator[bytes]:
        _, _, _, persons, _, replies, _, words = page
        for person, reply, own in zip(persons, replies, words, strict=True):
            yield self._in_own_words(reply, own.decode(), person) if own else self._piece(reply)

    def _written(self, group: bytes) -> bytes:
        return ",".join([quoted(self._harmless(plain(text))) for text in group.decode().split(FIELD)]).encode()

    def _in_own_words(self, reply: bytes, words: str, person: bytes) -> bytes:
        """The cells of a reply with the learner's own words in place of an option's."""
        field = FIELD.encode()
        before, _, correct = reply.rsplit(field, 2)
        if not self._as_typed:
            words = scrubbed(words, person.split(field)[COUNTRY].decode() or None)
        return b"%b,%b,%b" % (self._piece(before), quoted(self._harmless(words)).encode(), correct)
