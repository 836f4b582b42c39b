"""Which of our languages somebody speaks: by their own words, their script, what the platform tells."""

import re
from collections.abc import Collection

from bot.engine.commands import BEFORE_ANYTHING
from bot.engine.course import Library
from bot.engine.events import Event, Said
from bot.engine.learner import Learner
from bot.engine.reading import beginnings, looked_up, normalise, uncalled

# A script tells the language where only one of ours is written in it.
SCRIPTS = (
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
)


def guess_language(event: Event, library: Library) -> str | None:
    """The language of the first words, else of their script, else what the platform tells; None when unsure."""
    told = opened_in(event.text, library) if isinstance(event, Said) else None
    return told or _of_platform(event, library) or (_of_words(event, library) if isinstance(event, Said) else None)


def opened_in(text: str, library: Library) -> str | None:
    """The language that a first message tells, whatever the platform says: named, a greeting, START, HELP, a script."""
    return language_called(text, library) or _of_own_words(text, library, BEFORE_ANYTHING) or _of_script(text, library)


def understood(learner: Learner, event: Event, library: Library) -> Learner:
    """The learner with the language that any word of it tells, as long as theirs is not known."""
    if learner.language_sure or not isinstance(event, Said):
        return learner
    told = _of_words(event, library)
    return learner.but(language=told, language_sure=True) if told else learner


def _of_words(said: Said, library: Library) -> str | None:
    return opened_in(said.text, library) or _of_own_words(said.text, library, None)


def language_called(text: str, library: Library) -> str | None:
    """The language that a whole message names: ``ES``, ``español``, ``Spanish``."""
    word = normalise(uncalled(text))
    for language in library.languages:
        if word in (normalise(language.name), language.code) or word in language.names:
            return language.code
    return None


def _of_own_words(text: str, library: Library, among: Collection[str] | None) -> str | None:
    """The one language whose greeting or start a message begins with, or whose command it is (``among`` these)."""
    for words, rest in beginnings(text):
        told = [one.code for one in library.languages if _tells(words, one.code, library, among if not rest else ())]
        if told:
            return told[0] if len(told) == 1 else None
    return None


def _tells(words: str, code: str, library: Library, among: Collection[str] | None) -> bool:
    """Whether words are of this language. English commands are typed by everybody, so they tell nothing."""
    meaning = looked_up(library.typed(code), words)
    if meaning.startswith("hello:"):
        return meaning == f"hello:{code}"
    if not meaning or looked_up(library.typed(library.languages[0].code), words):
        return False
    return among is None or meaning == "start" or meaning in among


def _of_script(text: str, library: Library) -> str | None:
    spoken = {language.code for language in library.languages}
    return next((code for code, script in SCRIPTS if code in spoken and script.search(text)), None)


def _of_platform(event: Event, library: Library) -> str | None:
    spoken = {language.code for language in library.languages}
    codes = (tag.replace("_", "-").split("-")[0].casefold() for tag in event.languages)
    return next((code for code in codes if code in spoken), None)
