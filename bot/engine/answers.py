"""What an answer to a question brings: the reply that fits it, a row where it may be kept, the next place.

Only the first try is scored. A first miss brings a hint and the question again, a second one the right why;
a missed idea comes back another day.
"""

from dataclasses import replace
from datetime import datetime

from bot.engine import path, review
from bot.engine.course import Form, Library, Option, Question
from bot.engine.fixed import fixed
from bot.engine.learner import Learner, Status, Step
from bot.engine.move import Move
from bot.engine.questions import KINDS, Answer
from bot.engine.show import form_here, lesson_here, options_here, question_here
from bot.engine.turn import Answered, Phrase, Text, Why

PHASES = {
    Step.BEFORE: "pre",
    Step.QUESTION: "quiz",
    Step.WARM_UP: "review",
    Step.REACTION: "reaction",
    Step.FEEDBACK: "feedback",
    Step.REVIEW: "review",
    Step.RECALL: "recall",
    Step.USED: "follow_up",
}
GRADED = {Step.BEFORE, Step.QUESTION, Step.WARM_UP, Step.REVIEW, Step.RECALL}


@fixed(frozen=True, slots=True)
class Given:
    """An answer with all that it was given to."""

    learner: Learner
    question: Question
    form: Form
    answer: Answer
    chosen: tuple[Option, ...]
    library: Library
    now: datetime

    @property
    def correct(self) -> bool | None:
        if self.learner.place.step not in GRADED:
            return None
        return all(option.right for option in self.chosen)


def answered(learner: Learner, answer: Answer, library: Library, now: datetime) -> Move:
    """What an answer to the question in front of the learner brings."""
    question = question_here(learner, library)
    if question is None:
        raise LookupError(learner.place.item)
    form = form_here(learner, question)
    chosen = tuple(o for o in options_here(learner, question, form) if o.id in answer.ids)
    given = Given(learner, question, form, answer, chosen, library, now)
    move = _led_on(learner, AFTER[learner.place.step](given))
    return replace(move, records=(*_rows(given), *move.records))


def _led_on(before: Learner, move: Move) -> Move:
    """The move with what a learner should know of the way on: ideas kept, the lesson that waited, what was promised."""
    after, lines = move.learner, list(move.lead)
    if before.place.step in path.BESIDE and after.place.step not in path.BESIDE:
        ideas = review.kept(after)
        if before.place.step is Step.REVIEW and ideas:  # none at all would be a score
            lines.append(Phrase("progress.ideas", {"n": ideas}))
        if before.after is not None:
            lines.append(Phrase("review.back"))
    if len(after.follow_ups) > len(before.follow_ups) and after.status is not Status.STOPPED:
        lines.append(Phrase("follow_up.promise"))
    return replace(move, lead=tuple(lines))


def picked(learner: Learner, option: Option) -> Move:
    """A tap in a multiple choice: chosen, or no longer. Not an answer yet, so its buttons stay good."""
    place = learner.place
    off = option.id in place.picked
    chosen = tuple(o for o in place.picked if o != option.id) if off else (*place.picked, option.id)
    line = Phrase("multiple.off" if off else "multiple.on", {"label": option.label})
    return Move(learner.but(place=replace(place, picked=chosen)), (line,))


def skipped(learner: Learner, library: Library, now: datetime) -> Move:
    """On without an answer: nothing scored; an open idea comes back tomorrow. One missed before is met already."""
    question = question_here(learner, library)
    if question is None:
        raise LookupError(learner.place.item)
    here = learner
    if learner.place.step in GRADED - {Step.BEFORE} and not learner.place.misses:
        memory = review.met(learner.memory.get(question.id), learner.place.form, None, now)
        learner = learner.but(memory={**learner.memory, question.id: memory})
    return _led_on(here, Move(_onward(learner, library, now), (Phrase("skip.done"),)))


def _onward(learner: Learner, library: Library, now: datetime) -> Learner:
    if learner.place.step in path.BESIDE:
        return _onward_beside(learner, library, now)
    lesson = lesson_here(learner, library)
    match learner.place.step:
        case Step.WARM_UP:
            return path.open_lesson(path.warmed_up(learner), lesson, now)
        case Step.BEFORE:
            return path.after_hook(learner, lesson, now)
        case Step.QUESTION:
            return path.after_question(learner, lesson, now)
        case Step.REACTION:
            return path.finish(learner, lesson, library, now)
        case _:
            return path.enter(learner, now, Step.NEXT)


def _onward_beside(learner: Learner, library: Library, now: datetime) -> Learner:
    match learner.place.step:
        case Step.REVIEW:
            return path.after_review(learner, library, now)
        case Step.RECALL:
            return path.after_recall(learner, library, now)
        case _:
            return path.back(learner, now)


def _after_graded(given: Given) -> Move:
    """A verdict with its why, or a hint and the same question again."""
    learner, now, place = given.learner, given.now, given.learner.place
    first_try = place.misses == 0
    if first_try:
        learner = _met(given)
    if given.correct:
        return Move(_onward(learner, given.library, now), _lines(given.chosen))
    if first_try and place.step is not Step.RECALL:  # a hint there would teach what is being measured
        form, queue = given.form.id, place.queue
        again = path.enter(learner, now, place.step, item=given.question.id, form=form, misses=1, queue=queue)
        return Move(again, _lines(given.chosen))
    right = tuple(option for option in given.form.options if option.right)
    lead: tuple[Text, ...] = (Phrase("answer.right_was", {"label": right[0].label}), *map(Why, _lines(right)))
    return Move(_onward(learner, given.library, now), lead)


def _met(given: Given) -> Learner:
    """The learner who has tried this idea's question once more."""
    learner, question = given.learner, given.question
    memory = review.met(learner.memory.get(question.id), given.form.id, given.correct, given.now)
    return learner.but(memory={**learner.memory, question.id: memory})


def _lines(options: tuple[Option, ...]) -> tuple[Text, ...]:
    return tuple(option.line for option in options if option.line is not None)


def _after_guess(given: Given) -> Move:
    """A guess before the lesson: noted, no verdict until the end."""
    learner, question = given.learner, given.question
    memory = review.guessed(learner.memory.get(question.id), given.form.id)
    learner = learner.but(memory={**learner.memory, question.id: memory})
    return Move(_onward(learner, given.library, given.now), (Phrase("before.noted"),))


def _after_opinion(given: Given) -> Move:
    """A reaction or feedback: noted where it is kept, thanked for in any case."""
    thanks = "thanks.noted" if given.learner.shares_answers else "thanks.plain"
    return Move(_onward(given.learner, given.library, given.now), (Phrase(thanks),))


AFTER = {
    Step.WARM_UP: _after_graded,
    Step.QUESTION: _after_graded,
    Step.BEFORE: _after_guess,
    Step.REACTION: _after_opinion,
    Step.FEEDBACK: _after_opinion,
    Step.REVIEW: _after_graded,
    Step.RECALL: _after_graded,
    Step.USED: _after_opinion,
}


def _rows(given: Given) -> tuple[Answered, ...]:
    """The row to keep: only for those who share their answers."""
    learner, question, place = given.learner, given.question, given.learner.place
    if not learner.shares_answers:
        return ()
    about = _about(given)
    lesson = given.library.lesson(about)
    course_id, _, lesson_id = about.partition("/")
    memory = learner.memory.get(question.id)
    row = Answered(
        at=given.now,
        course=course_id,
        lesson=lesson_id,
        version=lesson.version if lesson else "" if place.step in path.BESIDE else place.version,
        phase=PHASES[place.step],
        question=question.id,
        kind=question.kind,
        form=given.form.id,
        attempt=place.misses + 1,
        pre_assigned=memory.drawn if memory else None,
        exposures=_met_before(given),
        answer_ids=tuple(option.id for option in given.chosen),
        text=given.answer.text,
        correct=given.correct,
        seconds=_seconds(given),
        language=learner.language,
        asked=given.form.text,
        chosen=tuple(option.label for option in given.chosen),
    )
    return (row,)


def _about(given: Given) -> str:
    """The lesson that is asked about: the learner's, or beside it that of the question; a whole course in the end."""
    place = given.learner.place
    match place.step:
        case Step.REVIEW | Step.RECALL:
            return given.question.id.rpartition("/")[0]
        case Step.USED:
            return place.queue[0]
        case _:
            return place.lesson


def _met_before(given: Given) -> int:
    """How often the learner had met this idea's question before this sitting."""
    memory = given.learner.memory.get(given.question.id)
    met = memory.exposures if memory else 0
    return met - 1 if given.learner.place.misses else met


def _seconds(given: Given) -> int | None:
    since = given.learner.place.since
    return max(0, round((given.now - since).total_seconds())) if since else None


def needs_done(question: Question) -> bool:
    """Whether taps gather until Done is pressed."""
    return KINDS[question.kind].many
