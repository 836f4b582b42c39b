"""The learner's path: which place follows which. Nothing here speaks; ``show`` does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine import draw, follow_up, review
from bot.engine.course import Card, Feedback, Lesson, Library, Question
from bot.engine.learner import FollowUp, Keep, Learner, Memory, Place, Step

# What a lesson may cost a learner on a phone: hook, cards, questions, close and "where next" included.
MESSAGES = 10

# Beside the lessons: what was asked for, or promised, and leads back to where the learner was.
BESIDE = frozenset({Step.REVIEW, Step.RECALL, Step.USED})
BETWEEN = frozenset({Step.CONSENT, Step.AGE})
OUTSIDE = frozenset({Step.LANGUAGE, Step.NEXT, Step.REST})


def enter(
    learner: Learner,
    now: datetime,
    step: Step,
    *,
    item: str = "",
    form: str = "",
    misses: int = 0,
    queue: tuple[str, ...] = (),
) -> Learner:
    """The learner at another step of the same lesson; old buttons are told by the new serial."""
    serial = learner.place.serial + 1
    place = Place(
        step=step, serial=serial, lesson=learner.place.lesson, item=item, form=form, misses=misses,
        guess=learner.place.guess, since=now, version=learner.place.version, queue=queue,
    )  # fmt: skip
    return learner.but(place=place, aside=None)


def begin(learner: Learner, lesson: Lesson, library: Library, now: datetime) -> Learner:
    """The learner at the door of a lesson: a due question of an earlier one, a guess, or the hook."""
    fresh = Place(serial=learner.place.serial, lesson=lesson.path, version=lesson.version)
    learner = learner.but(place=fresh, after=None)
    due = warm_up(learner, lesson, library, now)
    if due is not None:
        return at_question(learner, due, Step.WARM_UP, now)
    return open_lesson(learner, lesson, now)


def open_lesson(learner: Learner, lesson: Lesson, now: datetime) -> Learner:
    """The learner at the hook, or at the guess that takes its place for those drawn for it."""
    learner = _drawn(learner, lesson)
    key = lesson.key_question
    memory = learner.memory.get(key.id) if key else None
    form = draw.before_form(learner.seed, key) if key and memory and memory.drawn and not memory.exposures else None
    if key is None or form is None:
        return enter(learner, now, Step.HOOK)
    return enter(learner, now, Step.BEFORE, item=key.id, form=form.id)


def _drawn(learner: Learner, lesson: Lesson) -> Learner:
    """Draws, once, who guesses before this lesson: among those who share answers and meet its key idea first here."""
    key = lesson.key_question
    if key is None or len(key.forms) < 3 or key.id in learner.memory or not learner.shares_answers:
        return learner
    memory = Memory(drawn=draw.before_form(learner.seed, key) is not None)
    return learner.but(memory={**learner.memory, key.id: memory})


def warm_up(learner: Learner, lesson: Lesson, library: Library, now: datetime) -> Question | None:
    """The due question of an earlier lesson that opens this one, where there is room for it."""
    if not learner.done or room(lesson) < 1:
        return None
    for question_id in review.due(learner, now):
        question = library.question(question_id)
        if question is not None and not question_id.startswith(f"{lesson.path}/"):
            return question
    return None


def room(lesson: Lesson) -> int:
    """How many messages beside the straight path a lesson has room for."""
    return MESSAGES - (1 + bool(lesson.hook.next) + len(lesson.cards) + len(lesson.questions) + 2)


def at_question(learner: Learner, question: Question, step: Step, now: datetime) -> Learner:
    """The learner in front of a question, in the form drawn for this step."""
    if step in (Step.WARM_UP, Step.REVIEW):
        form = review_form(learner, question)
    else:
        form = draw.after_form(learner.seed, question).id
    return enter(learner, now, step, item=question.id, form=form)


def review_form(learner: Learner, question: Question) -> str:
    """Another form than last time where there is one; the form kept for the later check never."""
    memory = learner.memory.get(question.id)
    forms = draw.review_forms(learner.seed, question)
    other = [form.id for form in forms if memory is None or form.id != memory.last_form]
    return other[0] if other else forms[0].id


def after_hook(learner: Learner, lesson: Lesson, now: datetime) -> Learner:
    return enter(learner, now, Step.CARD, item=lesson.cards[0].id)


def after_card(learner: Learner, lesson: Lesson, now: datetime) -> Learner:
    following = card_beside(lesson, learner.place.item, +1)
    if following is not None:
        return enter(learner, now, Step.CARD, item=following.id)
    return to_question(learner, lesson.questions[0], now)


def card_beside(lesson: Lesson, card_id: str, step: int) -> Card | None:
    """The card before (-1) or after (+1) this one."""
    ids = [card.id for card in lesson.cards]
    position = ids.index(card_id) + step
    return lesson.cards[position] if 0 <= position < len(ids) else None


def to_question(learner: Learner, question: Question, now: datetime) -> Learner:
    """The learner at a lesson's question; before the first answer worth keeping, consent and age come in between."""
    there = at_question(learner, question, Step.QUESTION, now)
    if learner.keep is Keep.UNDECIDED:
        return enter(learner, now, Step.CONSENT).but(after=there.place)
    return there


def after_consent(learner: Learner, now: datetime) -> Learner:
    """On to the age question for those who let us keep something, else back to where we came from."""
    if learner.keep in (Keep.BOTH, Keep.PLACE) and learner.age_band is None:
        return enter(learner, now, Step.AGE)
    return back_from_between(learner, now)


def to_age(learner: Learner, now: datetime) -> Learner:
    """The learner at the age question, from which it goes on where they are; who stands there stays."""
    if learner.place.step is Step.AGE:
        return learner.but(aside=None)
    waits = learner.after if learner.place.step in BESIDE else learner.place
    return enter(learner.but(after=waits), now, Step.AGE)


def back_from_between(learner: Learner, now: datetime) -> Learner:
    """Back to the place that consent and age came in front of; the question counts from now."""
    target = learner.after or Place(step=Step.REST)
    place = replace(target, serial=learner.place.serial + 1, since=now)
    return learner.but(place=place, after=None, aside=None)


def after_question(learner: Learner, lesson: Lesson, now: datetime) -> Learner:
    ids = [question.id for question in lesson.questions]
    position = ids.index(learner.place.item) + 1
    if position < len(ids):
        return at_question(learner, lesson.questions[position], Step.QUESTION, now)
    return enter(learner, now, Step.REACTION)


def finish(learner: Learner, lesson: Lesson, library: Library, now: datetime) -> Learner:
    """The lesson is done: one more question at most, then where next."""
    done = learner.done
    if lesson.path not in done:
        done = (*done, lesson.path)
        learner = follow_up.promised(learner.but(done=done), lesson, library, now)
    if learner.shares_answers and learner.role is None and "role" not in learner.asked and len(done) >= 2:
        return enter(_asked(learner, "role"), now, Step.ROLE)
    feedback = feedback_due(learner, library) if room(lesson) > 0 and not _warmed_up(learner) else None
    if feedback is None:
        return enter(learner, now, Step.NEXT)
    question = feedback.question
    learner = _asked(learner, question.id)
    return enter(learner, now, Step.FEEDBACK, item=question.id, form=question.forms[0].id)


def _warmed_up(learner: Learner) -> bool:
    """Whether this lesson already opened with a question of an earlier one."""
    return learner.asked.get("warm_up") == len(learner.done) - 1


def _asked(learner: Learner, name: str) -> Learner:
    return learner.but(asked={**learner.asked, name: len(learner.done)})


def warmed_up(learner: Learner) -> Learner:
    """Remembers that this lesson opened with a question, so that no feedback question is asked at its end."""
    return _asked(learner, "warm_up")


def feedback_due(learner: Learner, library: Library) -> Feedback | None:
    """The feedback question that waited longest, or None; never in the first lesson, never the last one again."""
    finished = len(learner.done)
    if not learner.shares_answers or finished < 2:
        return None
    last = max(
        (f.question.id for f in library.feedback if f.question.id in learner.asked),
        key=lambda question: learner.asked[question],
        default=None,
    )
    ready = [
        feedback
        for feedback in library.feedback
        if feedback.after <= finished
        and feedback.question.id != last
        and finished - learner.asked.get(feedback.question.id, -feedback.every) >= feedback.every
    ]
    drawn = draw.order(learner.seed, "feedback", ready, [feedback.question.id for feedback in ready])
    return min(drawn, key=lambda feedback: learner.asked.get(feedback.question.id, -1), default=None)


def begin_review(learner: Learner, questions: Sequence[str], library: Library, now: datetime) -> Learner:
    """The learner at the first of these questions; a lesson they are in waits for the end."""
    learner = learner.but(after=_waiting(learner))
    return _reviewed(learner, tuple(questions), library, now)


def after_review(learner: Learner, library: Library, now: datetime) -> Learner:
    """The next question of the session, or back."""
    return _reviewed(learner, learner.place.queue, library, now)


def _reviewed(learner: Learner, questions: tuple[str, ...], library: Library, now: datetime) -> Learner:
    for position, question_id in enumerate(questions, start=1):
        question = library.question(question_id)
        if question is not None:  # one may have gone since the session began
            there = at_question(learner, question, Step.REVIEW, now)
            return there.but(place=replace(there.place, queue=questions[position:]))
    return back(learner, now)


def begin_follow_up(learner: Learner, asked: FollowUp, library: Library, now: datetime) -> Learner:
    """The learner at the question that was promised, which is promised no more; dropped if there is none to ask."""
    left = tuple(other for other in learner.follow_ups if other != asked)
    learner = learner.but(follow_ups=left)
    question = follow_up.recalled(learner, asked, library)
    if question is None or library.follow_up is None:
        return learner
    form = draw.kept_form(learner.seed, question)
    queue = (asked.course, follow_up.FORMS.get(asked.days, ""))
    learner = learner.but(after=_waiting(learner))
    return enter(learner, now, Step.RECALL, item=question.id, form=form.id, queue=queue)


def after_recall(learner: Learner, library: Library, now: datetime) -> Learner:
    """On to whether something of the course was used."""
    used, (course, form) = library.follow_up, learner.place.queue
    if used is None:
        return back(learner, now)
    return enter(learner, now, Step.USED, item=used.id, form=form or used.forms[0].id, queue=(course,))


def _waiting(learner: Learner) -> Place | None:
    """The place in a lesson to come back to, if the learner is in one."""
    if learner.place.step in BESIDE | BETWEEN:
        return learner.after
    return None if learner.place.step in OUTSIDE else learner.place


def never_shown(learner: Learner, now: datetime) -> Learner:
    """Back from what came in between and did not arrive: to the place before it, as it stood there."""
    if learner.after is None:
        return enter(learner, now, Step.NEXT).but(echo="")
    place = replace(learner.after, serial=learner.place.serial + 1)
    return learner.but(place=place, after=None, echo="")


def back(learner: Learner, now: datetime) -> Learner:
    """Back into the lesson that waits, else on to where next."""
    return enter(learner, now, Step.NEXT) if learner.after is None else back_from_between(learner, now)
