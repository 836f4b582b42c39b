"""Every English text there is to say or to translate, with the address by which code and PO files know it."""

from collections.abc import Iterator

from bot.content.limits import BUTTON, DETAIL, ROW
from bot.content.manuscript import CoursePages, Manuscript, Page
from bot.content.models import FeedbackFile, HookFile, LessonFile, QuestionFile
from bot.content.yaml12 import Document, Loc
from bot.engine.fixed import fixed

BOT = "bot"
LESSONS = "lessons"


@fixed(frozen=True, slots=True)
class Original:
    """One English text. ``context`` is its address for ever; ``plural`` the form for many; ``note`` for translators."""

    domain: str
    context: str
    text: str
    document: Document
    loc: Loc
    note: str = ""
    limit: int | None = None
    plural: str | None = None
    typed: bool = False

    @property
    def file(self) -> str:
        return self.document.file

    @property
    def line(self) -> int:
        return self.document.line(self.loc)

    @property
    def words(self) -> int:
        """How many words there are to translate."""
        return self.text.count(" ") + self.text.count("\n") + 1

    @property
    def strings(self) -> tuple[str, ...]:
        return (self.text,) if self.plural is None else (self.text, self.plural)


def originals(manuscript: Manuscript) -> tuple[Original, ...]:
    """All English texts, in the order in which they stand in their files."""
    return (*_phrases(manuscript), *_lesson_texts(manuscript))


def _phrases(manuscript: Manuscript) -> Iterator[Original]:
    if manuscript.phrases is None:
        return
    document = manuscript.phrases.document
    for key, phrase in manuscript.phrases.model.items():
        yield Original(
            BOT,
            key,
            phrase.english,
            document,
            (key,),
            note=phrase.when,
            limit=phrase.limit,
            plural=phrase.other,
            typed=phrase.words is not None,
        )


def _lesson_texts(manuscript: Manuscript) -> Iterator[Original]:
    for course in manuscript.courses:
        yield from _course(course)
        for page in course.lessons:
            yield from _Lesson(f"{course.id}/{page.id}", page.document).texts(page.model)
    if manuscript.feedback is not None:
        yield from _feedback(manuscript.feedback)


def _course(course: CoursePages) -> Iterator[Original]:
    document, model = course.page.document, course.page.model
    title = ("title",)
    yield Original(LESSONS, f"{course.id}/title", model.title, document, title, "Name of a course in a list.", ROW)
    note = "What the course is about; no full stop."
    yield Original(LESSONS, f"{course.id}/about", model.about, document, ("about",), note, DETAIL)


def _feedback(page: Page[list[FeedbackFile]]) -> Iterator[Original]:
    for position, question in enumerate(page.model):
        name = f"feedback/{question.id}"
        text = f"{name}/text"
        note = "Asked 7 and 28 days after a course." if question.follow_up else "A feedback question."
        yield Original(LESSONS, text, question.text, page.document, (position, "text"), note, 300)
        for place, option in enumerate(question.options):
            loc = (position, "options", place, "label")
            limit = 22 if question.kind == "multiple" else ROW
            context = f"{name}/options.{option.id}.label"
            yield Original(LESSONS, context, option.label, page.document, loc, "An answer to it.", limit)


@fixed(frozen=True, slots=True)
class _Lesson:
    """The texts of one lesson, under its path."""

    path: str
    document: Document

    def text(self, name: str, text: str, loc: Loc, note: str, limit: int | None = None) -> Original:
        return Original(LESSONS, f"{self.path}/{name}", text, self.document, loc, note, limit)

    def texts(self, lesson: LessonFile) -> Iterator[Original]:
        yield self.text("title", lesson.title, ("title",), "Title of a lesson, a row of a list.", ROW)
        yield self.text("about", lesson.about, ("about",), "Second line of that row; no full stop.", DETAIL)
        if lesson.picture is not None:
            note = "Describes the picture to those who cannot see it."
            yield self.text("picture.alt", lesson.picture.alt, ("picture", "alt"), note)
        yield from self._hook(lesson.hook)
        for position, card in enumerate(lesson.cards):
            name, loc = f"cards.{card.id}", ("cards", position)
            yield self.text(f"{name}.text", card.text, (*loc, "text"), "A card: one idea, for the ear.")
            if card.next is not None:
                yield self.text(f"{name}.next", card.next, (*loc, "next"), "Button under that card.", BUTTON)
        for position, question in enumerate(lesson.questions):
            yield from self._question(question, ("questions", position))
        yield self.text("takeaway", lesson.takeaway, ("takeaway",), "One sentence to say aloud.", 150)
        yield self.text("thought", lesson.thought, ("thought",), "A thought for the day.")

    def _hook(self, hook: HookFile) -> Iterator[Original]:
        yield self.text("hook.text", hook.text, ("hook", "text"), "Opens the lesson: a puzzle, no right or wrong.")
        for position, option in enumerate(hook.options):
            name, loc = f"hook.options.{option.id}", ("hook", "options", position)
            note = "An answer to the puzzle; up to 20 characters it fits on a button."
            yield self.text(f"{name}.label", option.label, (*loc, "label"), note)
            yield self.text(f"{name}.line", option.reply, (*loc, "reply"), f'Said after the answer "{option.label}".')
        if hook.next is not None:
            yield self.text("hook.next", hook.next, ("hook", "next"), "Button under that reply.", BUTTON)

    def _question(self, question: QuestionFile, loc: Loc) -> Iterator[Original]:
        for position, form in enumerate(question.forms):
            name, here = f"questions.{question.id}.{form.id}", (*loc, "forms", position)
            yield self.text(f"{name}.text", form.text, (*here, "text"), "A question; *stars* mark what is asked.")
            for place, option in enumerate(form.options):
                of, there = f"{name}.options.{option.id}", (*here, "options", place)
                kind = "The right answer" if option.right else "A wrong answer"
                note = f"{kind}; keep the answers of a question alike in length."
                yield self.text(f"{of}.label", option.label, (*there, "label"), note)
                said = "why it is right" if option.right else "a hint that does not give the answer away"
                note = f'Said after "{option.label}": {said}.'
                yield self.text(f"{of}.line", option.line, (*there, "line"), note)
            if form.right_line is not None and form.wrong_line is not None:
                note = "Said after the right one of True and False: why."
                yield self.text(f"{name}.right_line", form.right_line, (*here, "right_line"), note)
                note = "Said after the wrong one of True and False: a hint."
                yield self.text(f"{name}.wrong_line", form.wrong_line, (*here, "wrong_line"), note)
