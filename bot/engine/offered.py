"""What typed words choose of what was offered beside the path: a row of a list, an hour, a way back."""

from datetime import datetime

from bot.engine import commands, daily
from bot.engine.beside import beside
from bot.engine.course import Library
from bot.engine.learner import Learner
from bot.engine.move import Move
from bot.engine.pressing import press
from bot.engine.reading import choose, letter, normalise, number, same_label
from bot.engine.show import form_here, options_here, question_here
from bot.engine.turn import Choice, Phrase

# What cannot be taken back, or is no light matter: not by a letter, which may have been meant for the question behind.
LASTING = ("c:erase", "c:keep-")


def labels(choices: tuple[Choice, ...], learner: Learner, library: Library) -> list[str]:
    return [library.label(choice.label, learner.language) for choice in choices]


def chooses(learner: Learner) -> bool:
    """Whether the last message, beside the path, wants something chosen: there is more to it than the way back."""
    return learner.aside is not None and (len(learner.offer) > 1 or learner.aside in daily.ASKS)


def by_offer(learner: Learner, text: str, channel: str, library: Library, now: datetime) -> Move | None:
    """A number, a letter or loose words for what was offered beside the path, where that came last.

    Where that is a list or a question, a bare number, letter or sign is never for what stands behind it.
    """
    behind = question_here(learner, library)
    if not learner.aside or (behind is not None and not chooses(learner) and number(text) is None):
        return None
    if is_option(learner, text, library) and number(text) is None:
        return None
    position = choose(text, labels(learner.offer, learner, library), library.distance)
    data = "" if position is None else learner.offer[position].data
    by_letter = behind is not None and letter(text, len(learner.offer)) is not None
    if data and not (by_letter and data.startswith(LASTING)):
        return press(learner, data, channel, library, now)
    return offered_again(learner, library, now) if chooses(learner) and _is_bare(text) else None


def is_option(learner: Learner, text: str, library: Library) -> bool:
    """Whether it is an option of the question in front of the learner, typed whole."""
    question = question_here(learner, library)
    if question is None:
        return False
    options = options_here(learner, question, form_here(learner, question))
    return same_label(text, [library.label(option.label, learner.language) for option in options]) is not None


def offered_again(learner: Learner, library: Library, now: datetime) -> Move:
    """A kind line, and what was asked or offered beside the path again."""
    asked = daily.asked_again(learner, library, now)
    if asked is not None:
        return asked
    if learner.aside in commands.ASKED:
        return commands.once_more(learner, library, now, Phrase("unclear.list"))
    return beside(learner, Phrase("unclear.list"), choices=learner.offer, aside=learner.aside or "list")


def _is_bare(text: str) -> bool:
    """Whether it is nothing but letters one by one, numbers or signs: B, 1 3, +3, 👍."""
    return all(len(word) == 1 or word.isdigit() for word in normalise(text).split())
