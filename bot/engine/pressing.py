"""What a button means. Its data is one strict pattern, looked up for this learner; everything else is an old button."""

import re
from dataclasses import replace
from datetime import datetime

from bot.engine import answers, arrive, asking, between, commands, daily, path, sources
from bot.engine.beside import beside
from bot.engine.course import Library
from bot.engine.learner import Learner, Step
from bot.engine.move import Move
from bot.engine.questions import Answer
from bot.engine.show import AGES, ASKING, ROLES, form_here, options_here, question_here
from bot.engine.turn import Phrase

DATA = re.compile(r"([a-z]{1,3}):([A-Za-z0-9_-]{1,48})", re.ASCII)
OF_PLACE = re.compile(r"(\d{1,9})(?:-([a-z0-9_-]{1,38}))?", re.ASCII)


def on_show(learner: Learner, data: str) -> bool:
    """Whether it is a button of what the bot showed last."""
    return any(choice.data == data for choice in learner.offer)


def press(learner: Learner, data: str, channel: str, library: Library, now: datetime) -> Move:
    """What pressing a button brings, whenever and wherever it was shown."""
    match = DATA.fullmatch(data)
    kind, rest = match.groups() if match else ("", "")
    move = None
    if kind in ("q", "n"):
        move = _of_place(learner, kind, rest, channel, library, now)
    elif kind in ANYWHERE:
        move = ANYWHERE[kind](learner, rest, channel, library, now)
    return move or Move(learner.but(aside=None), (Phrase("old.unknown"),))


def _of_place(learner: Learner, kind: str, rest: str, channel: str, library: Library, now: datetime) -> Move | None:
    match = OF_PLACE.fullmatch(rest)
    if match is None:
        return None
    serial, choice = int(match[1]), match[2] or ""
    if serial != learner.place.serial:
        reply = "old.answered" if kind == "q" else "old.card"
        return Move(learner.but(aside=None), (Phrase(reply),)) if serial < learner.place.serial else None
    if kind == "n":
        return commands.forward(learner, library, now)
    return chosen(learner, choice, channel, library, now)


def chosen(learner: Learner, choice: str, channel: str, library: Library, now: datetime) -> Move | None:
    """What choosing an option at the learner's place brings; None when it is no option of this place."""
    learner = learner.but(aside=None)
    match learner.place.step:
        case Step.HOOK:
            return between.guessed(learner, choice, library, now)
        case Step.CONSENT:
            return between.consented(learner, choice, channel, now)
        case Step.AGE if choice in (*AGES, "skip"):
            return between.aged(learner, choice, library, now)
        case Step.ROLE if choice in (*ROLES, "skip"):
            return between.told_role(learner, choice, now)
        case step if step is Step.REACTION or step in ASKING:
            return _option(learner, choice, library, now)
        case _:
            return None


def _option(learner: Learner, choice: str, library: Library, now: datetime) -> Move | None:
    if choice == "skip":
        return answers.skipped(learner, library, now)
    question = question_here(learner, library)
    if question is None:
        return None
    if choice == "done" and learner.place.picked:
        return answers.answered(learner, Answer(learner.place.picked), library, now)
    options = options_here(learner, question, form_here(learner, question))
    option = next((option for option in options if option.id == choice), None)
    if option is None:
        return None
    if answers.needs_done(question):
        return answers.picked(learner, option)
    return answers.answered(learner, Answer((choice,)), library, now)


def _command(learner: Learner, name: str, channel: str, library: Library, now: datetime) -> Move | None:
    if name.startswith("keep-"):
        return _keep(learner, name.removeprefix("keep-"), channel, now)
    command = commands.COMMANDS.get(name) or commands.BUTTONS.get(name)
    return command(learner, library, now) if command else None


def _keep(learner: Learner, keep: str, channel: str, now: datetime) -> Move | None:
    """Consent changed beside the path: afterwards the learner is where they were."""
    if not learner.may_decide:
        return None
    waits = learner.after if learner.place.step in path.BESIDE else None
    here = learner.after if learner.place.step in path.BETWEEN else learner.place
    move = between.consented(learner.but(after=here, aside=None), keep, channel, now)
    if move is None or waits is None:
        return move
    # In a review the lesson goes on waiting; where their age is asked, it is what comes next.
    return replace(move, learner=move.learner.but(after=waits))


def _language(learner: Learner, code: str, channel: str, library: Library, now: datetime) -> Move | None:
    if library.language(code) is None:
        return None
    return arrive.switch_language(learner, code, library, now)


def _lesson(learner: Learner, rest: str, channel: str, library: Library, now: datetime) -> Move | None:
    lesson = library.lesson(rest.replace("_", "/", 1))
    return Move(path.begin(learner, lesson, library, now)) if lesson else None


def _course(learner: Learner, rest: str, channel: str, library: Library, now: datetime) -> Move | None:
    course_id, _, page = rest.rpartition("_")
    return commands.course(learner, course_id, int(page), library) if page.isdigit() and len(page) < 3 else None


def _source(learner: Learner, rest: str, channel: str, library: Library, now: datetime) -> Move | None:
    """Where a claim was read, in the learner's words, with the link."""
    path_, _, position = rest.rpartition("_")
    lesson = library.lesson(path_.replace("_", "/", 1))
    if lesson is None or not position.isdigit() or int(position) > len(lesson.cards):
        return None
    card = int(position)
    ids = lesson.hook.sources if card == 0 else lesson.cards[card - 1].sources
    lines = (line for source in sources.known(ids, library) for line in sources.with_link(source))
    return beside(learner, Phrase("source.intro"), *lines)


def _found(learner: Learner, rest: str, channel: str, library: Library, now: datetime) -> Move | None:
    """Another card that a search found."""
    path_, _, card = rest.rpartition("_")
    return asking.again(learner, path_.replace("_", "/", 1), card, library)


ANYWHERE = {
    "c": _command,
    "d": daily.pressed,
    "f": _found,
    "g": _language,
    "k": _course,
    "l": _lesson,
    "p": daily.pause_pressed,
    "s": _source,
    "z": daily.zone_pressed,
}
