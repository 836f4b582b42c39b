"""Finds the card that answers a question, in the learner's language: SQLite's full-text search, in memory.

One index a language, made when somebody first asks in it (a few milliseconds). A card is found by its own words, more
by those in bold, which it explains, and by its lesson's title, second line and takeaway. What was asked counts by how
much it tells: a word that stands in every lesson tells little, one that stands in none tells that nothing here fits.
"""

import math
import sqlite3
import weakref
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from bot.content.catalogue import ENGLISH, Catalogue
from bot.content.markup import runs
from bot.content.phrasing import listed
from bot.content.prose import CJK
from bot.content.query import Term, folded, phrase, pieces, terms
from bot.engine.course import Course, Found, Lesson
from bot.engine.fixed import fixed
from bot.engine.turn import Phrase

SMALL_WORDS = "ask.small.words"
BEST = 3  # lessons that are offered
FITS = 0.5  # the share of what was asked, by what it tells, that a card must speak of
HOOK = 0.7  # a puzzle says less than a card
NAMED = 1.5  # a lesson whose whole title was asked for is what was meant
RUN = 6  # Chinese characters that are tried as one word

TABLE = "CREATE VIRTUAL TABLE cards USING fts5(text, bold, title, about, tokenize='unicode61 remove_diacritics 2')"
INSERT = "INSERT INTO cards (rowid, text, bold, title, about) VALUES (?, ?, ?, ?, ?)"
TITLED = "SELECT rowid FROM cards WHERE cards MATCH ?"
HITS = "SELECT rowid, -bm25(cards, 1.0, 2.0, 4.0, 0.5) FROM cards WHERE cards MATCH ?"

Search = Callable[[str, str], tuple[Found, ...]]


def searcher(courses: Sequence[Course], catalogue: Catalogue) -> Search:
    """The search of a library: words and a language → the best cards, each of another lesson, best first."""
    indexes: dict[str, Index] = {}

    def search(words: str, language: str) -> tuple[Found, ...]:
        if language not in indexes:
            lessons = [lesson for course in courses for lesson in course.lessons if language in lesson.languages]
            indexes[language] = Index(lessons, catalogue, language)
        return indexes[language].best(words)

    return search


@fixed(frozen=True, slots=True)
class Hit:
    """How well a card fits: the share of the question it speaks of, and its rank among those that do."""

    covered: float
    rank: float


class Index:
    """The cards of one language."""

    def __init__(self, lessons: Iterable[Lesson], catalogue: Catalogue, language: str) -> None:
        # Searched in the loop's thread, made wherever the first question comes from.
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._found: list[Found] = []
        self._titles: list[int] = []  # words of the lesson's title that tell something
        self._small, self._small_runs = _small(catalogue, language)
        self._db.execute(TABLE)
        for lesson in lessons:
            self._add(lesson, catalogue, language)

    def _add(self, lesson: Lesson, catalogue: Catalogue, language: str) -> None:
        title = folded(catalogue.label(lesson.title, language))
        about = folded(" ".join(catalogue.label(text, language) for text in (lesson.about, lesson.takeaway)))
        self._insert(Found(lesson.path), catalogue.label(lesson.hook.text, language), "", title, about)
        for card in lesson.cards:
            read = runs(catalogue.text(card.text, language))
            bold = " ".join(part for part, is_bold in read if is_bold)
            self._insert(Found(lesson.path, card.id), "".join(part for part, _ in read), bold, title, about)

    def _insert(self, found: Found, text: str, bold: str, title: str, about: str) -> None:
        self._found.append(found)
        self._titles.append(len(set(title.split()) - self._small))
        self._db.execute(INSERT, (len(self._found), folded(text), folded(bold), title, about))

    def best(self, words: str) -> tuple[Found, ...]:
        """The card that fits best, and the best ones of the next lessons."""
        looked_for = self._terms(words)
        named = self._named(looked_for)
        ranks = {
            row: hit.rank * (NAMED if row in named else 1)
            for row, hit in self._hits([self._matching(term) for term in looked_for]).items()
            if hit.covered >= FITS or row in named
        }
        of_lessons: dict[str, Found] = {}
        for row in sorted(ranks, key=lambda row: -ranks[row]):
            of_lessons.setdefault(self._found[row - 1].lesson, self._found[row - 1])
        return tuple(of_lessons.values())[:BEST]

    def _named(self, looked_for: Sequence[Term]) -> frozenset[int]:
        """The cards of lessons whose whole title is among what was asked."""
        counted = Counter(row for term in looked_for for (row,) in self._db.execute(TITLED, (f"title : ({term[0]})",)))
        return frozenset(row for row, count in counted.items() if 0 < self._titles[row - 1] <= count)

    def _terms(self, words: str) -> list[Term]:
        split = [part for piece in pieces(words) for part in (self._chinese(piece) if CJK.match(piece) else [piece])]
        return terms(split, self._small)

    def _chinese(self, run: str) -> list[str]:
        """A run of characters as the longest words of it that stand in a card; the whole run where none does."""
        for small in self._small_runs:
            run = run.replace(small, " ")
        found = [word for part in run.split() for word in self._words(part)]
        return found or run.split()

    def _words(self, run: str) -> list[str]:
        found, at = [], 0
        while at < len(run):
            sizes = range(min(RUN, len(run) - at), 1 if len(run) > 1 else 0, -1)
            size = next((size for size in sizes if self._matching((phrase(folded(run[at : at + size])),))), 0)
            if size:
                found.append(run[at : at + size])
            at += size or 1
        return found

    def _matching(self, term: Term) -> dict[int, float]:
        """The rows that speak of it, with how much."""
        found = (dict(self._db.execute(HITS, (expression,))) for expression in term)
        return next((rows for rows in found if rows), {})

    def _hits(self, matching: Sequence[dict[int, float]]) -> dict[int, Hit]:
        weights = [math.log(1 + len(self._found) / (len(rows) + 0.5)) for rows in matching]
        covered: dict[int, float] = defaultdict(float)
        rank: dict[int, float] = defaultdict(float)
        for rows, weight in zip(matching, weights, strict=True):
            for row, score in rows.items():
                covered[row] += weight
                rank[row] += score * (1 if self._found[row - 1].card else HOOK)
        return {row: Hit(covered[row] / sum(weights), rank[row] * covered[row]) for row in covered}


def _small(catalogue: Catalogue, language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Words that tell nothing (“what”, “is”, “please”); beside them, those of Chinese characters, the longest first."""
    known = language if catalogue.has(SMALL_WORDS, language) else ENGLISH
    words = listed(catalogue.text(Phrase(SMALL_WORDS), known)) if catalogue.has(SMALL_WORDS) else ()
    characters = sorted((word for word in words if CJK.match(word)), key=len, reverse=True)
    return frozenset(part for word in words for part in folded(word).split()), tuple(characters)
