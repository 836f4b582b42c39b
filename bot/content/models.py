"""What an author may write in ``lessons/``: the shape of each file. Every mistake of a file is told at once."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from bot.content.picture_models import PictureFile
from bot.content.strict import STAND_IN, STRICT, Mistake, refuse
from bot.content.strict import Region as Region
from bot.content.strict import Sentence as Sentence
from bot.content.strict import mistake as mistake

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,24}$")]
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,48}$")]


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _a_link(link: str) -> str:
    if not link.startswith(("https://", "http://")) or " " in link:
        raise mistake("is no link", "write the whole address, beginning with https://")
    return link


# A year is written 2022 or "2012–2014"; YAML makes a number of the first.
Year = Annotated[str, BeforeValidator(_as_text), StringConstraints(strip_whitespace=True, min_length=4)]
Link = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_a_link)]


class File(BaseModel):
    """A part of a content file: no unknown keys, no guessing of types."""

    model_config = STRICT


class CourseFile(File):
    """``lessons/<course>/course.yaml``."""

    title: Sentence
    about: Sentence
    order: int
    follow_up: bool = False


class ExampleFile(File):
    """A real example, for the spread over regions, women and young people; learners never see this entry."""

    name: Sentence
    place: Sentence
    region: Region
    year: int = Field(ge=1500, le=2100)
    women: bool = False
    youth: bool = False


class HookOptionFile(File):
    id: Id
    label: Sentence
    reply: Sentence


class HookFile(File):
    """What opens a lesson: a puzzle without right or wrong, each answer with its reply."""

    text: Sentence
    options: list[HookOptionFile] = Field(min_length=2, max_length=3)
    next: Sentence | None = None
    source: list[SourceId] = []

    @model_validator(mode="after")
    def _options_differ(self, info: ValidationInfo) -> Self:
        refuse(_alike("options", self.options, "id", "label"), info)
        return self


class CardFile(File):
    id: Id
    text: Sentence
    next: Sentence | None = None
    source: list[SourceId] = []


class OptionFile(File):
    id: Id
    label: Sentence
    right: bool = False
    line: Sentence


class FormFile(File):
    """One wording of a question: ``options`` for a choice; ``answer`` and its two lines for true or false."""

    id: Id
    text: Sentence
    options: list[OptionFile] = []
    answer: bool | None = None
    right_line: Sentence | None = None
    wrong_line: Sentence | None = None

    @model_validator(mode="after")
    def _options_differ(self, info: ValidationInfo) -> Self:
        refuse(_alike("options", self.options, "id", "label"), info)
        return self


class QuestionFile(File):
    id: Id
    key: bool = False
    kind: Literal["choice", "true_false"]
    source: list[SourceId] = []
    forms: list[FormFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _forms_fit_the_kind(self, info: ValidationInfo) -> Self:
        refuse([*_alike("forms", self.forms, "id", "text"), *self._misfits()], info)
        return self

    def _misfits(self) -> Iterator[Mistake]:
        for position, form in enumerate(self.forms):
            yield from _CHECKS[self.kind](form, ("forms", position))


class LessonFile(File):
    """``lessons/<course>/NNN-slug.yaml``: structure, and the words in English."""

    title: Sentence
    about: Sentence
    aim: Sentence
    examples: list[ExampleFile] = []
    picture: PictureFile | None = None
    hook: HookFile
    cards: list[CardFile] = Field(min_length=1)
    questions: list[QuestionFile] = Field(min_length=1)
    takeaway: Sentence
    thought: Sentence

    @model_validator(mode="after")
    def _steps_differ(self, info: ValidationInfo) -> Self:
        found = [*_alike("cards", self.cards, "id"), *_alike("questions", self.questions, "id")]
        keys = sum(question.key for question in self.questions)
        if keys != 1:
            cure = "write `key: true` on exactly one question of the lesson"
            found.append(Mistake(f"{keys} key questions", cure, ("questions",)))
        refuse(found, info)
        return self


class SourceFile(File):
    """An entry of ``lessons/sources.yaml``: where a claim was read, and when it was seen there.

    ``via`` is who shows it, where that is not the publisher.
    """

    title: Sentence
    publisher: Sentence
    via: Sentence | None = None
    year: Year
    link: Link | None = None
    seen: Year


class FeedbackOptionFile(File):
    id: Id
    label: Sentence


class FeedbackFile(File):
    """An entry of ``lessons/feedback.yaml``: asked from ``after`` lessons on, and not again for ``every`` lessons.

    The one with ``follow_up`` is asked days and weeks after a course instead.
    """

    id: Id
    kind: Literal["rating5", "rating10", "choice", "multiple", "open"]
    text: Sentence
    options: list[FeedbackOptionFile] = []
    after: int = Field(default=2, ge=2)
    every: int = Field(default=6, ge=1)
    follow_up: bool = False

    @model_validator(mode="after")
    def _options_fit_the_kind(self, info: ValidationInfo) -> Self:
        refuse(_alike("options", self.options, "id", "label"), info)
        wants = self.kind in ("choice", "multiple")
        if wants and not 2 <= len(self.options) <= 8:
            raise mistake(f"{len(self.options)} options", "a choice among feedback needs 2 to 8 options")
        if self.options and not wants:
            raise mistake(f"options on kind {self.kind}", "take them out: this kind has its own")
        return self

    @model_validator(mode="after")
    def _follow_up_is_one_tap(self) -> Self:
        if not self.follow_up:
            return self
        if self.kind != "choice":
            raise mistake(
                f"a follow-up of kind {self.kind}", "write `kind: choice`: it is one tap, weeks later", "kind"
            )
        for field in ("after", "every"):
            if field in self.model_fields_set:
                raise mistake("has no say in a follow-up", "take it out: the course tells when it is asked", field)
        return self


def _alike(part: str, entries: Sequence[BaseModel], *fields: str) -> Iterator[Mistake]:
    """Complains of every entry that says what one before it says."""
    for field in fields:
        values = [getattr(entry, field) for entry in entries]
        for position, value in enumerate(values):
            if value in values[:position] and value != STAND_IN:
                cure = "give each its own id and its own words"
                yield Mistake(f'"{value}" stands here twice', cure, (part, position, field))


def _choice(form: FormFile, at: tuple[str | int, ...]) -> Iterator[Mistake]:
    if form.answer is not None or form.right_line or form.wrong_line:
        cure = "give a choice its `options`, each with a `line`"
        yield Mistake(f'form "{form.id}" answers true or false', cure, at)
        return
    if len(form.options) != 3:
        yield Mistake(f'form "{form.id}" has {len(form.options)} options', "write exactly three options", at)
    right = sum(option.right for option in form.options)
    if right != 1 and form.options:
        cure = "write `right: true` on exactly one option"
        yield Mistake(f'form "{form.id}" has {right} right options', cure, at)


def _true_false(form: FormFile, at: tuple[str | int, ...]) -> Iterator[Mistake]:
    if form.options:
        cure = "true or false has none: write `answer: true` or `answer: false`"
        yield Mistake(f'form "{form.id}" has options', cure, at)
    elif form.answer is None or not form.right_line or not form.wrong_line:
        cure = "write `answer`, `right_line` (why) and `wrong_line` (a hint)"
        yield Mistake(f'form "{form.id}" is not complete', cure, at)


_CHECKS = {"choice": _choice, "true_false": _true_false}
