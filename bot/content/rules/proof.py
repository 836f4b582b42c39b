"""The proof that the rules read: the manuscript, every language, and what learners would be shown."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bot.content.complaints import Complaint, Level
from bot.content.load import Tongue, po_path
from bot.content.manuscript import ENGLISH, Manuscript, Page
from bot.content.models import LessonFile
from bot.content.originals import Original
from bot.content.printed import Loaded
from bot.content.translation import SHOWN
from bot.content.yaml12 import Loc, shown
from bot.engine.course import Lesson
from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Proof:
    """All that was written and how it will be shown."""

    manuscript: Manuscript
    texts: Mapping[str, Original]
    tongues: Mapping[str, Tongue]
    loaded: Loaded
    i18n_dir: Path

    def lessons(self) -> Iterator[tuple[str, Page[LessonFile], Lesson]]:
        """Each lesson: its course, as it was written, as it is taught."""
        for course in self.manuscript.courses:
            for page in course.lessons:
                lesson = self.loaded.library.lesson(f"{course.id}/{page.id}")
                assert lesson is not None, "the library is made of these pages"
                yield course.id, page, lesson

    def spoken(self, lesson: Lesson) -> tuple[str, ...]:
        """The languages a lesson is offered in, English first."""
        return tuple(code for code in self.tongues if code in lesson.languages)

    def string(self, context: str, language: str) -> str | None:
        """What a language itself has for a text; None where English stands in."""
        found = self.tongues[language].found.get(context)
        return found.strings[0] if found and found.state in SHOWN else None

    def about(
        self, context: str, what: str, cure: str, language: str = ENGLISH, level: Level = Level.ERROR
    ) -> Complaint:
        """A complaint about one text: at its line of the YAML, or of the language's PO file."""
        original = self.texts[context]
        entry = self.tongues[language].found[context].entry
        name = context.rpartition("/")[2]
        if language == ENGLISH or entry is None:
            return Complaint(original.file, original.line, f"{name}: {what}", cure, level)
        path = po_path(self.i18n_dir, language, original.domain)
        return Complaint(shown(path, self.i18n_dir), entry.line, f"{context}: {what}", cure, level)


def at(page: Page[LessonFile], loc: Loc, what: str, cure: str, level: Level = Level.ERROR) -> Complaint:
    """A complaint about a place in a lesson's file."""
    return Complaint(page.document.file, page.document.line(loc), what, cure, level)


Rule = Callable[[Proof], Iterator[Complaint]]
