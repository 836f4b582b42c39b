"""What is asked when a course lies some time back: one of its key questions, then whether something of it was used.

Kept forms are asked here and nowhere else: what is remembered of the idea, not of the sentence.
"""

from datetime import datetime, timedelta

from bot.engine import draw
from bot.engine.course import Course, Lesson, Library, Question
from bot.engine.learner import FollowUp, Learner

DAYS = (7, 28)
FORMS = {days: f"day-{days}" for days in DAYS}  # so that each row tells after how long it was asked


def promised(learner: Learner, lesson: Lesson, library: Library, now: datetime) -> Learner:
    """The learner after a lesson done for the first time; after the last of its course, what will be asked is noted."""
    course = next((course for course in library.courses if course.id == lesson.course), None)
    if course is None or not course.follow_up or learner.guest or not _whole(course, learner):
        return learner
    mark = f"follow_up/{course.id}"
    if mark in learner.asked:  # a lesson that was added later ends the course again
        return learner
    coming = [FollowUp(course.id, days, now + timedelta(days=days)) for days in DAYS]
    follow_ups = tuple(sorted((*learner.follow_ups, *coming), key=lambda follow_up: follow_up.at))
    return learner.but(follow_ups=follow_ups, asked={**learner.asked, mark: len(learner.done)})


def _whole(course: Course, learner: Learner) -> bool:
    """Whether all of the course that is offered in the learner's language is done."""
    return all(lesson.path in learner.done for lesson in course.lessons if learner.language in lesson.languages)


def recalled(learner: Learner, follow_up: FollowUp, library: Library) -> Question | None:
    """The key question to ask: another one each time, among those the learner has answered."""
    course = next((course for course in library.courses if course.id == follow_up.course), None)
    if course is None:
        return None
    keys = [lesson.key_question for lesson in course.lessons if learner.language in lesson.languages]
    answered = [key for key in keys if key is not None and _may_ask(learner, key)]
    drawn = draw.order(learner.seed, f"follow_up|{course.id}", answered, [question.id for question in answered])
    if not drawn:
        return None
    return drawn[0] if follow_up.days == DAYS[0] else drawn[-1]


def _may_ask(learner: Learner, question: Question) -> bool:
    memory = learner.memory.get(question.id)
    return memory is not None and memory.right is not None and question.id != learner.place.item
