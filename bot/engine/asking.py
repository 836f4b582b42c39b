"""ASK: what the lessons say about it, quoted as it stands, with where it was read. Nothing is ever composed."""

import re

from bot.engine import sources
from bot.engine.beside import GO_ON, beside
from bot.engine.course import Card, Found, Hook, Lesson, Library
from bot.engine.learner import Learner
from bot.engine.move import Move
from bot.engine.reading import LETTERS, letter, normalise, number, uncalled
from bot.engine.show import source_button
from bot.engine.turn import Choice, Phrase, Text

# Scripts that put no space between a command and what follows it.
SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]$")


def wanted(text: str, learner: Learner, library: Library) -> str:
    """What stands behind ASK, where a message begins with it; else nothing."""
    plain = normalise(uncalled(text))
    typed = library.typed(learner.language)
    for word in sorted((word for word, meaning in typed.items() if meaning == "ask"), key=len, reverse=True):
        if plain.startswith(f"{word} ") or (SPACELESS.search(word) and plain.startswith(word)):
            return plain.removeprefix(word).strip()
    return ""


def is_question(text: str) -> bool:
    """Whether words typed after ASK are what is asked, and not the number or letter of something shown."""
    return number(text) is None and letter(text, len(LETTERS)) is None


def asked(learner: Learner, words: str, library: Library) -> Move:
    """The best card, and the lessons that also speak of it; kind words where nothing fits."""
    hits = library.search(words, learner.language)
    found = [(hit, lesson) for hit in hits if (lesson := library.lesson(hit.lesson)) is not None]
    if not found:
        lessons = Choice("c:lessons", Phrase("button.lessons"))
        return beside(learner, Phrase("ask.nothing"), choices=(lessons, GO_ON))
    (best, lesson), *others = found
    return _quoted(learner, lesson, best.card, tuple(_other(hit, beside) for hit, beside in others), library)


def again(learner: Learner, path: str, card: str, library: Library) -> Move | None:
    """One more of what was found, by its button; None where it is gone."""
    lesson = library.lesson(path)
    return _quoted(learner, lesson, card, (), library) if lesson else None


def _quoted(learner: Learner, lesson: Lesson, card_id: str, others: tuple[Choice, ...], library: Library) -> Move:
    """The words as they stand in the lesson, which lesson that is, where they were read, and the ways on."""
    position, told = _card(lesson, card_id)
    read = sources.known(told.sources, library)
    body: list[Text] = [Phrase("ask.found", {"title": lesson.title}), told.text]
    if read:
        body += [Phrase("source.intro"), *(sources.line(source) for source in read)]
    link = (source_button(lesson, position),) if any(source.link for source in read) else ()
    whole = Choice(f"l:{lesson.course}_{lesson.id}", Phrase("button.this_lesson"), lesson.about)
    return beside(learner, *body, choices=(whole, *others, *link, GO_ON))


def _card(lesson: Lesson, card_id: str) -> tuple[int, Card | Hook]:
    """The card and its position; the hook, at 0, for no card or one that is gone."""
    cards = enumerate(lesson.cards, 1)
    return next(((position, card) for position, card in cards if card.id == card_id), (0, lesson.hook))


def _other(hit: Found, lesson: Lesson) -> Choice:
    return Choice(f"f:{lesson.course}_{lesson.id}_{hit.card}", lesson.title, lesson.about)
