"""Lists to choose from: the menu, languages, courses, lessons. At most ten rows, as WhatsApp has it."""

from bot.engine.course import Course, Library
from bot.engine.learner import Learner
from bot.engine.turn import Choice, Phrase, Verbatim

ROWS = 10
LESSONS_A_PAGE = 8  # leaves room for the way on and the way back

# MYDATA and DELETE have no row of their own: PRIVACY names both.
MENU = ("lessons", "review", "daily", "ask", "progress", "language", "feedback", "privacy", "help")


def menu(in_lesson: bool) -> tuple[Choice, ...]:
    first = "on" if in_lesson else "next-lesson"
    label = Phrase("button.go_on") if in_lesson else Phrase("button.next_lesson")
    rows = (Choice(f"c:{name}", Phrase(f"command.{name}.label"), Phrase(f"command.{name}.about")) for name in MENU)
    return (Choice(f"c:{first}", label, Phrase(f"menu.{first}")), *rows)


def languages(library: Library) -> tuple[Choice, ...]:
    return tuple(Choice(f"g:{language.code}", Verbatim(language.name)) for language in library.languages)


def courses(library: Library) -> tuple[Choice, ...]:
    return tuple(Choice(f"k:{course.id}_0", course.title, course.about) for course in library.courses[:ROWS])


def lessons(course: Course, page: int, learner: Learner) -> tuple[Choice, ...]:
    """A page of the course's lessons that are whole in the learner's language; finished ones are marked."""
    offered = [lesson for lesson in course.lessons if learner.language in lesson.languages]
    first = page * LESSONS_A_PAGE
    rows = [
        Choice(
            f"l:{course.id}_{lesson.id}",
            lesson.title,
            Phrase("lessons.done", {"about": lesson.about}) if lesson.path in learner.done else lesson.about,
        )
        for lesson in offered[first : first + LESSONS_A_PAGE]
    ]
    if first + LESSONS_A_PAGE < len(offered):
        rows.append(Choice(f"k:{course.id}_{page + 1}", Phrase("button.more"), minor=True))
    rows.append(Choice("c:lessons", Phrase("button.other_course"), minor=True))
    return tuple(rows)
