"""A rating from 0 to 10, where a typed number is its value."""

from collections.abc import Sequence

from bot.engine.course import Form, Option
from bot.engine.questions.kind import Answer
from bot.engine.reading import Distance, number
from bot.engine.turn import Layout, Verbatim


class ZeroToTen:
    layout = Layout.SCALE
    shuffled = False
    many = False

    def options(self, form: Form) -> tuple[Option, ...]:
        return tuple(Option(str(value), Verbatim(str(value))) for value in range(11))

    def read(self, typed: str, options: Sequence[Option], labels: Sequence[str], distance: Distance) -> Answer | None:
        value = number(typed)
        return Answer((str(value),)) if value is not None and value <= 10 else None
