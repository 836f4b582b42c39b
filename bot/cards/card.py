"""A lesson's picture as a value: everything the template draws from, and nothing else."""

import json
import re
from dataclasses import asdict

from bot.cards.fonts import fonts_for, writes
from bot.cards.palette import GOALS, colour, is_dark
from bot.content.catalogue import Catalogue
from bot.content.picture import Picture
from bot.engine.course import Lesson
from bot.engine.fixed import fixed

# The number of a goal stands in a field of its own, so a title need not begin with it.
NUMBER = re.compile(r"^\d+\s*[·.:：、-]\s*")
# A last word as short as this does not stand on a line of its own.
ORPHAN = re.compile(r" (\S{1,2})$")
HARD_SPACE = "\u00a0"


@fixed(frozen=True, slots=True)
class Card:
    """What a picture shows, in one language."""

    title: str
    line: str
    number: int | None
    language: str
    rtl: bool
    fonts: tuple[str, ...]
    colour: str
    dark: bool
    draw: str
    count: int
    lit: int
    values: tuple[int, ...]
    marks: tuple[str, ...]
    regions: tuple[str, ...]
    goals: tuple[str, ...]

    def inputs(self) -> str:
        """The card as the template reads it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def card_of(lesson: Lesson, picture: Picture, language: str, catalogue: Catalogue) -> Card | None:
    """The card of a lesson in a language; None where our fonts cannot write it."""
    title = catalogue.label(lesson.title, language).strip()
    title = NUMBER.sub("", title) if picture.goal else title
    title = ORPHAN.sub(HARD_SPACE + r"\1", title)
    line = catalogue.label(lesson.about, language).strip()
    if not title or not writes(title + line):
        return None
    ground = colour(lesson.course, picture.goal)
    return Card(
        title=title,
        line=line,
        number=picture.goal,
        language=language,
        rtl=catalogue.language(language).rtl,
        fonts=tuple(fonts_for(language)),
        colour=ground,
        dark=is_dark(ground),
        draw=picture.draw,
        count=picture.count or 0,
        lit=picture.lit or 0,
        values=picture.values,
        marks=picture.marks,
        regions=picture.regions,
        goals=GOALS if picture.count == len(GOALS) else (),
    )
