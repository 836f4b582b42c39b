"""The manuscript as it stands on the shelf: order, kinds, right answers, and the addresses of the words."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping

from bot.content.manuscript import CoursePages, Manuscript, Page
from bot.content.models import FeedbackFile, FormFile, HookFile, LessonFile, QuestionFile
from bot.content.moments import locale_of
from bot.content.shelf import Shelf
from bot.engine.course import (
    Card,
    Course,
    Feedback,
    Form,
    Hook,
    Language,
    Lesson,
    Option,
    Question,
    Source,
)
from bot.engine.follow_up import FORMS
from bot.engine.reading import normalise
from bot.engine.turn import Phrase, Words

# What no learner has to do with does not make a lesson another one; a picture may be redrawn under them.
AUTHORS_ONLY = frozenset({"aim", "examples", "source", "picture"})


def shelved(manuscript: Manuscript, whole: Mapping[str, frozenset[str]]) -> Shelf:
    """The manuscript on the shelf; ``whole`` tells for each lesson's path the languages that have all its words."""
    questions = manuscript.feedback.model if manuscript.feedback else []
    return Shelf(
        courses=tuple(_course(course, whole) for course in manuscript.courses),
        feedback=tuple(_feedback(question) for question in questions if not question.follow_up),
        sources=_sources(manuscript),
        follow_up=next((_follow_up(question) for question in questions if question.follow_up), None),
    )


def languages(manuscript: Manuscript) -> tuple[Language, ...]:
    files = manuscript.language_files()
    return tuple(Language(code, file.name, file.rtl, _names(code, files)) for code, file in files.items())


def _names(code: str, spoken: Iterable[str]) -> frozenset[str]:
    """What the languages we speak call this one (CLDR)."""
    told = (locale_of(language).languages.get(code.replace("-", "_")) for language in spoken)
    return frozenset(normalise(name) for name in told if name)


def version(lesson: LessonFile) -> str:
    """A mark of structure and English words: another mark, another lesson to a learner in the middle of it."""
    told = lesson.model_dump(mode="json", exclude=set(AUTHORS_ONLY))
    kept = json.dumps(_without_sources(told), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(kept.encode()).hexdigest()[:12]


def _without_sources(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_sources(part) for key, part in value.items() if key not in AUTHORS_ONLY}
    return [_without_sources(part) for part in value] if isinstance(value, list) else value


def _course(course: CoursePages, whole: Mapping[str, frozenset[str]]) -> Course:
    lessons = tuple(_lesson(course.id, page, whole) for page in course.lessons)
    title, about = Words(f"{course.id}/title"), Words(f"{course.id}/about")
    return Course(course.id, title, about, lessons, course.page.model.follow_up)


def _lesson(course: str, page: Page[LessonFile], whole: Mapping[str, frozenset[str]]) -> Lesson:
    path, lesson = f"{course}/{page.id}", page.model

    def words(name: str) -> Words:
        return Words(f"{path}/{name}")

    return Lesson(
        course=course,
        id=page.id,
        title=words("title"),
        about=words("about"),
        hook=_hook(lesson.hook, words),
        cards=tuple(
            Card(
                card.id,
                words(f"cards.{card.id}.text"),
                tuple(card.source),
                words(f"cards.{card.id}.next") if card.next else None,
            )
            for card in lesson.cards
        ),
        questions=tuple(_question(path, question, words) for question in lesson.questions),
        takeaway=words("takeaway"),
        thought=words("thought"),
        version=version(lesson),
        languages=whole[path],
        picture=path if lesson.picture else None,
    )


def _hook(hook: HookFile, words: Callable[[str], Words]) -> Hook:
    options = tuple(
        Option(
            option.id,
            words(f"hook.options.{option.id}.label"),
            line=words(f"hook.options.{option.id}.line"),
        )
        for option in hook.options
    )
    return Hook(words("hook.text"), options, tuple(hook.source), words("hook.next") if hook.next else None)


def _question(path: str, question: QuestionFile, words: Callable[[str], Words]) -> Question:
    forms = tuple(_form(f"questions.{question.id}.{form.id}", form, words) for form in question.forms)
    return Question(f"{path}/{question.id}", question.kind, forms, key=question.key)


def _form(name: str, form: FormFile, words: Callable[[str], Words]) -> Form:
    if form.answer is not None:
        return Form(form.id, words(f"{name}.text"), _true_or_false(name, form.answer, words))
    options = tuple(
        Option(
            option.id,
            words(f"{name}.options.{option.id}.label"),
            option.right,
            words(f"{name}.options.{option.id}.line"),
        )
        for option in form.options
    )
    return Form(form.id, words(f"{name}.text"), options)


def _true_or_false(name: str, answer: bool, words: Callable[[str], Words]) -> tuple[Option, ...]:
    lines = {True: words(f"{name}.right_line"), False: words(f"{name}.wrong_line")}
    return tuple(
        Option(said, Phrase(f"true_false.{said}"), right=value is answer, line=lines[value is answer])
        for said, value in (("true", True), ("false", False))
    )


def _feedback(question: FeedbackFile) -> Feedback:
    asked = Question(question.id, question.kind, (_opinion(question, "a"),), required=False)
    return Feedback(asked, question.after, question.every)


def _follow_up(question: FeedbackFile) -> Question:
    """The same words each time, in a form for each, so that rows tell after how long it was asked."""
    forms = tuple(_opinion(question, form) for form in FORMS.values())
    return Question(question.id, question.kind, forms, required=False)


def _opinion(question: FeedbackFile, form: str) -> Form:
    name = f"feedback/{question.id}"
    options = tuple(Option(option.id, Words(f"{name}/options.{option.id}.label")) for option in question.options)
    return Form(form, Words(f"{name}/text"), options)


def _sources(manuscript: Manuscript) -> dict[str, Source]:
    return {
        name: Source(name, file.title, file.publisher, file.year, file.link, file.via)
        for name, file in manuscript.source_files().items()
    }
