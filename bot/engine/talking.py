"""What typed words mean: an option, a command, a choice just offered, small talk; never nothing."""

import re
from datetime import datetime

from bot.engine import answers, asking, between, commands, daily
from bot.engine.ages import read_age
from bot.engine.arrive import switch_language
from bot.engine.beside import in_lesson
from bot.engine.course import Library
from bot.engine.languages import language_called
from bot.engine.learner import Keep, Learner, Status, Step
from bot.engine.move import Move
from bot.engine.offered import by_offer, chooses, is_option, labels, offered_again
from bot.engine.pressing import press
from bot.engine.questions import KINDS
from bot.engine.questions.open import COMMENT, LONGEST
from bot.engine.reading import choose, looked_up, normalise, same_label, uncalled
from bot.engine.show import form_here, options_here, question_here, show
from bot.engine.turn import Answered, Choice, Phrase

YES, NO = "talk:yes", "talk:no"
PAUSE = re.compile(r"[,:;.!]")
UNCLEAR = 3  # kind lines for what was not understood, taken in turn


def said(learner: Learner, text: str, channel: str, library: Library, now: datetime) -> Move:
    """What a typed message brings."""
    if wants_words(learner, library):
        return _own_words_or_out(learner, text, library, now)
    meaning = meant(text, learner, library)
    offered = same_label(text, labels(learner.offer, learner, library))
    if offered is not None:
        return press(learner, learner.offer[offered].data, channel, library, now)
    if meaning in commands.COMMANDS:
        return commands.COMMANDS[meaning](learner, library, now)
    return (
        _all_back(learner, text, library, now)
        or _yes_or_no(learner, meaning, channel, library, now)
        or daily.typed(learner, text, library, now)
        or _at_once(learner, text, library, now)
        or _as_asked(learner, text, meaning, library)
        or by_offer(learner, text, channel, library, now)
        or _by_place(learner, text, channel, library, now)
        or _asking(learner, text, library)
        or _by_language(learner, text, library, now)
        or _from_another_language(learner, text, library, now)
        or _small_talk(learner, meaning, library, now)
        or daily.asked_again(learner, library, now)
        or unclear(learner)
    )


def meant(text: str, learner: Learner, library: Library) -> str:
    """The command or small talk that the whole message is, in the learner's language or in English."""
    return looked_up(library.typed(learner.language), uncalled(text))


def meant_anywhere(text: str, learner: Learner, library: Library) -> str:
    """What the whole message means to the learner; STOP, HELP and DELETE also in every other language of ours."""
    own = meant(text, learner, library)
    if own:
        return own
    told = {looked_up(library.typed(language.code), uncalled(text)) for language in library.languages}
    known = told & commands.IN_ALL_LANGUAGES
    return known.pop() if len(known) == 1 else ""


def wants_words(learner: Learner, library: Library) -> bool:
    """Whether any words are an answer now."""
    if learner.aside == "feedback":
        return True
    question = question_here(learner, library)
    return not learner.aside and question is not None and question.kind == "open"


def _own_words_or_out(learner: Learner, text: str, library: Library, now: datetime) -> Move:
    """Where any words are an answer: these, but for the few that lead out of it."""
    meaning = meant_anywhere(text, learner, library)
    if meaning == "skip" and learner.aside:
        return commands.go_on(learner, library, now)
    if meaning in commands.EVEN_IN_OPEN_QUESTIONS:
        return commands.COMMANDS[meaning](learner, library, now)
    return in_own_words(learner, text, library, now)


def in_own_words(learner: Learner, text: str, library: Library, now: datetime) -> Move:
    """The learner's own words, to an open question or after FEEDBACK."""
    if learner.aside != "feedback":
        answer = KINDS["open"].read(text, (), (), library.distance)
        return answers.answered(learner, answer, library, now) if answer else unclear(learner)
    course_id, _, lesson_id = learner.place.lesson.partition("/")
    row = Answered(
        at=now,
        course=course_id,
        lesson=lesson_id,
        version=learner.place.version,
        phase="feedback",
        question=COMMENT.id,
        kind=COMMENT.kind,
        form=COMMENT.forms[0].id,
        attempt=1,
        pre_assigned=None,
        exposures=0,
        answer_ids=(),
        text=text.strip()[:LONGEST],
        correct=None,
        seconds=None,
        language=learner.language,
        asked=COMMENT.forms[0].text,
    )
    return Move(learner.but(aside=None), (Phrase("thanks.noted"),), (row,))


def _at_once(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """A command and what it wants in one message; never in the place of an answer that was typed whole."""
    return None if is_option(learner, text, library) else daily.in_one_message(learner, text, library, now)


def _as_asked(learner: Learner, text: str, meaning: str, library: Library) -> Move | None:
    """What is asked, in the message that follows ASK."""
    if learner.aside != "ask" or meaning or not asking.is_question(text):
        return None
    return asking.asked(learner, asking.wanted(text, learner, library) or text, library)


def _asking(learner: Learner, text: str, library: Library) -> Move | None:
    """ASK and what is asked in one message: the one command that is not the whole of it."""
    words = asking.wanted(text, learner, library)
    return asking.asked(learner, words, library) if words else None


def _by_place(learner: Learner, text: str, channel: str, library: Library, now: datetime) -> Move | None:
    """An answer to what stands in front of the learner."""
    question = question_here(learner, library)
    if question is not None:
        options = options_here(learner, question, form_here(learner, question))
        words = [library.label(option.label, learner.language) for option in options]
        answer = KINDS[question.kind].read(text, options, words, library.distance)
        return answers.answered(learner.but(aside=None), answer, library, now) if answer else None
    choices = show(learner, library).choices
    position = choose(text, labels(choices, learner, library), library.distance)
    if position is not None:
        return press(learner, choices[position].data, channel, library, now)
    return _age(learner, text, library, now)


def _age(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """Their age itself, where it is asked."""
    if learner.place.step is not Step.AGE:
        return None
    band = read_age(text, learner.language, library.age_limit(learner.country), library)
    return between.aged(learner.but(aside=None), band, library, now) if band else None


def _by_language(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """A language's name or its code, alone."""
    code = language_called(text, library)
    return switch_language(learner, code, library, now) if code else None


def _from_another_language(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """STOP, HELP or DELETE in a language that is not the learner's: nobody has to know ours to get out or be helped."""
    command = commands.COMMANDS.get(meant_anywhere(text, learner, library))
    return command(learner, library, now) if command else None


def _all_back(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """A plain yes to the last words of STOP, which offer nothing else: all comes back, as by START."""
    if learner.status is not Status.STOPPED or learner.offer:
        return None
    words = (library.label(Phrase("stop.back.words"), spoken).split(",") for spoken in ("en", learner.language))
    plain = {normalise(word) for some in words for word in some}
    return commands.start(learner, library, now) if normalise(text) in plain else None


def _yes_or_no(learner: Learner, meaning: str, channel: str, library: Library, now: datetime) -> Move | None:
    """A plain yes or no to what was asked last; where that was no such question, a kind line and the same again."""
    if meaning not in (YES, NO):
        return None
    if learner.aside == "delete":
        return commands.erase(learner, library, now) if meaning == YES else commands.go_on(learner, library, now)
    if chooses(learner):
        return daily.yes_or_no(learner, meaning == YES) or offered_again(learner, library, now)
    if learner.place.step is Step.CONSENT:  # yes, but to how much of it?
        nothing = meaning == NO and not learner.aside
        return between.consented(learner, Keep.NOTHING.value, channel, now) if nothing else unclear(learner)
    choices = () if learner.aside == "ask" else show(learner, library).choices
    data = [choice.data for choice in choices if _begins(choice, meaning, learner, library)]
    return press(learner, data[0], channel, library, now) if len(data) == 1 else unclear(learner)


def _begins(choice: Choice, meaning: str, learner: Learner, library: Library) -> bool:
    """Whether a choice begins with a yes (or no) that stands for itself: "Yes: …", but not "No one knows"."""
    first = PAUSE.split(library.label(choice.label, learner.language), maxsplit=1)[0]
    return library.typed(learner.language).get(normalise(first)) == meaning


def _small_talk(learner: Learner, meaning: str, library: Library, now: datetime) -> Move | None:
    topic, _, name = meaning.partition(":")
    if topic == "hello" or name == "hi":
        if in_lesson(learner):
            return commands.coming_back(learner, library, now)
        return Move(learner.but(aside=None), (Phrase("talk.hi"),))
    if name == "bye" and learner.aside == daily.Asks.OFFER:  # lessons are offered once; no word on them is a no
        return daily.yes_or_no(learner, yes=False)
    if topic == "talk":
        line = commands.bye(learner) if name == "bye" else Phrase(f"talk.{name}")
        return commands.once_more(learner, library, now, line)
    return None


def unclear(learner: Learner) -> Move:
    """A kind line and the same again; never the same line twice running."""
    if learner.place.step in commands.NEEDED:
        return Move(learner.but(aside=None), (Phrase(commands.NEEDED[learner.place.step]),))
    count = learner.asked.get("unclear", 0)
    learner = learner.but(aside=None, asked={**learner.asked, "unclear": count + 1})
    line = "pick" if learner.place.step not in (Step.CARD, Step.REPLY) else "card"
    return Move(learner, (Phrase(f"unclear.{line}.{count % UNCLEAR + 1}"),))
