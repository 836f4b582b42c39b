"""Single choice: one of a few options, in an order of the learner's own."""

from collections.abc import Sequence

from bot.engine.course import Form, Option
from bot.engine.questions.kind import Answer
from bot.engine.reading import Distance, choose
from bot.engine.turn import Layout


class SingleChoice:
    layout = Layout.BUTTONS
    shuffled = True
    many = False

    def options(self, form: Form) -> tuple[Option, ...]:
        return form.options

    def read(self, typed: str, options: Sequence[Option], labels: Sequence[str], distance: Distance) -> Answer | None:
        position = choose(typed, labels, distance)
        return None if position is None else Answer((options[position].id,))
