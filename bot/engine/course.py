"""What there is to learn, without its words: order, kinds, right answers and the keys of the texts.

Words live in catalogues, by key; a translation can never change a grade (law 7).
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from bot.engine.fixed import fixed
from bot.engine.turn import Text


@fixed(frozen=True, slots=True)
class Option:
    """One answer a learner may give.

    ``line`` is what the learner reads after choosing it: for a right option why it is right, for a wrong
    one a hint that does not give the answer away, for an option of a hook the reply that fits it.
    """

    id: str
    label: Text
    right: bool = False
    line: Text | None = None


@fixed(frozen=True, slots=True)
class Form:
    """One wording of a question: other words, other case, the same idea."""

    id: str
    text: Text
    options: tuple[Option, ...] = ()


@fixed(frozen=True, slots=True)
class Question:
    """A question in one or more forms; ``kind`` names an entry of ``questions.KINDS``.

    ``id`` is ``course/lesson/step``, or a plain name for feedback. ``key`` marks the lesson's key idea, the one
    whose forms are drawn for before, after and the later check.
    """

    id: str
    kind: str
    forms: tuple[Form, ...]
    key: bool = False
    required: bool = True

    def form(self, form_id: str) -> Form | None:
        return next((form for form in self.forms if form.id == form_id), None)


@fixed(frozen=True, slots=True)
class Card:
    """One idea on one message; ``next`` may name the Next button in the card's own words."""

    id: str
    text: Text
    sources: tuple[str, ...] = ()
    next: Text | None = None


@fixed(frozen=True, slots=True)
class Hook:
    """What opens a lesson: a puzzle with replies, never scored.

    With ``next`` the reply stands alone above that button; without, it leads into the first card.
    """

    text: Text
    options: tuple[Option, ...] = ()
    sources: tuple[str, ...] = ()
    next: Text | None = None


@fixed(frozen=True, slots=True)
class Lesson:
    """Three minutes: hook, cards, questions, takeaway, thought.

    ``version`` is a hash of structure and English words; ``languages`` are those with every word present.
    """

    course: str
    id: str
    title: Text
    about: Text
    hook: Hook
    cards: tuple[Card, ...]
    questions: tuple[Question, ...]
    takeaway: Text
    thought: Text
    version: str
    languages: frozenset[str]
    picture: str | None = None

    @property
    def path(self) -> str:
        return f"{self.course}/{self.id}"

    @property
    def key_question(self) -> Question | None:
        return next((question for question in self.questions if question.key), None)


@fixed(frozen=True, slots=True)
class Course:
    id: str
    title: Text
    about: Text
    lessons: tuple[Lesson, ...]
    follow_up: bool = False  # asked about again, days and weeks after its last lesson


@fixed(frozen=True, slots=True)
class Feedback:
    """A feedback question and when it may be asked.

    ``after`` is the number of finished lessons from which on it may come; ``every`` how many lessons lie at
    least between two times; ``consent`` whether it is only for those who share answers (open text always is).
    """

    question: Question
    after: int = 2
    every: int = 6


@fixed(frozen=True, slots=True)
class Source:
    """Where a claim was read; ``via`` whom, where the publisher's words are shown by somebody else."""

    id: str
    title: str
    publisher: str
    year: str
    link: str | None
    via: str | None = None


@fixed(frozen=True, slots=True)
class Found:
    """What a search found: a lesson's path and the id of its card; no id where it is the hook."""

    lesson: str
    card: str = ""


@fixed(frozen=True, slots=True)
class Language:
    """A language we speak: its code, its own name (``Español``) and its direction.

    ``names`` are what our languages call it, normalised: ``spanish``, ``espagnol``.
    """

    code: str
    name: str
    rtl: bool = False
    names: frozenset[str] = frozenset()


@fixed(frozen=True, slots=True)
class Library:
    """Everything the engine may teach and ask, as one immutable value that can be swapped while running.

    ``label(text, language)`` gives the words of a text, needed to read typed answers. ``typed(language)``
    maps normalised words to the command or small talk they mean (``{"menú": "menu"}``). ``distance(a, b)``
    counts the typing errors between two normalised strings. ``search(words, language)`` finds the cards that fit
    best, each of another lesson, best first. ``zones(country)`` are the time zones of a country, the most populous
    first; of no country, well-known ones of the whole world. ``zone_of_city(words, language)`` is the zone named after
    a city that was typed, None for other words. ``follow_up`` is what is asked days and weeks after a course, in one
    form for each of them (``follow_up.FORMS``).
    """

    courses: tuple[Course, ...]
    feedback: tuple[Feedback, ...]
    languages: tuple[Language, ...]
    sources: Mapping[str, Source]
    label: Callable[[Text, str], str]
    typed: Callable[[str], Mapping[str, str]]
    distance: Callable[[str, str], int]
    age_limit: Callable[[str | None], int]
    helpline: Callable[[str | None], str | None]
    organisation: str = ""
    contact: str = ""
    privacy_url: str = ""
    campaigns: Callable[[str], bool] = field(default=lambda _code: False)
    zones: Callable[[str | None], tuple[str, ...]] = field(default=lambda _country: ())
    zone_of_city: Callable[[str, str], str | None] = field(default=lambda _words, _language: None)
    search: Callable[[str, str], tuple[Found, ...]] = field(default=lambda _words, _language: ())
    follow_up: Question | None = None

    def lesson(self, path: str) -> Lesson | None:
        """The lesson at ``course/lesson``, or None where it is gone."""
        course_id, _, lesson_id = path.partition("/")
        for course in self.courses:
            if course.id == course_id:
                return next((lesson for lesson in course.lessons if lesson.id == lesson_id), None)
        return None

    def question(self, question_id: str) -> Question | None:
        """A quiz question by ``course/lesson/step``, or a feedback or follow-up question by its own id."""
        if self.follow_up is not None and self.follow_up.id == question_id:
            return self.follow_up
        for feedback in self.feedback:
            if feedback.question.id == question_id:
                return feedback.question
        path, _, _step = question_id.rpartition("/")
        lesson = self.lesson(path)
        if lesson is None:
            return None
        return next((q for q in lesson.questions if q.id == question_id), None)

    def language(self, code: str) -> Language | None:
        return next((language for language in self.languages if language.code == code), None)
