"""How a talk begins: somebody is there, in the language that was guessed, and the first puzzle is told."""

import re
from dataclasses import replace
from datetime import datetime

from bot.engine import commands, path
from bot.engine.course import Lesson, Library
from bot.engine.events import Event, Said, Started
from bot.engine.languages import guess_language
from bot.engine.learner import Learner, Step
from bot.engine.move import Move
from bot.engine.reading import looked_up, uncalled
from bot.engine.show import languages, show
from bot.engine.turn import Joined, Phrase, Record

CAMPAIGN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def newcomer(learner_id: str, seed: int, event: Event, library: Library) -> Learner:
    """A guest nobody has heard of before."""
    guess = guess_language(event, library)
    return Learner(
        id=learner_id,
        seed=seed,
        language=guess or library.languages[0].code,
        language_sure=guess is not None,
        created=event.at,
        seen=event.at,
        country=event.country,
        zone=event.zone,
    )


def started(event: Event, learner: Learner, library: Library) -> tuple[str | None, bool]:
    """The campaign of a start, and whether the event is one: a start link, or ``START code`` as words.

    A poster may say it in another of our languages than the learner's; then only a campaign we know makes it a start.
    """
    if isinstance(event, Started):
        return event.campaign, True
    words = event.text.split() if isinstance(event, Said) else []
    if len(words) != 2:
        return None, False
    known = library.campaigns(words[1])
    codes = [language.code for language in library.languages] if known else [learner.language]
    start = any(looked_up(library.typed(code), uncalled(words[0])) == "start" for code in codes)
    return (words[1], True) if start else (None, False)


def joined(learner: Learner, campaign: str | None, library: Library) -> tuple[Learner, tuple[Record, ...]]:
    """A known campaign is noted on first arrival and counted; anything else is a normal start."""
    known = campaign is not None and CAMPAIGN.fullmatch(campaign) and library.campaigns(campaign)
    if not known or learner.campaign is not None or campaign is None:
        return learner, ()
    return learner.but(campaign=campaign), (Joined(campaign),)


def arrive(learner: Learner, library: Library, now: datetime) -> Move:
    """The first message: a puzzle in the guessed language, or the choice of a language."""
    if not learner.language_sure:
        return Move(path.enter(learner, now, Step.LANGUAGE))
    return open_first(learner, library, now)


def first_lesson(library: Library, language: str) -> Lesson:
    lessons = [lesson for course in library.courses for lesson in course.lessons]
    return next((lesson for lesson in lessons if language in lesson.languages), lessons[0])


def open_first(learner: Learner, library: Library, now: datetime) -> Move:
    """The first puzzle, with a greeting and the other languages beside it."""
    learner = path.begin(learner, first_lesson(library, learner.language), library, now)
    say = show(learner, library)
    say = replace(
        say,
        body=(Phrase("hello.greeting"), *say.body),
        extra=languages(library),
        instead=Phrase("hello.languages"),
    )
    return Move(learner, aside=say)


def switch_language(learner: Learner, code: str, library: Library, now: datetime) -> Move:
    """What waits for an answer, in another language; at the very beginning, the first lesson."""
    learner = learner.but(language=code, language_sure=True)
    if learner.place.step is Step.LANGUAGE:
        return open_first(learner, library, now)
    return commands.once_more(learner, library, now, Phrase("language.switched"))


def has_begun(learner: Learner) -> bool:
    """Whether there is a talk to go on with; who has just told the language they were asked for begins now."""
    return learner.place.serial > 0 and not (learner.place.step is Step.LANGUAGE and learner.language_sure)
