"""Everything the authors wrote, read and checked for shape: the files of ``lessons/`` and the English of ``i18n/``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Generic, TypeVar

from pydantic import Field, TypeAdapter

from bot.content.complaints import Complained, Complaint
from bot.content.limits import STEP_PATH
from bot.content.mistakes import validated
from bot.content.models import (
    CardFile,
    CourseFile,
    ExampleFile,
    FeedbackFile,
    FormFile,
    HookFile,
    LessonFile,
    OptionFile,
    QuestionFile,
    SourceFile,
    SourceId,
)
from bot.content.phrase_models import LanguageCode, LanguageFile, PhraseFile, PhraseKey
from bot.content.salvage import salvaged
from bot.content.yaml12 import Document, Loc, Unreadable, read, shown
from bot.engine.fixed import fixed

M = TypeVar("M")

LESSON_NAME = re.compile(r"\d{3}-([a-z0-9-]{1,24})\.yaml")
COURSE_NAME = re.compile(r"[a-z0-9-]{1,24}")
TAKEN = frozenset({"feedback", "audio"})  # folders and keys that mean something else
ENGLISH = "en"

COURSE = TypeAdapter(CourseFile)
LESSON = TypeAdapter(LessonFile)
SOURCES = TypeAdapter(dict[SourceId, SourceFile])
FEEDBACK = TypeAdapter(list[FeedbackFile])
PHRASES = TypeAdapter(Annotated[dict[PhraseKey, PhraseFile], Field(min_length=1)])
LANGUAGES = TypeAdapter(Annotated[dict[LanguageCode, LanguageFile], Field(min_length=1)])

LESSON_KEYS = tuple(
    key
    for model in (LessonFile, HookFile, CardFile, QuestionFile, FormFile, OptionFile, ExampleFile)
    for key in model.model_fields
)


@fixed(frozen=True, slots=True)
class Page(Generic[M]):
    """One valid file: its id, where its parts stand, what it says."""

    id: str
    document: Document
    model: M


@fixed(frozen=True, slots=True)
class CoursePages:
    page: Page[CourseFile]
    lessons: tuple[Page[LessonFile], ...]

    @property
    def id(self) -> str:
        return self.page.id


@fixed(frozen=True, slots=True)
class Manuscript:
    """All files. With complaints, what they are about is left out, or mended for the check; it is never taught so."""

    courses: tuple[CoursePages, ...]
    sources: Page[dict[str, SourceFile]] | None
    feedback: Page[list[FeedbackFile]] | None
    phrases: Page[dict[str, PhraseFile]] | None
    languages: Page[dict[str, LanguageFile]] | None
    complaints: tuple[Complaint, ...]
    unread: frozenset[str] = frozenset()  # files of lessons/ that nothing is known of: what hangs on them is not said

    def language_files(self) -> dict[str, LanguageFile]:
        return self.languages.model if self.languages else {}

    def source_files(self) -> dict[str, SourceFile]:
        return self.sources.model if self.sources else {}


@dataclass(slots=True)
class _Desk:
    """Reads files one after the other and gathers the complaints."""

    complaints: list[Complaint] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def page(self, path: Path, inside: Path, name: str, adapter: TypeAdapter[M], *known: str) -> Page[M] | None:
        try:
            document = read(path, inside)
            return Page(name, document, validated(document, adapter, known))
        except Unreadable as error:
            self.complaints.append(error.complaint)
        except Complained as error:
            self.complaints.extend(error.complaints)
        self.unread.add(shown(path, inside))
        return None

    def lesson(self, path: Path, inside: Path, name: str) -> Page[LessonFile] | None:
        """A lesson, also where its shape is wrong: what can be read of it is checked with the rest."""
        try:
            document = read(path, inside)
        except Unreadable as error:
            self.complaints.append(error.complaint)
            self.unread.add(shown(path, inside))
            return None
        salvage = salvaged(document, LESSON, LESSON_KEYS)
        model, found = salvage
        self.complaints.extend(found)
        if model is None:
            self.unread.add(document.file)
            return None
        return Page(name, document, model)

    def complain(self, file: str, line: int, what: str, cure: str) -> None:
        self.complaints.append(Complaint(file, line, what, cure))


def read_manuscript(lessons_dir: Path, i18n_dir: Path) -> Manuscript:
    """Reads both folders whole, however much is wrong in them."""
    desk = _Desk()
    courses = tuple(_courses(desk, lessons_dir))
    sources = _optional(desk, lessons_dir / "sources.yaml", SOURCES, SourceFile.model_fields)
    feedback = _optional(desk, lessons_dir / "feedback.yaml", FEEDBACK, FeedbackFile.model_fields)
    phrases = desk.page(i18n_dir / "bot.yaml", i18n_dir, "bot", PHRASES, *PhraseFile.model_fields)
    languages = desk.page(i18n_dir / "languages.yaml", i18n_dir, "languages", LANGUAGES, *LanguageFile.model_fields)
    if languages and next(iter(languages.model)) != ENGLISH:
        desk.complain(languages.document.file, 1, "English is not the first language", "put `en:` on top")
    if feedback:
        _each_id_once(desk, feedback)
    if feedback or not (lessons_dir / "feedback.yaml").exists():
        _follow_up_is_there(desk, courses, feedback)
    if not courses and not desk.complaints:
        desk.complain(lessons_dir.name, 1, "no course in this folder", "add a folder with a course.yaml and lessons")
    return Manuscript(courses, sources, feedback, phrases, languages, tuple(desk.complaints), frozenset(desk.unread))


def _optional(desk: _Desk, path: Path, adapter: TypeAdapter[M], known: Iterable[str]) -> Page[M] | None:
    there = path.exists() or path.is_symlink()
    return desk.page(path, path.parent, path.stem, adapter, *known) if there else None


def _courses(desk: _Desk, lessons_dir: Path) -> list[CoursePages]:
    courses = []
    for folder in sorted(path for path in lessons_dir.iterdir() if path.is_dir() and path.name not in TAKEN):
        course = _course(desk, folder, lessons_dir)
        if course is not None:
            courses.append(course)
    courses.sort(key=lambda course: (course.page.model.order, course.id))
    for one, other in pairwise(courses):
        if one.page.model.order == other.page.model.order:
            document = other.page.document
            what = f"order: {other.page.model.order} is also the order of {one.id}"
            desk.complain(document.file, document.line(("order",)), what, "give each course its own number")
    return courses


def _course(desk: _Desk, folder: Path, lessons_dir: Path) -> CoursePages | None:
    if not COURSE_NAME.fullmatch(folder.name):
        cure = "name the folder with small letters, digits and hyphens, at most 24"
        desk.complain(shown(folder, lessons_dir), 1, "not a name for a course", cure)
        desk.unread.add(shown(folder, lessons_dir))
        return None
    lessons = tuple(_lessons(desk, folder, lessons_dir))
    page = desk.page(folder / "course.yaml", lessons_dir, folder.name, COURSE, *CourseFile.model_fields)
    if page is not None and not any(LESSON_NAME.fullmatch(path.name) for path in folder.iterdir()):
        desk.complain(page.document.file, 1, "a course without lessons", "add a lesson, such as 010-first.yaml")
    return CoursePages(page, lessons) if page and lessons else None


def _lessons(desk: _Desk, folder: Path, lessons_dir: Path) -> Iterator[Page[LessonFile]]:
    slugs: set[str] = set()
    for path in sorted(path for path in folder.iterdir() if path.name != "course.yaml"):
        file = shown(path, lessons_dir)
        named = LESSON_NAME.fullmatch(path.name)
        if named is None:
            cure = "name a lesson like 010-first-steps.yaml: three digits, a hyphen, at most 24 letters"
            desk.complain(file, 1, "not the name of a lesson", cure)
            desk.unread.add(file)
            continue
        if named[1] in slugs:
            desk.complain(file, 1, f'another lesson here is called "{named[1]}"', "give it its own name")
        slugs.add(named[1])
        page = desk.lesson(path, lessons_dir, named[1])
        if page is not None:
            _paths_fit(desk, folder.name, page)
            yield page


def _paths_fit(desk: _Desk, course: str, page: Page[LessonFile]) -> None:
    """Ids travel in button data, so a path must not grow too long."""
    ids = {"cards": [card.id for card in page.model.cards], "questions": [q.id for q in page.model.questions]}
    for part, steps in ids.items():
        for position, step in enumerate(steps):
            path = f"{course}/{page.id}/{step}"
            if len(path) > STEP_PATH:
                line = page.document.line((part, position, "id"))
                cure = f"shorten the ids: at most {STEP_PATH} characters together"
                desk.complain(page.document.file, line, f'"{path}" is too long', cure)


def _each_id_once(desk: _Desk, page: Page[list[FeedbackFile]]) -> None:
    ids = [question.id for question in page.model]
    for position, name in enumerate(ids):
        if name in ids[:position]:
            line = page.document.line((position, "id"))
            desk.complain(page.document.file, line, f'"{name}" stands here twice', "give each question its own id")


def _follow_up_is_there(desk: _Desk, courses: Iterable[CoursePages], page: Page[list[FeedbackFile]] | None) -> None:
    """A course that is followed up needs the question for it, one for all of them; and it needs such a course."""
    followed = [course.page for course in courses if course.page.model.follow_up]
    marked = [(page, at) for at, question in enumerate(page.model) if question.follow_up] if page else []
    for course in followed if not marked else ():
        cure = "mark a question of lessons/feedback.yaml with `follow_up: true`, or take it out here"
        _of_follow_up(desk, course, ("follow_up",), "there is no question for it", cure)
    for feedback, at in marked if not followed and not desk.complaints else ():
        cure = "write `follow_up: true` in the course.yaml of a course, or take it out here"
        _of_follow_up(desk, feedback, (at, "follow_up"), "no course wants this question", cure)
    for feedback, at in marked[1:]:
        cure = "keep `follow_up: true` on one question only"
        _of_follow_up(desk, feedback, (at, "follow_up"), "stands on two questions", cure)


def _of_follow_up(desk: _Desk, page: Page[M], loc: Loc, what: str, cure: str) -> None:
    desk.complain(page.document.file, page.document.line(loc), f"follow_up: {what}", cure)
