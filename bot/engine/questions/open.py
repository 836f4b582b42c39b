"""An open question: any words count, as they were typed."""

from collections.abc import Sequence

from bot.engine.course import Form, Option, Question
from bot.engine.questions.kind import Answer
from bot.engine.reading import Distance
from bot.engine.turn import Layout, Phrase

# Long enough for a thought, short enough that nobody pastes a book.
LONGEST = 2000


class OpenText:
    layout = Layout.OPEN
    shuffled = False
    many = False

    def options(self, form: Form) -> tuple[Option, ...]:
        return ()

    def read(self, typed: str, options: Sequence[Option], labels: Sequence[str], distance: Distance) -> Answer | None:
        words = typed.strip()[:LONGEST]
        return Answer(text=words) if words else None


# What FEEDBACK asks for, at any time.
COMMENT = Question("comment", "open", (Form("a", Phrase("feedback.ask")),))
